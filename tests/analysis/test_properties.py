"""What must hold of every result: scales, mirrors and offsets change what they should, and nothing else."""

from fractions import Fraction
from math import isclose

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.plans import END, a_mean, a_quantile, a_ratio, plan_for
from analysis.tables import Arms, measured, median_of, table
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Bounds, MetricResult, Role, Verdict
from coord.analysis.unit_analysis import analyse
from coord.domain.model import Kind
from coord.logs.measured import Measured

SEEDS, SHIFTS = st.integers(0, 999), st.floats(-1.0, 1.0)
METHODS = st.sampled_from(["fixed", "always_valid", "group_sequential"])


def arms(seed: int, shift: float, units: tuple[int, int] = (400, 300)) -> list[list[np.ndarray]]:
    """Two arms with a covariate that says something; the mean is 10 and the s.d. about 3."""
    random = np.random.default_rng(seed)
    found = []
    for n, moved in zip(units, (0.0, shift), strict=True):
        before = random.normal(5, 2, n)
        found.append([before + random.normal(5 + moved, 2, n), before])
    return found


def one(data: Measured, plan: AnalysisPlan) -> MetricResult:
    (found,) = analyse(plan, table({"m": data}), END).metrics
    return found


def both_roles(method: str, *, decrease: bool = False) -> tuple[AnalysisPlan, AnalysisPlan]:
    metric = a_mean("m", decrease=decrease)
    asked = {"method": method, "weights": (4, 3), "planned": 700}
    return plan_for([metric], **asked), plan_for((), {metric: Fraction(3, 100)}, **asked)  # type: ignore[arg-type]


def numbers(found: Bounds) -> tuple[float, float, float]:
    assert found.value is not None
    assert found.lower is not None
    assert found.upper is not None
    return found.value, found.lower, found.upper


def alike(one: float | None, other: float | None, rel: float = 1e-6) -> bool:
    """Whether two numbers are about the same, or both are none."""
    return one is other is None or one == pytest.approx(other, rel=rel, abs=1e-300)


def far_from_a_limit(found: MetricResult) -> bool:
    """Whether rounding cannot turn the verdict."""
    near = [*numbers(found.effect)[1:], *(abs(abs(x) - 0.03) for x in numbers(found.relative)[1:])]
    if (
        found.deterioration
        and found.deterioration.lower is not None
        and found.deterioration.upper is not None
    ):
        near += [found.deterioration.lower, found.deterioration.upper]
    return all(abs(each) > 1e-9 * max(map(abs, numbers(found.effect))) for each in near)


@given(SEEDS, SHIFTS, METHODS, st.integers(-30, 30), st.booleans())
def test_scaling_a_metric_scales_its_effect_and_nothing_else(
    seed: int, shift: float, method: str, power: int, covariate: bool
) -> None:
    scale = 3.0**power
    plain = [arm[: 1 + covariate] for arm in arms(seed, shift)]
    scaled = [[scale * arm[0], *arm[1:]] for arm in plain]

    for plan in both_roles(method):
        before, after = (one(measured(each, covariate=covariate), plan) for each in (plain, scaled))
        assume(far_from_a_limit(before))
        assert numbers(after.effect) == pytest.approx([scale * each for each in numbers(before.effect)])
        assert numbers(after.relative) == pytest.approx(numbers(before.relative), rel=1e-6, abs=1e-10)
        assert alike(after.p_value, before.p_value)
        assert alike(after.p_noninferiority, before.p_noninferiority)
        assert (after.verdict, after.reason, after.level) == (before.verdict, before.reason, before.level)


@given(SEEDS, SHIFTS, METHODS)
def test_arms_that_change_places_mirror_the_effect(seed: int, shift: float, method: str) -> None:
    data = arms(seed, shift, (350, 350))
    plan = plan_for([a_mean("m")], method=method, planned=700)
    there, back = (one(measured(each, covariate=True), plan) for each in (data, data[::-1]))
    value, lower, upper = numbers(there.effect)

    assert numbers(back.effect) == pytest.approx((-value, -upper, -lower), rel=1e-9, abs=1e-12)
    assert alike(back.p_value, there.p_value)
    assert back.control == pytest.approx(there.treatment)
    # Fieller's bounds of the inverse ratio are the inverse bounds
    assert there.relative.lower is not None
    assert back.relative.upper == pytest.approx(1 / (1 + there.relative.lower) - 1, rel=1e-6, abs=1e-9)


@given(SEEDS, SHIFTS, METHODS)
def test_less_is_better_mirrors_the_verdicts(seed: int, shift: float, method: str) -> None:
    """Values are mirrored at 10, the control's mean."""
    data = [
        [arm[0] - arm[0].mean() + 10 + moved] for arm, moved in zip(arms(seed, 0), (0, shift), strict=True)
    ]
    mirrored = [[20 - arm[0]] for arm in data]
    more, less = both_roles(method)[0], both_roles(method, decrease=True)[0]
    up, down = one(measured(data), more), one(measured(mirrored), less)
    assume(far_from_a_limit(up))
    value, lower, upper = numbers(up.effect)

    assert numbers(down.effect) == pytest.approx((-value, -upper, -lower), rel=1e-9, abs=1e-9)
    assert (up.verdict, up.reason) == (down.verdict, down.reason)


