"""Differences of differences: whether an effect depends on another experiment's variant.

From estimates of the cells of a table, the variants of one experiment by those of the other; cells are
independent, as each unit is in one.
"""

from collections.abc import Sequence
from math import isfinite, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coord.stats.chi_square import survival
from coord.stats.estimates import Estimate
from coord.stats.reasons import Missing
from coord.stats.student import two_sided, upper_critical

Table = Sequence[Sequence[float]]
Floats = NDArray[np.float64]


class Contrast(NamedTuple):
    """An interaction.

    estimate: (tt - tc) - (ct - cc) of 2 x 2 cells, in the metric's unit, or of its logarithm; null for a
        larger table, which has no single one, and with a reason.
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

    2 x 2: z = estimate / sqrt(sum of the four variances), against the normal. More: Wald's test,

        W = (L m)' (L V L')^-1 (L m)

    with m the means, V their variances and L m all (I - 1)(J - 1) differences of differences with the first
    row and column; against chi-squared with as many degrees of freedom.

    NO_VARIATION when a variance is 0, NOT_FINITE when numbers are too large.
    """
    first = cells[0][0]
    # what all cells have in common is in no difference: taking it off first keeps digits
    means = [[(cell.mean - first.mean) + (cell.fine - first.fine) for cell in row] for row in cells]
    return _judge(means, [[cell.variance for cell in row] for row in cells])


def log_interaction(cells: Cells) -> Contrast:
    """The same on the logarithm, 0 when effects multiply: variances v / m^2.

    NOT_ALL_POSITIVE unless every m > 0.
    """
    if not all(cell.mean > 0 for row in cells for cell in row):
        return _null(Missing.NOT_ALL_POSITIVE)
    means = [[log(cell.mean) for cell in row] for row in cells]
    return _judge(means, [[cell.variance / cell.mean / cell.mean for cell in row] for row in cells])


def detectable(se: float, error: float, power: float) -> float:
    """The interaction found with this power: (z_{1 - error/2} + z_power) se, error two-sided."""
    return (upper_critical(error / 2) + upper_critical(1 - power)) * se


def _null(reason: Missing) -> Contrast:
    return Contrast(None, None, None, reason)


def _judge(means: Table, variances: Table) -> Contrast:
    if not all(v > 0 for row in variances for v in row):
        return _null(Missing.NO_VARIATION)
    if len(means) == len(means[0]) == 2:
        return _two_by_two(means, variances)
    if not all(isfinite(number) for row in (*means, *variances) for number in row):
        return _null(Missing.NOT_FINITE)
    return _wald(np.ravel(means), np.ravel(variances), _all_differences(len(means), len(means[0])))


def _wald(means: Floats, variances: Floats, weights: Floats) -> Contrast:
    """The test that all weighted sums of means are 0, one row of weights for each."""
    with np.errstate(all="ignore"):
        differences = weights @ means
        try:
            solved = np.linalg.solve(weights * variances @ weights.T, differences)
        except np.linalg.LinAlgError:  # variances so far apart that the small ones are lost
            return _null(Missing.NOT_FINITE)
        statistic = float(differences @ solved)
    if not isfinite(statistic):
        return _null(Missing.NOT_FINITE)
    return Contrast(None, None, survival(statistic, len(differences)), None)


def _two_by_two(means: Table, variances: Table) -> Contrast:
    estimate = (means[1][1] - means[1][0]) - (means[0][1] - means[0][0])
    se = sqrt(sum(map(sum, variances)))
    if not (isfinite(estimate) and isfinite(se)):
        return _null(Missing.NOT_FINITE)
    return Contrast(estimate, se, two_sided(estimate / se), None)


def _all_differences(rows: int, columns: int) -> Floats:
    """Weights of the differences of differences of every other cell with the first row and column."""
    by_row, by_column = (np.hstack([-np.ones((n - 1, 1)), np.eye(n - 1)]) for n in (rows, columns))
    return np.asarray(np.kron(by_row, by_column), dtype=np.float64)
