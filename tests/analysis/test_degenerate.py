"""Data that say little, or are absurd: null with a reason, never a wrong number, and the rest still comes."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plans import END, START, a_mean, a_quantile, a_ratio, plan_for
from analysis.tables import measured, median_of, table
from coord.analysis.figures import percent
from coord.analysis.results import Analysis, Bounds, MetricResult, Recommendation, Role, Verdict
from coord.analysis.unit_analysis import analyse
from coord.analysis.words import p_words
from coord.domain.metrics import Metric
from coord.domain.model import Kind
from coord.logs.measured import Measured

M, GOOD = a_mean("m"), a_mean("good")
NOTHING = Bounds(None, None, None)
METHODS = ["fixed", "always_valid", "group_sequential"]
DAYS = [START, date(2026, 3, 9), date(2026, 3, 10), END]
_RANDOM = np.random.default_rng(4)
HEALTHY = measured([[_RANDOM.normal(10, 2, 900)], [_RANDOM.normal(11, 2, 900)]])


def leaves(value: object) -> Iterator[object]:
    """Every number, text and date of a result."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from leaves(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def assert_sound(found: Analysis) -> None:
    """No NaN, no Infinity; a null has a reason; a reason is a sentence's end, not a number's name."""
    for leaf in leaves(found):
        assert not isinstance(leaf, float) or isfinite(leaf)
        if isinstance(leaf, str):
            assert not re.search(r"\b(nan|inf|None)\b", leaf), leaf
    for one in found.metrics:
        lacking = None in (*one.effect, *one.relative)
        assert not lacking or one.reason
        assert (one.effect.lower is None) == (one.effect.upper is None)
        assert (one.relative.lower is None) == (one.relative.upper is None)
        assert one.p_value is None or one.effect.lower is not None
        if one.effect.lower is None:
            assert one.verdict in {Verdict.INCONCLUSIVE, Verdict.INVALID}


def in_all_ways(data: Measured, metric: Metric = M) -> Iterator[MetricResult]:
    """In every role, by every method, on every kind of day, beside a metric that is well."""
    for method in METHODS:
        for day in DAYS:
            for plan in (
                plan_for([metric, GOOD], method=method),
                plan_for([GOOD], {metric: Fraction(1, 100)}, method=method),
                plan_for([metric], {GOOD: Fraction(1, 100)}, kind=Kind.ROLLOUT, method=method),
            ):
                found = analyse(plan, table({metric.name: data, "good": HEALTHY}, (900, 900)), day)
                assert_sound(found)
                (good,) = (one for one in found.metrics if one.metric == "good")
                assert good.effect.value == pytest.approx(1, abs=0.4)
                yield from (one for one in found.metrics if one.metric == metric.name)


