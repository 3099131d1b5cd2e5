"""What the runner of GitHub gives and takes: the step summary, and paths from the repository's root."""

import os
from collections.abc import Callable
from pathlib import Path

from coord.errors import CoordError

_LARGEST = 2**20
"""GitHub drops the summary of a step that is larger."""

_SMALLEST = 8_000
"""With less room than this a summary says too little to be worth it."""


def append_step_summary(written: Callable[[int], str]) -> bool:
    """Append Markdown to the summary of this step; `written` gets how many bytes there is room for.

    False where there is no summary, no room in it, or it cannot be written: then say it elsewhere.
    """
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return False
    path = Path(name)
    try:
        size = path.stat().st_size if path.exists() else 0
        apart = "\n" if size else ""
        room = _LARGEST - size - len(apart)
        if room < _SMALLEST:
            return False
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(apart + written(room))
    except OSError:
        return False
    return True


def path_prefix(root: Path) -> str:
    """The way from the repository's root to a folder in it (`tools/coord/`); empty in no repository."""
    from coord.history.repository import Repository  # noqa: PLC0415 - only two formats run git

    try:
        surfaces = Repository.around(root).surfaces
    except CoordError:
        return ""
    return surfaces.removesuffix("surfaces")
