"""Columns of tables as texts, moments and numbers: what each becomes, and which are refused."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from coord.logs.timestamps import SECOND

if TYPE_CHECKING:
    from ibis.expr import datatypes as dt
    from ibis.expr import types as ir

    from coord.logs.database import Database

_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - in UTC


def text_refusal(kind: "dt.DataType") -> str | None:
    """Why a column of this type is no text; None when it is."""
    return None if kind.is_string() else "must be text: CAST({} AS text)"


def moment_refusal(kind: "dt.DataType") -> str | None:
    """Why a column of this type has no moments; None when it has."""
    if kind.is_date() or (kind.is_timestamp() and kind.timezone in {None, "UTC"}):
        return None
    if kind.is_timestamp():
        return f"is of the zone {kind.timezone}, and must be in UTC: convert {{}} to UTC"
    return "must have moments: CAST({} AS timestamp)"


def number_refusal(kind: "dt.DataType") -> str | None:
    """Why a column of this type has no numbers; None when it has."""
    return (
        None if kind.is_numeric() or kind.is_boolean() else "must have numbers: CAST({} AS double precision)"
    )


def distinct_refusal(kind: "dt.DataType") -> str | None:
    """Why different values of a column of this type cannot be counted; None when they can."""
    return (
        None if kind.is_string() or kind.is_integer() else "must be text or whole numbers: CAST({} AS text)"
    )


def is_moment(column: "ir.Value") -> "ir.BooleanValue":
    """Whether a row has a moment, from the year 1 until the year 9999; never null."""
    return within(column, _FIRST, _LAST).fill_null(False)


def within(column: "ir.Value", since: datetime, upto: datetime) -> "ir.BooleanValue":
    """Whether moments of a column are in [since, upto], asked so that an index or partitions can be used."""
    return (column >= _constant(column, since)) & (column <= _constant(column, upto))


def _constant(column: "ir.Value", moment: datetime) -> "ir.Value":
    import ibis  # noqa: PLC0415 - only analyses need it

    kind = column.type()
    if kind.is_date():
        # what is after a midnight is after its day, so days that begin until then are the same
        return ibis.literal(moment.date())
    found = ibis.literal(moment, "timestamp")
    return found if kind.timezone is None else found.cast(kind)


def micros_of(engine: "Database", column: "ir.Value") -> "ir.IntegerValue":
    """Microseconds since 1970 in UTC of what `is_moment`."""
    at = column.cast("timestamp") if column.type().is_date() else column
    seconds, rest = at.truncate("s").epoch_seconds(), at.microsecond()
    return engine.whole(seconds) * SECOND + engine.whole(rest)


def day_of(column: "ir.Value") -> "ir.DateValue":
    """The day in UTC of a moment."""
    return column if column.type().is_date() else column.date()


def double_of(column: "ir.Value") -> "ir.FloatingValue":
    """A value as a double: truth values are 1 and 0, null stays so."""
    import ibis  # noqa: PLC0415

    kind = column.type()
    if kind.is_boolean():
        return ibis.cases((column, 1.0), (~column, 0.0), else_=ibis.null("float64"))
    if kind.is_float32():  # 0.1 is meant to be 0.1
        column = column.cast("string")
    return column.cast("float64")


def number_of(column: "ir.Value") -> "ir.FloatingValue":
    """The same, and NaN for what is not finite."""
    import ibis  # noqa: PLC0415

    found = double_of(column)
    if column.type().is_integer() or column.type().is_boolean():
        return found
    return (found.isnan() | found.isinf()).ifelse(ibis.literal("NaN").cast("float64"), found)


def text_of(column: "ir.Value") -> "ir.StringValue":
    """A value as text, null where it is empty."""
    text: Any = column if column.type().is_string() else column.cast("string")
    return text.nullif("")


def bytes_of(text: "ir.Value") -> "ir.IntegerValue":
    """How many bytes of UTF-8 a text has."""
    import ibis  # noqa: PLC0415

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
    def octet_length(text: str) -> int: ...  # type: ignore[empty-body]

    found: ir.IntegerValue = octet_length(text)
    return found
