"""Where files come from: the working tree, or a mapping in memory. Rules never see the difference."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

ROOT_FILE = "surfaces/coord.yaml"


class UnreadableFile(Exception):  # noqa: N818 - a property of the file, reported as a finding
    """The file cannot or must not be read; the message says why."""


class Listing(NamedTuple):
    """The regular files below `surfaces/`, sorted, and what else is there, with the reason to refuse it."""

    files: list[str]
    refused: dict[str, str]


class Files(Protocol):
    """The files of a tree, named by posix paths relative to its root."""

    def listing(self) -> Listing:
        """Everything below `surfaces/`."""

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a listed file of at most `limit` bytes. Raises UnreadableFile."""


class MemoryFiles:
    """Files given as a mapping."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Take paths relative to the root with their bytes."""
        self._files = files

    def listing(self) -> Listing:
        """Everything below `surfaces/`."""
        return Listing(sorted(path for path in self._files if path.startswith("surfaces/")), {})

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file."""
        return _bounded(self._files[path], limit)


class WorkingTree:
    """The files below a directory. Links are never followed; only regular files are read."""

    def __init__(self, root: Path) -> None:
        """Take the directory that has `surfaces/`."""
        self._root = root

    def listing(self) -> Listing:
        """Everything below `surfaces/`."""
        found = Listing([], {})
        _walk(str(self._root / "surfaces"), "surfaces", found)
        found.files.sort()
        return found

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a regular file."""
        try:
            with (self._root / path).open("rb", buffering=0) as file:
                return _bounded(file.read(limit + 1), limit)
        except OSError as error:
            raise UnreadableFile(f"it cannot be read: {error.strerror}") from None


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise UnreadableFile(f"it is larger than {limit // 2**20} MiB")
    return data


MOST_FOLDERS = 8
"""How deep folders are looked into; the layout needs three."""


def _walk(folder: str, name: str, found: Listing) -> None:
    if reason := _refused(folder, name):
        found.refused[_readable(name)] = reason
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found.refused[_readable(name)] = f"it cannot be entered: {error.strerror}"
        return
    for entry in entries:
        path = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            _walk(entry.path, path, found)
        elif reason := _refused(entry.path, path):
            found.refused[_readable(path)] = reason
        elif entry.is_file():
            found.files.append(path)
        else:
            found.refused[path] = "it is neither a file nor a folder"


def _refused(place: str, name: str) -> str | None:
    """Why a file or folder is not looked at, whatever is in it."""
    if os.path.islink(place):  # noqa: PTH114 - names may be anything
        return "it is a symbolic link; put what it leads to here"
    if not _is_text(name):
        return "its name is not UTF-8 text"
    return "it lies too deep; the layout has three levels" if name.count("/") > MOST_FOLDERS else None


def _is_text(name: str) -> bool:
    return _readable(name) == name


def _readable(name: str) -> str:
    """The name, with bytes that are not UTF-8 as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