@given(SEEDS, SHIFTS, METHODS)
def test_a_guardrail_that_should_fall_mirrors_at_its_margin(seed: int, shift: float, method: str) -> None:
    """With control mean m, +x% of a metric that should fall is as bad as -x% of one that should rise."""
    data = [[arm[0]] for arm in arms(seed, shift)]
    rise, fall = (both_roles(method, decrease=decrease)[1] for decrease in (False, True))
    risen, fallen = one(measured(data), rise), one(measured(data), fall)
    _, lower, upper = numbers(risen.relative)

    assert numbers(fallen.relative) == numbers(risen.relative)
    if risen.deterioration is not None and risen.deterioration.since is None:
        assert (risen.verdict is Verdict.NO_WORSE) == (lower > -0.03)
    if fallen.deterioration is not None and fallen.deterioration.since is None:
        assert (fallen.verdict is Verdict.NO_WORSE) == (upper < 0.03)


@given(SEEDS, st.integers(-9, 9), st.sampled_from([0.0, 1e6, 1e9, 1e12]), METHODS)
def test_an_offset_loses_nothing(seed: int, moved: int, offset: float, method: str) -> None:
    """Whole numbers, which a float at 1e12 holds: the absolute effect is the same to the last digits."""
    random = np.random.default_rng(seed)
    data = [[random.integers(-50, 50, 300) + shift] for shift in (0.0, float(moved))]
    raised = [[arm[0] + offset] for arm in data]
    plan = plan_for([a_mean("m")], {a_mean("n"): Fraction(1, 10**6)}, method=method, planned=600)
    found = []
    for each in (data, raised):
        inputs = measured(each)
        found.append(analyse(plan, table({"m": inputs, "n": inputs}), END).metrics[0])
    before, after = found

    assert numbers(after.effect) == pytest.approx(numbers(before.effect), rel=1e-9, abs=1e-9)
    assert alike(after.p_value, before.p_value)
    assert before.deterioration is not None
    assert after.deterioration is not None
    assert alike(after.deterioration.lower, before.deterioration.lower)
    assert alike(after.deterioration.upper, before.deterioration.upper)


def test_a_spread_of_ten_at_two_trillion() -> None:
    """What a one-pass sum of squares makes of this is noise."""
    values = 1.7e12 + 10 * np.tile([-1.0, 1.0], 50_000)
    (found,) = analyse(plan_for([a_mean("m")]), table({"m": measured([[values], [values + 1]])}), END).metrics

    assert found.control.std == pytest.approx(10, rel=1e-4)
    assert found.effect.value == 1.0
    assert numbers(found.effect)[1:] == pytest.approx((1 - 0.08766, 1 + 0.08766), rel=1e-4)


@given(SEEDS, SHIFTS, METHODS, st.booleans())
def test_another_variant_changes_the_level_and_no_estimate(
    seed: int, shift: float, method: str, covariate: bool
) -> None:
    """With a covariate the third arm counts in its mean: the relative effect may move, the other not."""
    two = [arm[: 1 + covariate] for arm in arms(seed, shift, (300, 300))]
    three: Arms = [*two, [column[:300] for column in arms(seed + 1, 0, (300, 300))[0][: 1 + covariate]]]
    alone = one(measured(two, covariate=covariate), plan_for([a_mean("m")], method=method, planned=600))
    first, _ = analyse(
        plan_for([a_mean("m")], method=method, weights=(1, 1, 1), planned=900),
        table({"m": measured(three, covariate=covariate)}),
        END,
    ).metrics

    assert (alone.level, first.level) == (0.95, 0.975)
    assert first.effect.value == pytest.approx(alone.effect.value, rel=1e-9, abs=1e-9)
    if not covariate:
        assert first.relative.value == pytest.approx(alone.relative.value, rel=1e-12)
    assert numbers(first.effect)[1] < numbers(alone.effect)[1]
    assert numbers(first.effect)[2] > numbers(alone.effect)[2]


@given(SEEDS, SHIFTS)
def test_a_ratio_with_denominators_of_one_is_a_mean(seed: int, shift: float) -> None:
    data = [arm[:1] for arm in arms(seed, shift)]
    ones = [[arm[0], np.ones(len(arm[0]))] for arm in data]
    mean = one(measured(data), plan_for([a_mean("m")]))
    ratio = one(measured(ones), plan_for([a_ratio("m")]))

    assert numbers(ratio.effect) == pytest.approx(numbers(mean.effect), rel=1e-6, abs=1e-9)
    assert (ratio.kind, mean.kind) == ("ratio", "mean")
    assert isclose(ratio.p_value or 0, mean.p_value or 0, rel_tol=1e-6)


@given(SEEDS, SHIFTS)
def test_a_median_moves_with_its_values(seed: int, shift: float) -> None:
    data = [arm[0] for arm in arms(seed, shift)]
    plan = plan_for([a_quantile("m")])
    before = one(median_of(data), plan)
    after = one(median_of([2 * arm for arm in data]), plan)

    assert before.kind == "quantile"
    assert before.control.std is None
    assert numbers(after.effect) == pytest.approx([2 * each for each in numbers(before.effect)])
    assert numbers(after.relative) == pytest.approx(numbers(before.relative))


@given(SEEDS, SHIFTS)
def test_other_metrics_have_no_part_in_errors(seed: int, shift: float) -> None:
    """A metric of a rollout's success list is shown at alpha, beside guardrails at alpha / C."""
    plan = plan_for([a_mean("m")], {a_mean("g"): Fraction(1, 10)}, kind=Kind.ROLLOUT)
    data = measured([arm[:1] for arm in arms(seed, shift)])
    guard, other = analyse(plan, table({"m": data, "g": data}), END).metrics

    assert (guard.role, other.role) == (Role.GUARDRAIL, Role.OTHER)
    assert (guard.level, other.level, other.deterioration) == (0.95, 0.95, None)
    assert guard.deterioration is not None
    assert guard.deterioration.level == 0.95
