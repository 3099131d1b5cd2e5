"""A healthy tree to break one file of, and cases that say what is broken and where the finding must stand.

The surface `home` has one experiment and is the victim. The surface `search` has two that conflict on
purpose: whatever happens at home, BKT001 about search must still be reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Content = str | bytes | None
"""What a file holds; None takes the file away."""

MARK = "⌖"
"""Stands in the text of a case right before the character that a finding must point at."""

COORD = "surfaces/coord.yaml"
METRICS = "surfaces/metrics.yaml"
SURFACE = "surfaces/home/surface.yaml"
EXPERIMENT = "surfaces/home/experiments/one.yaml"
LEDGER = "surfaces/home/allocations/one.yaml"
OTHER_SURFACE = "surfaces/search/surface.yaml"

_COORD = """\
spaces:
  user: {unit: user_id, salt: MegaSalt-acme, buckets: 100}
teams: [home-team, search-team]
"""

_METRICS = """\
metrics:
  minutes_played: {title: Time, event: play, value: minutes, aggregate: sum, window: 7d, direction: increase}
"""

_SURFACE = """\
surface: %(surface)s
title: The surface %(surface)s
owner: %(surface)s-team
space: user
components:
  header: Everything above the first shelf
audience:
  country: {fixed: true, values: {SE: 10%%, US: 60%%}}
metrics:
  success: [{metric: minutes_played, mde: 1%%}]
"""

_EXPERIMENT = """\
experiment: %(name)s
surface: %(surface)s
kind: ab_test
title: Test %(name)s
owner: %(surface)s-team
hypothesis: It helps.
status: active
start: 2026-03-02
end: 2026-03-30
traffic: 20%%
components: [header]
audience: {country: [SE]}
variants:
  - {name: control, weight: 1}
  - {name: treatment, weight: 2}
"""

_LEDGER = """\
experiment: %(surface)s/%(name)s
space: user
version: 1
migrated: true
entries:
  - buckets: "%(buckets)s"
"""


def healthy() -> dict[str, str]:
    """The tree; its only error is the conflict of search/left and search/right."""
    files = {COORD: _COORD, METRICS: _METRICS}
    for surface, name, buckets in (
        ("home", "one", "0:20"),
        ("search", "left", "0:20"),
        ("search", "right", "10:30"),
    ):
        words = {"surface": surface, "name": name, "buckets": buckets}
        files[f"surfaces/{surface}/surface.yaml"] = _SURFACE % words
        files[f"surfaces/{surface}/experiments/{name}.yaml"] = _EXPERIMENT % words
        files[f"surfaces/{surface}/allocations/{name}.yaml"] = _LEDGER % words
    return files


def changed(files: Mapping[str, Content]) -> dict[str, str | bytes]:
    """The healthy tree with these files put in, or taken away."""
    merged: dict[str, Content] = {**healthy(), **files}
    return {path: content for path, content in merged.items() if content is not None}


def edit(path: str, old: str, new: str) -> str:
    """The healthy file with the first `old` replaced."""
    text = healthy()[path]
    if old not in text:
        raise AssertionError(f"{path} has no {old!r}")
    return text.replace(old, new, 1)


def append(path: str, more: str) -> str:
    """The healthy file with more at its end."""
    return healthy()[path] + more


@dataclass(frozen=True)
class Expected:
    """A finding that must be there; without a line anywhere in the file will do."""

    code: str
    path: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Case:
    """Files to put into the healthy tree and every SYN and REF finding that must follow, no more.

    `spoils` says that the conflict on search cannot be known then.
    """

    id: str
    files: Mapping[str, Content]
    expected: tuple[Expected, ...] = ()
    spoils: bool = False


def bad(id_: str, codes: str, path: str, content: str | bytes, *at: tuple[int, int]) -> Case:
    """A file with findings of `codes`, in order, at the marks in its text or at the places `at`."""
    text, marked = _unmark(content) if isinstance(content, str) else (content, [])
    places = [*marked, *at]
    kinds = codes.split()
    if places:
        assert len(places) == len(kinds), id_
        found = [Expected(code, path, *place) for code, place in zip(kinds, places, strict=True)]
    else:
        found = [Expected(code, path) for code in kinds]
    return Case(id_, {path: text}, tuple(found), spoils=path in {COORD, OTHER_SURFACE})


def swapped(id_: str, codes: str, path: str, old: str, new: str) -> Case:
    """A healthy file with something bad in the place of the first `old`."""
    return bad(id_, codes, path, edit(path, old, new))


def added(id_: str, codes: str, path: str, text: str) -> Case:
    """A healthy file with something bad at its end."""
    return bad(id_, codes, path, append(path, text))


def good(id_: str, path: str, content: str | bytes) -> Case:
    """A file that looks odd and is accepted."""
    return Case(id_, {path: content})


def _unmark(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and the line and column of each."""
    *before, last = text.split(MARK)
    places: list[tuple[int, int]] = []
    read = ""
    for piece in before:
        read += piece
        lines = read.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        places.append((len(lines), len(lines[-1]) + 1))
    return read + last, places
