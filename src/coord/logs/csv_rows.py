"""Reading CSV: comma, semicolon or tab, plain or packed, every cell as the text that it is.

pyarrow splits the text. DuckDB does so too, but its parallel reader loses rows without a word where rows are
malformed, and it takes a packed file that was cut off for a short one.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coord.errors import CoordError
from coord.logs.columns import Layout, places
from coord.logs.lines import Unsound
from coord.logs.source import BLOCK, Source, Unpacked, first_bytes
from coord.logs.utf8 import MARK, marked, shown

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

DELIMITERS = (",", ";", "\t")


class Block(NamedTuple):
    """Rows that were read: their numbers, their columns by place in the file, and what was malformed.

    `texts` are rows with a wrong number of fields, which `rows` does not have. `dirty` are the rows with bytes
    that were not UTF-8, if any.
    """

    rows: "NDArray[np.int64]"
    columns: "dict[int, pa.Array]"
    texts: list[tuple[int, str]]
    dirty: "NDArray[np.bool_] | None"


class CsvFile:
    """A CSV file whose first line has been read: `header` are the names of its columns."""

    def __init__(self, path: Path, opened: Unpacked, layout: Layout) -> None:
        """Read the first line, and see what separates the cells. Raises CoordError."""
        self.path, self._opened = path, opened
        self._begin = first_bytes(path, opened.stream)
        self.header, self.delimiter = _header(path, self._begin, layout)
        self.places = places(str(path), self.header, layout)

    def blocks(self, columns: Sequence[int]) -> Iterator[Block]:
        """Every row, with the columns at these places as texts. Raises CoordError."""
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        source = Source(self.path, self._opened.stream, self._begin, self.delimiter)
        self._begin = b""
        counted = _Numbers()
        try:
            for batch in _batches(source, len(self.header), self.delimiter, columns, counted):
                yield _block(batch, columns, counted, source)
        except Unsound as error:
            raise CoordError(_unsound(self.path, error.row)) from None
        except pa.ArrowInvalid as error:
            raise CoordError(_too_long(self.path, counted.next, str(error))) from None
        if texts := counted.malformed():
            yield _block(_nothing(columns), columns, counted, source, texts)
        self._check(source.lines.finish(), counted)

    def _check(self, rows: int, counted: "_Numbers") -> None:
        if rows != counted.next - 1:
            raise CoordError(
                f"{self.path} has {rows - 1:,} rows by its line ends, and {counted.next - 2:,} were read. Nothing is "
                "reported of it, as rows would be missing. If it is being written, wait until it is done."
            )


class _Numbers:
    """The numbers of rows: pyarrow tells those of malformed rows, and all others follow from them."""

    def __init__(self) -> None:
        self.next = 2  # row 1 names the columns
        self._malformed: list[tuple[int, str]] = []

    def skip(self, invalid: "pa.csv.InvalidRow") -> str:
        """Called by pyarrow for a row with a wrong number of fields."""
        self._malformed.append((invalid.number, invalid.text))
        return "skip"

    def give(self, number: int) -> tuple["NDArray[np.int64]", list[tuple[int, str]]]:
        """The numbers of so many rows, and the malformed ones among them."""
        import numpy as np  # noqa: PLC0415

        first, last, taken = self.next, self.next + number, 0
        while taken < len(self._malformed) and self._malformed[taken][0] < last:
            taken, last = taken + 1, last + 1
        texts, self._malformed = self._malformed[:taken], self._malformed[taken:]
        self.next = last
        return np.delete(np.arange(first, last), [row - first for row, _ in texts]), texts

    def malformed(self) -> list[tuple[int, str]]:
        """The malformed rows at the end."""
        texts, self._malformed = self._malformed, []
        self.next += len(texts)
        return texts


def _batches(
    source: Source, width: int, delimiter: str, columns: Sequence[int], counted: _Numbers
) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    names = [str(place) for place in range(width)]
    wanted = [str(place) for place in columns]
    yield from arrow_csv.open_csv(
        pa.PythonFile(source, "r"),
        read_options=arrow_csv.ReadOptions(
            use_threads=False,  # only then rows have numbers
            block_size=BLOCK,
            column_names=names,
            skip_rows_after_names=1,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=counted.skip
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,  # the source has seen to it
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
            include_columns=wanted,
        ),
    )


def _nothing(columns: Sequence[int]) -> "pa.RecordBatch":
    import pyarrow as pa  # noqa: PLC0415

    return pa.record_batch([pa.array([], pa.string()) for _ in columns], [str(place) for place in columns])


def _block(
    batch: "pa.RecordBatch",
    columns: Sequence[int],
    counted: _Numbers,
    source: Source,
    texts: list[tuple[int, str]] | None = None,
) -> Block:
    rows, more = counted.give(batch.num_rows)
    arrays = {place: batch.column(number) for number, place in enumerate(columns)}
    return Block(rows, arrays, texts or more, _dirty(list(arrays.values())) if source.dirty else None)


def _dirty(arrays: Sequence["pa.Array"]) -> "NDArray[np.bool_]":
    """The rows that have a mark of bytes that were not UTF-8."""
    import numpy as np  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    found = [compute.match_substring(array, MARK).to_numpy(zero_copy_only=False) for array in arrays]
    return np.logical_or.reduce(found)


def _header(path: Path, begin: bytes, layout: Layout) -> tuple[list[str], str]:
    """The names of the columns, and what separates them: what makes most of the wanted names appear."""
    wanted = {one.column for one in layout.wanted} | {*layout.extras}
    text = marked(begin).decode() if not begin.isascii() else begin.decode()
    read = {delimiter: _first_row(path, text, delimiter) for delimiter in DELIMITERS}
    best = max(read, key=lambda one: (len(wanted & {*read[one]}), len(read[one])))
    if not read[best]:
        raise CoordError(f"The first line of {path} is empty, and must name the columns.")
    return [shown(name) for name in read[best]], best


def _first_row(path: Path, text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise CoordError(f"The first line of {path} does not name columns: {error}.") from None


def _unsound(path: Path, row: int) -> str:
    return (
        f"Row {row:,} of {path} has a field that begins with a quote, and the quote is not closed where the field "
        "ends, so it cannot be told where the rows after it begin. Nothing of the file was used. Export fields "
        'that have a quote in them in quotes, with the quote doubled: "5"" screen".'
    )


def _too_long(path: Path, row: int, words: str) -> str:
    if "straddling" not in words:
        return f"{path} cannot be read as CSV: {' '.join(words.split())}."
    return f"A row of {path}, at or after row {row:,}, is longer than {BLOCK // 2**20} MiB. Is it CSV?"
