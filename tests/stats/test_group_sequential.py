"""Group sequential bounds: published ones, and walks that are simulated or integrated by something else."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coord.stats.always_valid import multiplier
from coord.stats.crossing import crossing_chances
from coord.stats.group_sequential import evenly, inflation, looks
from coord.stats.reasons import Missing
from coord.stats.spending import NAMED, obrien_fleming, pocock, power_family
from coord.stats.student import upper_critical

UNEQUAL = (0.13, 0.4, 0.69, 0.9, 0.98, 1)


def bounds(
    informations: Sequence[float],
    error: float,
    spending: str = "power2",
    *,
    ended: bool = False,
    sides: int = 1,
) -> list[float]:
    found = [look.bound for look in looks(informations, error, spending, ended=ended, sides=sides)]
    return [bound for bound in found if bound is not None]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2, [2.962588, 1.968596]),
        (3, [3.710303, 2.511427, 1.993047]),
        (5, [4.876885, 3.357012, 2.680280, 2.289817, 2.031032]),
    ],
)
def test_obrien_fleming_type(number: int, expected: list[float]) -> None:
    """rpact and gsDesign, one-sided .025; published tables of two-sided .05 agree."""
    assert bounds(evenly(number), 0.05, "obrien_fleming") == pytest.approx(expected, abs=2e-6)
    assert bounds(evenly(number), 0.05, "obrien_fleming", sides=2) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(
    ("spending", "error", "expected"),
    [
        ("power2", 0.05, [3.0902, 2.7141, 2.4728, 2.2799, 2.1140]),
        ("pocock", 0.05, [2.4380, 2.4268, 2.4102, 2.3966, 2.3860]),
        ("power2", 0.10, [2.8782, 2.4702, 2.2010, 1.9818, 1.7902]),
    ],
)
def test_five_equal_looks(spending: str, error: float, expected: list[float]) -> None:
    assert bounds(evenly(5), error, spending) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("spending", "expected"),
    [
        ("obrien_fleming", [6.106794, 3.356870, 2.465752, 2.143894, 2.099538, 2.123058]),
        ("pocock", [2.573047, 2.364588, 2.337007, 2.372218, 2.443554, 2.496609]),
    ],
)
def test_looks_at_unequal_information(spending: str, expected: list[float]) -> None:
    """Published for two-sided .05, where crossing either side stops; one alone needs a little more."""
    one, both = (bounds(UNEQUAL, 0.05, spending, sides=sides) for sides in (1, 2))

    assert both == pytest.approx(expected, abs=2e-6)
    assert one == pytest.approx(expected, abs=5e-5)
    assert all(a >= b - 1e-9 for a, b in zip(one, both, strict=True))


def test_spending_twice_as_much_on_each_side_is_another_design() -> None:
    """O'Brien-Fleming type spending .05 in all, half of it on each side: 4.383 3.100 …"""
    spent = [obrien_fleming(t, 0.05) / 2 for t in evenly(5)]

    assert upper_critical(spent[0]) == pytest.approx(4.383, abs=5e-4)
    assert upper_critical(obrien_fleming(0.2, 0.025)) == pytest.approx(4.876885, abs=2e-6)


@pytest.mark.parametrize("spending", sorted(NAMED))
@pytest.mark.parametrize("sides", [1, 2])
def test_each_look_is_crossed_with_the_chance_it_spends(spending: str, sides: int) -> None:
    """The multivariate normal of scipy, for three looks."""
    t = np.array([0.3, 0.55, 1.0])
    c = bounds(t.tolist(), 0.05, spending, sides=sides)
    spent = [NAMED[spending](float(each), 0.025) for each in t]
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    for k in range(3):
        walk = stats.multivariate_normal(
            np.zeros(k + 1), covariance[: k + 1, : k + 1], abseps=1e-8, releps=1e-8
        )
        low = [-each for each in c[: k + 1]] if sides == 2 else None
        inside = walk.cdf(c[: k + 1], lower_limit=low, rng=np.random.default_rng(1))
        assert 1 - inside == pytest.approx(spent[k] * sides, rel=2e-4, abs=2e-6)


@settings(max_examples=30)
@given(
    st.lists(st.floats(0.02, 0.6), min_size=1, max_size=6),
    st.sampled_from(sorted(NAMED)),
    st.sampled_from([0.2, 0.05, 0.001]),
    st.booleans(),
)
def test_what_is_spent_adds_up(steps: list[float], spending: str, error: float, ended: bool) -> None:
    informations = np.cumsum(steps).tolist()
    found = looks(informations, error, spending, ended=ended)
    chances = crossing_chances(tuple(informations), tuple(look.bound for look in found))

    assert np.cumsum(chances).tolist() == pytest.approx([look.spent for look in found], rel=1e-7, abs=1e-12)
    assert found[-1].spent <= error / 2
    if ended or informations[-1] >= 1:
        assert found[-1].spent == error / 2


