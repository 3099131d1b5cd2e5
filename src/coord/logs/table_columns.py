"""Columns of a table of a database as texts, moments and numbers: what each becomes, and which are refused."""

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
    return None if kind.is_numeric() or kind.is_boolean() else "must have numbers: CAST({} AS double precision)"


def distinct_refusal(kind: "dt.DataType") -> str | None:
    """Why different values of a column of this type cannot be counted; None when they can."""
    return None if kind.is_string() or kind.is_integer() else "must be text or whole numbers: CAST({} AS text)"


def moment_of(engine: "Database", column: "ir.Value") -> "ir.IntegerValue":
    """Microseconds since 1970 in UTC; null where there is no moment from the year 1 until the year 9999."""
    import ibis  # noqa: PLC0415 - only analyses need it

    at = column.cast("timestamp") if column.type().is_date() else column
    zone = at.type().timezone
    first, last = (ibis.literal(one, "timestamp").cast(at.type()) if zone else ibis.literal(one) for one in (_FIRST, _LAST))
    inside = (at >= first) & (at <= last)
    seconds, rest = at.truncate("s").epoch_seconds(), at.microsecond()
    found = engine.whole(seconds) * SECOND + engine.whole(rest)
    return inside.ifelse(found, ibis.null("int64"))


def number_of(column: "ir.Value") -> "ir.FloatingValue":
    """A value as a double: truth values are 1 and 0, what is not finite is NaN, null stays so."""
    import ibis  # noqa: PLC0415

    kind = column.type()
    if kind.is_boolean():
        return ibis.cases((column, 1.0), (~column, 0.0), else_=ibis.null("float64"))
    if kind.is_float32():  # 0.1 is meant to be 0.1
        column = column.cast("string")
    found = column.cast("float64")
    if kind.is_integer():
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
