"""Good and bad examples of every rule: the golden cases that the tests keep true.

A case is a folder `<CODE>/{good,bad}-<slug>/` with a `surfaces/` tree. Of a rule's cases a pair is shown that
differs little: what was changed between the two is what the rule is about. Of a rule that compares, each case
is itself a change, from the tree in `base/` to the one beside it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path
from typing import NamedTuple

from coord.checks.registry import BY_CODE
from coord.checks.result import Result
from coord.checks.runner import check
from coord.checks.selection import narrow
from coord.config.files import MemoryFiles
from coord.config.layout import ALLOCATION, kind_of
from coord.config.load import Base, load

CASES_DAY = date(2026, 3, 10)
"""The day on which cases are judged that do not name another in a file `today`."""

_CHOSEN = {
    "BKT001": ("bad-same-component", "good-disjoint-buckets"),
    "BKT002": ("bad-starts-tomorrow", "good-drawn"),
    "CHG001": ("bad-weights-changed", "good-title-and-owner"),
    "CHG002": ("bad-halved", "good-stopped-instead"),
    "CHG003": ("bad-buckets-edited", "good-entry-to-come-drawn-again"),
    "CHG004": ("bad-salt-changed", "good-new-space-beside-it"),
    "CHG005": ("bad-deleted", "good-stopped-instead"),
    "CHG006": ("bad-new-requirement", "good-binds-from-tomorrow"),
    "LIF001": ("bad-draft-that-waited", "good-starts-today"),
    "LIF002": ("bad-too-long", "good-four-weeks"),
    "LIF003": ("bad-revived", "good-outcome"),
    "LIF005": ("bad-three-days-after", "good-rested"),
    "LIF007": ("bad-", "good-outcome"),
    "MET001": ("bad-looser-effect", "good-stricter"),
    "MET002": ("bad-", "good-its-own"),
    "MET003": ("bad-", "good-its-own-margin"),
    "MET004": ("bad-", "good-six-weeks"),
    "MET005": ("bad-too-little-traffic", "good-enough-units"),
    "REF002": ("bad-same-salt", "good-own-salts"),
    "SYN003": ("bad-misspelt-key", "good-"),
    "SYN004": ("bad-no-such-day", "good-leap-day"),
    "SYN005": ("bad-other-name", "good-same-names"),
}
"""Where another pair of cases is more typical than the one that differs least: how their names start."""


class Case:
    """A case as it was found, and what the check says of it."""

    def __init__(self, code: str, folder: Traversable) -> None:
        """Read a folder."""
        self.code, self.name = code, folder.name
        self.files = _tree(folder)
        self.base = _tree(folder / "base") if (folder / "base").is_dir() else None
        day = folder / "today"
        self.today = date.fromisoformat(day.read_text("utf-8").strip()) if day.is_file() else CASES_DAY

    @property
    def title(self) -> str:
        """The name in words: `bad-same-component` is `same component`."""
        return self.name.partition("-")[2].replace("-", " ")

    @cached_property
    def result(self) -> Result:
        """The findings of this rule."""
        base = Base(_NO_COMMIT, load(MemoryFiles(self.base))) if self.base is not None else None
        return narrow(check(load(MemoryFiles(self.files)), self.today, base=base), (self.code,), (), ())

    @property
    def of_own_severity(self) -> bool:
        """Whether the rule finds something, as grave as it usually is."""
        return any(finding.severity is BY_CODE[self.code].severity for finding in self.result.findings)


_NO_COMMIT = "0" * 40  # the base of a case is a folder


class Example(NamedTuple):
    """A case, and the files of it that are worth showing; of a change, those that it touches."""

    case: Case
    paths: tuple[str, ...]


class Examples(NamedTuple):
    """A bad tree and the good tree that differs least from it."""

    bad: Example
    good: Example


def examples_of(code: str) -> Examples | None:
    """The examples of a rule; None where it has no cases."""
    folder = cases_folder() / code
    if not folder.is_dir():
        return None
    cases = [Case(code, case) for case in sorted(folder.iterdir(), key=lambda c: c.name) if case.is_dir()]
    like_bad, like_good = _CHOSEN.get(code, ("bad-", "good-"))
    bad = [case for case in cases if case.name.startswith(like_bad) and case.of_own_severity]
    good = [case for case in cases if case.name.startswith(like_good) and not case.result.findings]
    if not bad or not good:
        return None
    pair = min(product(bad, good), key=_difference)
    return Examples(*map(_changed, pair)) if BY_CODE[code].compares else _shown(*pair)


def cases_folder() -> Traversable:
    """All cases, from the wheel or from a source tree."""
    packaged = files("coord") / "cases"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "tests" / "cases"


def _tree(folder: Traversable) -> dict[str, bytes]:
    return {path: file.read_bytes() for path, file in _walk(folder / "surfaces", "surfaces")}


def _walk(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, path)
        else:
            yield path, entry


def _difference(pair: tuple[Case, Case]) -> int:
    """In how many lines two cases differ."""
    one, other = (_lines(case.files) for case in pair)
    return sum(((one - other) + (other - one)).values())


def _lines(tree: Mapping[str, bytes]) -> Counter[tuple[str, bytes]]:
    return Counter((path, line) for path, text in tree.items() for line in text.splitlines())


def _changed(case: Case) -> Example:
    """What the change touches; ledgers only where nothing else is touched, as they follow."""
    base = case.base or {}
    paths = sorted(path for path in {*base, *case.files} if base.get(path) != case.files.get(path))
    by_people = tuple(path for path in paths if kind_of(path) is not ALLOCATION)
    return Example(case, by_people or tuple(paths))


def _shown(bad: Case, good: Case) -> Examples:
    """Of the bad tree what the findings name and what was changed, of the good one what was changed.

    Ledgers repeat in buckets what experiments say, so only the rules about buckets show them.
    """
    places = (p for f in bad.result.findings for p in (f.location, *(side.location for side in f.related)))
    named = {place.path for place in places}
    if bad.code == "BKT001":  # buckets that both hold: show who holds which
        named |= {path.replace("/experiments/", "/allocations/") for path in named}
    changed = {
        path
        for path in {*bad.files, *good.files}
        if bad.files.get(path) != good.files.get(path)
        and (bad.code.startswith("BKT") or kind_of(path) is not ALLOCATION)
    }
    return Examples(
        Example(bad, tuple(sorted((named | changed) & bad.files.keys()))),
        Example(good, tuple(sorted(changed & good.files.keys() or named & good.files.keys()))),
    )
