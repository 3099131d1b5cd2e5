"""The files of a commit, as if they were checked out."""

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from coord.config.files import MOST_FOLDERS, Listing
from coord.errors import CoordError
from coord.history.advice import to_mend
from coord.history.blobs import Blobs
from coord.history.git import GitFailed, git

_LINK, _SUBMODULE = b"120000", b"160000"
_ODD = {
    _LINK: "it is a symbolic link; put what it leads to here",
    _SUBMODULE: "it is a submodule; put its files here",
}


class _Tree(NamedTuple):
    """The ids of the blobs by path, sorted, and what is refused."""

    blobs: dict[str, str]
    refused: dict[str, str]


class RevisionFiles:
    """The files below `surfaces/` in a commit: what the working tree would list after a checkout of it."""

    def __init__(self, folder: Path, commit: str, surfaces: str) -> None:
        """Take a folder in the repository, the full id of a commit, and the path of `surfaces` in it."""
        self._folder = folder
        self._commit = commit
        self._surfaces = surfaces
        self.algorithm = "sha1" if len(commit) == 40 else "sha256"

    def listing(self) -> Listing:
        """Everything below `surfaces/`; nothing where the commit has no such folder."""
        return Listing(list(self._tree.blobs), dict(self._tree.refused))

    def blob(self, path: str) -> str:
        """The id of the blob of a listed file: files of the same bytes have the same."""
        return self._tree.blobs[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Say which listed files will be read from now on, in this order. Without it, all as listed."""
        self._blobs.expect(map(self.blob, paths))

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a listed file."""
        try:
            return self._blobs.content(self.blob(path), limit)
        except GitFailed as error:
            raise self._damage(path, error.words) from None

    @cached_property
    def _blobs(self) -> Blobs:
        blobs = Blobs(self._folder)
        blobs.expect(self._tree.blobs.values())
        return blobs

    @cached_property
    def _tree(self) -> _Tree:
        below = ("--", self._surfaces) if self._surfaces else ()
        try:
            shown = git(self._folder, "ls-tree", "-r", "-z", "--full-tree", self._commit, *below)
        except GitFailed as error:
            raise self._damage("surfaces", error.words) from None
        tree = _Tree({}, {})
        own = len(os.fsencode(self._surfaces))
        for entry in shown.split(b"\0")[:-1]:
            facts, _, path = entry.partition(b"\t")
            mode, _, blob = facts.split(b" ")
            _sort_in(tree, mode, blob.decode(), b"surfaces" + (path[own:] if own else b"/" + path))
        return _Tree(dict(sorted(tree.blobs.items())), tree.refused)

    def _damage(self, path: str, words: str) -> CoordError:
        commit = self._commit
        return CoordError(
            f"{path} of commit {commit} cannot be read in the repository of {self._folder}: "
            f"{words}. {to_mend(commit, words)}"
        )


def _sort_in(tree: _Tree, mode: bytes, blob: str, path: bytes) -> None:
    refusal = _refusal(mode, path)
    if refusal:
        refused, reason = refusal
        tree.refused[refused] = reason
    else:
        tree.blobs[path.decode()] = blob


def _refusal(mode: bytes, path: bytes) -> tuple[str, str] | None:
    """What is refused of an entry, the entry itself or a folder on the way to it, and why."""
    reason = _reason(path)
    if reason:
        parts = path.split(b"/")
        for end in range(1, len(parts)):
            folder = b"/".join(parts[:end])
            if above := _reason(folder):
                return _readable(folder), above
    if mode in _ODD:
        return _readable(path), _ODD[mode]
    if path == b"surfaces":
        return "surfaces", "it cannot be entered: Not a directory"
    return (_readable(path), reason) if reason else None


def _reason(path: bytes) -> str | None:
    if not _is_text(path):
        return "its name is not UTF-8 text"
    return "it lies too deep; the layout has three levels" if path.count(b"/") > MOST_FOLDERS else None


def _is_text(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _readable(path: bytes) -> str:
    """The path, with bytes that are not UTF-8 as escapes."""
    return path.decode("utf-8", "backslashreplace")
