"""Quantiles and tails of Student's t, and of the normal where the degrees of freedom are infinite.

Tails are computed as tails, never as 1 - cdf, so that small probabilities keep their digits.
"""

from math import erfc, inf, isinf, sqrt
from statistics import NormalDist

from scipy.special import stdtr, stdtrit

_NORMAL = NormalDist()


def critical(error: float, df: float = inf) -> float:
    """The multiplier c of a two-sided interval at level 1 - error: P(|T| > c) = error.

    error: above 0 and below 1. df: degrees of freedom, above 0; infinite for the normal.
    """
    return upper_critical(error / 2, df)


def upper_critical(error: float, df: float = inf) -> float:
    """The one-sided critical value c: P(T > c) = error, above 0 and below 1."""
    return -_NORMAL.inv_cdf(error) if isinf(df) else -float(stdtrit(df, error))


def two_sided(statistic: float, df: float = inf) -> float:
    """P(|T| > |statistic|), from 0 to 1: below `error` exactly when |statistic| > critical(error, df)."""
    return min(1.0, 2 * upper(abs(statistic), df))


def upper(statistic: float, df: float = inf) -> float:
    """P(T > statistic), from 0 to 1."""
    return erfc(statistic / sqrt(2)) / 2 if isinf(df) else float(stdtr(df, -statistic))
