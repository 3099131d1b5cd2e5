"""A table of a database, in place of a file: its columns by role, and which of its rows can be used."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from coord.allocation.assign import MOST_BYTES
from coord.domain.spelling import nearest
from coord.errors import CoordError
from coord.logs.columns import _SHOWN, Layout, Use, _with_hint
from coord.logs.database import Database
from coord.logs.rejects import LONG_UNIT, NO_UNIT, UNREADABLE_TIME
from coord.logs.table_columns import bytes_of, is_moment, micros_of, moment_refusal, text_refusal, within

if TYPE_CHECKING:
    from ibis.expr import datatypes as dt
    from ibis.expr import types as ir

REASON = "reason"
_SHORT = 25
"""Characters that have at most 100 bytes."""

Refusal = Callable[["dt.DataType"], str | None]


class Source:
    """A table that has what a layout wants; `header` are its columns, `extras` those that are there."""

    def __init__(self, engine: Database, name: str, layout: Layout) -> None:
        """Find the table and its columns. Raises CoordError."""
        self.name, self._engine, self._layout = name, engine, layout
        table = engine.table(name)
        self._kinds = dict(table.schema().items())
        self.header = list(self._kinds)
        missing = [one for one in layout.wanted if one.column not in self._kinds]
        if missing:
            raise CoordError(self._missing([_with_hint(one, self.header) for one in missing]))
        self._named = {one.role: one.column for one in layout.wanted}
        self.extras = tuple(one for one in layout.extras if one in self._kinds)
        for one in layout.wanted:
            self.check(one.column, moment_refusal if one.use is Use.TIME else text_refusal)
        used = {*self._named.values(), *self.extras}
        self.table = engine.texts(table, name, [one for one in used if self._kinds[one].is_string()])

    def check(self, column: str, refusal: Refusal) -> None:
        """Raise CoordError for a column of another type than is needed."""
        kind = self._kinds[column]
        if (why := refusal(kind)) is not None:
            needs, _, cast = why.partition(": ")
            raise CoordError(
                f"The column {column} of the table {self.name} is of type {kind}, and {needs}. Make a view "
                f"with `{cast.format(column)}`, and name that."
            )

    def lacks(self, column: str) -> str | None:
        """What to say of a column that is not there; None when it is."""
        if column in self._kinds:
            return None
        folded = {name.strip().casefold(): name for name in reversed(self.header)}
        near = folded.get(column.casefold()) or nearest(column, self.header)
        return f"{self.name} has no column {column}{f' (did you mean {near}?)' if near else ''}"

    def moment(self) -> "ir.Value":
        """When it was, as the table has it; not of every row (`is_moment`)."""
        return self.table[self._named["timestamp"]]

    def at(self) -> "ir.IntegerValue":
        """The moments of rows that have one, in microseconds since 1970."""
        return micros_of(self._engine, self.moment())

    def text(self, role: str) -> "ir.StringValue":
        """The text that plays a role."""
        return self.table[self._named[role]]

    def column(self, name: str) -> "ir.Value":
        """A column that goes by its own name."""
        return self.table[name]

    def reason(self) -> "ir.StringValue":
        """Why a row cannot be used; null for those that can."""
        import ibis  # noqa: PLC0415 - only analyses need it

        found = []
        for one in self._layout.wanted:
            if one.use is Use.TIME:
                found.append((~is_moment(self.moment()), UNREADABLE_TIME))
            elif one.use is Use.UNIT:
                unit = self.text(one.role)
                long = (unit.length() > _SHORT) & (bytes_of(unit) > MOST_BYTES)
                found += [(_is_empty(unit), NO_UNIT), (long, LONG_UNIT)]
            else:
                found.append((_is_empty(self.text(one.role)), f"no_{one.role}"))
        return ibis.cases(*found, else_=ibis.null("string"))

    def within(self, since: int, upto: int) -> "ir.BooleanValue":
        """Whether a row's moment is in [since, upto), in microseconds since 1970."""
        return is_moment(self.moment()) & within(self.moment(), _datetime(since), _datetime(upto - 1))

    def whole(self) -> "dict[str, ir.Value]":
        """All columns as text, by name."""
        return {
            name: self.table[name] if kind.is_string() else self.table[name].cast("string")
            for name, kind in self._kinds.items()
        }

    def _missing(self, hints: Iterable[str]) -> str:
        named = " and ".join(hints)
        there = ", ".join(self.header[:_SHOWN])
        more = f" and {len(self.header) - _SHOWN} more" if len(self.header) > _SHOWN else ""
        settings = [
            one.setting for one in self._layout.wanted if one.setting and one.column not in self._kinds
        ]
        where = (
            f", or say in surfaces/coord.yaml what they are called ({', '.join(settings)})"
            if settings
            else ""
        )
        return (
            f"The table {self.name} has no column {named}; the {self._layout.what} need it. Its columns are: "
            f"{there}{more}. Make a view that calls them so{where}."
        )


def sources(engine: Database, named: Iterable[str], layout: Layout) -> list[Source]:
    """The tables, each once, in the order in which they are named. Raises CoordError."""
    return [Source(engine, name, layout) for name in dict.fromkeys(named)]


def _is_empty(text: "ir.StringValue") -> "ir.BooleanValue":
    return text.isnull() | (text == "")


def _datetime(moment: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(microseconds=moment)
