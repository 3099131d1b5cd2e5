"""Two changes of one base, each fine, that make together what neither made."""

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from changes.moves import change
from changes.small import TODAY, Files, organisation
from changes.trees import new, read
from changes.world import World
from coord.checks.result import LocatedFinding
from coord.checks.runner import check
from coord.domain.findings import Severity
from oracle.examples import day, experiment
from oracle.examples import organisation as by_hand
from oracle.organisations import to_files
from oracle.shapes import Experiment, Organisation


def _codes(found: list[LocatedFinding]) -> set[str]:
    return {finding.code for finding in found if finding.severity is Severity.ERROR}


class Together:
    """Two changes of one base, given by what each adds, and what they make together."""

    def __init__(self, code: str, base: Organisation, one: Organisation, other: Organisation) -> None:
        self.code = code
        self.base, self.one, self.other = (to_files(org) for org in (base, one, other))
        self.today: date = base.today

    @property
    def merged(self) -> dict[str, Any]:
        merged = dict(self.base)
        for changed in (self.one, self.other):
            for path in {*changed, *self.base}:
                if changed.get(path) == self.base.get(path):
                    continue
                merged.pop(path, None)
                merged |= {path: changed[path]} if path in changed else {}
        return merged


def _added(code: str, one: Experiment, other: Experiment, *there: Experiment, **changes: Any) -> Together:
    orgs = [by_hand(*there, *more, today=1, **changes) for more in ((), (one,), (other,))]
    return Together(code, *orgs)


def _brought_in(name: str, first: int, end: int, share: int, low: int, **changes: Any) -> Experiment:
    """With buckets in a row, which only another system may have chosen."""
    made = experiment(name, first, end, share, low, **changes)
    assert made.ledger
    return replace(made, ledger=replace(made.ledger, migrated=True))


def _pairs() -> dict[str, Together]:
    a, b = _brought_in("a", 3, 12, 30, low=0), _brought_in("b", 3, 12, 30, low=20)
    apart: dict[str, Any] = {"components": ("home/body",)}
    held = _brought_in("h", 3, 12, 5, low=22, kind="holdback", components=())
    free = replace(b, **apart)
    big, bigger = experiment("a", 5, 12, 60), experiment("b", 5, 12, 50)
    budget = by_hand().surfaces[0].budget
    late, running = _brought_in("b", 14, 20, 30, low=20), _brought_in("a", 1, 12, 30, low=0)
    later = _brought_in("b", 20, 25, 30, low=20, **apart)
    tight = replace(budget, component=Fraction(30, 100))
    return {
        "two draws": _added("BKT001", a, b),
        "a holdback": _added("BKT001", held, free),
        "a pair kept apart": Together(
            "BKT001",
            by_hand(a, later, today=1),
            by_hand(replace(a, exclusive_with=("home/b",)), later, today=1),
            by_hand(a, free, today=1),
        ),
        "an extension": Together(
            "BKT001",
            by_hand(running, today=1),
            by_hand(replace(running, end=day(16)), today=1),
            by_hand(running, late, today=1),
        ),
        "a component": _added("BUD001", big, bigger),
        "a unit": _added("BUD002", a, free, budget=replace(budget, per_unit="0.5")),
        "at once": _added("BUD003", a, free, budget=replace(budget, concurrent=1)),
        "a team": _added("BUD004", a, free, budget=replace(budget, teams=(("alpha", Fraction(1, 2)),))),
        "a lower limit": Together(
            "BUD001",
            by_hand(a, today=1),
            by_hand(a, today=1, budget=tight),
            by_hand(a, _brought_in("c", 5, 12, 10, low=60), today=1),
        ),
        "an old breach": _added(
            "BUD001", big, bigger, experiment("x", 14, 20, 90), experiment("y", 14, 20, 90)
        ),
    }


PAIRS = _pairs()


@pytest.mark.parametrize("name", PAIRS)
def test_each_green_and_together_red(name: str) -> None:
    pair = PAIRS[name]
    assert not _codes(new(pair.base, pair.one, pair.today)) - {"BKT002"}
    assert not _codes(new(pair.base, pair.other, pair.today)) - {"BKT002"}
    for parent in (pair.one, pair.other):
        assert pair.code in _codes(new(parent, pair.merged, pair.today))


def test_what_random_changes_make_together_is_new_to_both() -> None:
    """Changes to separate files, each without a new error, of organisations without any."""
    red: Counter[str] = Counter()
    for number in range(25):
        base = organisation(Random(number))
        one, other = (_harmless(Random(1000 * number + n), base) for n in (1, 2))
        merged = {**base, **_changed(base, one), **_changed(base, other)}
        merged = {path: value for path, value in merged.items() if value is not None}
        if {*_changed(base, one)} & {*_changed(base, other)}:
            continue
        found = check(read(merged), TODAY).findings
        wrong = {(f.code, f.message) for f in found if f.severity is Severity.ERROR}
        for parent in (one, other):
            assert wrong <= {(f.code, f.message) for f in new(parent, merged, TODAY)}
        red.update({code for code, _ in wrong})
    assert red["BKT001"] > 3, red


def _harmless(rng: Random, base: Files) -> Files:
    for _ in range(20):
        kind = rng.choice([*["new experiment"] * 4, "redrawn", "field"])
        _, files = change(rng, World(base, TODAY, list(base.items())), kind)
        if files != base and not _codes(new(base, files, TODAY)):
            return files
    return base


def _changed(base: Files, files: Files) -> Files:
    return {path: files.get(path) for path in {*base, *files} if base.get(path) != files.get(path)}
