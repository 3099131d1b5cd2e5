"""From character offsets to lines and columns."""

import re
from bisect import bisect_right

from coord.domain.findings import Position


class Lines:
    """The lines of a text; they end with \\n, \\r\\n or \\r."""

    def __init__(self, text: str) -> None:
        """Note where the lines begin and end."""
        self._text = text
        breaks = [match.span() for match in re.finditer(r"\r\n|\n|\r", text)]
        self._starts = [0, *(after for _, after in breaks)]
        self._ends = [*(before for before, _ in breaks), len(text)]
        self._lines: dict[int, str] = {}

    def position(self, start: int, end: int | None = None) -> Position:
        """Where the text from `start` to `end` stands (default: one character)."""
        number = bisect_right(self._starts, start)
        last = start + 1 if end is None else min(end, self._ends[number - 1])
        length = len(self._text[start:last].rstrip()) if end is not None and end > last else last - start
        return Position(number, start - self._starts[number - 1] + 1, max(1, length))

    def line(self, number: int) -> str:
        """The text of a line, without its end; kept, because many findings may be about one long line."""
        if number not in self._lines:
            self._lines[number] = self._text[self._starts[number - 1] : self._ends[number - 1]]
        return self._lines[number]
