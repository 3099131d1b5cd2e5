"""The contents of blobs, read ahead: a few processes for thousands of small files, and never one for each."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from coord.history.git import git

WINDOW = 16 * 2**20
"""How many bytes are read ahead, unless a single blob has more."""


class Blobs:
    """Blobs by their ids. Which will be asked for, in which order, is told by `expect`."""

    def __init__(self, folder: Path) -> None:
        """Take a folder in the repository."""
        self._folder = folder
        self._expected: Sequence[str] = ()
        self._position: dict[str, int] = {}
        self._sizes: dict[str, int | None] = {}
        self._read: dict[str, bytes] = {}

    def expect(self, blobs: Iterable[str]) -> None:
        """Say which blobs will be asked for from now on. Any other costs a process of its own."""
        self._expected = list(dict.fromkeys(blobs))
        self._position = {blob: place for place, blob in enumerate(self._expected)}

    def size(self, blob: str) -> int | None:
        """How many bytes a blob has; None when the repository lacks it. Raises GitFailed."""
        if blob not in self._sizes:
            self._measure(self._from(blob))
        return self._sizes[blob]

    def content(self, blob: str, limit: int) -> bytes | None:
        """The bytes of a blob; None when the repository lacks it. Raises GitFailed.

        Others of more than `limit` bytes are not read ahead.
        """
        if blob not in self._read and self.size(blob) is not None:
            self._read = self._load(self._window(blob, limit))
        return self._read.get(blob)

    def _from(self, blob: str) -> Sequence[str]:
        """The blob, and what is expected after it."""
        return self._expected[self._position[blob] :] if blob in self._position else (blob,)

    def _measure(self, blobs: Sequence[str]) -> None:
        facts = "--batch-check=%(objecttype) %(objectsize)"
        shown = git(self._folder, "cat-file", facts, stdin=_lines(blobs))
        for blob, line in zip(blobs, shown.splitlines(), strict=True):
            kind, size = line.split(b" ")  # of one that is missing: its id, "missing"
            self._sizes[blob] = int(size) if kind == b"blob" else None

    def _window(self, blob: str, limit: int) -> list[str]:
        total, window = self.size(blob) or 0, [blob]
        for other in self._from(blob)[1:]:
            size = self.size(other)
            if size is not None and size <= limit:
                total += size
                if total > WINDOW:
                    break
                window.append(other)
        return window

    def _load(self, blobs: list[str]) -> dict[str, bytes]:
        shown = git(self._folder, "cat-file", "--batch", "--buffer", stdin=_lines(blobs))
        found, start = {}, 0
        for blob in blobs:
            size = self._sizes[blob]
            head = shown.index(b"\n", start)
            whole = shown[start:head] == f"{blob} blob {size}".encode()
            start = head + 1
            if size is not None and whole:  # one that is damaged has only the line
                found[blob] = shown[start : start + size]
                start += size + 1
        return found


def _lines(blobs: Iterable[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode()
