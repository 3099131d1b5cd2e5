"""What a treatment does: the absolute and the relative effect, each with an interval, and the p-value.

One critical value c serves all of them: Student's t (`student.critical`), the bound of a look
(`group_sequential`) or the always-valid multiplier. So interval and p-value never disagree.
"""

from math import isfinite, sqrt
from typing import NamedTuple

from coord.stats.estimates import Pair
from coord.stats.reasons import Missing


class Interval(NamedTuple):
    """An effect with the bounds of its two-sided interval.

    value: the point estimate; null only when it does not exist or is no finite number.
    lower, upper: the bounds, lower <= value <= upper; both null or neither.
    reason: why something is null; null when nothing is.
    """

    value: float | None
    lower: float | None
    upper: float | None
    reason: Missing | None

    def above(self, bound: float) -> bool:
        """Whether the interval lies wholly above a number; one without bounds lies nowhere."""
        return self.lower is not None and self.lower > bound

    def below(self, bound: float) -> bool:
        """Whether the interval lies wholly below a number; one without bounds lies nowhere."""
        return self.upper is not None and self.upper < bound


def statistic(pair: Pair) -> float | Missing:
    """The difference in its standard errors, to be held against Student's t with the pair's df (Welch 1947).

    NO_VARIATION when the standard error is 0.
    """
    if pair.variance == 0:
        return Missing.NO_VARIATION
    found = pair.difference / sqrt(pair.variance)
    return found if isfinite(found) else Missing.NOT_FINITE


def absolute(pair: Pair, critical: float) -> Interval:
    """The difference with bounds difference -+ c sqrt(v_tt + v_cc - 2 v_tc), in the metric's unit.

    Null bounds: NO_VARIATION when the variance is 0, for then chance cannot be judged.
    """
    if pair.variance == 0:
        return _finite(pair.difference, None, None, Missing.NO_VARIATION)
    half = critical * sqrt(pair.variance)
    return _finite(pair.difference, pair.difference - half, pair.difference + half)


def relative(pair: Pair, critical: float) -> Interval:
    """The relative effect, treatment / control - 1, with Fieller's bounds: a share, 0.02 for 2% more.

    The bounds are the roots r - 1 of (m_t - r m_c)^2 = c^2 (v_tt - 2 r v_tc + r^2 v_cc): with
    A = m_c^2 - c^2 v_cc, B = m_t m_c - c^2 v_tc, D = m_t^2 - c^2 v_tt they are (B -+ sqrt(B^2 - A D)) / A - 1
    (Fieller, "Some problems in interval estimation", JRSS B 16, 1954). Computed here in units of m_c
    and from the difference, so that neither scale nor a small effect costs digits.

    Null value and bounds: CONTROL_NOT_POSITIVE when m_c <= 0. Null bounds: CONTROL_NEAR_ZERO when A <= 0, for
    then the set is not an interval; NO_VARIATION when nothing varies.
    """
    m = pair.control
    if m <= 0:
        return Interval(None, None, None, Missing.CONTROL_NOT_POSITIVE)
    value = pair.difference / m
    if pair.variance == 0:
        return _finite(value, None, None, Missing.NO_VARIATION)
    v_t, v_c, v_tc = (v / m / m for v in (pair.treatment_variance, pair.control_variance, pair.covariance))
    square, spread = critical * critical, pair.variance / m / m
    a = 1 - square * v_c
    if not a > 0:
        return _finite(value, None, None, Missing.CONTROL_NEAR_ZERO)
    middle = value - square * (v_tc - v_c)
    # Var(m_t - r m_c) at r = 1 + value, less what the squares of the means do not have of it
    along = spread + 2 * value * (v_c - v_tc) + value * value * v_c
    root = critical * sqrt(max(0.0, along - square * (v_t * v_c - v_tc * v_tc)))
    return _finite(value, (middle - root) / a, (middle + root) / a)


def _finite(
    value: float, lower: float | None, upper: float | None, reason: Missing | None = None
) -> Interval:
    """An interval without NaN and Infinity."""
    if not isfinite(value):
        return Interval(None, None, None, Missing.NOT_FINITE)
    if lower is None or upper is None or not (isfinite(lower) and isfinite(upper)):
        return Interval(value, None, None, reason or Missing.NOT_FINITE)
    return Interval(value, min(lower, value), max(upper, value), reason)
