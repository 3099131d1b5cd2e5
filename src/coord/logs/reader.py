"""Reading exported files row by row, in batches: what can be used, and what cannot and why.

Every row is either handed out or rejected for one reason; rows do not get lost, which is checked for each
file. Nothing of a file is executed or looked up elsewhere, its name included.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.block import Block
from coord.logs.columns import Layout, extra_key
from coord.logs.csv_rows import CsvFile
from coord.logs.judging import judge
from coord.logs.parquet_rows import ParquetFile
from coord.logs.places import find_files
from coord.logs.rejects import WRONG_FIELDS, Rejects, RejectsFile, reasons_of
from coord.logs.source import open_file

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from coord.logs.judging import Codes


_AHEAD = 3
"""Batches that are made before they are asked for."""


class Batch(NamedTuple):
    """Rows that can be used: the place of their file, their numbers in it, and their columns.

    `columns` has the wanted ones by role: times as timestamps (UTC, without a zone), the rest as text.
    `extras` has by name the extra columns that the file has; an empty value is null.
    """

    file: int
    rows: "NDArray[np.int64]"
    columns: "pa.RecordBatch"
    extras: "pa.RecordBatch"


class FileRead(NamedTuple):
    """A file that is read: its path, the extra columns that it has, and how many rows were read so far."""

    path: str
    extras: tuple[str, ...]
    rows: int = 0


class Reading:
    """Files that are read, once: when `batches` is through, `files` and `rejects` are complete."""

    def __init__(self, named: Sequence[str], layout: Layout) -> None:
        """Look at the files and see that they have what is wanted. Raises CoordError."""
        self.layout = layout
        self.rejects = Rejects(layout)
        self._readers = [_reader(path, layout) for path in find_files(named)]
        self.bytes = sum(one.path.stat().st_size for one in self._readers)
        self.files = [FileRead(str(one.path), _extras(layout, one.places)) for one in self._readers]
        self._whole: RejectsFile | None = None

    @property
    def names(self) -> list[str]:
        """The columns of all files."""
        return [name for one in self._readers for name in one.header]

    def reads(self, path: Path) -> bool:
        """Whether a file is one of these."""
        return any(path.resolve() == one.path.resolve() for one in self._readers)

    def write_to(self, file: RejectsFile) -> None:
        """Write the rows that are rejected, whole; see `rejected`."""
        self._whole = file

    @property
    def rows(self) -> int:
        """How many rows were read so far, rejected ones included."""
        return sum(file.rows for file in self.files)

    def batches(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Batch]:
        """The rows that can be used, file by file; `progress` hears of more bytes. Raises CoordError."""
        for number, reader in enumerate(self._readers):
            done = 0
            for batch in _ahead(self._batches(number, reader)):
                progress(reader.done - done)
                done = reader.done
                yield batch

    def _batches(self, number: int, reader: CsvFile | ParquetFile) -> Generator[Batch]:
        for block in reader.blocks(whole=self._whole is not None):
            before = self.rejects.total
            batch = self._split(number, reader, block)
            rows = len(batch.rows) + self.rejects.total - before
            if rows != len(block.rows) + len(block.malformed):
                raise AssertionError(f"{reader.path}: a row was neither used nor rejected")
            self.files[number] = self.files[number]._replace(rows=self.files[number].rows + rows)
            if len(batch.rows):
                yield batch

    def _split(self, number: int, reader: CsvFile | ParquetFile, block: Block) -> Batch:
        """The usable rows of a block; the others are counted, and written where that is asked for."""
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        codes, moments = judge(self.layout, reader.places, block)
        self._reject(reader, block, codes)
        columns = {one.role: block.columns[reader.places[one.role]] for one in self.layout.wanted} | moments
        extras = {
            name: _without_empty(block.columns[reader.places[extra_key(name)]])
            for name in self.files[number].extras
        }
        batch = Batch(number, block.rows, pa.record_batch(columns), _record_batch(extras))
        if not codes.any():
            return batch
        kept = pa.array(codes == 0)
        more = batch.extras.filter(kept) if extras else batch.extras
        return Batch(number, block.rows[codes == 0], batch.columns.filter(kept), more)

    def _reject(self, reader: CsvFile | ParquetFile, block: Block, codes: "Codes") -> None:
        path, reasons = str(reader.path), reasons_of(self.layout)
        if block.malformed:
            self.rejects.add(WRONG_FIELDS, path, [row for row, _ in block.malformed])
        for code in sorted({*codes[codes > 0].tolist()}):
            self.rejects.add(reasons[code - 1], path, block.rows[codes == code].tolist())
        if self._whole:
            told = [reasons[code - 1] if code else "" for code in codes.tolist()]
            self._whole.add_block(path, reader.header, block, told)


def _reader(path: Path, layout: Layout) -> CsvFile | ParquetFile:
    with open_file(path) as opened:
        parquet = opened.parquet
    return ParquetFile(path, layout) if parquet else CsvFile(path, layout)


def _extras(layout: Layout, places: dict[str, int]) -> tuple[str, ...]:
    return tuple(name for name in layout.extras if extra_key(name) in places)


def _without_empty(array: "pa.Array") -> "pa.StringArray":
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    texts = array.cast(pa.string())
    return compute.if_else(compute.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _record_batch(columns: "dict[str, pa.Array]") -> "pa.RecordBatch":
    import pyarrow as pa  # noqa: PLC0415

    return pa.record_batch(columns) if columns else pa.record_batch([], names=[])


def _ahead(batches: Generator[Batch]) -> Iterator[Batch]:
    """The same, with the next ones being made while this one is used."""
    with closing(batches), ThreadPoolExecutor(1) as other:
        coming = deque(other.submit(next, batches, None) for _ in range(_AHEAD))
        while (batch := coming.popleft().result()) is not None:
            coming.append(other.submit(next, batches, None))
            yield batch
