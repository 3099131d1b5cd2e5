"""A database as the engine: what is analysed are its own tables, and the rows of events never leave it.

This is any database that Ibis speaks to. All that is made in it are temporary tables, which are gone with the
connection. Whether it computes as the other engines do is tried first (`database_trial`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from coord.domain.spelling import nearest
from coord.errors import CoordError

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

_ROWS = 1 << 16
"""Rows that are fetched, or written, at a time."""

_SHOWN = 300
"""Characters of what a database says that are passed on."""


class Database:
    """A connection to a database. A `Store`; tables that are named are found by `table`."""

    consistent = False
    """Whether all that is asked sees the tables as they were at the beginning."""

    def __init__(self, connection: Any, scheme: str, hidden: Callable[[str], str]) -> None:
        """Take a connection of Ibis. hidden: takes secrets out of what the database says."""
        self.scheme = scheme
        self._connection, self._hidden = connection, hidden
        run = token_hex(4)  # no table of somebody's is called so
        self._names = (f"coord_{run}_{i}" for i in count())

    def close(self) -> None:
        """End the connection, and with it all that was made."""
        with suppress(Exception):  # what was found is found, and the other side ends it as well
            self._connection.disconnect()

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Raise as CoordError what goes wrong in the database; `what` it could not do."""
        try:
            yield
        except CoordError:
            raise
        except Exception as error:
            raise CoordError(self.failed(what, error)) from None

    def failed(self, what: str, error: Exception) -> str:
        """The sentence for what it could not do."""
        return f"The database could not {what} ({type(error).__name__}): {self.shown(error)}"

    def shown(self, error: Exception) -> str:
        """What an error says, in one line, without secrets."""
        return one_line(self._hidden(str(error)))

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression. Raises CoordError."""
        with self.told("aggregate the rows"):
            found: pa.Table = self._connection.to_pyarrow(self.shaped(expression))
        return found

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The rows of an expression as a temporary table. Raises CoordError."""
        with self.told("aggregate the rows"):
            made: ir.Table = self._connection.create_table(
                next(self._names), self.shaped(expression), temp=True
            )
        return made

    def create(self, columns: Mapping[str, str]) -> "tuple[ir.Table, pa.Schema]":
        """A temporary table without rows; see `Tables`. Raises CoordError where none may be made."""
        import ibis  # noqa: PLC0415 - only analyses need it
        import pyarrow as pa  # noqa: PLC0415

        name, schema = next(self._names), ibis.schema(dict(columns))
        try:
            made: ir.Table = self._connection.create_table(name, schema=schema, temp=True)
        except Exception as error:
            raise CoordError(self._no_tables(error)) from None
        return made, pa.schema([(key, pa.type_for_alias(kind)) for key, kind in columns.items()])

    def append(self, table: "ir.Table", rows: "pa.Table") -> None:
        """More rows for a table that was made here. Raises CoordError."""
        with self.told("take in the rows"):
            self._connection.insert(table.op().name, rows, database=_place(table))

    def keep_stream(
        self,
        schema: "pa.Schema",
        batches: "Iterable[pa.RecordBatch]",
        shape: "Callable[[ir.Table], ir.Table]",
    ) -> "ir.Table":
        """What an expression makes of rows, as a table; see `Store`. Raises CoordError."""
        import pyarrow as pa  # noqa: PLC0415

        arrived, _ = self.create({field.name: _ALIASES.get(str(field.type), "int64") for field in schema})
        for batch in batches:
            self.append(arrived, pa.Table.from_batches([batch]))
        self.filled(arrived)
        if shape(arrived) is arrived:
            return arrived
        kept = self.keep(shape(arrived))
        self.forget(arrived)
        return kept

    def filled(self, table: "ir.Table") -> None:
        """Nothing more is appended to a table."""

    def forget(self, table: "ir.Table") -> None:
        """Give back the space of a table that was made here, where that is possible before the end."""
        with suppress(Exception):
            self._connection.drop_table(table.op().name, database=_place(table))

    def rows(self, expression: "ir.Table") -> "Iterator[pa.RecordBatch]":
        """The rows of an expression, many of them, one batch after the other. Raises CoordError."""
        with self.told("read the rows"):
            reader = self._connection.to_pyarrow_batches(self.shaped(expression), chunk_size=_ROWS)
            batches = iter(reader)
        while True:
            with self.told("read the rows"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def table(self, name: str) -> "ir.Table":
        """The table or view that is called so: `table`, `schema.table`. Raises CoordError."""
        *place, last = name.split(".")
        if not all((*place, last)) or len(place) > 2:
            raise CoordError(
                f"{name} is no name of a table. Write `table`, or `schema.table`, as it is spelt."
            )
        try:
            found: ir.Table = self._connection.table(last, database=tuple(place) if place else None)
        except Exception as error:
            raise CoordError(self._no_table(name, error)) from None
        return found

    def texts(self, table: "ir.Table", name: str, columns: Iterable[str]) -> "ir.Table":  # noqa: ARG002
        """The table that has a name, with texts that are told apart by their bytes."""
        return table

    def whole(self, value: "ir.Value") -> "ir.IntegerValue":
        """A part of a moment as a whole number, which it may not be, whatever Ibis takes it for."""
        return value.cast("int64")

    def shaped(self, expression: "ir.Table") -> "ir.Table":
        """The expression with what this database writes otherwise."""
        return expression

    def listed(self, place: tuple[str, ...]) -> list[str]:
        """The names of tables, as far as they can be known."""
        try:
            return list(self._connection.list_tables(database=place or None))
        except Exception:
            return []

    def _no_table(self, name: str, error: Exception) -> str:
        *place, last = name.split(".")
        there = self.listed(tuple(place))
        folded = {one.casefold(): one for one in there}
        near = folded.get(last.casefold()) or nearest(last, there)
        hint = f" Did you mean {'.'.join((*place, near))}?" if near else ""
        why = "" if type(error).__name__ == "TableNotFound" else f" {self.shown(error)}"
        looks = "" if near else " With --engine and an address, tables and views of that database are named."
        return f"There is no table {name} in the database.{hint}{why}{looks}"

    def _no_tables(self, error: Exception) -> str:
        return (
            f"No temporary table can be made in the database, and what units did is put together in such: "
            f"{self.shown(error)} Ask for the right to make temporary tables, or export the rows and give "
            "files."
        )


_ALIASES = {"string": "string", "double": "float64", "int32": "int32"}


def _place(table: "ir.Table") -> tuple[str, ...] | str | None:
    """Where a table is that was made here, as Ibis asks for it."""
    namespace = table.op().namespace
    found = tuple(filter(None, (namespace.catalog, namespace.database)))
    return found[0] if len(found) == 1 else found or None


def one_line(text: str) -> str:
    """What a database says, as part of a sentence."""
    told = " ".join(text.split())
    return f"{told[:_SHOWN]}…" if len(told) > _SHOWN else f"{told.rstrip('.')}."
