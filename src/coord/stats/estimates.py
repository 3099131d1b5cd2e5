"""An arm's estimate of a metric, with its variance: means, and ratios by the delta method.

`compare` puts two of them side by side, ready for `effects`. Arms are independent unless they share the mean
of a covariate (see `cuped`).
"""

from math import inf, isfinite, sqrt
from typing import NamedTuple

from coord.stats.moments import Moments, combine, variance
from coord.stats.reasons import Missing


class Estimate(NamedTuple):
    """What one arm says about a metric.

    n: units, 2 or more.
    mean: the estimate, in the metric's unit: a mean, a ratio, a quantile.
    fine: what is to be added to `mean` to have it more exactly than a float can.
    variance: of the estimate, its squared standard error; 0 when nothing varies.
    std: standard deviation per unit, of linearised values for a ratio; null for a quantile.
    """

    n: int
    mean: float
    fine: float
    variance: float
    std: float | None


class Pair(NamedTuple):
    """A treatment and a control, ready to be compared.

    control, treatment: their estimates, in the metric's unit.
    difference: treatment - control, without losing what both have in common.
    control_variance, treatment_variance, covariance: of the two estimates.
    variance: of the difference; 0 when nothing varies in either arm.
    df: degrees of freedom of that variance, at least min(n) - 1 (Satterthwaite 1946; Welch 1947).
    """

    control: float
    treatment: float
    difference: float
    control_variance: float
    treatment_variance: float
    covariance: float
    variance: float
    df: float


def mean(moments: Moments, column: int = 0) -> Estimate | Missing:
    """The mean of a column: variance s^2 / n.

    FEW_UNITS below 2 units, NOT_FINITE when its moments are not.
    """
    if moments.n < 2:
        return Missing.FEW_UNITS
    spread = variance(moments, column)
    return _finite(
        Estimate(moments.n, moments.mean[column], moments.fine[column], spread / moments.n, sqrt(spread))
    )


def ratio(moments: Moments) -> Estimate | Missing:
    """The ratio R = mean N / mean D of the first two columns, numerator and denominator, over units.

    Variance s_u^2 / n of u_i = (N_i - R D_i) / mean D, the delta method: Deng, Knoblich, Lu, "Applying the
    delta method in metric analytics", arXiv 1803.06336, section 2.2. FEW_UNITS below 2 units, NO_DENOMINATOR
    when mean D is not above 0, NOT_FINITE when numbers are too large.
    """
    if moments.n < 2:
        return Missing.FEW_UNITS
    if not isfinite(moments.mean[0]) or not isfinite(moments.mean[1]):
        return Missing.NOT_FINITE
    if moments.mean[1] <= 0:
        return Missing.NO_DENOMINATOR
    found, weights = linearised(moments)
    if not isfinite(found) or not all(map(isfinite, weights)):
        return Missing.NOT_FINITE
    spread = variance(combine(moments, weights))
    return _finite(Estimate(moments.n, found, 0.0, spread / moments.n, sqrt(spread)))


def linearised(moments: Moments) -> tuple[float, tuple[float, float]]:
    """R and the weights (1 / mean D, -R / mean D) that make u of numerator and denominator; mean D not 0."""
    found = moments.mean[0] / moments.mean[1]
    return found, (1 / moments.mean[1], -found / moments.mean[1])


def _finite(estimate: Estimate) -> Estimate | Missing:
    held = isfinite(estimate.mean) and isfinite(estimate.variance)
    return estimate if held else Missing.NOT_FINITE


def compare(
    control: Estimate, treatment: Estimate, covariance: float = 0.0, noise: tuple[float, float] | None = None
) -> Pair:
    """Two arms side by side.

    covariance: of the two estimates, 0 for arms that share nothing. noise: the variances of what the control
    and the treatment alone add to the difference, which is v_tt + v_cc - 2 v_tc without its cancellation;
    without covariance the variances of the estimates.
    """
    parts = noise or (control.variance, treatment.variance)
    return Pair(
        control=control.mean,
        treatment=treatment.mean,
        difference=(treatment.mean - control.mean) + (treatment.fine - control.fine),
        control_variance=control.variance,
        treatment_variance=treatment.variance,
        covariance=covariance,
        variance=sum(parts),
        df=_degrees(parts, (control.n, treatment.n)),
    )


def _degrees(parts: tuple[float, float], units: tuple[int, int]) -> float:
    """(a + b)^2 / (a^2 / (n_a - 1) + b^2 / (n_b - 1)), in shares of a + b so that nothing overflows."""
    total = sum(parts)
    if not total or not isfinite(total):
        return inf
    return 1 / sum((part / total) ** 2 / (n - 1) for part, n in zip(parts, units, strict=True))
