"""Changes of the files that experiments rest on: what the organisation and its surfaces say."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from coord.config.layout import ALLOCATION, EXPERIMENT
from coord.config.load import Tree
from coord.domain.findings import Pointer


class FileChange(NamedTuple):
    """A field of a file that differs: its place and its values, None where it is not there."""

    path: str
    pointer: Pointer
    before: Any
    after: Any


def file_changes(before: Tree, after: Tree) -> Iterator[FileChange]:
    """Every field that differs in files that are neither experiments nor ledgers."""
    for path in sorted({*before.documents, *after.documents}):
        one, other = before.documents.get(path), after.documents.get(path)
        kind = (one or after.documents[path]).kind
        if kind in {EXPERIMENT, ALLOCATION} or path in before.broken or path in after.broken:
            continue
        if one is None or other is None or one is not other:
            yield from _differences(path, (), one and one.value, other and other.value)


def _differences(path: str, pointer: Pointer, before: Any, after: Any) -> Iterator[FileChange]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _differences(path, (*pointer, key), before.get(key), after.get(key))
    else:
        yield FileChange(path, pointer, before, after)
