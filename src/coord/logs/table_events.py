"""Events in tables of a database: what is asked of them is counted there, and nothing of them is fetched.

What `EventStream` makes of the rows of files, an expression says here.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from coord.logs.columns import Layout
from coord.logs.database import Database
from coord.logs.event_stream import (
    AT,
    EVENT,
    MOST_NAMES,
    UNIT,
    Asked,
    EventsSeen,
    NoNumber,
    number_column,
    text_column,
)
from coord.logs.moments_in_time import day_number
from coord.logs.table_columns import day_of, distinct_refusal, micros_of, number_of, number_refusal, text_of
from coord.logs.table_reading import TableReading
from coord.logs.table_source import REASON, Source
from coord.logs.timestamps import FIRST

if TYPE_CHECKING:
    from ibis.expr import types as ir

_NONE = -1
"""The place of an event that nothing asks for."""


class EventTables(TableReading):
    """Tables of events. All of their rows are counted as soon as something is made of them."""

    def __init__(self, engine: Database, named: Sequence[str], layout: Layout) -> None:
        """Look at the tables. Raises CoordError."""
        super().__init__(engine, named, layout)
        self.engine = engine

    def written(self) -> None:
        """Write the rows that cannot be used, where that is asked for."""
        for source in self.sources:
            self._write(source)


class TableEvents(EventsSeen):
    """Events of tables in [since, upto), with what was found when something was kept of them."""

    def __init__(self, reading: EventTables, asked: Asked, since: int, upto: int, known_until: int) -> None:
        """Take tables, whose columns must be of such types. Moments are in microseconds since 1970."""
        super().__init__(asked, since, upto, known_until)
        self._reading = reading
        for source in reading.sources:
            for name, _ in asked.numbers:
                source.check(name, number_refusal)
            for name, _ in asked.texts:
                source.check(name, distinct_refusal)

    def kept(self, shape: "Callable[[ir.Table], ir.Table]") -> "ir.Table":
        """Count the rows; what an expression makes of the events, as a table. Raises CoordError."""
        for number, source in enumerate(self._reading.sources):
            self._count(number, source)
        if not all(self.seen.values()):
            for source in self._reading.sources:
                self._note_names(source)
        self._reading.written()
        events = [self._shaped(source) for source in self._reading.sources]
        return self._reading.engine.keep(shape(reduce(lambda some, more: some.union(more), events)))

    def _place(self, source: Source) -> "ir.IntegerValue":
        """The place of the event's name."""
        import ibis  # noqa: PLC0415 - only analyses need it

        none = ibis.literal(_NONE, "int16")
        name = source.text("event")
        places = [(name == one, ibis.literal(i, "int16")) for i, one in enumerate(self._asked.events)]
        return ibis.cases(*places, else_=none) if places else none

    def _count(self, number: int, source: Source) -> None:
        import ibis  # noqa: PLC0415

        values = {number_column(name): number_of(source.column(name)) for name, _ in self._asked.numbers}
        known, inside = source.within(FIRST, self._known_until), source.within(self._since, self._upto)
        dated = (inside & source.text("event").isin(self._asked.events)).fill_null(False)
        rows = source.table.select(
            day=dated.ifelse(day_of(source.moment()), ibis.null("date")),
            **{REASON: source.reason(), EVENT: self._place(source), AT: source.moment()},
            **{"known": known, "inside": inside, **values},
        )
        asked: dict[str, Any] = {"rows": rows.count()}
        asked |= {"first": rows[AT].min(where=rows.known), "last": rows[AT].max(where=rows.known)}
        asked |= {f"wrong_{name}": rows.count(where=rows.inside & rows[name].isnan()) for name in values}
        counted = rows.group_by([REASON, EVENT, "day"]).aggregate(**asked)
        first, last = (micros_of(self._reading.engine, counted[name]) for name in ("first", "last"))
        counted = counted.mutate(first=first, last=last)
        found: Counter[str | None] = Counter()
        for row in self._reading.engine.fetch(counted).to_pylist():
            found[row[REASON]] += int(row["rows"])
            if row[REASON] is None:
                self._note(source, row)
        self._reading.note(number, found)

    def _note_names(self, source: Source) -> None:
        """Remember what else there is, the most frequent first."""
        import ibis  # noqa: PLC0415

        usable = source.table.filter(source.reason().isnull()).select(name=source.text("event"))
        others = usable.filter(~usable.name.isin(self._asked.events))
        counted = others.group_by("name").aggregate(rows=others.count())
        first = counted.order_by([ibis.desc("rows"), "name"]).limit(MOST_NAMES)
        self.names.update(row["name"] for row in self._reading.engine.fetch(first).to_pylist())

    def _note(self, source: Source, row: dict[str, Any]) -> None:
        """Take what was found of rows of use of one day, with one name or all that nothing asks for."""
        if row["first"] is not None:
            first, last = int(row["first"]), int(row["last"])
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
        if (event := int(row[EVENT])) == _NONE:
            return
        self.seen[self._asked.events[event]] += int(row["rows"])
        if row["day"] is not None:
            self.days[event, day_number(row["day"])] += int(row["rows"])
        for name, of in self._asked.numbers:
            if event in of and row[f"wrong_{number_column(name)}"]:
                self.wrong.setdefault((event, name), NoNumber("", source.name, 0))

    def _shaped(self, source: Source) -> "ir.Table":
        """The events as `EventStream.schema` has them; rows that cannot be used match no unit."""
        place, inside = self._place(source), source.within(self._since, self._upto)
        asked = source.text("event").isin(self._asked.events)
        columns: dict[str, ir.Value] = {UNIT: source.text("unit"), AT: source.at(), EVENT: place}
        for name, of in self._asked.numbers:
            columns[number_column(name)] = self._of(place, of, number_of(source.column(name)))
        for name, of in self._asked.texts:
            columns[text_column(name)] = self._of(place, of, text_of(source.column(name)))
        return source.table.filter(inside & asked).select(**columns)

    def _of(self, place: "ir.IntegerValue", events: Sequence[int], value: "ir.Value") -> "ir.Value":
        """The values of some events, null for the others."""
        import ibis  # noqa: PLC0415

        if len(events) == len(self._asked.events):
            return value
        return place.isin(events).ifelse(value, ibis.null(value.type()))
