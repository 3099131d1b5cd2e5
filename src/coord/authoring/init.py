"""A new organisation: the files to begin with, and how they are checked from the first day."""

import os
import secrets
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from coord.authoring.requirement import requirement
from coord.authoring.yaml_text import scalar
from coord.config.layout import KINDS
from coord.config.schemas import schema_text
from coord.config.store import write_all
from coord.errors import UsageError

CHECK, ALLOCATE = ".github/workflows/coord.yml", ".github/workflows/coord-allocate.yml"
_SURFACES = {
    "surfaces/coord.yaml": "coord.yaml",
    "surfaces/metrics.yaml": "metrics.yaml",
    "surfaces/home/surface.yaml": "surface.yaml",
}
_AROUND = {
    CHECK: "check.yml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".gitattributes": "gitattributes",
}


class Started(NamedTuple):
    """What was written below `root`, and which files were there before and stay, though they lack something.

    `left` has the text that each would have got; `installs` is what the workflows install (empty: unknown).
    """

    root: Path
    written: tuple[str, ...]
    left: Mapping[str, str]
    installs: str


def init(root: Path, install: str | None, *, allocate_on_merge: bool) -> Started:
    """Write the files that are not there yet, all or none. Raises UsageError where that makes no sense."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is not a folder. Give the folder of the new organisation.")
    installs = requirement() if install is None else install
    wanted = _texts(installs, allocate_on_merge=allocate_on_merge)
    if _has_organisation(root):
        wanted = {path: text for path, text in wanted.items() if path not in _SURFACES}
    there = {path for path in wanted if os.path.lexists(root / path)}
    new = {path: text for path, text in wanted.items() if path not in there}
    left = {path: text for path, text in wanted.items() if path in there and _lacks(root / path, text)}
    write_all(root, new)
    return Started(root, tuple(new), left, installs)


def _lacks(path: Path, text: str) -> bool:
    """Whether a file does not have all the lines of a text, comments aside."""
    try:
        lines = {line.strip() for line in path.read_text("utf-8", "replace").splitlines()}
    except OSError:
        return True
    return any(line.strip() not in lines for line in text.splitlines() if not line.startswith("#"))


def _has_organisation(root: Path) -> bool:
    """Whether there is one already, to which no example is added."""
    if os.path.lexists(root / "surfaces" / "coord.yaml"):
        return True
    if os.path.lexists(root / "surfaces") and (
        not (root / "surfaces").is_dir() or any((root / "surfaces").iterdir())
    ):
        raise UsageError(
            f"{root / 'surfaces'} is there and has no coord.yaml, so it is something else. "
            "Move it away, or give another folder."
        )
    return False


def _texts(installs: str, *, allocate_on_merge: bool) -> dict[str, str]:
    """Every file by its path, schemas among them, so that editors find them beside the files."""
    templates = _SURFACES | _AROUND | ({ALLOCATE: "allocate.yml"} if allocate_on_merge else {})
    filled = {"@SALT@": f"user-{secrets.token_hex(8)}", "@COORD@": scalar(installs)}
    texts = {}
    for path, name in templates.items():
        text = (files("coord.authoring") / "templates" / name).read_text("utf-8")
        for mark, value in filled.items():
            text = text.replace(mark, value)
        texts[path] = text
    for kind in KINDS:
        texts[f"schemas/{kind.name}.schema.json"] = schema_text(kind.name)
    return texts
