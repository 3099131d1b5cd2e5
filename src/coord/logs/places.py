"""Finding the files that somebody names: paths, and patterns of paths."""

import re
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from coord.errors import CoordError

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAGIC = re.compile(r"[*?\[]")


def find_files(named: Sequence[str]) -> list[Path]:
    """The files, in the order in which they are named, those of a pattern by name; each once.

    What exists under the very name is that file, whatever characters are in it. Raises CoordError.
    """
    found: dict[Path, Path] = {}
    for name in named:
        for path in _matches(name):
            _check(path)
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _matches(name: str) -> list[Path]:
    path = Path(name)
    if not name or "\0" in name:
        raise CoordError("The name of a file is empty, or has a NUL in it. Give the path of a file.")
    try:
        there = path.exists() or path.is_symlink()
    except OSError as error:
        raise CoordError(f"{name} cannot be looked at: {error.strerror}.") from None
    if there:
        return [path]
    if _ELSEWHERE.match(name):
        raise CoordError(f"{name} is not on this machine. Download it, and give the path of the file.")
    if not _MAGIC.search(name):
        raise CoordError(
            f"There is no file {name}. Give the path of a file, or a quoted pattern such as 'logs/*.csv'."
        )
    matches = sorted(Path(match) for match in glob(name, recursive=True))  # noqa: PTH207 - of any folder
    files = [match for match in matches if not match.is_dir()]
    if not files:
        raise CoordError(
            f"No file matches {name}. Patterns know *, ?, [a-z] and ** for any depth of folders."
        )
    return files


def _check(path: Path) -> None:
    if path.is_dir():
        raise CoordError(f"{path} is a folder. Give its files: '{path}/*.csv', in quotes.")
    if not path.exists():
        raise CoordError(f"{path} is a link that leads nowhere.")
    if not path.is_file():
        raise CoordError(
            f"{path} is no regular file, and must be one, as it is read from the start more than once."
        )
