"""Rows that cannot be used: why, how many, the first of them, and a file with all of them."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TextIO

from coord.errors import CoordError, UsageError
from coord.logs.block import Block
from coord.logs.columns import Layout, Use
from coord.logs.utf8 import marked, shown

WRONG_FIELDS = "wrong_number_of_fields"
NOT_UTF8 = "not_utf8"
UNREADABLE_TIME = "unreadable_timestamp"
NO_UNIT = "no_unit"
LONG_UNIT = "unit_over_100_bytes"

SHOWN = 5
"""How many of the first rows are kept of each reason."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Reject(NamedTuple):
    """A row that cannot be used. Rows count from 1; in a CSV file row 1 names the columns."""

    reason: str
    file: str
    row: int


def reasons_of(layout: Layout) -> tuple[str, ...]:
    """Every reason there can be, in the order in which they apply."""
    labels = tuple(f"no_{one.role}" for one in layout.wanted if one.use is Use.LABEL)
    times = (UNREADABLE_TIME,) if any(one.use is Use.TIME for one in layout.wanted) else ()
    units = (NO_UNIT, LONG_UNIT) if any(one.use is Use.UNIT for one in layout.wanted) else ()
    return (WRONG_FIELDS, NOT_UTF8, *times, *units, *labels)


class Rejects:
    """What was rejected so far. `counts` has every reason, also those that no row has."""

    def __init__(self, layout: Layout) -> None:
        """Start with nothing."""
        self.counts: Counter[str] = Counter(dict.fromkeys(reasons_of(layout), 0))
        self._first: dict[str, list[Reject]] = {}

    @property
    def total(self) -> int:
        """How many rows were rejected."""
        return self.counts.total()

    @property
    def first(self) -> list[Reject]:
        """The first rows of every reason."""
        return [one for reason in self.counts for one in self._first.get(reason, ())]

    def add(self, reason: str, file: str, rows: Sequence[int]) -> None:
        """Count rows of a file, given in ascending order."""
        self.counts[reason] += len(rows)
        kept = self._first.setdefault(reason, [])
        kept += [Reject(reason, file, int(row)) for row in rows[: SHOWN - len(kept)]]


class RejectsFile:
    """A CSV file with all rejected rows, written whole or not at all.

    Reason, file and row come first, then the columns of the files, then the text of rows with a wrong number
    of fields. What coord words cannot act as a formula in a spreadsheet; the cells of rows are as they were.
    """

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        """Take the path, and the names of the columns of all files."""
        self._path = path
        self._device = path.exists() and not path.is_file()  # written to, never replaced
        self._temporary = path if self._device else path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._columns = list(dict.fromkeys(columns))
        try:
            self._file: TextIO = self._temporary.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise CoordError(f"{path} cannot be written: {error.strerror}.") from None
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._write(["reason", "file", "row", *map(worded, self._columns), "text"])

    def add_block(self, file: str, header: Sequence[str], block: Block, reasons: Sequence[str]) -> None:
        """Write the rows of a block that have a reason, and the malformed ones, in the order of the file."""
        found: list[tuple[int, list[str]]] = [
            (row, self._line(WRONG_FIELDS, file, row, {}, text)) for row, text in block.malformed
        ]
        for place, reason in enumerate(reasons):
            if reason:
                row, values = int(block.rows[place]), (column[place].as_py() for column in block.whole)
                cells = dict(zip(header, map(_cell, values), strict=True))
                found.append((row, self._line(reason, file, row, cells, "")))
        for _, line in sorted(found):
            self._write(line)

    def _line(self, reason: str, file: str, row: int, cells: Mapping[str, str], text: str) -> list[str]:
        values = (shown(cells.get(column, "")) for column in self._columns)
        return [reason, worded(file), str(row or ""), *values, shown(text)]

    def _write(self, cells: list[str]) -> None:
        try:
            self._writer.writerow(cells)
        except OSError as error:
            raise CoordError(f"{self._path} cannot be written: {error.strerror}.") from None

    def finish(self) -> None:
        """Put the file in its place."""
        try:
            self._file.close()
            if not self._device:
                self._temporary.replace(self._path)
        except OSError as error:
            raise CoordError(f"{self._path} cannot be written: {error.strerror}.") from None

    def discard(self) -> None:
        """Leave nothing behind; harmless after `finish`."""
        with suppress(OSError):
            self._file.close()
        if not self._device:
            self._temporary.unlink(missing_ok=True)


class UnusableError(CoordError):
    """Everything was read, and no row is of use: the rejected ones say why."""


class Rejecting(Protocol):
    """Files or tables of which rows may be rejected."""

    @property
    def names(self) -> Sequence[str]:
        """The columns of all of them."""

    def reads(self, path: Path) -> bool:
        """Whether a file is one of them."""

    def write_to(self, file: RejectsFile) -> None:
        """Write the rows that are rejected, from now on."""


@contextmanager
def rejected(path: Path | None, *readings: Rejecting) -> Iterator[None]:
    """Write the rejected rows of all that is read meanwhile to one file, whole or not at all.

    It is also written when that ends as `UnusableError`.
    Raises UsageError for a file that is read itself.
    """
    if path is None:
        yield
        return
    if any(one.reads(path) for one in readings):
        raise UsageError(f"{path} is one of the files that are read. Give --rejects another name.")
    file = RejectsFile(path, [name for one in readings for name in one.names])
    try:
        for one in readings:
            one.write_to(file)
        yield
        file.finish()
    except UnusableError:
        file.finish()
        raise
    finally:
        file.discard()


def _cell(value: object) -> str:
    """A value as text; bytes that are not UTF-8 are marked."""
    if isinstance(value, bytes):
        return marked(value).decode()
    return "" if value is None else value if isinstance(value, str) else str(value)


def worded(text: str) -> str:
    """A cell that a spreadsheet takes for text, whatever it begins with."""
    return f"'{text}" if text.startswith(_FORMULA) else text
