"""Watching the bytes of a CSV file go by: are its quotes sound, and how many rows does it have?

A quote that opens a field and closes in the middle of one can swallow the rows after it, and no reader of CSV
says so. The number of rows is counted here a second time, to hold it against what was read.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]

_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D

_PIECE = 1 << 17


class Unsound(Exception):  # noqa: N818 - a property of the file
    """A quote is neither at the beginning nor at the end of a field, or never closed; in which row."""

    def __init__(self, row: int) -> None:
        """Take the row, counted from 1."""
        super().__init__(row)
        self.row = row


class Lines:
    """What was seen of a file so far. `rows` are those that have ended, blank lines left out."""

    def __init__(self, delimiter: str) -> None:
        """Start at the beginning of a file."""
        self._ends = (ord(delimiter), _LF, _CR)
        self.rows = 0
        self._inside = False  # of a quoted field
        self._last = _LF  # the byte before
        self._closed = False  # whether that was a quote which closed a field

    def feed(self, data: bytes, ahead: int | None) -> None:
        """The next bytes, and the one that follows them (None at the end of the file). Raises Unsound."""
        import numpy as np  # noqa: PLC0415

        if not data:
            return
        seen = np.frombuffer(data, np.uint8)
        if not self._inside and b'"' not in data:
            self._feed_plain(seen, returns=b"\r" in data)
            return
        turns = self._turns(seen, ahead) if b'"' in data else np.zeros(0, np.int64)
        self.rows += len(self._row_ends(seen, turns))
        self._inside ^= bool(len(turns) & 1)
        self._closed = not self._inside and bool(len(turns)) and int(turns[-1]) == len(seen) - 1
        self._last = int(seen[-1])

    def _feed_plain(self, seen: "Bytes", *, returns: bool) -> None:
        """Bytes outside of quotes and without any, a piece at a time: that stays in the cache."""
        import numpy as np  # noqa: PLC0415

        for begin in range(0, len(seen), _PIECE):
            some = seen[begin : begin + _PIECE]
            breaks = some == _LF
            if returns:
                breaks |= some == _CR
            self.rows += int(np.count_nonzero(breaks[1:] > breaks[:-1]))
            self.rows += bool(breaks[0]) and self._last not in {_LF, _CR}
            self._last = int(some[-1])
        self._closed = False

    def finish(self) -> int:
        """The number of rows of the file, the last of which may lack a line end. Raises Unsound."""
        if self._inside:
            raise Unsound(self.rows + 1)
        return self.rows + (self._last not in {_LF, _CR})

    def _row_ends(self, seen: "Bytes", turns: "Places") -> "Places":
        """Where rows end: the first byte of a line end after something else, outside of quotes."""
        import numpy as np  # noqa: PLC0415

        breaks = (seen == _LF) | (seen == _CR)
        first = breaks.copy()
        first[1:] &= ~breaks[:-1]
        first[0] &= self._last not in {_LF, _CR}
        ends = np.flatnonzero(first)
        if len(turns) or self._inside:
            ends = ends[(np.searchsorted(turns, ends) + self._inside) & 1 == 0]
        return ends

    def _turns(self, seen: "Bytes", ahead: int | None) -> "Places":
        """The quotes at which quoting begins or ends; the two of a doubled one end it and begin it again."""
        import numpy as np  # noqa: PLC0415

        quotes = np.flatnonzero(seen == _QUOTE)
        before = np.where(quotes > 0, seen[quotes - 1], self._last)
        after = np.append(seen, _LF if ahead is None else ahead)[quotes + 1]
        opening = (np.arange(len(quotes)) + self._inside) & 1 == 0
        starts = self._is_end(before) | (before == _QUOTE)
        if quotes[0] == 0 and before[0] == _QUOTE and not self._closed:
            starts[0] = False
        if np.all(np.where(opening, starts, self._is_end(after) | (after == _QUOTE))):
            return quotes
        return self._slowly(seen, quotes, before, after)

    def _is_end(self, values: "Bytes") -> "NDArray[np.bool_]":
        found: NDArray[np.bool_] = values == self._ends[0]
        for end in self._ends[1:]:
            found |= values == end
        return found

    def _slowly(self, seen: "Bytes", quotes: "Places", before: "Bytes", after: "Bytes") -> "Places":
        """The same quote by quote: one in the middle of an unquoted field is a character like any other."""
        import numpy as np  # noqa: PLC0415

        turns: list[int] = []
        inside, closed = self._inside, 0 if self._closed else -1  # where a quote would double the one before
        for place, prior, following in zip(quotes.tolist(), before.tolist(), after.tolist(), strict=True):
            if not inside:
                if prior not in self._ends and place != closed:
                    continue
            elif following in {*self._ends, _QUOTE}:
                closed = place + 1
            else:
                before_it = self._row_ends(seen[: place + 1], np.array(turns, np.int64))
                raise Unsound(self.rows + len(before_it) + 1)
            turns.append(place)
            inside = not inside
        return np.array(turns, np.int64)
