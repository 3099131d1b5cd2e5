"""What is measured of a surface before anything is tested on it: units per day, and metrics as they are."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor, isfinite, sqrt
from typing import NamedTuple

from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.domain.model import Experiment, Kind, Surface
from coord.domain.plans import plan_of
from coord.domain.reach import eligible_share
from coord.errors import CoordError
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
    std: per unit, of linearised values for a ratio; of a quantile what makes std / sqrt(n) its standard error.
    reduction: the share of the variance that the covariate takes off, from 0; null without a covariate.
    """

    metric: str
    kind: str
    n: int
    mean: float
    std: float
    reduction: Fraction | None


class Measurement(NamedTuple):
    """What was measured of a surface.

    days: the measured period, of complete days. units: met for the first time in it. reach: the share of all
    units that could be met, mean of these days, above 0 to 1; null where none could. daily_units: units / days
    / reach: what would be met with all traffic; null without days or reach. seen: the experiments that units
    met, none without exposures. as_of: windows that are closed by this day count.
    left_out: metrics that could not be measured, and why.
    """

    surface: str
    days: Days
    as_of: date
    units: int
    reach: Fraction | None
    daily_units: float | None
    seen: tuple[str, ...]
    figures: tuple[Figure, ...]
    left_out: tuple[tuple[str, str], ...]
    rows: int
    excluded: tuple[tuple[str, int], ...]


def metrics_of(catalog: Catalog, surface: Surface) -> list[Metric]:
    """What the surface requires and what its experiments ask for besides, drafts included; each once.

    Raises CoordError for a metric that is not in the catalogue.
    """
    required = (*surface.metrics.success, *surface.metrics.guardrail)
    names = [one.metric for one in required]
    for experiment in (*catalog.active, *catalog.drafts):
        if experiment.surface == surface.name:
            plan = plan_of(catalog, experiment)
            names += [one.requirement.metric for one in (*plan.success, *plan.guardrail)]
    lacking = next((name for name in names if name not in catalog.metrics), None)
    if lacking is not None:
        raise CoordError(
            f"{surface.name} or an experiment of it asks for {lacking}, which is not in "
            "surfaces/metrics.yaml. Run `coord check`."
        )
    return [catalog.metrics[name] for name in dict.fromkeys(names)]


def experiments_of(catalog: Catalog, surface: Surface) -> list[Experiment]:
    """The experiments that units meet on the surface: not holdbacks, not drafts, and of its space."""
    return [
        one
        for one in catalog.by_surface.get(surface.name, ())
        if one.kind is not Kind.HOLDBACK and one.space == surface.space
    ]


def measurement(
    catalog: Catalog, surface: Surface, experiments: Sequence[Experiment], logged: FirstMet
) -> Measurement:
    """What logs say of a surface. `experiments` are those that were asked of the logs."""
    seen = [one for one, rows in zip(experiments, logged.met, strict=bool(logged.met)) if rows]
    days = [logged.days.start + timedelta(days=k) for k in range(logged.days.length)]
    reached = [_reach(catalog, seen, day) if logged.exposures else Fraction(1) for day in days]
    whole = sum(reached, Fraction(0))
    figures, left_out = [], []
    for metric in metrics_of(catalog, surface):
        found = _figure(metric, logged.metrics[metric.name], logged)
        if isinstance(found, str):
            left_out.append((metric.name, found))
        else:
            figures.append(found)
    excluded = {**logged.excluded}
    excluded |= {f"event_{reason}": number for reason, number in logged.events.rejects.items()}
    return Measurement(
        surface=surface.name,
        days=logged.days,
        as_of=logged.as_of,
        units=logged.units,
        reach=whole / len(days) if whole else None,
        daily_units=float(logged.units / whole) if whole else None,
        seen=tuple(one.key for one in seen),
        figures=tuple(figures),
        left_out=tuple(left_out),
        rows=(logged.exposures.rows if logged.exposures else 0) + logged.events.rows,
        excluded=tuple((reason, number) for reason, number in excluded.items() if number),
    )


def _reach(catalog: Catalog, experiments: Sequence[Experiment], day: date) -> Fraction:
    """The share of units that one of the experiments could meet on a day.

    A bucket counts with the share of units that are eligible for the widest experiment in it. Where a ledger
    is missing, its experiment is taken to lie where the others are.
    """
    running = sorted(
        ((eligible_share(catalog, one), one) for one in experiments if one.days and day in one.days),
        key=lambda each: (-each[0], each[1].key),
    )
    reached, covered, least = Fraction(0), 0, Fraction(0)
    for share, one in running:
        holding = catalog.holdings.get(one.key)
        if holding is None:
            least = max(least, one.traffic_on(day) * share)
            continue
        held = holding.on(day)
        size = catalog.spaces[one.space].buckets
        reached += Fraction(count(held & ~covered), size) * share
        covered |= held
    return max(reached, least)


def _figure(metric: Metric, measured: Measured, logged: FirstMet) -> Figure | str:
    """The figures of a metric, or why there are none."""
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
