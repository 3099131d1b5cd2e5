"""Changes of the files that experiments rest on: what the organisation and its surfaces say."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from coord.config.layout import ALLOCATION, EXPERIMENT
from coord.config.load import Tree
from coord.domain.findings import Pointer

WAIVERS = "waivers"
"""The field of a surface that lists its waivers."""


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
    if pointer == (WAIVERS,):
        yield from _waivers(path, before or [], after or [])
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _differences(path, (*pointer, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        for number, one, other in _items(before, after):
            yield from _differences(path, (*pointer, number), one, other)
    else:
        yield FileChange(path, pointer, before, after)


def _waivers(path: str, before: list[Any], after: list[Any]) -> Iterator[FileChange]:
    """Every waiver that is added, removed or has other terms, as a whole; the order says nothing."""
    old, new = _by_subject(before), _by_subject(after)
    for subject in dict.fromkeys((*old, *new)):
        for one, other in zip_longest(*_unequal(old.get(subject, []), new.get(subject, []))):
            number, known = other or one
            yield FileChange(path, (WAIVERS, number), one and one[1], other and known)


_Numbered = list[tuple[int, Mapping[str, Any]]]


def _by_subject(waivers: list[Any]) -> dict[Hashable, _Numbered]:
    """The waivers of each finding: a rule, an experiment, and another in either order."""
    found: dict[Hashable, _Numbered] = {}
    for number, waiver in enumerate(waivers):
        whom = frozenset((waiver["experiment"], waiver.get("with")))
        found.setdefault((waiver["rule"], whom), []).append((number, waiver))
    return found


def _unequal(before: _Numbered, after: _Numbered) -> tuple[_Numbered, _Numbered]:
    """Those of each side that the other does not have."""
    left, more = list(before), []
    for numbered in after:
        same = next((one for one in left if one[1] == numbered[1]), None)
        if same:
            left.remove(same)
        else:
            more.append(numbered)
    return left, more


def _items(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """The items of two lists side by side, without those that both begin and end with."""
    begin = _alike(before, after)
    ended = _alike(before[begin:][::-1], after[begin:][::-1])
    middles = (items[begin : len(items) - ended] for items in (before, after))
    for number, (one, other) in enumerate(zip_longest(*middles), start=begin):
        yield number, one, other


def _alike(before: list[Any], after: list[Any]) -> int:
    """How many items two lists begin with that are equal."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(before), len(after)))