@settings(max_examples=30)
@given(st.lists(st.floats(0.02, 0.6), min_size=2, max_size=6), st.sampled_from(sorted(NAMED)))
def test_later_looks_never_change_earlier_bounds(steps: list[float], spending: str) -> None:
    informations = np.cumsum(steps).tolist()
    everything, before = looks(informations, 0.05, spending), looks(informations[:-1], 0.05, spending)

    assert [look.reason for look in everything[:-1]] == [look.reason for look in before]
    kept = [look.bound for look in before if look.bound is not None]
    assert bounds(informations, 0.05, spending)[: len(kept)] == pytest.approx(kept, rel=1e-9)


def simulated(informations: Sequence[float], c: Sequence[float], drift: float = 0.0) -> float:
    """How many of 400,000 walks ever cross, from above."""
    steps = np.diff(informations, prepend=0.0)
    draw = np.random.default_rng(1).normal(size=(400_000, len(steps)))
    walks = np.cumsum(drift * steps + draw * np.sqrt(steps), axis=1)
    return float((walks / np.sqrt(informations) > np.array(c)).any(axis=1).mean())


def test_over_run_keeps_the_error() -> None:
    """Planned 1, looks until 2. Taking every look for the planned end, as others do, errs in over .035."""
    informations = (0.4, 0.8, 1.2, 1.6, 2.0)
    found = looks(informations, 0.05)
    rescaled = []
    for k, t in enumerate(informations):
        past = informations[: k + 1] if t <= 1 else tuple(each / t for each in informations[: k + 1])
        rescaled.append(bounds(past, 0.05)[-1])

    assert [look.bound is None for look in found] == [False, False, False, True, True]
    assert found[-1] == (2.0, 0.025, None, Missing.NOTHING_SPENT)
    assert simulated(informations[:3], bounds(informations, 0.05)) == pytest.approx(0.025, abs=0.00075)
    assert 0.035 < simulated(informations, rescaled) < 0.05


def test_at_the_end_what_is_left_is_spent_whatever_there_is() -> None:
    """A last look at .7 of the plan, the effect that the plan with its inflation detects with power .8."""
    informations = (0.2, 0.4, 0.6, 0.7)
    drift = (upper_critical(0.025) + upper_critical(0.2)) * sqrt(inflation(evenly(5), 0.05, 0.8))
    kept, spent = (
        sum(crossing_chances(informations, tuple(bounds(informations, 0.05, ended=ended)), drift=drift))
        for ended in (False, True)
    )

    assert kept == pytest.approx(0.54, abs=0.01)
    assert spent == pytest.approx(0.67, abs=0.01)
    assert simulated(informations, bounds(informations, 0.05, ended=True)) == pytest.approx(
        0.025, abs=0.00075
    )


def test_an_end_without_new_information_spends_the_rest_on_the_same_data() -> None:
    again, fewer = (looks((0.3, 0.7, last), 0.05, ended=True)[-1] for last in (0.7, 0.65))
    z = np.random.default_rng(2).normal(size=(400_000, 2)) * np.sqrt([0.3, 0.4])
    first, second = z[:, 0] / sqrt(0.3), z.sum(axis=1) / sqrt(0.7)
    c = bounds((0.3, 0.7), 0.05)

    assert again.bound is not None
    assert again.bound < c[1]
    assert again.bound == fewer.bound
    assert again.spent == 0.025
    assert ((first > c[0]) | (second > again.bound)).mean() == pytest.approx(0.025, abs=0.001)


def test_a_look_with_hardly_anything_new_waits() -> None:
    close = looks((0.5, 0.5004, 0.6), 0.05)

    assert [look.reason for look in close] == [None, Missing.NOTHING_SPENT, None]
    assert close[2].bound == pytest.approx(bounds((0.5, 0.6), 0.05)[1])
    assert looks((0.5, 0.4, 0.6), 0.05)[1].reason is Missing.NOTHING_SPENT


