"""Absolute and relative effects: intervals agree with p-values, scale with metrics and mirror with arms."""

from math import inf, isfinite, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coord.stats import student
from coord.stats.effects import Interval, absolute, relative, statistic
from coord.stats.estimates import Pair
from coord.stats.reasons import Missing
from stats.arms import means, plain, z_of

ERRORS = st.sampled_from([0.2, 0.1, 0.05, 0.01, 0.001])


@st.composite
def pairs(draw: st.DrawFn, nearest: float = 4.0) -> Pair:
    """A pair whose control is at least so many standard errors above 0."""
    control = draw(st.floats(0.1, 100))
    treatment = control * draw(st.floats(0.2, 3))
    errors = [control / draw(st.floats(nearest, 200)) for _ in range(2)]
    correlation = draw(st.floats(-0.9, 0.9))
    return plain(
        control,
        treatment,
        (errors[0] ** 2, errors[1] ** 2),
        correlation * errors[0] * errors[1],
        draw(st.sampled_from([5.0, 40.0, 1e5, inf])),
    )


def bounds(interval: Interval) -> tuple[float, float]:
    assert interval.lower is not None
    assert interval.upper is not None
    return interval.lower, interval.upper


@given(pairs(), ERRORS)
def test_an_interval_excludes_zero_just_when_p_is_below_its_error(pair: Pair, error: float) -> None:
    p = student.two_sided(z_of(pair), pair.df)
    assume(abs(p / error - 1) > 1e-9)
    interval = absolute(pair, student.critical(error, pair.df))

    assert (interval.above(0) or interval.below(0)) == (p < error)


@given(pairs(nearest=30), ERRORS)
def test_both_intervals_say_the_same_about_zero(pair: Pair, error: float) -> None:
    assume(abs(student.two_sided(z_of(pair), pair.df) / error - 1) > 1e-6)
    c = student.critical(error, pair.df)
    shares, amounts = relative(pair, c), absolute(pair, c)
    assume(shares.reason is None)

    assert (shares.above(0), shares.below(0)) == (amounts.above(0), amounts.below(0))


@given(pairs(), ERRORS, st.integers(-20, 20))
def test_scaling_a_metric_scales_its_interval(pair: Pair, error: float, power: int) -> None:
    """By a power of two, which costs no digit."""
    k = 2.0**power
    scaled = plain(
        pair.control * k,
        pair.treatment * k,
        (pair.control_variance * k * k, pair.treatment_variance * k * k),
        pair.covariance * k * k,
        pair.df,
    )
    c = student.critical(error, pair.df)

    assert bounds(absolute(scaled, c)) == tuple(bound * k for bound in bounds(absolute(pair, c)))
    assert relative(scaled, c) == relative(pair, c)


def swapped(pair: Pair) -> Pair:
    return plain(
        pair.treatment,
        pair.control,
        (pair.treatment_variance, pair.control_variance),
        pair.covariance,
        pair.df,
    )


@given(pairs(nearest=20), ERRORS)
def test_mirrored_arms_mirror_the_interval(pair: Pair, error: float) -> None:
    c = student.critical(error, pair.df)
    lower, upper = bounds(absolute(pair, c))
    there, back = relative(pair, c), relative(swapped(pair), c)

    assert bounds(absolute(swapped(pair), c)) == (-upper, -lower)
    assume(there.reason is None and back.reason is None)
    (low, high), (mirrored_low, mirrored_high) = bounds(there), bounds(back)
    assume(low > -0.999 and mirrored_low > -0.999)
    assert (1 + low) * (1 + mirrored_high) == pytest.approx(1, rel=1e-7)
    assert (1 + high) * (1 + mirrored_low) == pytest.approx(1, rel=1e-7)


@given(pairs(), ERRORS)
def test_fieller_bounds_are_where_the_contrast_is_just_significant(pair: Pair, error: float) -> None:
    c = student.critical(error, pair.df)
    interval = relative(pair, c)
    assume(interval.reason is None)
    for bound in bounds(interval):
        r = 1 + bound
        spread = pair.treatment_variance - 2 * r * pair.covariance + r * r * pair.control_variance
        off = (pair.treatment - r * pair.control) ** 2 - c * c * spread
        assert off == pytest.approx(0, abs=1e-9 * (pair.treatment**2 + (r * pair.control) ** 2))


