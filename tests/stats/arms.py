"""Short ways to a pair of arms from columns or numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coord.stats.cuped import Adjusted
from coord.stats.effects import statistic
from coord.stats.estimates import Estimate, Pair, compare, mean, ratio
from coord.stats.moments import Moments, of_columns
from coord.stats.reasons import Missing

Column = NDArray[np.float64] | Sequence[float]


def given(found: Estimate | Missing) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def adjusted(found: Adjusted | Missing) -> Adjusted:
    assert isinstance(found, Adjusted), found
    return found


def z_of(compared: Pair) -> float:
    found = statistic(compared)
    assert isinstance(found, float), found
    return found


def means(control: Column, treatment: Column) -> Pair:
    """The means of two columns."""
    return of_moments(of_columns(control), of_columns(treatment))


def of_moments(control: Moments, treatment: Moments) -> Pair:
    """The means of the first column of each."""
    return compare(given(mean(control)), given(mean(treatment)))


def ratios(control: Moments, treatment: Moments) -> Pair:
    """The ratios of the first two columns of each."""
    return compare(given(ratio(control)), given(ratio(treatment)))


def plain(
    control: float, treatment: float, variances: tuple[float, float], covariance: float = 0.0, df: float = 1e9
) -> Pair:
    """Two estimates as they are."""
    return Pair(
        control,
        treatment,
        treatment - control,
        variances[0],
        variances[1],
        covariance,
        variances[0] + variances[1] - 2 * covariance,
        df,
    )
