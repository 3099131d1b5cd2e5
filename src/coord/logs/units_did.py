"""What units did, from events: those in a window of theirs, and what can be measured of them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from coord.domain.metrics import Metric
from coord.domain.spelling import nearest
from coord.logs import windows
from coord.logs.database import Database
from coord.logs.engine import Store
from coord.logs.event_stream import EVENT, EventsSeen, EventStream, NoNumber, number_column
from coord.logs.logged import LogSpec
from coord.logs.moments_in_time import day_at, micros
from coord.logs.plans import Plans, plans_for, sources
from coord.logs.reader import Reading
from coord.logs.streams import Streams
from coord.logs.table_events import EventTables, TableEvents
from coord.logs.table_reading import TableReading
from coord.logs.timestamps import DAY
from coord.logs.units_met import Met, Progress, number_of, read_of

if TYPE_CHECKING:
    from ibis.expr import types as ir

_COMPARED = 1 << 21
"""Events that are looked at together for duplicates: they are all in memory then."""


class Found:
    """What units did: `rows` are their events in the engine (`windows.matched`), `plans` what to make of it.

    read, duplicates: as in `Logged`. as_of: the effective day.
    """

    def __init__(
        self,
        engine: Store,
        spec: LogSpec,
        reading: Reading | EventTables,
        metrics: Sequence[Metric],
        met: Met,
        *,
        covariates: bool,
        progress: Progress,
    ) -> None:
        limit = min(spec.as_of, spec.days.end)
        lacks = lacks_of(reading)
        plans = plans_for(metrics, lacks, spec.monitoring, micros(limit), covariates=covariates)
        asked = {
            **plans.aggregates,
            **{f"q{i}": one.events for i, one in enumerate(plans.metrics) if one.events},
        }
        first = min((one.first for one in asked.values()), default=0)
        since, known_until = micros(spec.days.start) + first * DAY, micros(spec.today) + DAY
        windows_of = tuple(asked.values()) or (NO_WINDOW,)

        def shape(events: "ir.Table") -> "ir.Table":
            return windows.matched(events, met.units, windows_of)

        self.stream: EventsSeen
        if isinstance(reading, EventTables):
            self.stream = tables = TableEvents(reading, plans.asked, since, micros(limit), known_until)
            self.rows = tables.kept(shape)
        else:
            self.stream = files = EventStream(reading, plans.asked, since, micros(limit), known_until)
            self.rows = engine.keep_stream(files.schema, files.batches(progress), shape)
        self.read = read_of(reading)
        complete = complete_day(self.stream.last, spec.days.start, spec.today)
        self.as_of = max(spec.days.start, min(limit, complete))
        self.duplicates = _repeated(engine, self.rows)
        self.plans = without_wrong(engine, self.rows, self.stream, plans)


NO_WINDOW = windows.Aggregate(0, "count", None, 0, 0)
"""What matches no event, where no metric asks for any."""


def complete_day(last: int | None, start: date, today: date) -> date:
    """The end of the last complete day: that of the last row, if it is over; never before `start`."""
    if last is None:
        return start
    return max(start, min(day_at(last // DAY) + timedelta(days=1), today))


def lacks_of(reading: Reading | TableReading) -> Callable[[str], str | None]:
    """A function that says of a column which file does not have it; None when all do."""
    if isinstance(reading, TableReading):
        return reading.lacks

    def lacks(column: str) -> str | None:
        for file, reader in zip(reading.files, reading._readers, strict=True):
            if column not in file.extras:
                near = nearest(column, reader.header)
                hint = f" (did you mean {near}?)" if near else ""
                return f"{file.path} has no column {column}{hint}"
        return None

    return lacks


def without_wrong(engine: Store, rows: "ir.Table", stream: EventsSeen, plans: Plans) -> Plans:
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
        why = f"{number:,} {column} {are} in events {name} of its units{_where(first)}"
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


def _where(first: NoNumber) -> str:
    if not first.row:  # rows of a database have no numbers
        return f"; look into {first.file}"
    return f"; the first in the files is `{first.text}` in row {first.row:,} of {first.file}"


def _repeated(engine: Store, rows: "ir.Table") -> int:
    if isinstance(engine, Streams):
        return engine.repeated(rows, rows.columns)
    number = int(engine.fetch(rows.aggregate(more=rows.count())).to_pylist()[0]["more"])
    parts = 1 if isinstance(engine, Database) else max(1, number // _COMPARED)
    return sum(number_of(engine, windows.repeated(rows, part, parts)) for part in range(parts))
