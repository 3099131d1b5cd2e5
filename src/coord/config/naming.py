"""Files whose names and places differ from what they say (SYN005)."""

import re
from collections.abc import Iterator

from coord.config.documents import Document, syntax, whole
from coord.config.layout import ALLOCATION, COORD, EXPERIMENT, METRICS, key_of, kind_of, stem, surface_of
from coord.config.schemas import schema
from coord.domain.findings import Finding, Place


def misnamed(document: Document) -> Iterator[Finding]:
    """The names in a file that differ from where it lies."""
    path, kind = document.path, document.kind
    if kind in {COORD, METRICS}:
        return
    expected = {"surface": surface_of(path)}
    if kind is EXPERIMENT:
        expected["experiment"] = stem(path)
    elif kind is ALLOCATION:
        expected = {"experiment": key_of(path)}
    for name, value in expected.items():
        written = document.value[name]
        if written != value:
            yield _misnamed(path, name, written, value)


def _misnamed(path: str, name: str, written: str, expected: str) -> Finding:
    """What is written names another file, or, when the file's name is right, another folder."""
    top, folder, *inner = path.split("/")
    if name == "experiment" and written.rpartition("/")[2] != stem(path):
        is_now, mend = f"the file is called {stem(path)}.yaml", "rename the file"
    else:
        target = "/".join((top, written.partition("/")[0], *inner[:-1]))
        is_now, mend = f"the file lies in the folder {folder}", f"move it to {target}/"
    hint = f"write `{name}: {expected}`, or {mend}" if all(map(_is_name, expected.split("/"))) else mend
    return syntax("SYN005", path, f"`{name}` is {written}, but {is_now}", Place(path, (name,)), hint)


def _is_name(text: str) -> bool:
    """Whether a file or folder is called as experiments and surfaces can be."""
    return re.fullmatch(schema("experiment")["definitions"]["name"]["pattern"], text) is not None


def misplaced(path: str) -> Finding:
    """A YAML file that lies where none belongs."""
    renamed = f"{path.rpartition('.')[0]}.yaml"
    hint = "experiments go to surfaces/<surface>/experiments/<name>.yaml; see the layout in the README"
    if kind_of(renamed):
        hint = f"rename it to {renamed.rpartition('/')[2]}"
    return syntax("SYN005", path, f"{path} has no place in the layout and is not read", whole(path), hint)
