"""No worse than a relative margin: the contrast and the relative interval are one decision."""

from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coord.stats import student
from coord.stats.effects import relative
from coord.stats.estimates import Pair
from coord.stats.noninferiority import NonInferiority, contrast, noninferiority
from coord.stats.reasons import Missing
from stats.arms import plain
from stats.test_effects import ERRORS, pairs

MARGINS = st.floats(0, 0.6)


@given(pairs(nearest=2), ERRORS, MARGINS, st.booleans())
def test_p_is_below_half_the_error_just_when_the_interval_is_on_the_good_side(
    pair: Pair, error: float, margin: float, decrease: bool
) -> None:
    c = student.critical(error, pair.df)
    interval, test = relative(pair, c), noninferiority(pair, margin, c, decrease=decrease)

    assert test.reason == interval.reason
    if test.p_value is not None:
        assume(abs(test.p_value / (error / 2) - 1) > 1e-6)
        good = interval.below(margin) if decrease else interval.above(-margin)
        assert good == (test.p_value < error / 2)


@given(pairs(), ERRORS)
def test_directions_mirror(pair: Pair, error: float) -> None:
    """Without a margin, being no lower and being no higher are two tails of one statistic."""
    c = student.critical(error, pair.df)
    up, down = (noninferiority(pair, 0, c, decrease=decrease) for decrease in (False, True))
    assume(up.reason is None)
    assert up.statistic is not None
    assert up.p_value is not None
    assert down.p_value is not None

    assert down.statistic == -up.statistic
    assert up.p_value + down.p_value == pytest.approx(1)


def test_the_margin_is_a_share_of_an_uncertain_mean() -> None:
    """By hand: 9.5 - .9 x 10 = .5, and 1.1 x 10 - 9.5 = 1.5, with the control's error in both."""
    pair = plain(10, 9.5, (0.04, 0.09), 0.01)

    assert contrast(pair, 0.1, 2) == pytest.approx(0.5 / sqrt(0.09 + 0.81 * 0.04 - 1.8 * 0.01))
    assert contrast(pair, 0.1, 2, decrease=True) == pytest.approx(1.5 / sqrt(0.09 + 1.21 * 0.04 - 2.2 * 0.01))


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (plain(0, 1, (1, 1)), Missing.CONTROL_NOT_POSITIVE),
        (plain(1, 1, (1, 1)), Missing.CONTROL_NEAR_ZERO),
        (plain(1, 1, (0, 0)), Missing.NO_VARIATION),
        (plain(1, 0.9, (0.01, 0.0081), 0.009), Missing.NO_VARIATION),  # the treatment is .9 of the control
    ],
)
def test_what_cannot_be_judged_says_why(pair: Pair, reason: Missing) -> None:
    assert noninferiority(pair, 0.1, 2) == NonInferiority(None, None, reason)
