"""Verdicts are what the intervals show: read off the bounds again, whatever the data, role and method."""

from datetime import date
from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.plans import END, START, a_mean, plan_for
from analysis.tables import measured, table
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Basis, MetricResult, Role, Verdict
from coord.analysis.unit_analysis import analyse
from coord.domain.model import Kind

MARGIN = Fraction(1, 100)


def a_plan(role: Role, method: str = "fixed", *, decrease: bool = False) -> AnalysisPlan:
    """One metric in a role; its planned 4,000 units make always-valid intervals short enough to decide."""
    metric = a_mean("m", decrease=decrease)
    if role is Role.GUARDRAIL:
        return plan_for((), {metric: MARGIN}, method=method, planned=4_000)
    kind = Kind.AB_TEST if role is Role.SUCCESS else Kind.ROLLOUT
    return plan_for([metric], method=method, planned=4_000, kind=kind)


def result(
    seed: int, shift: float, role: Role, method: str, *, decrease: bool, day: date = END
) -> MetricResult:
    """2,000 units an arm, mean 10, s.d. 3: the standard error is about .1, 1% of the mean."""
    random = np.random.default_rng(seed)
    arms = [[random.normal(10 + moved, 3, 2_000)] for moved in (0.0, shift)]
    (found,) = analyse(a_plan(role, method, decrease=decrease), table({"m": measured(arms)}), day).metrics
    return found


def good_side(found: MetricResult) -> bool:
    low, high = found.effect.lower, found.effect.upper
    assert low is not None
    assert high is not None
    return high < 0 if found.decrease else low > 0


def bad_side(low: float | None, high: float | None, *, decrease: bool) -> bool:
    if low is None or high is None:
        return False
    return low > 0 if decrease else high < 0


def above_margin(found: MetricResult) -> bool:
    low, high = found.relative.lower, found.relative.upper
    assert low is not None
    assert high is not None
    return high < float(MARGIN) if found.decrease else low > -float(MARGIN)


def expected(found: MetricResult) -> Verdict:
    """Paragraph 3 of the design, from the bounds alone."""
    harm = found.deterioration
    if harm is not None and bad_side(harm.lower, harm.upper, decrease=found.decrease):
        return Verdict.WORSE
    if found.role is Role.GUARDRAIL:
        return Verdict.NO_WORSE if above_margin(found) else Verdict.INCONCLUSIVE
    if good_side(found):
        return Verdict.BETTER
    shown_bad = bad_side(found.effect.lower, found.effect.upper, decrease=found.decrease)
    return Verdict.WORSE if found.role is Role.OTHER and shown_bad else Verdict.INCONCLUSIVE


SHIFTS = st.floats(-1.2, 1.2)
METHODS = st.sampled_from(["fixed", "always_valid", "group_sequential"])
ROLES = st.sampled_from(list(Role))
DAYS = st.sampled_from([END, date(2026, 3, 16), date(2026, 3, 17), START])


@given(st.integers(0, 99), SHIFTS, ROLES, METHODS, st.booleans(), DAYS)
def test_a_verdict_is_what_the_intervals_show(
    seed: int, shift: float, role: Role, method: str, decrease: bool, day: date
) -> None:
    found = result(seed, shift, role, method, decrease=decrease, day=day)

    assert found.verdict is expected(found)


@given(st.integers(0, 99), st.floats(-0.6, 0.6), ROLES, st.sampled_from(["fixed", "always_valid"]), DAYS)
def test_a_p_value_is_below_the_error_just_when_its_interval_excludes_zero(
    seed: int, shift: float, role: Role, method: str, day: date
) -> None:
    found = result(seed, shift, role, method, decrease=False, day=day)
    assert found.p_value is not None
    assume(not isclose(found.p_value, 1 - found.level, rel_tol=1e-6))

    outside = good_side(found) or bad_side(found.effect.lower, found.effect.upper, decrease=False)
    assert (found.p_value < 1 - found.level) == outside


@given(st.integers(0, 99), st.floats(-1.2, 0.6), st.sampled_from(["fixed", "always_valid"]), st.booleans())
def test_a_one_sided_p_value_is_below_half_the_error_just_within_the_margin(
    seed: int, shift: float, method: str, decrease: bool
) -> None:
    moved = -shift if decrease else shift
    found = result(seed, moved, Role.GUARDRAIL, method, decrease=decrease)
    assert found.p_noninferiority is not None
    error = (1 - found.level) / 2
    assume(not isclose(found.p_noninferiority, error, rel_tol=1e-6))

    assert (found.p_noninferiority < error) == above_margin(found)


@given(st.integers(0, 99), SHIFTS, ROLES, DAYS)
def test_bounds_of_looks_have_no_p_values(seed: int, shift: float, role: Role, day: date) -> None:
    found = result(seed, shift, role, "group_sequential", decrease=False, day=day)

    looks = found.basis is Basis.GROUP_SEQUENTIAL
    assert looks == (day in {END, date(2026, 3, 16)})
    assert (found.p_value is None) == looks
    assert (found.p_noninferiority is None) == (looks or role is not Role.GUARDRAIL)


@given(st.integers(0, 99), SHIFTS, ROLES, METHODS)
def test_every_interval_has_its_estimate_inside(seed: int, shift: float, role: Role, method: str) -> None:
    found = result(seed, shift, role, method, decrease=False)

    for shown in (found.effect, found.relative):
        assert shown.value is not None
        assert shown.lower is not None
        assert shown.upper is not None
        assert shown.lower <= shown.value <= shown.upper


@pytest.mark.parametrize("role", list(Role))
def test_every_verdict_of_a_role_occurs(role: Role) -> None:
    """What the properties above say is not said of nothing."""
    seen = {result(1, shift, role, "fixed", decrease=False).verdict for shift in (-1.2, -0.35, -0.01, 1.2)}

    if role is Role.GUARDRAIL:
        assert seen == {Verdict.WORSE, Verdict.NO_WORSE, Verdict.INCONCLUSIVE}
    else:
        assert seen == {Verdict.WORSE, Verdict.INCONCLUSIVE, Verdict.BETTER}


def test_what_is_bad_at_the_level_of_the_decision_alone_is_no_harm() -> None:
    """Harm needs the wider interval that may be looked at every day; a metric without part in it does not."""
    success, other = (result(1, -0.3, role, "fixed", decrease=False) for role in (Role.SUCCESS, Role.OTHER))

    assert success.effect == other.effect
    assert success.effect.upper is not None
    assert success.effect.upper < 0
    assert (success.verdict, other.verdict) == (Verdict.INCONCLUSIVE, Verdict.WORSE)
    assert success.reason == "it is on the bad side of 0, at the level of the decision"
    assert success.deterioration is not None
    assert success.deterioration.since is None


def test_harm_is_known_since_the_day_of_the_data() -> None:
    found = result(1, -1.2, Role.SUCCESS, "fixed", decrease=False, day=date(2026, 3, 17))

    assert found.deterioration is not None
    assert found.deterioration.since == date(2026, 3, 17)
