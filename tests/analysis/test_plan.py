"""What a plan says: roles, shares, errors and looks, held against arithmetic by hand."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from analysis.plans import END, HOME, START, a_mean, plan_for, started
from coord.analysis.now import Now
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Basis, Role
from coord.analysis.yardsticks import AnyTime, AtLook
from coord.domain.catalog import Catalog
from coord.domain.metrics import Metrics, Requirement
from coord.domain.model import Kind
from coord.errors import CoordError
from coord.stats.group_sequential import looks

M, N, G, H = (a_mean(name) for name in "mngh")
WEEKS = tuple(START + timedelta(days=7 * week) for week in range(1, 5))


@pytest.mark.parametrize(
    ("weights", "success", "guardrail", "errors"),
    [
        ((1, 1), 1, 0, (0.05, None, 0.05)),
        ((1, 1), 2, 1, (0.025, 0.05, 0.05 / 3)),
        ((1, 1, 1), 2, 2, (0.0125, 0.025, 0.05 / 8)),
        ((1, 1, 1, 1, 1), 0, 3, (None, 0.0125, 0.05 / 12)),
        ((1,), 0, 1, (None, 0.05, 0.05)),
    ],
)
def test_errors_are_divided(
    weights: tuple[int, ...], success: int, guardrail: int, errors: tuple[float | None, ...]
) -> None:
    """alpha / (C S), alpha / C, alpha / (C (S + G))."""
    plan = plan_for([M, N][:success], dict.fromkeys([G, H, M][:guardrail], Fraction(1, 100)), weights=weights)
    found = plan.errors

    assert [found.success, found.deterioration] == pytest.approx([errors[0], errors[2]])
    assert found.guardrail == pytest.approx(errors[1] or 0.05)
    assert plan.error_of(Role.OTHER) == 0.05
    if success:
        assert plan.error_of(Role.SUCCESS) == pytest.approx(errors[0])
    if guardrail:
        assert plan.error_of(Role.GUARDRAIL) == pytest.approx(errors[1])


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        (Kind.AB_TEST, [("m", Role.SUCCESS), ("g", Role.GUARDRAIL)]),
        (Kind.ROLLOUT, [("g", Role.GUARDRAIL), ("m", Role.OTHER)]),
        (Kind.HOLDBACK, [("m", Role.OTHER), ("g", Role.OTHER)]),
    ],
)
def test_roles_by_kind_those_that_decide_first(kind: Kind, roles: list[tuple[str, Role]]) -> None:
    plan = plan_for([M], {G: Fraction(1, 100)}, kind=kind)

    assert [(one.metric.name, one.role) for one in plan.asked] == roles


def test_a_metric_can_have_both_roles() -> None:
    plan = plan_for([M], {M: Fraction(1, 100)})

    assert [(one.role, one.margin, one.mde) for one in plan.asked] == [
        (Role.SUCCESS, None, Fraction(2, 100)),
        (Role.GUARDRAIL, Fraction(1, 100), None),
    ]


def test_a_metric_that_came_later_has_no_part_in_the_decision() -> None:
    plan = plan_for([M, N], {G: Fraction(1, 100)}, started=started([M]))

    assert [(one.metric.name, one.role, one.late) for one in plan.asked] == [
        ("m", Role.SUCCESS, False),
        ("n", Role.OTHER, True),
        ("g", Role.OTHER, True),
    ]
    assert plan.errors.success == 0.05


def test_shares_are_those_of_slots() -> None:
    plan = plan_for([M], weights=(1, 1, 1))

    assert plan.shares == (Fraction(3333, 10_000), Fraction(3333, 10_000), Fraction(3334, 10_000))
    assert plan.comparisons == 2


@pytest.mark.parametrize(("planned", "units"), [(None, (66_660, 66_670)), (3000, (1999.8, 2000.1))])
def test_planned_units_of_two_arms(planned: int | None, units: tuple[float, float]) -> None:
    plan = plan_for([M], weights=(1, 1, 1), planned=planned)

    assert (plan.planned_in(1), plan.planned_in(2)) == pytest.approx(units)


@pytest.mark.parametrize("weights", [(1, None), (1, 1_000_000)])
def test_a_variant_without_a_fixed_share_is_refused(weights: tuple[int | None, ...]) -> None:
    with pytest.raises(CoordError, match="home/test has a variant without a fixed share"):
        plan_for([M], weights=weights)


def test_without_days_nothing_is_analysed() -> None:
    experiment = replace(plan_for([M]).experiment, days=None)

    with pytest.raises(CoordError, match="home/test has no days yet"):
        AnalysisPlan(Catalog({}, {}, {}, {}), experiment)


def test_a_metric_that_is_not_in_the_catalogue_is_named() -> None:
    known = plan_for([M])
    experiment = replace(known.experiment, metrics=Metrics((Requirement("lost"),)))

    with pytest.raises(CoordError, match=r"asks for lost, which is not in surfaces/metrics\.yaml"):
        AnalysisPlan(Catalog({}, {"home": HOME}, {}, {}), experiment)


def test_looks_are_weekly_unless_they_are_named() -> None:
    plan = plan_for([M], method="group_sequential")
    named = plan_for([M], method="group_sequential", looks=(date(2026, 3, 9), date(2026, 4, 9)))

    assert plan.looks_until(END) == WEEKS
    assert plan.looks_until(date(2026, 3, 15)) == WEEKS[:1]
    assert plan.looks_until(date(2026, 3, 16)) == WEEKS[:2]
    assert plan.looks_until(date(2027, 1, 1)) == WEEKS
    assert named.looks_until(END) == (date(2026, 3, 9),)
    assert plan.shown().looks == WEEKS
    assert plan_for([M]).shown().looks == ()


def test_a_look_spends_what_its_units_allow() -> None:
    """Half of the planned units after two of four weeks: information 1/4 and 1/2."""
    now = Now(plan_for([M], method="group_sequential", planned=1000), WEEKS[1])
    found = now.yardstick(now.plan.asked[0], (250, 250), 1)

    assert isinstance(found, AtLook)
    assert tuple(found.looks) == looks((0.25, 0.5), 0.05)


def test_at_the_end_the_rest_is_spent() -> None:
    now = Now(plan_for([M], method="group_sequential", planned=1000), END)
    found = now.yardstick(now.plan.asked[0], (400, 400), 1)

    assert isinstance(found, AtLook)
    assert tuple(found.looks) == looks((0.2, 0.4, 0.6, 0.8), 0.05, ended=True)
    assert found.looks[-1].spent == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("method", "day", "units", "basis"),
    [
        ("fixed", START, 500, Basis.ALWAYS_VALID),
        ("fixed", END - timedelta(days=1), 500, Basis.ALWAYS_VALID),
        ("fixed", END, 500, Basis.FIXED),
        ("fixed", END, 475, Basis.FIXED),
        ("fixed", END, 474, Basis.ALWAYS_VALID),
        ("always_valid", END, 500, Basis.ALWAYS_VALID),
        ("group_sequential", WEEKS[0], 100, Basis.GROUP_SEQUENTIAL),
        ("group_sequential", WEEKS[0] + timedelta(days=1), 100, Basis.ALWAYS_VALID),
        ("group_sequential", START, 0, Basis.ALWAYS_VALID),
        ("group_sequential", END, 500, Basis.GROUP_SEQUENTIAL),
    ],
)
def test_what_effects_are_held_against(method: str, day: date, units: int, basis: Basis) -> None:
    """No day but the planned ones is one on which a plan decides."""
    now = Now(plan_for([M], method=method, planned=1000), day)

    assert now.yardstick(now.plan.asked[0], (units, units), 1).basis is basis


def test_data_count_up_to_the_end() -> None:
    now = Now(plan_for([M]), date(2027, 1, 1))

    assert (now.day, now.ended) == (END, True)
    assert not Now(plan_for([M]), END - timedelta(days=1)).ended


def test_harm_is_looked_for_in_metrics_that_decide() -> None:
    """At alpha / (C (S + G)), always valid whatever the method."""
    plan = plan_for([M], {G: Fraction(1, 100)}, kind=Kind.ROLLOUT, weights=(1, 1, 1), planned=900)
    guard, other = (Now(plan, END).harm(asked, (250, 300, 350), 2) for asked in plan.asked)

    assert guard is not None
    assert guard.yardstick == AnyTime(0.025, 600, plan.planned_in(2))
    assert other is None
