"""Does a database compute as the other engines do? It is tried with the rows that databases differ in.

Some take a value that is no number for none, `A` for `a` or a space at the end for nothing, an empty text for
none. What they find then is not what `coord` finds elsewhere, so they are refused, by what they differ in.
"""

from datetime import UTC, datetime
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Any

from coord.errors import CoordError
from coord.logs.database import Database
from coord.logs.engine import number
from coord.logs.moments_in_time import micros
from coord.logs.table_columns import bytes_of, day_of, is_moment, micros_of, number_of, within
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    from ibis.expr import types as ir

_ROWS: tuple[tuple[int, str | None, float | None], ...] = (
    (1, "a", nan),
    (2, "A", inf),
    (3, "a ", -inf),
    (4, "ä", 0.1),
    (5, "", 1e300),
    (6, None, None),
    (7, 'it\'s \\ "q"; %s', -0.5),
    (8, "line\nend", 2.0**53),
)
_MOMENT = datetime(2026, 3, 1, 23, 59, 59, 999_999, UTC)
_DIFFERENCES = {
    "rows": "rows come back as others than went in",
    "kinds": "texts are taken for the same that have other letters (`a`, `A`, `a `, `ä`)",
    "least": "texts are not compared by their bytes",
    "found": "a text with quotes in it is not found",
    "bytes": "the bytes of a text are not known",
    "none": "a count of no rows is not 0, or a sum of none is not empty",
    "not_finite": "values that are no finite numbers are not told from others",
    "number": "a decimal constant is not the number that it says",
    "single": "a number of single precision is not the one that it is written as",
    "days": "whole numbers are divided otherwise",
    "moment": "a moment loses its microseconds",
    "zoned": "a moment with a time zone is not the same in UTC",
    "bounds": "moments are compared otherwise",
    "day": "a moment with a time zone is on another day",
    "truth": "truth values are no 1 and 0",
}


def check_alike(engine: Database) -> None:
    """Raise CoordError for a database that may not make temporary tables, or computes otherwise."""
    import pyarrow as pa  # noqa: PLC0415 - only analyses need it

    table, schema = engine.create({"key": "int64", "text": "string", "value": "float64"})
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*_ROWS, strict=True), schema, strict=True)
    ]
    try:
        engine.append(table, pa.table(columns, schema=schema))
        engine.filled(table)
        found = {"rows": _as_text(_back(engine, table))}
        found |= engine.fetch(_asked(engine, table)).to_pylist()[0]
    except CoordError as error:
        raise CoordError(_refused(engine, f"it cannot compute what is asked of it. {error}")) from None
    engine.forget(table)
    expected = _expected()
    if differences := [why for what, why in _DIFFERENCES.items() if found[what] != expected[what]]:
        raise CoordError(_refused(engine, "; ".join(differences)))


def _back(engine: Database, table: "ir.Table") -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in engine.fetch(table).to_pylist())


def _as_text(rows: list[tuple[Any, ...]]) -> str:
    """Rows that can be compared: no number that is none equals itself."""
    return repr([tuple("nan" if isinstance(x, float) and isnan(x) else x for x in row) for row in rows])


def _asked(engine: Database, table: "ir.Table") -> "ir.Table":
    import ibis  # noqa: PLC0415

    key, text, value = table.key, table.text, table.value
    small = (key == 4).ifelse(value, number(0.0))
    at = ibis.literal(_MOMENT.replace(tzinfo=None))
    zoned = ibis.literal(_MOMENT, "timestamp('UTC')")
    before, after = _MOMENT.replace(microsecond=999_998, tzinfo=None), _MOMENT.replace(tzinfo=None)
    bounds = [
        is_moment(zoned),
        within(zoned, after, after),
        within(at, before, after),
        within(at, before, before),
    ]
    return table.aggregate(
        kinds=text.nunique(where=key != 5),
        least=text.min(where=text.isin(["a", "A", "ä"])),
        found=table.count(where=text.isin([_ROWS[6][1]])),
        bytes=bytes_of(text).max(where=key < 6),
        none=table.count(where=key > 99) + value.sum(where=key > 99).isnull().ifelse(0, 1),
        not_finite=table.count(where=number_of(value).isnan()),
        number=table.count(where=value == number(0.1)),
        single=table.count(where=number_of(small.cast("float32")) == number(0.1)),
        days=((key * DAY - 1) // DAY - key + 2).sum(),
        moment=(micros_of(engine, at) + key * 0).min(),
        zoned=(micros_of(engine, zoned) + key * 0).min(),
        bounds=sum(table.count(where=one & (key > 0)) for one in bounds),
        day=table.count(where=(day_of(zoned) == ibis.literal(_MOMENT.date())) & (key > 0)),
        truth=(key > 2).cast("int64").sum(),
    )


def _expected() -> dict[str, Any]:
    moment = micros(_MOMENT.date()) + DAY - 1
    return {
        "rows": _as_text([*_ROWS]),
        "kinds": 6,
        "least": "A",
        "found": 1,
        "bytes": 2,
        "none": 0,
        "not_finite": 3,
        "number": 1,
        "single": 1,
        "days": len(_ROWS),
        "moment": moment,
        "zoned": moment,
        "bounds": 3 * len(_ROWS),
        "day": len(_ROWS),
        "truth": 6,
    }


def _refused(engine: Database, why: str) -> str:
    return (
        f"Results on {engine.scheme} would be others than on DuckDB, Spark or PostgreSQL: {why.rstrip('.')}. "
        "Export the rows, as Parquet for example, and give the files without --engine."
    )
