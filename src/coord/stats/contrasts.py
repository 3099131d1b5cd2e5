"""Differences of differences: whether an effect depends on another experiment's variant.

From estimates of the cells of a table, the variants of one experiment by those of the other; cells are
independent, as each unit is in one.
"""

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from coord.stats import student
from coord.stats.estimates import Estimate
from coord.stats.reasons import Missing

_NORMAL = NormalDist()


class Contrast(NamedTuple):
    """An interaction.

    estimate: (tt - tc) - (ct - cc) of 2 x 2 cells, in the metric's unit, or of its logarithm; null for a larger table,
        which has no single one, and with a reason.
    se: its standard error, above 0; null with `estimate`.
    p_value: two-sided, of the estimate or of all interactions together; null with a reason.
    reason: why nothing could be computed; null when it could.
    """

    estimate: float | None
    se: float | None
    p_value: float | None
    reason: Missing | None


Cells = Sequence[Sequence[Estimate]]
"""Rows are the variants of one experiment, columns those of the other; the first of each is its control."""


def interaction(cells: Cells) -> Contrast:
    """The interaction of a table with at least two rows and columns.

    2 x 2: z = estimate / sqrt(sum of the four variances). More: Wald's W = (L m)' (L V L')^-1 (L m) over all (I - 1)(J - 1)
    differences of differences with the first row and column, chi-squared with as many degrees of freedom.
    NO_VARIATION when a variance is 0, NOT_FINITE when numbers are too large.
    """
    means = np.array([[cell.mean for cell in row] for row in cells])
    variances = np.array([[cell.variance for cell in row] for row in cells])
    return _judge(means, variances)


def log_interaction(cells: Cells) -> Contrast:
    """The same on the logarithm: 0 when effects multiply. Variance v / m^2; NOT_ALL_POSITIVE unless every m > 0."""
    means = np.array([[cell.mean for cell in row] for row in cells])
    variances = np.array([[cell.variance for cell in row] for row in cells])
    if not (means > 0).all():
        return _null(Missing.NOT_ALL_POSITIVE)
    return _judge(np.log(means), variances / means / means)


def detectable(se: float, error: float, power: float) -> float:
    """The interaction that would be found with this power: (z_{1 - error/2} + z_power) se, error two-sided."""
    return (_NORMAL.inv_cdf(1 - error / 2) + _NORMAL.inv_cdf(power)) * se


def _null(reason: Missing) -> Contrast:
    return Contrast(None, None, None, reason)


def _judge(means: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", variances: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Contrast:
    if not (np.isfinite(means).all() and np.isfinite(variances).all()):
        return _null(Missing.NOT_FINITE)
    if not (variances > 0).all():
        return _null(Missing.NO_VARIATION)
    ...
