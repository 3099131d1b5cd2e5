"""Intervals and p-values that may be looked at on any day, as often as one likes.

The mixture confidence sequence of Robbins, in the asymptotic form of Waudby-Smith, Arbour, Sinha, Kennedy,
Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", arXiv 2103.06476, eq. 9,
tuned to be narrowest near the planned number of units by eq. 161:

    c(n) = sqrt((1 + 1/r)(ln(1 + r) + L)),  r = (n / n*)(L + ln(1 + L)),  L = -2 ln a

is the multiplier of the standard error. The price against a fixed plan is c(n*) = 3.04 for 1.96; for that,
the error stays below a over all looks together.
"""

from math import exp, inf, log, log1p, sqrt

from coord.stats.reasons import Missing


def multiplier(units: float, planned: float, error: float) -> float | Missing:
    """The multiplier c(n) of the standard error.

    The true difference lies within c(n) standard errors at every look, with probability at least 1 - error.

    units: n, in the two arms compared, from 0. planned: n*, likewise, above 0 (fixed at the start: a plan
    that follows the data has no guarantee). error: two-sided, above 0 and below 1. NO_UNITS when n is 0.
    """
    if units <= 0:
        return Missing.NO_UNITS
    spread = _mixture(units, planned, error)
    return sqrt((1 + 1 / spread) * (log1p(spread) - 2 * log(error)))


def two_sided(statistic: float, units: float, planned: float, error: float) -> float:
    """The p-value, two-sided: below `error` exactly when |z| > c(n).

    p = min(1, sqrt(1 + r) exp(-z^2 r / (2 (1 + r)))), from 0 to 1; `error` is the one the mixture is tuned
    for, as in `multiplier`. 1 without units.
    """
    if units <= 0:
        return 1.0
    spread = _mixture(units, planned, error)
    evidence = statistic * statistic * (spread / (2 * (1 + spread))) - log1p(spread) / 2
    return exp(-evidence) if 0 < evidence < inf else float(evidence <= 0)


def upper(statistic: float, units: float, planned: float, error: float) -> float:
    """The one-sided p-value: half the two-sided one on the good side, the rest of 1 on the other.

    Below error / 2 exactly when z > c(n).
    """
    half = two_sided(statistic, units, planned, error) / 2
    return half if statistic > 0 else 1 - half


def _mixture(units: float, planned: float, error: float) -> float:
    """r: how much the mixture's variance is of the estimate's."""
    bits = -2 * log(error)
    return units / planned * (bits + log1p(bits))
