"""Sufficient statistics of columns of numbers: count, means, centred sums of products; and their algebra.

Everything that is said about means, ratios and covariates follows from these, wherever they were made: from
columns in memory, from sums of an engine, or by merging parts. A mean is held as two numbers, what a float
holds and what rounding took off it, so that values far from 0 lose nothing: 100,000 values near 1.7e12 with a
standard deviation of 10 have a variance of 100, and two means of such values differ by what they differ by.

Merging: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances"
(1979), for products as in Pébay, SAND2008-6212; the sum of two floats with its error: Knuth, The Art of
Computer Programming 2, section 4.2.2, theorem B.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from math import isfinite, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Matrix = tuple[tuple[float, ...], ...]

# A spread of this much of the mean, or of what it is a difference of, is rounding and no variation.
_ROUNDING_OF_VALUES = 4 * float(np.finfo(np.float64).eps)
_ROUNDING_OF_PRODUCTS = 1e-12
_ROUNDING_OF_SUMS = 1e-13


class Moments(NamedTuple):
    """Moments of k columns over the same units.

    n: units, 0 or more.
    mean: k means, each in its column's unit; 0 when n is 0.
    fine: k numbers, what is to be added to `mean` to have it more exactly than a float can; mostly below
        1e-16 of it.
    products: k x k, symmetric: sum over units of (x_i - mean_i)(x_j - mean_j); 0 when n is below 2.
    """

    n: int
    mean: tuple[float, ...]
    fine: tuple[float, ...]
    products: Matrix


def nothing(columns: int) -> Moments:
    """Moments of no units: what merging begins with."""
    zeros = (0.0,) * columns
    return Moments(0, zeros, zeros, (zeros,) * columns)


def of_columns(*columns: "NDArray[np.float64] | Sequence[float]") -> Moments:
    """Moments of columns of equal length, in two passes. A value that is not finite is a ValueError."""
    table = np.asarray(columns, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError("columns are of one length and one dimension")
    if not np.isfinite(table).all():
        raise ValueError("values are finite numbers; leave out units without one")
    n = table.shape[1]
    if n == 0:
        return nothing(len(columns))
    with np.errstate(over="ignore", invalid="ignore"):
        near = table.mean(axis=1)
        off = table - near[:, np.newaxis]
        return of_sums(n, near.tolist(), off.sum(axis=1).tolist(), (off @ off.T).tolist())


def of_sums(
    n: int, origin: Sequence[float], sums: Sequence[float], products: Sequence[Sequence[float]]
) -> Moments:
    """Moments from sums of x_i - o_i and of (x_i - o_i)(x_j - o_j), as an engine makes them in one pass.

    `origin` o is any constant near the values, the same for all arms: their pooled mean. Products lose about
    (mean - origin)^2 / variance of their precision; with the pooled mean that is nothing.
    """
    if n == 0:
        return nothing(len(origin))
    pairs = [_mean(near, each / n) for near, each in zip(origin, sums, strict=True)]
    rows = [[row[j] - sums[i] * (sums[j] / n) for j in range(len(sums))] for i, row in enumerate(products)]
    centred = tuple(
        tuple(
            _square(row[i], products[i][i]) if i == j else (row[j] + rows[j][i]) / 2 for j in range(len(sums))
        )
        for i, row in enumerate(rows)
    )
    return Moments(n, tuple(a for a, _ in pairs), tuple(b for _, b in pairs), centred)


def _mean(near: float, off: float) -> tuple[float, float]:
    """The mean and what it lacks: of values that are all 0 it is 0, and not what rounding leaves."""
    mean, fine = _two_sum(near, off)
    rounding = isfinite(near) and abs(mean) <= _ROUNDING_OF_SUMS * abs(near)
    return (0.0, 0.0) if rounding else (mean, fine)


def _square(found: float, whole: float) -> float:
    """A sum of squares, of what is left of a whole one; what is no number stays so.

    Rounding can have made it negative, or more than the 0 that it is where all values are the same.
    """
    return 0.0 if found < 0 or (isfinite(whole) and found <= _ROUNDING_OF_SUMS * whole) else found


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """The float nearest to a + b, and exactly what it lacks."""
    total = a + b
    of_b = total - a
    lost = (a - (total - of_b)) + (b - of_b)
    return total, lost if isfinite(lost) else 0.0


def merge(a: Moments, b: Moments) -> Moments:
    """The moments of the units of both: associative and commutative but for rounding, `nothing` neutral."""
    if not a.n or not b.n:
        return b if b.n else a
    n = a.n + b.n
    apart = [mean_difference(b, a, i) for i in range(len(a.mean))]
    pairs = [
        _two_sum(mean, fine + d * (b.n / n)) for mean, fine, d in zip(a.mean, a.fine, apart, strict=True)
    ]
    weight = a.n * b.n / n
    products = tuple(
        tuple(p + q + weight * apart[i] * apart[j] for j, (p, q) in enumerate(zip(*rows, strict=True)))
        for i, rows in enumerate(zip(a.products, b.products, strict=True))
    )
    return Moments(n, tuple(x for x, _ in pairs), tuple(x for _, x in pairs), products)


def merge_all(parts: Iterable[Moments], columns: int) -> Moments:
    """The moments of all units of the parts, each of so many columns."""
    return reduce(merge, parts, nothing(columns))


def mean_difference(a: Moments, b: Moments, column: int = 0) -> float:
    """The mean of a column in `a` minus that in `b`, without losing what both have in common."""
    return (a.mean[column] - b.mean[column]) + (a.fine[column] - b.fine[column])


def variance(moments: Moments, column: int = 0) -> float:
    """The sample variance of a column, products / (n - 1), n at least 2; 0 where only rounding varies."""
    found = moments.products[column][column] / (moments.n - 1)
    return 0.0 if found <= 0 or sqrt(found) <= _ROUNDING_OF_VALUES * abs(moments.mean[column]) else found


def covariance(moments: Moments, a: int, b: int) -> float:
    """The sample covariance of two columns, products / (n - 1), n at least 2."""
    return moments.products[a][b] / (moments.n - 1)


def combine(moments: Moments, *weights: Sequence[float]) -> Moments:
    """Moments of new columns, each the sum of the old ones times its weights: y_r = sum_i w_ri x_i.

    Weights that are left out at the end are 0. A new column that varies by less than 1e-12 of what it is made
    of is constant: its products are 0.
    """
    rows = [[(i, weight) for i, weight in enumerate(row) if weight] for row in weights]
    varies = [_varies(row, moments.products) for row in rows]
    products = tuple(
        tuple(_form(a, b, moments.products) if varies[i] and varies[j] else 0.0 for j, b in enumerate(rows))
        for i, a in enumerate(rows)
    )
    sums = [
        _two_sum(sum(w * moments.mean[i] for i, w in row), sum(w * moments.fine[i] for i, w in row))
        for row in rows
    ]
    return Moments(moments.n, tuple(a for a, _ in sums), tuple(b for _, b in sums), products)


_Weights = Sequence[tuple[int, float]]


def _form(a: _Weights, b: _Weights, products: Matrix) -> float:
    """The bilinear form a' P b, of weights by column."""
    return sum(x * y * products[i][j] for i, x in a for j, y in b)


def _varies(row: _Weights, products: Matrix) -> bool:
    """Whether a combination varies by more than rounding would make it."""
    size = sum(abs(x * y * products[i][j]) for i, x in row for j, y in row)
    return not isfinite(size) or not _form(row, row, products) <= _ROUNDING_OF_PRODUCTS * size
