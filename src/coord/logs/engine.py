"""What computes: an engine takes Ibis expressions and gives small results, or keeps large ones for itself."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir


class Engine(Protocol):
    """Where rows are, and where expressions over them are computed. A count is a number, 0 of nothing."""

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression, few of them. Raises CoordError when it cannot be computed."""

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The same rows as a table of the engine, computed once. Raises CoordError likewise."""


class Tables(Engine, Protocol):
    """An engine with tables that rows are added to, before anything is computed of them."""

    def create(self, columns: Mapping[str, str]) -> "tuple[ir.Table, pa.Schema]":
        """A table without rows, with these columns and types, and the schema of what is appended to it.

        Types have one name to Arrow and to Ibis: string, int32, int64, float64.
        """

    def append(self, table: "ir.Table", rows: "pa.Table") -> None:
        """More rows for a table that was made here. Raises CoordError."""


class Store(Tables, Protocol):
    """An engine that also takes rows as they come, to keep what an expression makes of them."""

    def keep_stream(
        self,
        schema: "pa.Schema",
        batches: "Iterable[pa.RecordBatch]",
        shape: "Callable[[ir.Table], ir.Table]",
    ) -> "ir.Table":
        """What an expression makes of rows, as a table; the rows themselves are read once and not kept.

        Raises CoordError, also what the batches raise while they are made.
        """

    def forget(self, table: "ir.Table") -> None:
        """Give back what a table takes that was kept here, and is not needed any more."""


Opening = Callable[[], AbstractContextManager[Store]]
"""What starts an engine, which is gone again afterwards with all that it kept."""


def number(value: float) -> "ir.FloatingValue":
    """A float as a constant that every engine takes for exactly that float.

    Written as a number, some read it as a decimal first, and round it when they make a float of it.
    """
    import ibis  # noqa: PLC0415 - only analyses need it

    return ibis.literal(repr(float(value))).cast("float64")
