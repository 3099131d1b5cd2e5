"""Making a repository: write files, commit, branch, clone."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
FIRST_SECOND = 1_767_225_600  # 2026-01-01


class Repo:
    """A repository in a folder, made if there is none. Every commit is a second after the one before."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Take the folder, and options of `git init`."""
        self.folder = folder
        self._seconds = FIRST_SECOND
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """What git prints, without the last line's end. Bytes that are not UTF-8 are kept as surrogates."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
            env=self._environment(),
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr.decode(errors='replace')}"
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files, given by paths below the folder; None takes one away."""
        for path, content in files.items():
            target = self.folder / path
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes | None] | None = None, message: str = "change") -> str:
        """Write files, commit everything there is, and return the commit's id."""
        self.write(files or {})
        self.git("add", "--all", ".")
        self._seconds += 1
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.id("HEAD")

    def merge(self, *revisions: str) -> str:
        """Merge revisions into what is checked out, and return the commit's id."""
        self._seconds += 1
        self.git("merge", "--quiet", "--no-ff", "-m", "merge", *revisions)
        return self.id("HEAD")

    def id(self, revision: str) -> str:
        """The id of what a revision names."""
        return self.git("rev-parse", "--verify", revision)

    def forget(self, revision: str) -> str:
        """Take an object that is not packed out of the store, and return its id."""
        object_id = self.id(revision)
        self.stored(object_id).unlink()
        return object_id

    def stored(self, object_id: str) -> Path:
        """The file of an object that is not packed."""
        folder = Path(self.git("rev-parse", "--absolute-git-dir"))
        return folder / "objects" / object_id[:2] / object_id[2:]

    def clone(self, folder: Path, *options: str) -> "Repo":
        """A clone of this repository, as if over a network, so that `--depth` works."""
        self.git("clone", "--quiet", *options, self.folder.as_uri(), str(folder))
        clone = Repo(folder)
        clone._seconds = self._seconds
        return clone

    def _environment(self) -> dict[str, str]:
        names = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (
                ("NAME", "a"),
                ("EMAIL", "a@example.org"),
                ("DATE", f"{self._seconds} +0000"),
            )
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return {**inherited, **SETTINGS, **names, "HOME": str(self.folder), "LC_ALL": "C"}


def hermetic(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have coord's git see nobody's settings either, and no repository above a folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
