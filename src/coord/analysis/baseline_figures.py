"""A metric's mean and spread in one arm, and what its covariate takes off the variance."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor, isfinite, sqrt
from typing import NamedTuple

from coord.domain.metrics import Metric
from coord.logs.first_met import FirstMet
from coord.logs.measured import Measured
from coord.stats import estimates
from coord.stats.cuped import FEWEST_UNITS
from coord.stats.estimates import Estimate, linearised
from coord.stats.moments import Moments, combine, covariance, variance
from coord.stats.reasons import Missing

_FINEST = 1000
"""Parts of the variance in which a reduction is told: always a little less than was measured."""


class Figure(NamedTuple):
    """A metric as measured.

    kind: mean, ratio or quantile. n: units with a closed window and a value. mean: in the metric's unit.
    std: per unit, of linearised values for a ratio; of a quantile what its standard error is, times sqrt(n).
    reduction: the share of the variance that the covariate takes off, from 0; null without a covariate.
    """

    metric: str
    kind: str
    n: int
    mean: float
    std: float
    reduction: Fraction | None


def figure_of(metric: Metric, measured: Measured, logged: FirstMet) -> Figure | str:
    """The figures of a metric that was measured in one arm, or why there are none."""
    if measured.reason is not None:
        return measured.reason
    if not sum(measured.units):
        return f"no unit's window of {metric.window} days is closed by {logged.as_of}"
    lacking = [name for name in _events_of(metric) if not logged.events_seen.get(name)]
    if lacking:
        return f"the events have none called {', '.join(lacking)}"
    if metric.quantile is not None:
        found = measured.quantiles[0].estimate
        if isinstance(found, Missing):
            return _alone(found)
        return _checked(
            Figure(metric.name, "quantile", found.n, found.mean, sqrt(found.variance * found.n), None)
        )
    moments, ratio = measured.moments[0], metric.denominator is not None
    estimate = estimates.ratio(moments) if ratio else estimates.mean(moments)
    if isinstance(estimate, Missing):
        return _alone(estimate)
    return _of_estimate(metric, estimate, _reduction(moments, ratio=ratio) if measured.covariate else None)


def _of_estimate(metric: Metric, found: Estimate, reduction: Fraction | None) -> Figure | str:
    kind = "mean" if metric.denominator is None else "ratio"
    return _checked(Figure(metric.name, kind, found.n, found.mean, found.std or 0.0, reduction))


def _checked(found: Figure) -> Figure | str:
    """The figure, if it is one that can be worked with."""
    if not isfinite(found.mean) or not isfinite(found.std):
        return str(Missing.NOT_FINITE)
    return found if found.std > 0 else f"every unit has the same value, {found.mean:.6g}"


def _events_of(metric: Metric) -> Iterator[str]:
    yield metric.source.event
    if metric.denominator is not None:
        yield metric.denominator.event


def _alone(reason: Missing) -> str:
    """The reason, where there is but one arm."""
    if reason is Missing.FEW_UNITS:
        return "fewer than 2 units have a value"
    if reason is Missing.NO_DENOMINATOR:
        return "its denominator does not sum to more than 0"
    return str(reason)


def _reduction(moments: Moments, *, ratio: bool) -> Fraction | None:
    """The share of the variance that the covariate takes off: their squared correlation.

    Null below 50 units, or where one of the two does not vary: an analysis does not adjust then.
    """
    if moments.n < FEWEST_UNITS:
        return None
    if ratio:
        if not (moments.mean[1] > 0 and moments.mean[3] > 0):
            return None
        past = linearised(combine(moments, (0, 0, 1), (0, 0, 0, 1)))[1]
        moments = combine(moments, linearised(moments)[1], (0.0, 0.0, *past))
    spread = variance(moments, 0), variance(moments, 1)
    if not all(isfinite(one) and one > 0 for one in spread):
        return None
    # divided one by one, as the product of the two may be too large
    share = (covariance(moments, 0, 1) / spread[0]) * (covariance(moments, 0, 1) / spread[1])
    if not isfinite(share):
        return None
    return Fraction(min(_FINEST - 1, max(0, floor(share * _FINEST))), _FINEST)
