"""An organisation in a folder of a larger repository: what GitHub and pre-commit read is at its top."""

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from coord.authoring.codeowners import PLACES
from coord.errors import UsageError
from coord.history.git import GitFailed, git

PRE_COMMIT = ".pre-commit-config.yaml"


class Within(NamedTuple):
    """The top of everything, and where below it the organisation is: `""` when it is the top itself."""

    top: Path
    folder: str = ""

    def place(self, path: str) -> str:
        """Where below the top a file of the organisation goes."""
        return path if not self.folder or is_at_top(path) else f"{self.folder}/{path}"

    @property
    def pattern(self) -> str:
        """The folder as CODEOWNERS and the path filters of workflows take it, with a slash at its end.

        They agree on few characters, but for both a star is any of the others.
        """
        return re.sub(r"[^\w./-]", "*", f"{self.folder}/") if self.folder else ""

    @property
    def files(self) -> str:
        """What pre-commit runs the check for."""
        folder = re.escape(f"{self.folder}/").replace(r"\-", "-") if self.folder else ""
        return f"^{folder}(surfaces|schemas)/"

    @property
    def entry(self) -> str:
        """What pre-commit runs, at the top."""
        return f"coord check --root {shlex.quote(self.folder)}" if self.folder else "coord check"


def is_at_top(path: str) -> bool:
    """Whether a file is read at the top of a repository only."""
    return path.startswith(".github/") or path in (*PLACES, PRE_COMMIT)


def within(root: Path) -> Within:
    """The git repository that a folder, there already or not, is in; outside of any it is a top itself.

    Raises UsageError for a folder that no workflow can name.
    """
    top = _repository_top(root.absolute())
    if top is None or not root.resolve().is_relative_to(top):
        return Within(root)
    folder = root.resolve().relative_to(top).as_posix()
    if folder == ".":
        return Within(root)
    if not folder.isprintable() or "${{" in folder:
        raise UsageError(f"{root} has a name that a workflow cannot have in it. Give another folder.")
    return Within(top, folder)


def _repository_top(folder: Path) -> Path | None:
    while not folder.is_dir():
        folder = folder.parent
    try:
        return Path(os.fsdecode(git(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n")))
    except GitFailed:  # no repository, no git
        return None
