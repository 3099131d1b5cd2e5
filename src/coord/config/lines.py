"""From character offsets to lines and columns."""

import re
from bisect import bisect_right

from coord.domain.findings import Position


class Lines:
    """The lines of a text; they end with \\n, \\r\\n or \\r."""

    def __init__(self, text: str) -> None:
        """Note where the lines begin."""
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def position(self, start: int, end: int | None = None) -> Position:
        """Where the text from `start` to `end` stands (default: one character)."""
        number = bisect_right(self.starts, start)
        begin = self.starts[number - 1]
        last = start + 1 if end is None else min(end, begin + len(self.line(number).rstrip()))
        return Position(number, start - begin + 1, max(1, last - start))

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")
