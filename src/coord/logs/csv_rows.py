"""Reading CSV: comma, semicolon or tab, plain or packed, every cell as the text that it is.

pyarrow splits the text. DuckDB does so too, but its parallel reader loses rows without a word where rows are
malformed, and it takes a packed file that was cut off for a short one.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coord.errors import CoordError
from coord.logs.block import Block
from coord.logs.columns import Layout, places
from coord.logs.lines import Unsound
from coord.logs.source import BLOCK, Source, first_bytes, open_file, unreadable
from coord.logs.utf8 import MARK, marked, shown

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

DELIMITERS = (",", ";", "\t")


class CsvFile:
    """A CSV file whose first line has been read: `header` are the names of its columns.

    `places` are those of the wanted columns, and `done` is how many of its bytes were read.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        """Read the first line, and see what separates the cells. Raises CoordError."""
        self.path, self.done, self._layout = path, 0, layout
        with open_file(path) as opened:
            self.header, self.delimiter = _header(path, first_bytes(path, opened.stream), layout)
        self.places = places(str(path), self.header, layout)

    def blocks(self, *, whole: bool = False) -> Iterator[Block]:
        """Every row: the wanted columns as texts, and all of them where the `whole` row is asked for.

        Raises CoordError.
        """
        with open_file(self.path) as opened:
            begin = first_bytes(self.path, opened.stream)
            if _header(self.path, begin, self._layout) != (self.header, self.delimiter):
                raise unreadable(self.path, "it was changed while it was read")
            source, numbers = Source(self.path, opened.stream, begin, self.delimiter), _Numbers()
            for block in self._blocks(source, numbers, whole=whole):
                self.done = opened.raw.tell()
                yield block
        by_lines, by_reading = source.lines.finish() - 1, numbers.next - 2
        if by_lines != by_reading:
            raise CoordError(
                f"{self.path} has {by_lines:,} rows by its line ends, and {by_reading:,} were read, so some "
                "are missing; nothing of it is used. If it is still being written, wait until it is done."
            )

    def _blocks(self, source: Source, numbers: "_Numbers", *, whole: bool) -> Iterator[Block]:
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        used = sorted({*self.places.values()})
        columns = list(range(len(self.header))) if whole else used
        try:
            for batch in _batches(source, len(self.header), self.delimiter, columns, numbers):
                rows, malformed = numbers.give(batch.num_rows)
                arrays = {place: batch.column(columns.index(place)) for place in used}
                dirty = _dirty(list(arrays.values())) if source.dirty else None
                yield Block(rows, arrays, dirty, malformed, batch.columns if whole else ())
            source.lines.finish()
        except Unsound as error:
            raise CoordError(_unsound(self.path, error.row)) from None
        except pa.ArrowInvalid as error:
            raise CoordError(_too_long(self.path, numbers.next, str(error))) from None
        if malformed := numbers.rest():
            nothing = pa.array([], pa.string())
            yield Block(numbers.give(0)[0], dict.fromkeys(used, nothing), None, malformed)


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

    def rest(self) -> list[tuple[int, str]]:
        """The malformed rows after the last of the others."""
        texts, self._malformed = self._malformed, []
        self.next += len(texts)
        return texts


def _batches(
    source: Source, width: int, delimiter: str, columns: Sequence[int], numbers: _Numbers
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
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=numbers.skip
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,  # the source has seen to it
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
            include_columns=wanted,
        ),
    )


def _dirty(arrays: Sequence["pa.Array"]) -> "NDArray[np.bool_]":
    """The rows that have a mark of bytes that were not UTF-8."""
    import numpy as np  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    found = [compute.match_substring(array, MARK).to_numpy(zero_copy_only=False) for array in arrays]
    return np.array(np.logical_or.reduce(found), np.bool_)


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
        f"Row {row:,} of {path} has a field that begins with a quote, and the quote is not closed where the "
        "field ends, so it cannot be told where the rows after it begin; nothing of the file is used. Export "
        'fields with a quote in them in quotes, with that quote doubled: "a 5"" screen".'
    )


def _too_long(path: Path, row: int, words: str) -> str:
    if "straddling" not in words:
        return f"{path} cannot be read as CSV: {' '.join(words.split())}."
    most = BLOCK // 2**20
    return f"A row of {path}, row {row:,} or later, is longer than {most} MiB. Is a quote never closed?"