FEW, STILL = "an arm has fewer than 2 units", "nothing varies in either arm"
BELOW = "the denominator of an arm does not sum to more than 0"
LARGE, NOT_ABOVE = "its values are too large", "the control's mean is not above 0"
CASES = {
    "no units": (([], []), FEW),
    "one unit": (([3.0], [4.0, 5.0, 6.0]), FEW),
    "one arm empty": (([3.0, 4.0, 5.0], []), FEW),
    "no variance": (([4.0, 4.0, 4.0], [4.0, 4.0]), STILL),
    "no variance, but an effect": (([4.0, 4.0, 4.0], [5.0, 5.0]), STILL),
    "all zero": (([0.0, 0.0], [0.0, 0.0]), STILL),
    "huge": (([1e300, -1e300, 2e300], [1e300, 3e299]), LARGE),
    "the largest": (([1.7e308, 1e308, -1.7e308], [-1.7e308, -1.7e308, 1.7e308]), LARGE),
    "negative": (([-4.0, -5.0, -6.0], [-3.0, -4.0, -5.5]), NOT_ABOVE),
    "mean of zero": (([-1.0, 1.0, 0.0], [3.0, 4.0, 5.5]), NOT_ABOVE),
    "near zero": (([-9.0, 10.0, 0.0], [3.0, 4.0, 5.5]), "the control's mean is not told apart from 0"),
    "rare": (([0.0] * 400 + [1.0] * 9, [0.0] * 300 + [1.0] * 100), "an arm has fewer than 10 events"),
    "rarely not": (([1.0] * 400 + [0.0] * 9, [0.0] * 300 + [1.0] * 100), "an arm has fewer than 10 events"),
    "rare and uneven": (([0.0] * 4000 + [1.0] * 90, [0.0] * 300 + [1.0] * 49), "arms differ more than 3:1"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mean_that_says_little(name: str) -> None:
    values, reason = CASES[name]
    for one in in_all_ways(measured([[each] for each in values])):
        assert one.reason is not None
        if not one.reason.startswith("this look spends none"):
            assert one.reason.startswith(reason)
        assert one.verdict in {Verdict.INCONCLUSIVE, Verdict.INVALID}
        assert None in (*one.relative, one.effect.lower)
        assert [one.control.n, one.treatment.n] == [len(each) for each in values]


def test_an_effect_stands_though_chance_cannot_be_judged() -> None:
    still, scarce = (
        next(in_all_ways(measured([[each] for each in CASES[name][0]])))
        for name in ("no variance, but an effect", "rare")
    )

    assert (still.effect, still.relative) == (Bounds(1.0, None, None), Bounds(0.25, None, None))
    assert scarce.effect.value == pytest.approx(0.25 - 9 / 409)
    assert scarce.effect.lower is scarce.p_value is None


def test_an_arm_that_is_there_is_shown_though_the_other_is_empty() -> None:
    found = next(in_all_ways(measured([[CASES["one arm empty"][0][0]], [[]]])))

    assert (found.control.mean, found.treatment.mean) == (4.0, None)
    assert (found.effect, found.relative) == (NOTHING, NOTHING)


def test_a_negative_control_has_an_absolute_effect_and_can_be_harmed() -> None:
    """Relative effects mean nothing there; harm is absolute."""
    random = np.random.default_rng(2)
    data = measured([[random.normal(-10, 1, 2000)], [random.normal(-12, 1, 2000)]])
    found = analyse(plan_for([M]), table({"m": data}), START)
    (one,) = found.metrics

    assert one.relative == NOTHING
    assert one.effect.upper is not None
    assert one.effect.upper < -1.5
    assert (one.verdict, found.decisions[0].recommendation) == (Verdict.WORSE, Recommendation.ABORT)
    assert "%)" not in found.decisions[0].reasons[0]


@pytest.mark.parametrize(
    ("arms", "reason"),
    [
        (([[1, 2, 3], [0, 0, 0]], [[1, 2, 3], [4, 5, 6]]), BELOW),
        (([[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [-4, -5, 0]]), BELOW),
        (([[2, 4, 6], [1, 2, 3]], [[2, 4, 6], [1, 2, 3]]), STILL),
        (([[], []], [[], []]), FEW),
        (([[1e300, 2, 3], [1, 2, 3]], [[2, 4, 6], [1, 2, 3]]), LARGE),
    ],
)
def test_a_ratio_that_says_little(arms: tuple[list[list[float]], ...], reason: str) -> None:
    for one in in_all_ways(measured(arms), a_ratio("m")):
        assert one.reason is not None
        assert one.reason.startswith(reason)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((np.arange(15.0), np.arange(90.0)), "fewer than 10 values lie beyond the quantile"),
        ((np.ones(90), np.arange(90.0)), "the values around the quantile are all the same"),
        ((np.array([]), np.arange(90.0)), "there are no units yet"),
    ],
)
def test_a_quantile_that_says_little(values: tuple[np.ndarray, ...], reason: str) -> None:
    for one in in_all_ways(median_of(values), a_quantile("m")):
        assert one.reason is not None
        assert one.verdict is Verdict.INVALID or one.reason == reason


def test_a_metric_that_was_not_measured_says_why() -> None:
    for one in in_all_ways(Measured(reason="the file has no column m (did you mean n?)")):
        assert one.reason == "the file has no column m (did you mean n?)"
        assert (one.effect, one.p_value, one.verdict) == (NOTHING, None, Verdict.INCONCLUSIVE)


def test_a_covariate_that_cannot_be_used_leaves_a_plain_comparison_and_a_note() -> None:
    random = np.random.default_rng(8)
    few = [[random.normal(5, 1, 30), random.normal(5, 1, 30)] for _ in range(2)]
    still = [[random.normal(5, 1, 300), np.ones(300)] for _ in range(2)]
    huge = [[random.normal(5, 1, 300), 1e300 * random.normal(5, 1, 300)] for _ in range(2)]
    notes: set[str] = set()
    for data in (few, still, huge):
        for one in in_all_ways(measured(data, covariate=True)):
            assert one.effect.value == pytest.approx(float(data[1][0].mean() - data[0][0].mean()))
            assert (one.raw, one.variance_reduction) == (None, None)
            notes.update(one.notes)

    assert len(notes) == 3
    assert all(re.fullmatch(r"Not adjusted for its covariate: [a-z][^.]*\.", note) for note in notes)


def test_no_units_at_all() -> None:
    nothing = {"m": measured([[[]], [[]]])}
    for day in DAYS:
        found = analyse(plan_for([M]), table(nothing, (0, 0)), day)
        assert_sound(found)
        last = Recommendation.END if day == END else Recommendation.CONTINUE
        assert found.decisions[0].recommendation is last
        assert found.units == {"a": 0, "b": 0}


@pytest.mark.parametrize("method", METHODS)
def test_a_rollout_without_control_has_no_results(method: str) -> None:
    plan = plan_for([M], {GOOD: Fraction(1, 100)}, weights=(1,), kind=Kind.ROLLOUT, method=method)
    data = {"m": measured([[[1.0, 2.0]]]), "good": measured([[[1.0, 2.0]]])}
    found = analyse(plan, table(data, segments={None: data}), END, dimension="country")

    assert_sound(found)
    assert (found.metrics, found.decisions, found.segments[0].metrics) == ((), (), ())
    assert {one.detail for one in found.checks if one.name in {"srm", "pre_period"}} == {
        "there is but one arm, and nothing to compare it with"
    }


def test_segments_without_units_are_null_with_a_reason() -> None:
    empty = {"m": measured([[[]], [[]]])}
    whole = {"m": HEALTHY}
    found = analyse(
        plan_for([M]), table(whole, segments={"SE": whole, None: empty}), END, dimension="country"
    )
    first, last = found.segments

    assert_sound(found)
    assert (first.value, last.value) == ("SE", None)
    assert first.metrics[0].level == pytest.approx(1 - 0.05 / 2)
    assert (first.metrics[0].role, first.metrics[0].deterioration) == (Role.OTHER, None)
    assert last.metrics[0].reason == "an arm has fewer than 2 units"


@st.composite
def any_arms(draw: st.DrawFn) -> list[list[list[float]]]:
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
        [0.0, 1.0, 1e-320, 1e154, 5.0]
    )
    return [[draw(st.lists(numbers, max_size=8))] for _ in range(2)]


