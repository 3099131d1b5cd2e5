"""Logs by day, made by hand: units as arrays, or their moments as drawn; no engine, no files."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.tables import moments_of
from coord.analysis.plan import AnalysisPlan
from coord.domain.metrics import Metric
from coord.logs.by_day import Daily, Part, Series
from coord.logs.logged import Cohorts, Logged, Read
from coord.simulate.decision_draws import Draws
from coord.stats.moments import Moments, nothing

Floats = NDArray[np.float64]
Units = Mapping[date, Sequence[Floats]]
"""By day of entry and arm: a row for each column, a column for each unit; NaN where there is no value."""

DAY = timedelta(days=1)


def daily(metric: Metric, units: Units, *, upto: int | None = None, values: int = 1) -> Daily:
    """A metric by day. Rows are values, then covariates; NaN where a unit has none."""
    first = next(iter(units.values()))
    size = len(first[0])
    return Daily(
        metric=metric,
        arms=len(first),
        size=size,
        values=values,
        upto=metric.window if upto is None else upto,
        binary=all(np.isin(arm[0], (0, 1)).all() for arms in units.values() for arm in arms),
        parts={day: tuple(_part(arm, size, values) for arm in arms) for day, arms in units.items()},
    )


def _part(arm: Floats, size: int, values: int) -> Part:
    there = arm[:, ~np.isnan(arm[:values]).any(axis=0)]
    covered = ~np.isnan(there).any(axis=0)
    full = moments_of(*there[:, covered])
    bare = moments_of(*there[:values, ~covered]) if size > values else None
    return Part(arm.shape[1], full, bare, int((there[0] == 1).sum()))


def of_moments(metric: Metric, days: Mapping[date, tuple[Moments, ...]], upto: int) -> Daily:
    """A metric whose days are known by their moments, every unit with a value."""
    parts = {day: tuple(Part(one.n, one) for one in arms) for day, arms in days.items()}
    some = next(iter(days.values()))
    size = len(some[0].mean)
    return Daily(metric, len(some), size, size, upto, binary=False, parts=parts)


def drawn(
    plan: AnalysisPlan, draws: Draws, by_day: Sequence[Sequence[int]], draw: np.random.Generator
) -> Cohorts:
    """Units of all arms that came in on each day of a plan; a metric's window is closed when the day is over.

    What they did in the monitoring window is independent of that, which errs most.
    """
    days = [plan.days.start + DAY * place for place in range(len(by_day))]
    own, early = (
        [draws.more(draws.none(), list(units), draw) for units in by_day] for _ in ("own", "monitoring")
    )
    metrics = {asked.metric.name: asked.metric for asked in plan.asked}

    def series(found: Sequence[Mapping[str, tuple[Moments, ...]]]) -> dict[str, Series]:
        return {
            name: of_moments(one, {day: each[name] for day, each in zip(days, found, strict=True)}, 1)
            for name, one in metrics.items()
        }

    units = {day: tuple(map(int, arms)) for day, arms in zip(days, by_day, strict=True)}
    return Cohorts(units, series(own), series(early))


def upto(cohorts: Cohorts, day: date) -> Cohorts:
    """What of them is logged when a day begins."""

    def before(series: Series) -> Series:
        if not isinstance(series, Daily):
            return series
        known = {at: arms for at, arms in series.parts.items() if at + DAY * series.upto <= day}
        none = Part(0, nothing(series.size), nothing(series.values))
        there = {at: known.get(at, (none,) * series.arms) for at in series.parts if at < day}
        return Daily(**{**_fields(series), "parts": there})

    return Cohorts(
        {at: units for at, units in cohorts.units.items() if at < day},
        {name: before(one) for name, one in cohorts.metrics.items()},
        {name: before(one) for name, one in cohorts.monitoring.items()},
    )


def _fields(series: Daily) -> dict[str, Any]:
    return {name: getattr(series, name) for name in Daily.__dataclass_fields__}


def logged(cohorts: Cohorts, as_of: date, **more: Any) -> Logged:
    """Everything that logs say, of units that nothing is wrong with."""
    arms = tuple(map(sum, zip(*cohorts.units.values(), strict=True))) if cohorts.units else ()
    number = sum(arms)
    found = Logged(
        exposures=Read(number, {}, ()),
        events=Read(1, {}, ()),
        excluded={},
        unknown_variants=(),
        other_experiments=(),
        as_of=as_of,
        asked=as_of,
        first_event=None,
        last_event=None,
        events_seen={"play": 1},
        events_by_day={},
        other_events=frozenset(),
        duplicates=(0, 0),
        units=number,
        crossovers=0,
        misplaced=0,
        first_variants=arms,
        unchecked=(),
        slices={},
        exposed=cohorts,
        assigned=None,
        segments={},
    )
    return found._replace(**more)
