"""A new organisation: the files to begin with, and how they are checked from the first day."""

import os
import secrets
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from coord.authoring.codeowners import CODEOWNERS, PLACES, codeowners, organisation, owners
from coord.authoring.requirement import requirement
from coord.authoring.within import PRE_COMMIT, Within, within
from coord.authoring.yaml_text import scalar
from coord.config.files import Files, MemoryFiles, WorkingTree
from coord.config.layout import KINDS
from coord.config.schemas import schema_text
from coord.config.store import write_all
from coord.errors import UsageError

CHECK, ALLOCATE = ".github/workflows/coord.yml", ".github/workflows/coord-allocate.yml"
ACTION = ".github/actions/coord/action.yml"
"""What the workflow runs; the very file that this repository's own CI runs."""

_SURFACES = {
    "surfaces/coord.yaml": "coord.yaml",
    "surfaces/metrics.yaml": "metrics.yaml",
    "surfaces/home/surface.yaml": "surface.yaml",
}
_AROUND = {
    CHECK: "check.yml",
    ACTION: "action.yml",
    PRE_COMMIT: "pre-commit-config.yaml",
    ".gitattributes": "gitattributes",
}


class Started(NamedTuple):
    """What was written, and which files were there before and stay, though they lack something.

    Paths are below `root`; those of files that are read only at the top of a repository, below `within.top`.
    `left` has the text, or just the lines, that each would have got; `installs` is what the workflows install
    (empty: unknown). `unowned` says that there is no CODEOWNERS, because no organisation on GitHub is known.
    """

    root: Path
    written: tuple[str, ...]
    left: Mapping[str, str]
    installs: str
    within: Within
    unowned: bool = False


def init(root: Path, install: str | None, *, allocate_on_merge: bool, github: str | None = None) -> Started:
    """Write the files that are not there yet, all or none. Raises UsageError where that makes no sense."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is not a folder. Give the folder of the new organisation.")
    installs = requirement() if install is None else install
    around = within(root)
    top = around.top
    known = organisation(top, github)
    wanted = _texts(installs, around, allocate_on_merge=allocate_on_merge)
    tree: Files = MemoryFiles({path: text.encode() for path, text in wanted.items()})
    if _has_organisation(root):
        wanted = {path: text for path, text in wanted.items() if path not in _SURFACES}
        tree = WorkingTree(root)
    place = next((place for place in PLACES if os.path.lexists(top / place)), None)
    if known and (teams := owners(tree)):
        wanted[place or CODEOWNERS] = codeowners(known, teams, f"/{around.pattern}")
    files = {path: top / around.place(path) for path in wanted}
    new = {path: text for path, text in wanted.items() if not os.path.lexists(files[path])}
    there = sorted(wanted.keys() - new.keys())
    left = {path: lack for path in there if (lack := _lack(files[path], path, wanted[path]))}
    write_all(top, {around.place(path): text for path, text in new.items()})
    return Started(root, tuple(new), left, installs, around, known is None and place is None)


def _lack(file: Path, path: str, text: str) -> str:
    """What a file does not have of a text, comments aside: lines of a list of lines, else all of it."""
    try:
        there = file.read_text("utf-8", "replace")
    except OSError:
        return text
    has = {" ".join(line.split()) for line in there.splitlines()} | {""}
    lack = [line for line in text.splitlines() if not _free(line) and " ".join(line.split()) not in has]
    return "".join(f"{line}\n" for line in lack) if path in (*PLACES, ".gitattributes") else text * bool(lack)


def _free(line: str) -> bool:
    """Whether a line may be another in a file that is there: a comment, or where coord is installed from."""
    return line.startswith("#") or line.strip().startswith(("install:", "COORD:"))


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


def _texts(installs: str, around: Within, *, allocate_on_merge: bool) -> dict[str, str]:
    """Every file by its path, schemas among them, so that editors find them beside the files."""
    templates = _SURFACES | _AROUND | ({ALLOCATE: "allocate.yml"} if allocate_on_merge else {})
    filled = {
        "@SALT@": f"user-{secrets.token_hex(8)}",
        "@ROOT@": scalar(around.folder or "."),
        "@INPUT@": f"\n          root: {scalar(around.folder)}" if around.folder else "",
        "@CHANGED@": f"{around.pattern}surfaces/**",
        "@ENTRY@": scalar(around.entry),
        "@FILES@": scalar(around.files),
        "@COORD@": scalar(installs),
    }
    texts = {}
    for path, name in templates.items():
        text = _template(name)
        for mark, value in filled.items():
            text = text.replace(mark, value)
        texts[path] = text
    for kind in KINDS:
        texts[f"schemas/{kind.name}.schema.json"] = schema_text(kind.name)
    return texts


def _template(name: str) -> str:
    """A template, from the package; the action, in a source tree, from where it is run."""
    packaged = files("coord.authoring") / "templates" / name
    source = Path(__file__).parents[3] / ACTION
    return (packaged if packaged.is_file() or name != "action.yml" else source).read_text("utf-8")
