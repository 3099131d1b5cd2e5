"""Exposures and events of an experiment, measured: all that an analysis needs from one pass over the logs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.metrics import Metric
from coord.domain.model import EventColumns, ExposureColumns, Logs
from coord.domain.spelling import nearest
from coord.errors import CoordError
from coord.logs import exposed, windows
from coord.logs.cohorts import cohorts
from coord.logs.columns import event_layout, exposure_layout
from coord.logs.event_stream import EVENT, EventStream, number_column
from coord.logs.exposed import CROSSED, FIRST_ARM, REASON, ROWS
from coord.logs.exposure_stream import ExposureStream, asked_dimensions, dimension
from coord.logs.logged import Logged, LogSpec, Read
from coord.logs.moments_in_time import day_at, micros
from coord.logs.plans import Plans, plans_for, sources
from coord.logs.reader import Reading
from coord.logs.streams import Streams, streams
from coord.logs.timestamps import DAY
from coord.logs.windows import KEY

if TYPE_CHECKING:
    from ibis.expr import types as ir

Progress = Callable[[int], None]

_COMPARED = 1 << 21
"""Events that are looked at together for duplicates: they are all in memory then."""


class LogFiles(NamedTuple):
    """The files, what their columns are called, and where rows that cannot be used are written."""

    exposures: Sequence[str]
    events: Sequence[str]
    unit: str
    columns: Logs = Logs()
    rejects_of_exposures: Path | None = None
    rejects_of_events: Path | None = None


def measure_logs(
    spec: LogSpec,
    files: LogFiles,
    metrics: Sequence[Metric],
    *,
    looks: Sequence[date] = (),
    covariates: bool = True,
    progress: Progress = lambda _: None,
) -> Logged:
    """What the logs have of an experiment.

    looks: days on which also metrics are to be known whose days do not merge: quantiles, and metrics with a
    cap that is one. They are always known as of the effective day. Raises CoordError for files that cannot be
    used, and when they have nothing of the experiment.
    """
    with streams() as engine:
        with _exposures(files, spec) as reading:
            met = _Met(engine, spec, reading, progress)
        with _events(files, metrics) as reading:
            found = _Found(engine, spec, reading, metrics, met, covariates=covariates, progress=progress)
        return _logged(engine, spec, met, found, looks)


def _exposures(files: LogFiles, spec: LogSpec) -> Reading:
    named: ExposureColumns = files.columns.exposures
    layout = exposure_layout(named, named.unit or files.unit, asked_dimensions(spec))
    return Reading(files.exposures, layout, files.rejects_of_exposures)


def _events(files: LogFiles, metrics: Sequence[Metric]) -> Reading:
    named: EventColumns = files.columns.events
    values = {source.value for one in metrics for source in sources(one) if source.value is not None}
    layout = event_layout(named, named.unit or files.unit, sorted(values))
    return Reading(files.events, layout, files.rejects_of_events)


def _read(reading: Reading) -> Read:
    rejects = {reason: number for reason, number in reading.rejects.counts.items() if number}
    return Read(reading.rows, rejects, tuple(reading.rejects.first))


class _Met:
    """Units that met the experiment."""

    def __init__(self, engine: Streams, spec: LogSpec, reading: Reading, progress: Progress) -> None:
        self.stream = ExposureStream(reading, spec)
        seen = engine.keep_stream(self.stream.schema, self.stream.batches(progress), lambda rows: rows)
        self.read = _read(reading)
        judged = exposed.judged(seen, spec, self.stream.dimensions)
        counted = judged.group_by(REASON).aggregate(rows=judged.count())
        reasons = {row[REASON]: int(row["rows"]) for row in engine.fetch(counted).to_pylist()}
        if not reasons and not self.stream.unknown:
            raise CoordError(_nothing(spec, self.stream))
        units = exposed.units_of(judged, self.stream.dimensions)
        self.units = engine.keep(units.mutate(**{KEY: _numbered()}))
        self.duplicates = _one(engine, exposed.duplicates(seen))
        self.arms = self._by_arm(engine, spec)
        self._count(engine, reasons)

    def _by_arm(self, engine: Streams, spec: LogSpec) -> tuple[int, ...]:
        counted = self.units.group_by(FIRST_ARM).aggregate(units=self.units.count())
        found = {int(row[FIRST_ARM]): int(row["units"]) for row in engine.fetch(counted).to_pylist()}
        return tuple(found.get(arm, 0) for arm in range(len(spec.arms)))

    def _count(self, engine: Streams, reasons: Mapping[str, int]) -> None:
        """Every row has one reason, or is the first of a unit."""
        units = self.units
        row = engine.fetch(
            units.aggregate(
                crossed=units.count(where=units[CROSSED]),
                crossed_rows=units[ROWS].sum(where=units[CROSSED]),
                once=units.count(where=~units[CROSSED]),
                rows=units[ROWS].sum(where=~units[CROSSED]),
            )
        ).to_pylist()[0]
        self.number, self.crossovers = int(row["once"]), int(row["crossed"])
        found = dict(self.read.rejects)
        found |= {"other_experiment": self.stream.others, "unknown_variant": self.stream.unknown}
        found |= {reason: reasons.get(reason, 0) for reason in exposed.REASONS}
        found |= {"crossover": int(row["crossed_rows"] or 0), "repeat": int(row["rows"] or 0) - self.number}
        self.excluded = found
        if sum(found.values()) + self.number != self.read.rows:
            raise AssertionError(
                f"of {self.read.rows} exposures, {sum(found.values())} + {self.number} are known"
            )


def _numbered() -> "ir.Value":
    import ibis  # noqa: PLC0415 - only analyses need it

    return ibis.row_number().cast("int32")


def _one(engine: Streams, expression: "ir.Table") -> int:
    return int(engine.fetch(expression).to_pylist()[0]["more"] or 0)


def _repeated(engine: Streams, rows: "ir.Table") -> int:
    number = int(engine.fetch(rows.aggregate(more=rows.count())).to_pylist()[0]["more"])
    parts = max(1, number // _COMPARED)
    return sum(_one(engine, windows.repeated(rows, part, parts)) for part in range(parts))


def _nothing(spec: LogSpec, stream: ExposureStream) -> str:
    there = [name for name, _ in stream.other_experiments.most_common(5)]
    near = nearest(spec.experiment, list(stream.other_experiments))
    hint = f" Did you mean {near}?" if near else ""
    what = f"They are of {', '.join(there)}." if there else "They have no usable row at all."
    return (
        f"The exposures have none of {spec.experiment}. {what}{hint} If logs call the experiment something "
        "else, say so in its file: `logged_as`."
    )


class _Found:
    """What units did."""

    def __init__(
        self,
        engine: Streams,
        spec: LogSpec,
        reading: Reading,
        metrics: Sequence[Metric],
        met: _Met,
        *,
        covariates: bool,
        progress: Progress,
    ) -> None:
        limit = min(spec.as_of, spec.days.end)
        lacks = _lacks(reading)
        plans = plans_for(metrics, lacks, spec.monitoring, micros(limit), covariates=covariates)
        asked = {
            **plans.aggregates,
            **{f"q{i}": one.events for i, one in enumerate(plans.metrics) if one.events},
        }
        first = min((one.first for one in asked.values()), default=0)
        self.stream = EventStream(
            reading,
            plans.asked,
            micros(spec.days.start) + first * DAY,
            micros(limit),
            micros(spec.today) + DAY,
        )
        rows = self.stream.batches(progress)
        self.rows = engine.keep_stream(
            self.stream.schema,
            rows,
            lambda events: windows.matched(events, met.units, tuple(asked.values()) or (_NO_WINDOW,)),
        )
        self.read = _read(reading)
        self.as_of = max(spec.days.start, min(limit, _complete(self.stream.last, spec)))
        self.duplicates = _repeated(engine, self.rows)
        self.plans = _without_wrong(engine, self.rows, self.stream, plans)


_NO_WINDOW = windows.Aggregate(0, "count", None, 0, 0)


def _complete(last: int | None, spec: LogSpec) -> date:
    """The end of the last complete day: the one of the last event, if it is over."""
    if last is None:
        return spec.days.start
    return min(day_at(last // DAY) + timedelta(days=1), spec.today)


def _lacks(reading: Reading) -> Callable[[str], str | None]:
    def lacks(column: str) -> str | None:
        for file, reader in zip(reading.files, reading._readers, strict=True):
            if column not in file.extras:
                near = nearest(column, reader.header)
                hint = f" (did you mean {near}?)" if near else ""
                return f"{file.path} has no column {column}{hint}"
        return None

    return lacks


def _without_wrong(engine: Streams, rows: "ir.Table", stream: EventStream, plans: Plans) -> Plans:
    """The plans without those that need values which are no numbers."""
    reasons = dict(plans.reasons)
    for (event, column), first in sorted(stream.wrong.items()):
        value = rows[number_column(column)]
        those = (rows[EVENT] == event) & value.isnan()
        number = int(engine.fetch(rows.aggregate(number=rows.count(where=those))).to_pylist()[0]["number"])
        if not number:
            continue
        name = plans.asked.events[event]
        are = "value is not a finite number" if number == 1 else "values are not finite numbers"
        why = (
            f"{number:,} {column} {are} in events {name} of its units; "
            f"the first in the files is `{first.text}` in row {first.row:,} of {first.file}"
        )
        for plan in plans.metrics:
            parts = (source for source in sources(plan.metric) if source.value == column)
            if any(source.event == name for source in parts):
                reasons.setdefault(plan.metric.name, why)
    left = [
        tuple(p for p in some if p.metric.name not in reasons) for some in (plans.metrics, plans.monitoring)
    ]
    needed = {name for some in left for plan in some for name in (*plan.values, *plan.covariates)}
    kept = {name: one for name, one in plans.aggregates.items() if name in needed}
    return plans._replace(aggregates=kept, metrics=left[0], monitoring=left[1], reasons=reasons)


def _logged(engine: Streams, spec: LogSpec, met: _Met, found: _Found, looks: Sequence[date]) -> Logged:
    units = met.units
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
        first_event=found.stream.first,
        last_event=found.stream.last,
        events_seen=dict(found.stream.seen),
        duplicates=(met.duplicates, found.duplicates),
        units=met.number,
        crossovers=met.crossovers,
        first_variants=met.arms,
        unchecked=tuple(name for name in sorted(spec.audience) if name not in stream.dimensions),
        slices=_slices(engine, spec, met),
        exposed=both.exposed,
        assigned=both.assigned,
    )


def _slices(engine: Streams, spec: LogSpec, met: _Met) -> dict[str, dict[str, tuple[int, ...]]]:
    units = met.units.filter(~met.units[CROSSED])
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name in spec.dimensions:
        if name not in met.stream.dimensions:
            continue
        column = dimension(name)
        rows = engine.fetch(units.group_by([column, FIRST_ARM]).aggregate(units=units.count())).to_pylist()
        counts = {(row[column], int(row[FIRST_ARM])): int(row["units"]) for row in rows}
        values = sorted({value for value, _ in counts})
        arms = range(len(spec.arms))
        found[name] = {value: tuple(counts.get((value, arm), 0) for arm in arms) for value in values}
    return found
