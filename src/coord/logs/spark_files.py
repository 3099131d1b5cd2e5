"""Rows on their way to Spark: Parquet files of some hundred thousand rows at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coord.errors import CoordError

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1 << 18
"""Rows that are in memory before they are written."""


class Writing:
    """A table that is being written, as a file in a folder of its own."""

    def __init__(self, folder: Path, schema: "pa.Schema") -> None:
        """Make the folder."""
        from pyarrow import parquet  # noqa: PLC0415 - only this engine needs it

        folder.mkdir()
        self._folder, self._schema = folder, schema
        self._file = parquet.ParquetWriter(folder / "rows.parquet", schema)
        self._waiting: list[pa.RecordBatch] = []
        self._size = 0

    def write(self, rows: "pa.RecordBatch") -> None:
        """More rows. Raises CoordError."""
        self._waiting.append(rows)
        self._size += rows.num_rows
        if self._size >= _ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left. Raises CoordError."""
        self._flush()
        self._told(self._file.close)

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415

        table = pa.Table.from_batches(self._waiting, self._schema)
        self._waiting, self._size = [], 0
        self._told(lambda: self._file.write_table(table))

    def _told(self, write: "Callable[[], Any]") -> None:
        try:
            write()
        except OSError:
            raise full(self._folder.parent) from None


def full(folder: Path) -> CoordError:
    """What is said when there is no space left in a folder that was made for the rows."""
    return CoordError(
        f"The rows do not fit into {folder.parent}. Free space there, or set TMPDIR to a folder with more."
    )
