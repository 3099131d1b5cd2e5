"""What a tree already says that a new file must fit to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coord.authoring.names import What
from coord.authoring.words import near, some
from coord.config.files import ROOT_FILE
from coord.config.load import Tree
from coord.errors import CoordError, UsageError


@dataclass(frozen=True)
class Facts:
    """Names that can be chosen from. The later ones are for the surface of a new experiment."""

    teams: tuple[str, ...]
    spaces: tuple[str, ...]
    metrics: tuple[str, ...]
    surfaces: tuple[str, ...]
    owner: str | None = None
    components: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()  # components of all surfaces, written `surface/component`
    policy: Mapping[str, int] | None = None
    requires_success: bool = False


def facts_for(tree: Tree, what: What, name: str, path: str) -> Facts:
    """What a new file at the path can refer to. Raises UsageError or CoordError where it cannot be."""
    _refuse_broken(tree, ROOT_FILE)
    if path in tree.documents or path in tree.broken:
        raise UsageError(f"{path} is there already, and is not overwritten. Choose another name, or edit it.")
    coord, metrics = _value(tree, ROOT_FILE), _value(tree, "surfaces/metrics.yaml")
    surfaces = tuple(sorted(tree.catalog.surfaces))
    known = tuple(coord["teams"]), tuple(coord["spaces"]), tuple(metrics.get("metrics", ())), surfaces
    if what is What.SURFACE:
        return Facts(*known)
    surface = name.partition("/")[0]
    file = f"surfaces/{surface}/surface.yaml"
    _refuse_broken(tree, file)
    if surface not in surfaces:
        raise UsageError(
            f"There is no surface {surface}{near(surface, surfaces) or '.'} Surfaces are "
            f"{some(surfaces) or 'not there yet'}. Write it first: coord new surface {surface}."
        )
    value = _value(tree, file)
    others = tuple(f"{s.name}/{part}" for s in tree.catalog.surfaces.values() for part in s.components)
    required = value.get("metrics", {}).get("success", ())
    return Facts(
        *known, value["owner"], tuple(value["components"]), others, value.get("policy", {}), bool(required)
    )


def _refuse_broken(tree: Tree, path: str) -> None:
    if path in tree.broken:
        raise CoordError(
            f"{path} cannot be used: {tree.broken[path][1]}. What a new file refers to stands in it: "
            f"run `coord check {path}` and correct it first."
        )


def _value(tree: Tree, path: str) -> dict[str, Any]:
    document = tree.documents.get(path)
    usable = document and path not in tree.broken
    return dict(document.value) if document and usable else {}
