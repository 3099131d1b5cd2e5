"""The repository that holds `surfaces/`, and the commits of it that are compared with."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coord.errors import CoordError
from coord.history.advice import to_find, to_join
from coord.history.git import GitFailed, git
from coord.history.revision import RevisionFiles

_NO_ANCESTOR = 1
"""The status of `git merge-base` when there is none."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: a folder in its work tree, and the path of `surfaces` in its trees.

    The path is empty where `surfaces` is the top of a repository of its own, such as a submodule. Every
    revision is one of the repository that `surfaces` belongs to.
    """

    folder: Path
    surfaces: str
    pathspec: str = "."  # `surfaces` as seen from the folder

    @classmethod
    def around(cls, root: Path) -> "Repository":
        """The repository that the folder `surfaces` of a root belongs to. Raises CoordError."""
        inside = root / "surfaces"
        if inside.is_dir() and not inside.is_symlink():
            return cls(inside, _prefix(inside))
        return cls(root, "/".join(filter(None, (_prefix(root), "surfaces"))), "surfaces")

    def commit(self, revision: str) -> str:
        """The full id of the commit that a revision names: a branch, a tag, an id, `HEAD^1`."""
        found = self._object(revision)
        peeled = f"{found}^{{commit}}"
        asked = f"{found}\n{peeled}\n".encode()
        shown = git(self.folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked)
        (_, kind), (commit, _) = (line.split(" ") for line in shown.decode().splitlines())
        if kind == "missing":
            raise self._unknown(revision, "that object is not there")
        if commit == peeled:
            raise CoordError(
                f"{revision} is a {kind} in the repository of {self.folder}, and must be a commit. "
                "Give a branch, a tag or the id of a commit."
            )
        return commit

    def merge_base(self, revision: str) -> str:
        """The full id of the commit where the histories of HEAD and of a revision part.

        Where merges crossed there are several best ones. It is the one that the revision has in its first
        line of parents, as what the change got by a merge is not its own; else the one that git names first.
        """
        other = self.commit(revision)
        try:
            best = git(self.folder, "merge-base", "--all", other, "HEAD").decode().split()
            if len(best) == 1:
                return best[0]
            line = git(
                self.folder, "rev-list", "--first-parent", other, "--not", *(f"{one}^@" for one in best)
            )
            return next((one for one in line.decode().split() if one in best), best[0])
        except GitFailed as error:
            if error.status != _NO_ANCESTOR:
                self.commit("HEAD")  # says so if there is none yet
                raise
        raise CoordError(
            f"{revision} and HEAD have no common ancestor in the repository of {self.folder}, so there is "
            f"nothing to compare with. {to_join(self.folder)}"
        )

    def behind(self, revision: str) -> int:
        """How many commits to `surfaces/` a revision has that HEAD does not have."""
        count = git(
            self.folder, "rev-list", "--count", self.commit(revision), "--not", "HEAD", "--", self.pathspec
        )
        return int(count)

    def line(self) -> dict[str, datetime]:
        """The commits of HEAD's own line, the oldest first, and when each was made, in UTC.

        None is older than the one before it, whatever it says of itself.
        """
        found = git(self.folder, "log", "--first-parent", "--reverse", "--format=%H %ct", "HEAD").decode()
        line, latest = dict[str, datetime](), datetime.fromtimestamp(0, UTC)
        for commit, seconds in (row.split() for row in found.splitlines()):
            latest = max(latest, datetime.fromtimestamp(int(seconds), UTC))
            line[commit] = latest
        return line

    def changes_of(self, path: str | None = None) -> tuple[str, ...]:
        """The commits of HEAD's own line that changed a file below surfaces/, or any; the oldest first."""
        inside = self.pathspec if path is None else path
        if path is not None and self.pathspec == ".":
            inside = path.removeprefix("surfaces/")
        found = git(self.folder, "rev-list", "--first-parent", "--reverse", "HEAD", "--", inside)
        return tuple(found.decode().split())

    @property
    def shallow(self) -> bool:
        """Whether older commits were not fetched."""
        return git(self.folder, "rev-parse", "--is-shallow-repository").strip() == b"true"

    def require_all_files(self) -> None:
        """Raise CoordError where a sparse checkout leaves out files, which would look removed."""
        listed = git(self.folder, "ls-files", "-t", "-z", "--", self.pathspec).split(b"\x00")
        left_out = sum(entry.startswith(b"S ") for entry in listed)
        if left_out:
            files = "1 file is" if left_out == 1 else f"{left_out:,} files are"
            raise CoordError(
                f"The checkout in {self.folder} is sparse: {files} left out below surfaces/, and would look "
                "as if the change removed them. Run `git sparse-checkout add` with the folder surfaces."
            )

    def files(self, commit: str) -> RevisionFiles:
        """The files of a commit, given by its full id."""
        return RevisionFiles(self.folder, commit, self.surfaces)

    def _object(self, revision: str) -> str:
        """The id of the object that a revision names, whether it is there or not."""
        if not revision:
            raise CoordError(
                "The revision to compare with is empty; in CI, the variable that gives it may be unset. "
                "Give a branch, a tag or the id of a commit."
            )
        if revision.startswith("-"):  # git must not take it for an option
            raise self._unknown(revision, "no revision begins with a hyphen")
        try:
            return git(self.folder, "rev-parse", "--verify", revision).decode().strip()
        except GitFailed as error:
            raise self._unknown(revision, error.words) from None

    def _unknown(self, revision: str, words: str) -> CoordError:
        if not self._has_commit():
            return CoordError(
                f"The branch that is checked out in {self.folder} has no commit yet, so there is nothing to "
                "compare with. Commit first."
            )
        why = f" ({words})" if words and "Needed a single revision" not in words else ""
        where = f"the repository of {self.folder}"
        return CoordError(f"{revision} is no commit of {where}{why}. {to_find(self.folder, revision)}")

    def _has_commit(self) -> bool:
        try:
            return bool(git(self.folder, "rev-parse", "--verify", "HEAD"))
        except GitFailed:
            return False


def _prefix(folder: Path) -> str:
    """The path of a folder in the trees of the repository around it, empty for its top."""
    try:
        shown = git(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix")
        home = os.fsdecode(git(folder, "rev-parse", "--absolute-git-dir")).removesuffix("\n")
    except GitFailed as error:
        if "not a git repository" not in error.words:
            raise
        raise CoordError(
            f"{folder} is in no git repository ({error.words}), so there is no earlier revision to compare "
            "with. Run coord in a clone of your repository."
        ) from None
    inside, _, prefix = shown.partition(b"\n")
    # files of a tree can look like a bare repository, which git would then ask instead of the real one
    if inside != b"true" or folder.resolve().is_relative_to(home):
        raise CoordError(
            f"{folder} is in no work tree of a git repository: git takes {home} for the repository, and that "
            "is bare, or has its work tree elsewhere. Run coord in a clone, or in one made with "
            "`git worktree add`. If this is one, remove what looks like a repository: HEAD, objects, refs."
        )
    return os.fsdecode(prefix).removesuffix("\n").rstrip("/")
