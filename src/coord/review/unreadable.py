"""What a plan cannot tell: files that are broken on a side, and the experiments that rest on them."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from coord.config.layout import FileKind, experiment_path, ledger_path
from coord.config.load import Tree


class Side(StrEnum):
    """On which side of a change a file is broken."""

    BEFORE = "before"
    AFTER = "after"
    BOTH = "both"


class Unreadable(NamedTuple):
    """A file that cannot be used on a side: what changes in it, and in what rests on it, is not known."""

    path: str
    side: Side
    reason: str


def unreadable(before: Tree, after: Tree) -> Iterator[Unreadable]:
    """Every file that is broken on either side, with the reason on the newest side where it is."""
    old, new = _broken(before), _broken(after)
    for path in sorted({*old, *new}):
        side = Side.BOTH if path in old and path in new else Side.BEFORE if path in old else Side.AFTER
        yield Unreadable(path, side, (new.get(path) or old[path])[1])


def _broken(tree: Tree) -> Mapping[str, tuple[FileKind, str]]:
    """The files that cannot be used; where there is no organisation, its first file is not missing."""
    return tree.broken if tree.documents else {}


def hidden(tree: Tree, key: str) -> bool:
    """Whether a tree has an experiment of which it cannot say what it is, or what it holds."""
    catalog = tree.catalog
    lost = key not in catalog.experiments and experiment_path(key) in catalog.experiment_files
    return lost or ledger_path(key) in tree.broken


def hidden_surface(tree: Tree, name: str) -> bool:
    """Whether a tree has a surface of which it cannot say what it is."""
    path = f"surfaces/{name}/surface.yaml"
    return name not in tree.catalog.surfaces and (path in tree.documents or path in tree.broken)
