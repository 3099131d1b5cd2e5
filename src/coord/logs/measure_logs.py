"""Exposures and events of an experiment, measured: all that an analysis needs from one pass over the logs."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from coord.domain.metrics import Metric
from coord.domain.model import EventColumns, ExposureColumns, Logs
from coord.errors import CoordError
from coord.logs import windows
from coord.logs.cohorts import cohorts
from coord.logs.columns import event_layout, exposure_layout
from coord.logs.database import Database
from coord.logs.engine import Opening, Store
from coord.logs.exposed import CROSSED, FIRST_ARM
from coord.logs.exposure_stream import asked_dimensions, dimension
from coord.logs.logged import Logged, LogSpec
from coord.logs.moments_in_time import day_at
from coord.logs.plans import sources
from coord.logs.reader import Reading
from coord.logs.rejects import rejected
from coord.logs.segments import check_values, segments
from coord.logs.streams import streams
from coord.logs.table_events import EventTables
from coord.logs.table_reading import ExposureTables
from coord.logs.units_did import Found, lacks_of
from coord.logs.units_met import Met, Progress


class LogFiles(NamedTuple):
    """Files or tables, what their columns are called, and where rows that cannot be used are written."""

    exposures: Sequence[str]
    events: Sequence[str]
    unit: str
    columns: Logs = Logs()
    rejects: Path | None = None


def measure_logs(
    spec: LogSpec,
    files: LogFiles,
    metrics: Sequence[Metric],
    *,
    looks: Sequence[date] = (),
    covariates: bool = True,
    progress: Progress = lambda _: None,
    opening: Opening = streams,
) -> Logged:
    """What the logs have of an experiment.

    looks: days on which also metrics are to be known whose days do not merge: quantiles, and metrics with a
    cap that is one. They are always known as of the effective day. opening: what starts the engine. Raises
    CoordError for files that cannot be used, and when they have nothing of the experiment.
    """
    with opening() as engine:
        exposures, events = _exposures(engine, files, spec), _events(engine, files, metrics)
        _check_segment(spec, exposures)
        with rejected(files.rejects, exposures, events):
            met = Met(engine, spec, exposures, progress)
            found = Found(engine, spec, events, metrics, met, covariates=covariates, progress=progress)
        return _logged(engine, spec, met, found, looks)


def _exposures(engine: Store, files: LogFiles, spec: LogSpec) -> Reading | ExposureTables:
    named: ExposureColumns = files.columns.exposures
    layout = exposure_layout(named, named.unit or files.unit, asked_dimensions(spec))
    if isinstance(engine, Database):
        return ExposureTables(engine, files.exposures, layout, spec.experiment)
    return Reading(files.exposures, layout)


def _events(engine: Store, files: LogFiles, metrics: Sequence[Metric]) -> Reading | EventTables:
    named: EventColumns = files.columns.events
    values = {source.value for one in metrics for source in sources(one) if source.value is not None}
    layout = event_layout(named, named.unit or files.unit, sorted(values))
    if isinstance(engine, Database):
        return EventTables(engine, files.events, layout)
    return Reading(files.events, layout)


def _check_segment(spec: LogSpec, reading: Reading | ExposureTables) -> None:
    if spec.segment is None or (why := lacks_of(reading)(spec.segment)) is None:
        return
    raise CoordError(f"The exposures cannot be split by --segment {spec.segment}: {why}.")


def _logged(engine: Store, spec: LogSpec, met: Met, found: Found, looks: Sequence[date]) -> Logged:
    units = met.units
    if spec.segment is not None:
        check_values(engine, units, spec.segment)
    if found.plans.aggregates:
        units = engine.keep(windows.unit_values(met.units, found.rows, found.plans.aggregates))
    days = sorted({found.as_of, *(day for day in looks if day <= found.as_of)})
    both = cohorts(engine, units, found.rows, found.plans, days, spec)
    stream = met.stream
    return Logged(
        exposures=met.read,
        events=found.read,
        excluded=met.excluded,
        unknown_variants=tuple(stream.unknown_variants.most_common()),
        other_experiments=tuple(stream.other_experiments.most_common()),
        as_of=found.as_of,
        asked=min(spec.as_of, spec.days.end),
        first_event=found.stream.first,
        last_event=found.stream.last,
        events_seen=dict(found.stream.seen),
        events_by_day=_by_day(found.stream.days, found.plans.asked.events),
        other_events=frozenset(() if all(found.stream.seen.values()) else found.stream.names),
        duplicates=(met.duplicates, found.duplicates),
        units=met.number,
        crossovers=met.crossovers,
        misplaced=met.misplaced,
        first_variants=met.arms,
        unchecked=tuple(name for name in sorted(spec.audience) if name not in stream.dimensions),
        slices=_slices(engine, spec, met),
        exposed=both.exposed,
        assigned=both.assigned,
        segments=segments(engine, units, found.rows, found.plans, found.as_of, spec),
    )


def _by_day(counts: Mapping[tuple[int, int], int], names: Sequence[str]) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {name: {} for name in names}
    for (event, day), number in sorted(counts.items()):
        found[names[event]][day_at(day)] = number
    return found


def _slices(engine: Store, spec: LogSpec, met: Met) -> dict[str, dict[str, tuple[int, ...]]]:
    units = met.units.filter(~met.units[CROSSED])
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name in dict.fromkeys([*spec.dimensions, *filter(None, [spec.segment])]):
        if name not in met.stream.dimensions:
            continue
        column = dimension(name)
        rows = engine.fetch(units.group_by([column, FIRST_ARM]).aggregate(units=units.count())).to_pylist()
        counts = {(row[column], int(row[FIRST_ARM])): int(row["units"]) for row in rows}
        values = sorted({value for value, _ in counts})
        arms = range(len(spec.arms))
        found[name] = {value: tuple(counts.get((value, arm), 0) for arm in arms) for value in values}
    return found
