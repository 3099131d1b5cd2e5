"""The rows of a table of units, handed to an engine: arms and values as numbers, dimensions as text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.number_texts import numbers

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

    from coord.logs.engine import Tables
    from coord.logs.readable import UnitReadable
    from coord.logs.reader import Batch

ARM, UNIT, PLACE = "arm", "unit", "place"
"""Columns of the rows: the arm from 0, the unit's id, and where the row is (`place_of` undoes it)."""

_ROWS_OF_A_FILE = 1 << 40
_AT_A_TIME = 1 << 17


class Wrong(NamedTuple):
    """Values of a column that are no finite numbers: how many, and the first, in which row of which file."""

    number: int
    first: str
    file: int
    row: int


class Rows(NamedTuple):
    """The rows of units that met one of the arms, in an engine.

    table: with ARM, the columns by `names`, and, where units have ids, UNIT and PLACE.
    strangers: the variants that no arm is logged as, one row for each row of the files that has one.
    wrong: the columns with values that are no numbers; they are null in the table.
    """

    table: "ir.Table"
    strangers: "ir.Table"
    wrong: Mapping[str, Wrong]


class Names(NamedTuple):
    """What columns of the files are called in the engine, where a name is nothing that a file says."""

    values: Mapping[str, str]
    dimensions: Mapping[str, str]


def names_of(values: Iterable[str], dimensions: Iterable[str]) -> Names:
    """Names for columns with values and for dimensions."""
    numbered = {name: f"value{i}" for i, name in enumerate(dict.fromkeys(values))}
    return Names(numbered, {name: f"dimension{i}" for i, name in enumerate(dict.fromkeys(dimensions))})


def place_of(place: int) -> tuple[int, int]:
    """The file, from 0, and the row in it."""
    return divmod(place, _ROWS_OF_A_FILE)


def read_rows(
    files: "UnitReadable",
    arms: Sequence[str],
    names: Names,
    engine: "Tables",
    progress: Callable[[int], None],
) -> Rows:
    """Read the files into tables of the engine. Raises CoordError."""
    import pyarrow as pa  # noqa: PLC0415 - only analyses need it

    ids = {UNIT: "string", PLACE: "int64"} if files.with_ids else {}
    values = dict.fromkeys(names.values.values(), "float64")
    dimensions = dict.fromkeys(names.dimensions.values(), "string")
    table, schema = engine.create({ARM: "int32", **ids, **values, **dimensions})
    strangers, stranger = engine.create({"variant": "string"})
    known, wrong = pa.array(arms, pa.string()), dict[str, Wrong]()
    waiting, size = list[pa.RecordBatch](), 0
    for batch in files.batches(progress):
        rows, others = _split(batch, known, names, schema, wrong)
        if len(others):
            engine.append(strangers, pa.table([others], schema=stranger))
        waiting.append(rows)
        size += rows.num_rows
        if size >= _AT_A_TIME:
            engine.append(table, pa.Table.from_batches(waiting))
            waiting, size = [], 0
    if waiting:
        engine.append(table, pa.Table.from_batches(waiting))
    return Rows(table, strangers, wrong)


def _split(
    batch: "Batch", known: "pa.StringArray", names: Names, schema: "pa.Schema", wrong: dict[str, Wrong]
) -> "tuple[pa.RecordBatch, pa.StringArray]":
    """The rows that are in an arm, as the engine has them, and the variants of the others."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    variants, extras, rows = batch.columns.column("variant"), batch.extras, pa.array(batch.rows)
    arms = compute.index_in(variants, known)
    others = variants.slice(0, 0)
    if arms.null_count:
        there = arms.is_valid()
        others, arms, rows = variants.filter(compute.invert(there)), arms.filter(there), rows.filter(there)
        extras = extras.filter(there) if extras.num_columns else extras
        batch = batch._replace(columns=batch.columns.filter(there))
    found: dict[str, pa.Array] = {ARM: arms}
    if UNIT in schema.names:
        found[UNIT] = batch.columns.column("unit")
        found[PLACE] = compute.add(rows, batch.file * _ROWS_OF_A_FILE)
    for column, name in names.values.items():
        found[name] = _values(column, extras.column(column), batch.file, rows, wrong)
    found |= {name: extras.column(column) for column, name in names.dimensions.items()}
    return pa.record_batch([found[name] for name in schema.names], schema=schema), others


def _values(
    column: str, texts: "pa.Array", file: int, rows: "pa.Int64Array", wrong: dict[str, Wrong]
) -> "pa.DoubleArray":
    """A column's numbers; what is wrong with it is noted."""
    import numpy as np  # noqa: PLC0415

    found = numbers(texts)
    if found.wrong is not None:
        first, number = int(np.argmax(found.wrong)), int(np.count_nonzero(found.wrong))
        before = wrong.get(column) or Wrong(0, str(texts[first].as_py()), file, rows[first].as_py())
        wrong[column] = before._replace(number=before.number + number)
    return found.values
