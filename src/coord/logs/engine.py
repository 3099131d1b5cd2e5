"""What computes: an engine takes Ibis expressions and gives small results, or keeps large ones for itself."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir


class Engine(Protocol):
    """Where rows are, and where expressions over them are computed."""

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression, few of them. Raises CoordError when it cannot be computed."""

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The same rows as a table of the engine, computed once. Raises CoordError likewise."""


def number(value: float) -> "ir.FloatingValue":
    """A float as a constant that every engine takes for exactly that float.

    Written as a number, some read it as a decimal first, and round it when they make a float of it.
    """
    import ibis  # noqa: PLC0415 - only analyses need it

    return ibis.literal(repr(float(value))).cast("float64")
