"""Names that nobody knows, with their rows: as many as are told apart in bounded memory.

A file can have another name in every row. Of too many, those that come first by their text are kept: which
these are, and how many rows they have, then depends neither on the order of rows nor on portions.
"""

MOST = 100_000
"""Names of experiments that are told apart; a file that is not hostile has far fewer."""

MOST_VALUES = 10_000
"""Names of variants, or values of a dimension, that are told apart of one experiment."""

_LENGTH = 200
"""Characters that all names together may have, for each name that is told apart."""

_SHOWN = 100


class Names:
    """Counts rows by name, None being one like any other."""

    def __init__(self, most: int = MOST, length: int | None = None) -> None:
        """Tell up to so many names apart, of so many characters together, and None."""
        self.counts: dict[str | None, int] = {}
        self._most, self._length = most, length if length is not None else most * _LENGTH
        self._size = 0  # characters of the names that are kept now
        self._before: str | None = None  # only names before this one are kept

    @property
    def bounded(self) -> bool:
        """Whether there were more names than are kept."""
        self._forget()
        return self._before is not None

    def add(self, name: str | None, rows: int) -> None:
        """Count more rows of a name."""
        if name in self.counts:
            self.counts[name] += rows
        elif name is None or self._before is None or name < self._before:
            self.counts[name] = rows
            self._size += len(name or "")
            if len(self.counts) > 2 * self._most or self._size > 2 * self._length:
                self._forget()

    def ranked(self) -> list[tuple[str | None, int]]:
        """The names with their rows, those with most first."""
        self._forget()
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0] or ""))

    def _forget(self) -> None:
        """Keep the first names only. What is kept at the end was never refused, so it is counted in full."""
        names = sorted(name for name in self.counts if name is not None)
        size, kept = 0, 0
        while kept < min(len(names), self._most) and size + len(names[kept]) <= self._length:
            size, kept = size + len(names[kept]), kept + 1
        self._size = size
        if kept < len(names):
            self._before = names[kept]
            for name in names[kept:]:
                del self.counts[name]


def shown(name: str) -> str:
    """A name that somebody logged, as it is told in a sentence: the beginning, if it is very long."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
