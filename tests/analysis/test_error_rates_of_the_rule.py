"""How often a decision errs, and how often it finds what is there: simulated, by the code that analyses."""

from typing import NamedTuple

import pytest

from analysis.courses import analysed, shipping
from analysis.worlds import UndividedAlpha, having, metric, plan_of, simple, sized
from coord.analysis.results import Analysis, Recommendation, Role, Verdict
from coord.simulate.decision_truth import as_planned

BOUND = 0.025
"""Half of alpha: the most often that what does nothing ships."""


class Row(NamedTuple):
    """S, G, rho; then known chances: to ship nothing and something good, divided and not."""

    success: int
    guardrail: int
    correlation: float
    false_ship: float
    alpha_undivided: float
    beta_undivided: float
    power: float


ROWS = (
    Row(1, 3, 0, 0.0215, 0.0126, 0.410, 0.815),
    Row(2, 4, 0, 0.021, 0.020, 0.328, 0.815),
    Row(2, 4, 0.5, 0.023, 0.043, 0.512, 0.862),
    Row(3, 0, 0, 0.025, 0.0735, 0.803, 0.802),
    Row(5, 10, 0.5, 0.021, 0.082, 0.367, 0.883),
)
rows = pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in ROWS])


@rows
def test_what_does_nothing_ships_as_seldom_as_known(row: Row) -> None:
    plan = simple(row.success, row.guardrail)

    found = shipping(plan, sized(plan, correlation=row.correlation), 1, 1500)

    assert found.near(row.false_ship), found
    assert found.at_most(BOUND), found


def ships(found: Analysis) -> tuple[bool, bool]:
    """By the verdicts alone; and by the whole rule, where no success metric may be seen on the bad side."""
    success = [one.verdict for one in found.metrics if one.role is Role.SUCCESS]
    guards = [one.verdict for one in found.metrics if one.role is Role.GUARDRAIL]
    verdicts = Verdict.BETTER in success and all(one is Verdict.NO_WORSE for one in guards)
    return verdicts, found.decisions[0].recommendation is Recommendation.SHIP


@rows
def test_what_is_good_ships_as_often_as_known(row: Row) -> None:
    """The whole rule costs at most the chance that a success metric seems to be worse that is not.

    When beta is not divided it ships as seldom as known: most plans then have no chance.
    """
    plan = simple(row.success, row.guardrail)
    truth, smaller = (sized(plan, correlation=row.correlation, beta=beta) for beta in (None, 0.2))

    verdicts, whole = analysed(plan, as_planned(plan, truth), 2, 1000, ships)
    undivided, _ = analysed(plan, as_planned(plan, smaller), 3, 500, ships)

    assert verdicts.near(row.power), verdicts
    assert undivided.near(row.beta_undivided), undivided
    cost = BOUND * (row.success - 1) / row.success
    assert -cost - 0.012 <= whole.value - verdicts.value <= 0, (verdicts, whole)


@rows
def test_an_alpha_that_is_not_divided_gives_other_chances(row: Row) -> None:
    """Sized as if there were one metric, and judged so."""
    plan = simple(row.success, row.guardrail, made=UndividedAlpha)

    found = shipping(plan, sized(plan, correlation=row.correlation, beta=0.2), 4, 1000)

    assert found.near(row.alpha_undivided), found
    assert found.at_most(BOUND) == (row.alpha_undivided < BOUND), found


@pytest.mark.parametrize("variants", [2, 4, 6])
def test_several_variants_that_do_nothing(variants: int) -> None:
    """Up to five treatments of two success metrics: together they err as seldom as one."""
    plan = simple(2, 0, weights=(1,) * variants)

    assert shipping(plan, sized(plan), 5, 800).at_most(BOUND)


def test_several_variants_with_an_alpha_that_is_not_divided() -> None:
    plan = simple(2, 0, weights=(1,) * 6, made=UndividedAlpha)

    assert shipping(plan, sized(plan), 5, 400).value > 0.1


@pytest.mark.parametrize("decrease", [False, True], ids=["increase", "decrease"])
@pytest.mark.parametrize("variants", [2, 6])
def test_a_guardrail_exactly_at_its_margin(variants: int, *, decrease: bool) -> None:
    """Whatever is gained: it passes in alpha / (2 C) of comparisons, so some variant ships in alpha / 2."""
    guard = metric("guard", decrease=decrease)
    plan = plan_of([metric("gain")], [guard], weights=(1,) * variants)

    found = shipping(plan, having(sized(plan), gain=0.3, guard=0.02 if decrease else -0.02), 6, 1000)

    assert found.at_most(BOUND), found
    assert found.value > 0.01


def test_guardrails_whose_alpha_is_not_divided_over_variants() -> None:
    """With five treatments, every guardrail at its margin, and the success metric better in all."""
    plan = plan_of([metric("gain")], [metric("guard")], weights=(1,) * 6, made=UndividedAlpha)

    found = shipping(plan, having(sized(plan), gain=0.3, guard=-0.02), 6, 1000)

    assert found.near(0.092, give=0.005), found


def test_one_guardrail_of_several_at_its_margin() -> None:
    """The others are well: they do not lend it anything."""
    plan = simple(1, 3)

    found = shipping(plan, having(sized(plan), s0=0.3, g0=-0.02, g1=0.1, g2=0.1), 7, 1500)

    assert found.near(BOUND, give=0), found
