"""What to do when a revision, or a part of one, is not in the repository."""

import shlex
from pathlib import Path

from coord.history.git import git

_SHALLOW = (
    "The clone is shallow: it has only the newest commits. In CI, check out with `fetch-depth: 0`, or with "
    "`fetch-depth: 2` and `--base HEAD^1`; elsewhere run `git fetch --unshallow`."
)


def to_find(folder: Path, revision: str) -> str:
    """How to get at a revision that is not there."""
    pattern = f"refs/remotes/*/{revision}"
    fetched = git(folder, "for-each-ref", "--count=1", "--format=%(refname:short)", pattern)
    if fetched:
        return f"Did you mean {_text(fetched)}?"
    if _is_shallow(folder):
        return _SHALLOW
    short = revision.removeprefix("refs/remotes/")
    for remote in _text(git(folder, "remote")).splitlines():
        if short.startswith(f"{remote}/"):
            ref = shlex.quote(f"{short.removeprefix(f'{remote}/')}:refs/remotes/{short}")
            return (
                f"That branch was not fetched. Run `git fetch {shlex.quote(remote)} {ref}`; in CI, check out "
                "with `fetch-depth: 0`, which fetches every branch."
            )
    return "Give a branch, a tag or the id of a commit; `git branch --all` lists the branches."


def to_join(folder: Path) -> str:
    """How to get at the common ancestor that two revisions lack."""
    if _is_shallow(folder):
        return _SHALLOW
    return "The two histories are unrelated. Give the branch that the change was started from."


def to_mend(commit: str, words: str) -> str:
    """How to get at files of a commit that the repository should have and has not."""
    if "promisor" in words:
        return (
            f"The clone is partial, made with `--filter`, and nothing is fetched while reading. "
            f"`git diff --stat {commit}` fetches what is missing; in CI, check out without `filter`."
        )
    return "The repository is damaged. `git fsck` says where; a fresh clone mends it."


def _is_shallow(folder: Path) -> bool:
    return git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _text(shown: bytes) -> str:
    return shown.decode("utf-8", "backslashreplace").strip()
