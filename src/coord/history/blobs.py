"""The contents of blobs, read ahead: a few processes for thousands of small files, and never one for each."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from coord.config.files import UnreadableFile
from coord.history.git import git, git_stream

WINDOW = 16 * 2**20
"""How many bytes are read ahead and kept, at most."""


class Blobs:
    """Blobs by their ids. Which will be asked for, in which order, is told by `expect`."""

    def __init__(self, folder: Path) -> None:
        """Take a folder in the repository."""
        self._folder = folder
        self._expected: list[str] = []
        self._position: dict[str, int] = {}
        self._ahead: dict[str, bytes] = {}

    def expect(self, blobs: Iterable[str]) -> None:
        """Say which blobs will be asked for from now on. Any other costs a process of its own."""
        self._expected = list(dict.fromkeys(blobs))
        self._position = {blob: place for place, blob in enumerate(self._expected)}

    def content(self, blob: str, limit: int) -> bytes:
        """The bytes of a blob. Raises UnreadableFile over `limit` bytes, and GitFailed when it is lost."""
        if blob not in self._ahead:
            known = blob in self._position
            self._ahead = self._load(self._expected[self._position[blob] :] if known else [blob], limit)
        if blob not in self._ahead:
            # larger than what is read ahead, or lost, and then git says why
            self._ahead[blob] = git(self._folder, "cat-file", "blob", blob)
        _refuse_over(limit, len(self._ahead[blob]))
        return self._ahead[blob]

    def _load(self, blobs: Sequence[str], limit: int) -> dict[str, bytes]:
        """The first blob, unless it is too large or lost, and as many of the next as there is room for."""
        found: dict[str, bytes] = {}
        room = WINDOW
        with git_stream(self._folder, "cat-file", "--batch", "--buffer", stdin=_lines(blobs)) as stream:
            for blob in blobs:
                kind, size = _header(stream.readline())
                _refuse_over(limit, size if blob == blobs[0] else 0)
                room -= size
                if kind != b"blob" or room < 0:
                    break
                content = stream.read(size)
                if stream.read(1) != b"\n":
                    break
                found[blob] = content
        return found


def _header(line: bytes) -> tuple[bytes, int]:
    """Kind and size of an object, from `<id> <kind> <size>` or `<id> missing`; no kind when git has died."""
    parts = line.split()
    return (parts[1], int(parts[2]) if len(parts) > 2 else 0) if len(parts) > 1 else (b"", 0)


def _refuse_over(limit: int, size: int) -> None:
    if size > limit:
        raise UnreadableFile(f"it is larger than {limit // 2**20} MiB")


def _lines(blobs: Iterable[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode()
