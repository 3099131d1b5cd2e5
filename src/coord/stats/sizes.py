"""How many units a comparison needs. Standard library only: `coord check` uses it.

Formulas: Schultzberg, Ankargren, Franberg, "Risk-aware product decisions in A/B tests with multiple
metrics", arXiv 2402.11609, for how alpha and beta are divided; the sample size of a comparison of two means
is the usual n_t = (z_a + z_b)^2 (v_c / kappa + v_t) / delta^2.
"""

from math import ceil, inf, isfinite, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


def divided_beta(power: float, success: int, guardrail: int) -> float:
    """The chance beta* that one metric may miss, so that the whole decision has `power`.

    beta* = (1 - power) / (G + min(S, 1)) with S success and G guardrail metrics; between 0 and 1 - power.
    """
    return (1 - power) / max(1, guardrail + min(success, 1))


def success_level(alpha: float, comparisons: int, success: int) -> float:
    """The one-sided level of one success metric in one comparison: alpha / (2 C S), alpha two-sided."""
    return alpha / (2 * comparisons * success)


def guardrail_level(alpha: float, comparisons: int) -> float:
    """The one-sided level of a guardrail: alpha / (2 C); not split, for all guardrails must hold."""
    return alpha / (2 * comparisons)


def treatment_size(
    delta: float, control_variance: float, treatment_variance: float, ratio: float, level: float, beta: float
) -> float:
    """Units the treatment arm needs to detect an absolute difference `delta`, as a whole number.

    Infinite when delta is 0 or the variances are; 0 when nothing varies. The rest is said at `exact_size`.
    """
    size = exact_size(delta, control_variance, treatment_variance, ratio, level, beta)
    return ceil(size) if isfinite(size) else inf


def exact_size(
    delta: float, control_variance: float, treatment_variance: float, ratio: float, level: float, beta: float
) -> float:
    """`treatment_size` before rounding up, to be multiplied by the inflation of a method first.

    n_t = (z_{1-level} + z_{1-beta})^2 (v_c / kappa + v_t) / delta^2, `ratio` kappa = n_c / n_t, variances per
    unit, `level` one-sided.
    """
    if delta == 0:
        return inf
    z = _NORMAL.inv_cdf(1 - level) + _NORMAL.inv_cdf(1 - beta)
    return z**2 * ((control_variance / ratio + treatment_variance) / delta / delta)


def detectable_difference(
    units: float, control_variance: float, treatment_variance: float, ratio: float, level: float, beta: float
) -> float:
    """The absolute difference that so many units in the treatment arm detect: `exact_size`, solved for delta.

    Infinite without units; 0 when nothing varies.
    """
    if units <= 0:
        return inf
    z = _NORMAL.inv_cdf(1 - level) + _NORMAL.inv_cdf(1 - beta)
    return z * sqrt((control_variance / ratio + treatment_variance) / units)
