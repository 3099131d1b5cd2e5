"""A tree with a file that is not written yet: what would `coord check` say?"""

from datetime import date

from coord.checks.result import LocatedFinding
from coord.checks.runner import check
from coord.checks.selection import narrow
from coord.config.files import Files, Listing, MemoryFiles
from coord.config.load import Tree, load


class Overlay:
    """Files of which one is replaced, or added, by text in memory."""

    def __init__(self, files: Files, path: str, data: bytes) -> None:
        """Take the files below, and the one on top."""
        self._files = files
        self._path = path
        self._top = MemoryFiles({path: data})

    def listing(self) -> Listing:
        """Everything below `surfaces/`."""
        found = self._files.listing()
        return Listing(sorted({*found.files, self._path}), found.refused)

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file."""
        return (self._top if path == self._path else self._files).read(path, limit)


def load_with(files: Files, path: str, text: str) -> Tree:
    """The tree with this text at the path."""
    return load(Overlay(files, path, text.encode()))


def findings_at(tree: Tree, path: str, today: date) -> tuple[LocatedFinding, ...]:
    """Every finding that touches the file."""
    return narrow(check(tree, today), (), (), (path,)).findings
