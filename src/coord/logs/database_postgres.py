"""PostgreSQL as the engine: one transaction that sees the tables as they are at its beginning, and is undone.

Texts are told apart by their bytes (collation "C"), whatever the collation of a table is, as everywhere in
`coord`; rows come and go with COPY and a cursor of the server.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from coord.errors import CoordError
from coord.logs.database import _ROWS, Database, one_line

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa
    from ibis.expr import types as ir

_NO_RIGHT = ("InsufficientPrivilege", "ReadOnlySqlTransaction")
"""A user who may not make temporary tables, and a server that only follows another."""

_SETTINGS = ("TIME ZONE 'UTC'", "standard_conforming_strings = on", "extra_float_digits = 1")


class Postgres(Database):
    """A connection to PostgreSQL."""

    consistent = True

    def __init__(self, connection: "psycopg.Connection[Any]", hidden: Callable[[str], str]) -> None:
        """Take a connection of the driver, in which nothing was done."""
        import ibis  # noqa: PLC0415 - only analyses need it
        from psycopg import IsolationLevel  # noqa: PLC0415 - only this engine needs it

        self._driver = connection
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        super().__init__(ibis.postgres.from_connection(connection), "postgres", hidden)

    def close(self) -> None:
        """Undo everything, and end the connection."""
        with suppress(Exception):
            self._driver.rollback()
        self._driver.close()

    def failed(self, what: str, error: Exception) -> str:
        """The sentence for what it could not do."""
        name, told = type(error).__name__, self.shown(error)
        if name == "InsufficientPrivilege":
            return (
                f"The database does not let you {what}: {told} Ask for the right to read it (GRANT SELECT)."
            )
        if self._driver.broken:
            return (
                f"The database ended the connection: {told} Run it again; if it ends again, ask who runs it."
            )
        return super().failed(what, error)

    def shown(self, error: Exception) -> str:
        """What went wrong, without the statement that it was in."""
        primary = getattr(getattr(error, "diag", None), "message_primary", None)
        return one_line(self._hidden(primary or str(error)))

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression. Raises CoordError."""
        schema = expression.schema().to_pyarrow()
        with self.told("aggregate the rows"), self._driver.cursor() as cursor:
            return _table(cursor.execute(self._sql(expression)).fetchall(), schema)

    def rows(self, expression: "ir.Table") -> "Iterator[pa.RecordBatch]":
        """The rows of an expression, many of them, one batch after the other. Raises CoordError."""
        schema = expression.schema().to_pyarrow()
        with self.told("read the rows"), self._driver.cursor(next(self._names)) as cursor:
            cursor.execute(self._sql(expression))
            while rows := self._some(cursor):
                yield from _table(rows, schema).to_batches()

    def _some(self, cursor: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = cursor.fetchmany(_ROWS)
        return found

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The rows of an expression as a temporary table. Raises CoordError."""
        made = self._made(dict(expression.schema().items()))
        with self.told("aggregate the rows"):
            self._driver.execute(f"INSERT INTO {_quoted(made.get_name())} {self._sql(expression)}")
        self.filled(made)
        return made

    def create(self, columns: Mapping[str, str]) -> "tuple[ir.Table, pa.Schema]":
        """A temporary table without rows; see `Tables`. Raises CoordError where none may be made."""
        import pyarrow as pa  # noqa: PLC0415

        return self._made(columns), pa.schema([(k, pa.type_for_alias(kind)) for k, kind in columns.items()])

    def _made(self, columns: Mapping[str, Any]) -> "ir.Table":
        import ibis  # noqa: PLC0415

        name, schema = next(self._names), ibis.schema(dict(columns))
        told = self._connection.compiler.type_mapper.to_string
        listed = [
            f"{_quoted(key)} {told(kind)}{_BYTES if kind.is_string() else ''}" for key, kind in schema.items()
        ]
        try:
            self._driver.execute(f"CREATE TEMPORARY TABLE {_quoted(name)} ({', '.join(listed)})")
        except Exception as error:
            refused = type(error).__name__ in _NO_RIGHT
            told = self._no_tables(error) if refused else self.failed("make a temporary table", error)
            raise CoordError(told) from None
        return ibis.table(schema, name=name)

    def append(self, table: "ir.Table", rows: "pa.Table") -> None:
        """More rows for a table that was made here. Raises CoordError."""
        from pyarrow import csv  # noqa: PLC0415

        written = io.BytesIO()
        csv.write_csv(rows, written, csv.WriteOptions(include_header=False))
        statement = f"COPY {_quoted(table.get_name())} FROM STDIN (FORMAT csv)"
        with self.told("take in the rows"), self._driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(written.getbuffer())

    def filled(self, table: "ir.Table") -> None:
        """Let the database see how many rows there are, and of what: nobody else does so for such tables."""
        with self.told("aggregate the rows"):
            self._driver.execute(f"ANALYZE {_quoted(table.get_name())}")

    def forget(self, table: "ir.Table") -> None:
        """Give back the space of a table that was made here."""
        with self.told("drop a temporary table"):
            self._driver.execute(f"DROP TABLE {_quoted(table.get_name())}")

    def texts(self, table: "ir.Table", name: str, columns: Iterable[str]) -> "ir.Table":
        """The table that has a name, with texts that are told apart by their bytes."""
        as_bytes, schema = {*columns}, table.schema()
        listed = [
            f"CAST({_quoted(key)} AS TEXT){_BYTES} AS {_quoted(key)}" if key in as_bytes else _quoted(key)
            for key in schema
        ]
        place = ".".join(map(_quoted, name.split(".")))
        query = f"SELECT {', '.join(listed)} FROM {place}"  # noqa: S608 - names, in quotes
        kinds = {key: "string" if key in as_bytes else kind for key, kind in schema.items()}
        found: ir.Table = self._connection.sql(query, schema=kinds, dialect="postgres")
        return found

    def whole(self, value: "ir.Value") -> "ir.IntegerValue":
        """A part of a moment as a whole number: PostgreSQL has it with decimals."""
        import ibis  # noqa: PLC0415

        @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
        def int8(part: int) -> int: ...  # type: ignore[empty-body]

        found: ir.IntegerValue = int8(value)
        return found

    def shaped(self, expression: "ir.Table") -> "ir.Table":
        """The expression with truth values that become numbers as PostgreSQL lets them: int32 first."""
        from ibis.expr import datatypes as dt  # noqa: PLC0415
        from ibis.expr import operations as ops  # noqa: PLC0415

        def cast(node: Any, values: Any) -> Any:
            found = node.__recreate__(values) if values else node
            if isinstance(found, ops.Cast) and found.arg.dtype.is_boolean() and found.to.is_int64():
                return ops.Cast(ops.Cast(found.arg, dt.int32), found.to)
            return found

        shaped: ir.Table = expression.op().replace(cast).to_expr()
        return shaped

    def _sql(self, expression: "ir.Table") -> str:
        return str(self._connection.compile(self.shaped(expression)))


_BYTES = ' COLLATE "C"'


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(rows: list[tuple[Any, ...]], schema: "pa.Schema") -> "pa.Table":
    """Rows of the driver; sums of whole numbers come with decimals."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import types  # noqa: PLC0415

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        whole = types.is_integer(field.type)
        given = [None if one is None else int(one) for one in values] if whole else values
        arrays.append(pa.array(given, field.type))
    return pa.table(arrays, schema=schema)
