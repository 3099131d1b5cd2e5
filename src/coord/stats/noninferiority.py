"""Whether a treatment is no worse than the control by more than a relative margin.

The margin is a share of the control's mean, and that mean is an estimate: the contrast m_t - (1 - margin) m_c
has its own variance. Taking margin x m_c for a known number errs, for a metric that shall decrease in .059 of
cases instead of .05 at a margin of 10%, and in .078 at 30%.
"""

from math import isfinite, sqrt
from typing import NamedTuple

from coord.stats import student
from coord.stats.estimates import Pair
from coord.stats.reasons import Missing


class NonInferiority(NamedTuple):
    """The test of "worse by the margin or more" against "no worse".

    statistic: the contrast in its standard errors; large is good, whatever the direction. Null with a reason.
    p_value: one-sided, from 0 to 1; below error / 2 exactly when the relative interval at that error lies on
        the good side of the margin. Null with a reason.
    reason: why both are null; null when they are not.
    """

    statistic: float | None
    p_value: float | None
    reason: Missing | None


def noninferiority(pair: Pair, margin: float, critical: float, *, decrease: bool = False) -> NonInferiority:
    """Test m_t > (1 - margin) m_c, or for a metric that shall decrease m_t < (1 + margin) m_c.

    z = (m_t - (1 - d) m_c) / sqrt(v_tt + (1 - d)^2 v_cc - 2 (1 - d) v_tc), d the margin or its negative, the
    sign mirrored when d is negative; against Student's t with the pair's df (Hauschke, Kieser, Diletti,
    Hothorn, "Sample size determination for proving equivalence based on the ratio of two means", Stat. Med.
    18, 1999). `margin` is a share from 0, below 1 unless `decrease`; `critical` that of the relative
    interval.

    Null as the relative interval is: CONTROL_NOT_POSITIVE, CONTROL_NEAR_ZERO, NO_VARIATION, NOT_FINITE.
    """
    found = contrast(pair, margin, critical, decrease=decrease)
    if isinstance(found, Missing):
        return NonInferiority(None, None, found)
    return NonInferiority(found, student.upper(found, pair.df), None)


def contrast(pair: Pair, margin: float, critical: float, *, decrease: bool = False) -> float | Missing:
    """The statistic of `noninferiority`, for methods that judge it by other tails than Student's."""
    m = pair.control
    if m <= 0:
        return Missing.CONTROL_NOT_POSITIVE
    if pair.variance == 0:
        return Missing.NO_VARIATION
    # in units of m, and from the difference: see `effects.relative`
    if not 1 - critical * critical * (pair.control_variance / m / m) > 0:
        return Missing.CONTROL_NEAR_ZERO
    signed = -margin if decrease else margin
    apart = pair.difference / m + signed
    spread = pair.variance / m / m + signed * (signed * pair.control_variance / m / m)
    spread += 2 * signed * (pair.covariance - pair.control_variance) / m / m
    if not spread > 0:
        return Missing.NO_VARIATION
    found = apart / sqrt(spread)
    if not isfinite(found):
        return Missing.NOT_FINITE
    return -found if decrease else found