@given(any_arms(), st.sampled_from(METHODS), st.sampled_from(DAYS), st.booleans())
def test_whatever_the_values_every_number_is_one(
    arms: list[list[list[float]]], method: str, day: date, decrease: bool
) -> None:
    metric = a_mean("m", decrease=decrease)
    plan = plan_for([metric], {metric: Fraction(1, 100)}, method=method)

    assert_sound(analyse(plan, table({"m": measured(arms)}), day))


@given(any_arms(), any_arms(), st.sampled_from(METHODS))
def test_whatever_the_ratio_every_number_is_one(
    above: list[list[list[float]]], below: list[list[list[float]]], method: str
) -> None:
    arms = [
        [list(pair) for pair in zip(*zip(n[0], d[0], strict=False), strict=True)] or [[], []]
        for n, d in zip(above, below, strict=True)
    ]
    plan = plan_for([a_ratio("m")], {a_ratio("n"): Fraction(1, 100)}, method=method)

    assert_sound(analyse(plan, table({"m": measured(arms), "n": measured(arms)}), END))


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0314, "+3.1%"),
        (-0.5, "-50.0%"),
        (0.00123, "+0.12%"),
        (-0.000012, "-0.001%"),
        (0.0, "+0.0%"),
        (-0.0, "+0.0%"),
        (999.0, "+99900.0%"),
        (1e300, "+1.00e+302%"),
        (-1.7e308, "-1.70e+310%"),
    ],
)
def test_relative_effects_in_words(share: float, told: str) -> None:
    assert percent(share) == told


@pytest.mark.parametrize(
    ("p_value", "told"),
    [
        (1.0, "p = 1.00"),
        (0.5, "p = 0.50"),
        (0.0016, "p = 0.0016"),
        (3.5e-42, "p = 3.5e-42"),
        (0.0, "p < 1e-300"),
    ],
)
def test_p_values_in_words(p_value: float, told: str) -> None:
    assert p_words(p_value) == told
