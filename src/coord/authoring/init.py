"""A new organisation: the files to begin with, and how they are checked from the first day."""

import os
import secrets
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from coord.authoring.codeowners import CODEOWNERS, PLACES, codeowners, organisation, owners, repository_top
from coord.authoring.requirement import requirement
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
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".gitattributes": "gitattributes",
}


class Started(NamedTuple):
    """What was written below `root`, and which files were there before and stay, though they lack something.

    `left` has the text, or just the lines, that each would have got; `installs` is what the workflows install
    (empty: unknown). `unowned` says that there is no CODEOWNERS, because no organisation on GitHub is known.
    `inside` is the top of the repository when that is another folder, below which GitHub reads no workflows.
    """

    root: Path
    written: tuple[str, ...]
    left: Mapping[str, str]
    installs: str
    unowned: bool = False
    inside: Path | None = None


def init(root: Path, install: str | None, *, allocate_on_merge: bool, github: str | None = None) -> Started:
    """Write the files that are not there yet, all or none. Raises UsageError where that makes no sense."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is not a folder. Give the folder of the new organisation.")
    installs = requirement() if install is None else install
    known, top = organisation(root, github), repository_top(root.absolute())
    wanted = _texts(installs, allocate_on_merge=allocate_on_merge)
    tree: Files = MemoryFiles({path: text.encode() for path, text in wanted.items()})
    if _has_organisation(root):
        wanted = {path: text for path, text in wanted.items() if path not in _SURFACES}
        tree = WorkingTree(root)
    place = next((place for place in PLACES if os.path.lexists(root / place)), None)
    if known and (teams := owners(tree)):
        wanted[place or CODEOWNERS] = codeowners(known, teams)
    there = {path for path in wanted if os.path.lexists(root / path)}
    new = {path: text for path, text in wanted.items() if path not in there}
    left = {path: lack for path in sorted(there) if (lack := _lack(root, path, wanted[path]))}
    write_all(root, new)
    inside = None if top is None or top == root.resolve() else top
    return Started(root, tuple(new), left, installs, known is None and place is None, inside)


def _lack(root: Path, path: str, text: str) -> str:
    """What a file does not have of a text, comments aside: lines of a list of lines, else all of it."""
    try:
        there = (root / path).read_text("utf-8", "replace")
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


def _texts(installs: str, *, allocate_on_merge: bool) -> dict[str, str]:
    """Every file by its path, schemas among them, so that editors find them beside the files."""
    templates = _SURFACES | _AROUND | ({ALLOCATE: "allocate.yml"} if allocate_on_merge else {})
    filled = {"@SALT@": f"user-{secrets.token_hex(8)}", "@COORD@": scalar(installs)}
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