def test_a_well_known_control_makes_fieller_the_naive_interval() -> None:
    pair = plain(100, 103, (1e-12, 4.0))

    assert bounds(relative(pair, 2)) == pytest.approx((-0.01, 0.07), abs=1e-9)


def test_a_relative_effect_knows_what_the_arms_share() -> None:
    alone, together = plain(10, 11, (0.04, 0.05)), plain(10, 11, (0.04, 0.05), 0.03)
    wide, narrow = bounds(relative(alone, 2)), bounds(relative(together, 2))

    assert narrow[1] - narrow[0] < 0.7 * (wide[1] - wide[0])


@pytest.mark.parametrize(
    ("pair", "value", "reason"),
    [
        (plain(0, 1, (1, 1)), None, Missing.CONTROL_NOT_POSITIVE),
        (plain(-3, 1, (1, 1)), None, Missing.CONTROL_NOT_POSITIVE),
        (plain(1.9, 3.8, (1, 1)), 1.0, Missing.CONTROL_NEAR_ZERO),
        (plain(2.0, 3.0, (1, 1)), 0.5, Missing.CONTROL_NEAR_ZERO),  # A = 0: an unbounded side
        (plain(2.0, 3.0, (0, 0)), 0.5, Missing.NO_VARIATION),
        (plain(1e-300, 1e300, (1, 1)), None, Missing.NOT_FINITE),
    ],
)
def test_a_relative_effect_that_does_not_exist_says_why(
    pair: Pair, value: float | None, reason: Missing
) -> None:
    assert relative(pair, 2) == Interval(value, None, None, reason)


def test_an_absolute_effect_without_chance_says_why() -> None:
    assert absolute(plain(2, 3, (0, 0)), 2) == Interval(1, None, None, Missing.NO_VARIATION)
    assert statistic(plain(2, 3, (0, 0))) is Missing.NO_VARIATION
    for variances in ((1, 1), (0, 0)):
        assert absolute(plain(-1e308, 1e308, variances), 2) == Interval(None, None, None, Missing.NOT_FINITE)


def test_an_interval_without_bounds_lies_nowhere() -> None:
    nowhere = Interval(5, None, None, Missing.NO_VARIATION)

    assert not nowhere.above(-1)
    assert not nowhere.below(9)
    assert Interval(5, 4, 6, None).above(3.9)
    assert not Interval(5, 4, 6, None).above(4)
    assert Interval(5, 4, 6, None).below(6.1)
    assert not Interval(5, 4, 6, None).below(6)


VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=6)


@given(VALUES, VALUES, ERRORS)
def test_no_number_is_ever_infinite(control: list[float], treatment: list[float], error: float) -> None:
    try:
        pair = means(control, treatment)
    except AssertionError:  # an arm has no estimate, for a reason
        return
    for interval in (
        absolute(pair, student.critical(error, pair.df)),
        relative(pair, student.critical(error)),
    ):
        numbers = [each for each in interval[:3] if each is not None]
        assert all(map(isfinite, numbers))
        assert (interval.reason is None) == (len(numbers) == 3)
        if interval.reason is None:
            assert numbers[1] <= numbers[0] <= numbers[2]


@given(st.permutations(range(40)))
def test_the_order_of_rows_is_irrelevant(order: list[int]) -> None:
    control, treatment = np.arange(40.0) ** 1.5, np.arange(40.0) ** 1.6
    found, expected = (
        relative(means(control[rows], treatment[rows]), 2) for rows in (order, list(range(40)))
    )

    assert bounds(found) == pytest.approx(bounds(expected), rel=1e-11)


def test_a_single_standard_error() -> None:
    interval = absolute(plain(1, 1.5, (0.09, 0.16)), 1)

    assert bounds(interval) == pytest.approx((0.5 - sqrt(0.25), 1.0))