def test_degenerate_looks() -> None:
    assert looks((), 0.05) == ()
    assert looks((0.0,), 0.05)[0].reason is Missing.NOTHING_SPENT
    assert looks((0.002,), 0.05, "obrien_fleming")[0].reason is Missing.NOTHING_SPENT  # 1e-550 of it
    assert bounds((0.0,), 0.05, ended=True) == pytest.approx([1.959964], abs=1e-6)
    assert bounds((3.0,), 0.05) == pytest.approx([1.959964], abs=1e-6)


def test_a_bound_that_hardly_anything_crosses_is_exact() -> None:
    assert bounds((0.05, 1), 0.05, "obrien_fleming")[0] == pytest.approx(
        upper_critical(obrien_fleming(0.05, 0.025)), rel=1e-12
    )


@pytest.mark.parametrize(
    ("spending", "number", "expected"),
    [
        ("power2", 4, 1.056),
        ("power2", 5, 1.063),
        ("power2", 14, 1.087),
        ("obrien_fleming", 5, 1.025),
        ("pocock", 5, 1.213),
    ],
)
def test_inflation(spending: str, number: int, expected: float) -> None:
    """gsDesign and rpact, one-sided .025, power .8."""
    assert inflation(evenly(number), 0.05, 0.8, spending) == pytest.approx(expected, abs=5e-4)


def test_the_always_valid_interval_costs_at_most_this() -> None:
    c = multiplier(1, 1, 0.05)
    assert isinstance(c, float)
    fixed = upper_critical(0.025) + upper_critical(0.2)

    assert ((c + upper_critical(0.2)) / fixed) ** 2 == pytest.approx(1.915, abs=5e-4)


def test_power_of_14_looks() -> None:
    """500 an arm, effect .2, two-sided 10%; simulated elsewhere: .898 .921 .928 .723 .758 .935 .193."""
    t, drift = evenly(14), 0.2 * sqrt(250)
    power = {rho: sum(crossing_chances(t, _bounds_of(t, rho), drift=drift)) for rho in (1, 2, 3)}
    valid = tuple(float(multiplier(each, 1, 0.1)) for each in t)
    bonferroni = (upper_critical(0.05 / 14),) * 14
    naive = (upper_critical(0.05),) * 14

    assert power == pytest.approx({1: 0.898, 2: 0.921, 3: 0.928}, abs=0.002)
    assert sum(crossing_chances(t, valid, drift=drift)) == pytest.approx(0.723, abs=0.002)
    assert sum(crossing_chances(t, bonferroni, drift=drift)) == pytest.approx(0.758, abs=0.003)
    assert sum(crossing_chances((1.0,), (upper_critical(0.05),), drift=drift)) == pytest.approx(
        0.935, abs=5e-4
    )
    assert sum(crossing_chances(t, naive)) == pytest.approx(0.193, abs=0.001)


def _bounds_of(informations: tuple[float, ...], rho: float) -> tuple[float, ...]:
    """Bounds of a member of the power family, by bisection on the chance to have crossed by then."""
    found: tuple[float, ...] = ()
    for k, t in enumerate(informations):
        low, high = 0.0, 8.0
        for _ in range(25):
            middle = (low + high) / 2
            chance = sum(crossing_chances(informations[: k + 1], (*found, middle)))
            low, high = (middle, high) if chance > power_family(rho)(t, 0.05) else (low, middle)
        found = (*found, high)
    return found


def test_a_look_without_bound_is_crossed_by_nothing() -> None:
    assert crossing_chances((0.5, 0.8, 1.0), (2.0, None, 2.0))[1] == 0
    assert crossing_chances((0.5, 0.8, 1.0), (2.0, None, 2.0))[::2] == pytest.approx(
        crossing_chances((0.5, 1.0), (2.0, 2.0)), rel=1e-9
    )


@pytest.mark.parametrize("spending", [*NAMED.values(), power_family(1), power_family(3)])
def test_spending_starts_at_nothing_and_ends_at_all(spending: object) -> None:
    assert callable(spending)
    found = [spending(t, 0.025) for t in (-1, 0, 0.01, 0.3, 0.9, 1, 1.4)]

    assert found[:2] == [0, 0]
    assert found == sorted(found)
    assert found[5:] == pytest.approx([0.025, 0.025], rel=1e-12)
    assert found[4] < 0.025


def test_spending_functions_by_hand() -> None:
    assert power_family(2)(0.5, 0.025) == 0.00625
    assert pocock(0.5, 0.025) == pytest.approx(0.025 * np.log(1 + (np.e - 1) / 2))
    assert obrien_fleming(0.5, 0.025) == pytest.approx(2 * stats.norm.sf(2.241402727604947 / sqrt(0.5)))
