"""A quantile of values that come in clusters: several of one unit, that are no independent draws.

The quantile's error is found on the scale of shares, where it is a ratio of sums over units, and carried back
to values by the order statistics at both ends of its interval (the outer confidence interval of Deng,
Knoblich, Lu, arXiv 1803.06336, section 4.2). An engine needs three order statistics and three sums over
units: `rank`, `standard_error` and `ranks` say which, `estimate` puts them together, `quantile_of` does all
on arrays.
"""

from fractions import Fraction
from math import ceil, floor, isfinite, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coord.stats.estimates import Estimate
from coord.stats.reasons import Missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_BEYOND = 10
"""Values that must lie on either side of the quantile."""

_Z = 1.96
_FINEST = 10**8  # shares are written with at most six decimals of a percent


class Ranks(NamedTuple):
    """Which order statistics, from 1, are the ends of a quantile's interval: 1 <= lower <= upper <= M."""

    lower: int
    upper: int


class Quantile(NamedTuple):
    """A quantile of values in memory.

    value: the order statistic, in the values' unit; null only when there are no values.
    estimate: with its variance, to be compared as a mean is; or why there is none.
    tied: the share of all values that equal `value`, from 0 to 1.
    share_error: the standard error of the share of values up to `value`; null below 2 units.
    """

    value: float | None
    estimate: Estimate | Missing
    tied: float
    share_error: float | None

    @property
    def coarse(self) -> bool:
        """Whether so many values are tied that the interval is only roughly right."""
        return self.share_error is not None and self.tied > self.share_error


def rank(values: int, q: Fraction | float) -> int:
    """Which order statistic of M >= 1 values, from 1 to M, is their q-quantile: ceil(M q), 0 < q < 1."""
    return min(max(1, ceil(values * _exact(q))), values)


def _exact(q: Fraction | float) -> Fraction:
    """The share as it was written: ceil(100 x 0.07) is 7, not 8."""
    return Fraction(q).limit_denominator(_FINEST)


def standard_error(units: int, values: int, squares: float) -> float | Missing:
    """The standard error of the share of values up to the quantile, from 0: FEW_UNITS below 2 units.

    s_F = sqrt(n S / (n - 1)) / M with S = sum over units (b_i - q^ k_i)^2, M = sum k_i, q^ = sum b_i / M,
    where k_i are the unit's values and b_i those of them up to the quantile.
    """
    return sqrt(squares * units / (units - 1)) / values if units > 1 else Missing.FEW_UNITS


def ranks(values: int, q: Fraction | float, error: float) -> Ranks | Missing:
    """The order statistics floor(M (q - 1.96 s_F)) and ceil(M (q + 1.96 s_F)).

    FEW_VALUES when M min(q, 1 - q) < 10; QUANTILE_AT_EDGE when an end lies outside the values, for then they
    do not show how uncertain the quantile is.
    """
    share = _exact(q)
    if values * min(share, 1 - share) < FEWEST_BEYOND:
        return Missing.FEW_VALUES
    found = Ranks(floor(values * (float(share) - _Z * error)), ceil(values * (float(share) + _Z * error)))
    return found if found.lower >= 1 and found.upper <= values else Missing.QUANTILE_AT_EDGE


def estimate(units: int, value: float, lower: float, upper: float) -> Estimate | Missing:
    """The quantile with variance ((upper - lower) / 3.92)^2, from its order statistics.

    QUANTILE_TIED when they coincide: the variance is not 0, the values are too coarse to show it.
    """
    if not upper > lower:
        return Missing.QUANTILE_TIED
    spread = ((upper - lower) / (2 * _Z)) ** 2 if upper - lower < 1e150 else float("inf")
    return Estimate(units, value, 0.0, spread, None) if isfinite(spread) else Missing.NOT_FINITE


def quantile_of(values: "NDArray[np.float64]", units: "NDArray[np.int64]", q: Fraction | float) -> Quantile:
    """The q-quantile of values, each with its unit's number from 0.

    Both arrays have length M; units without values do not count. Values are finite, in any order.
    """
    m = len(values)
    if m == 0:
        return Quantile(None, Missing.NO_UNITS, 0.0, None)
    at = rank(m, q)
    found = float(np.partition(values, at - 1)[at - 1])
    tied = float(np.count_nonzero(values == found)) / m
    n, squares = _spread(values <= found, units)
    error = standard_error(n, m, squares)
    if isinstance(error, Missing):
        return Quantile(found, error, tied, None)
    ends = ranks(m, q, error)
    if isinstance(ends, Missing):
        return Quantile(found, ends, tied, error)
    ordered = np.partition(values, (ends.lower - 1, ends.upper - 1))
    low, high = float(ordered[ends.lower - 1]), float(ordered[ends.upper - 1])
    return Quantile(found, estimate(n, found, low, high), tied, error)


def _spread(below: "NDArray[np.bool_]", units: "NDArray[np.int64]") -> tuple[int, float]:
    """How many units have values, and the sum over them of (b_i - q^ k_i)^2."""
    k = np.bincount(units)
    b = np.bincount(units, weights=below)
    off = b - b.sum() / len(units) * k
    return int(np.count_nonzero(k)), float(off @ off)
