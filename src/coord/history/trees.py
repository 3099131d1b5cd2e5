"""The tree of a change and the tree that it changes."""

from pathlib import Path

from coord.config.files import WorkingTree
from coord.config.layout import kind_of
from coord.config.load import Base, Tree, load
from coord.config.shared import HashedFiles, shared_with
from coord.history.repository import Repository


def read_both(root: Path, ref: str) -> tuple[Tree, Base]:
    """The working tree, and the tree of the merge base of `ref` and HEAD.

    Raises CoordError where there is none, or where not all files are checked out.
    """
    repository = Repository.around(root)
    commit = repository.merge_base(ref)
    repository.require_all_files()
    before = repository.files(commit)
    now = HashedFiles(WorkingTree(root), before.algorithm)
    head = load(now)
    shared = shared_with(head, now, before)
    kinds = ((path, kind_of(path)) for path in before.listing().files)
    before.prefetch(path for path, kind in kinds if kind and shared(path, kind) is None)
    return head, Base(commit, load(before, shared), repository.behind(ref))
