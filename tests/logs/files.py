"""Exported files for tests: written in every format, read back as plain values."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from coord.domain.model import ExposureColumns
from coord.logs.columns import Layout, exposure_layout
from coord.logs.reader import Reading
from coord.logs.rejects import rejected

NAMES = ("timestamp", "user_id", "experiment", "variant")
LAYOUT = exposure_layout(ExposureColumns(), "user_id", ("country",))
FORMATS = ("csv", "csv.gz", "csv.zst", "tsv", "parquet")


class Read(NamedTuple):
    """What was read: row numbers with values (moments in microseconds), and the reasons of rejected rows."""

    rows: list[tuple[Any, ...]]
    rejects: dict[str, int]
    first: list[tuple[str, int]]
    total: int


def csv_text(rows: Iterable[Sequence[str]], names: Sequence[str] = NAMES, delimiter: str = ",") -> str:
    output = io.StringIO()
    writer = csv.writer(output, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([names, *rows])
    return output.getvalue()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


def write(path: Path, rows: Sequence[Sequence[str]], names: Sequence[str] = NAMES) -> Path:
    """Write rows of texts in the format that the name of the file says."""
    if path.suffix == ".parquet":
        columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(names))]
        parquet.write_table(pa.table(columns, names=list(names)), path)
        return path
    data = csv_text(rows, names, "\t" if path.suffix == ".tsv" else ",").encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, 1)
    if path.suffix == ".zst":
        data = zstd(data)
    path.write_bytes(data)
    return path


def read(*paths: Path | str, layout: Layout = LAYOUT, rejects: Path | None = None) -> Read:
    """Everything in files: the wanted columns by role, then the extras that are there."""
    rows: list[tuple[Any, ...]] = []
    reading = Reading([str(path) for path in paths], layout)
    with rejected(rejects, reading):
        for batch in reading.batches():
            columns = [batch.rows.tolist()]
            for column in (*batch.columns.columns, *batch.extras.columns):
                moments = pa.types.is_timestamp(column.type)
                columns.append((column.cast(pa.int64()) if moments else column).to_pylist())
            rows += zip(*columns, strict=True)
    first = [(one.reason, one.row) for one in reading.rejects.first]
    counts = {reason: number for reason, number in reading.rejects.counts.items() if number}
    return Read(rows, counts, first, reading.rows)
