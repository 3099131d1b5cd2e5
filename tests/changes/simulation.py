"""Changes and days, one after another, and what they do to the units of real hashes."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

from changes.assigner import Unit, drawn, exclusive, experiments, over, placed, runs, waived
from changes.moves import change
from changes.small import TODAY, Files, organisation, population
from changes.trees import COMMIT, ledger_path, read
from changes.world import World
from coord.checks.runner import check
from coord.config.load import Base, Tree
from coord.domain.findings import Severity

UNITS = population()


@dataclass
class Simulation:
    """An organisation in time. `ignoring` are rules that are taken not to be there."""

    rng: Random
    ignoring: Collection[str] = ()
    kinds: Collection[str] = ()
    today: date = TODAY
    files: Files = field(default_factory=dict)
    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = self.files or organisation(self.rng)
        self.tree = read(self.files)
        self.past: list[tuple[str, Any]] = list(self.files.items())
        self.where = placed(self.files, UNITS, self.today)

    def change(self, rng: Random) -> list[str]:
        """Try a change; what is wrong about it when it is let through."""
        only = rng.choice(list(self.kinds)) if self.kinds else None
        kind, files = change(rng, World(self.files, self.today, self.past), only)
        if files == self.files:
            return []
        tree = read(files)
        passed = self.lets_through(tree)
        self.counts[kind, passed] += 1
        if not passed:
            return []
        self.story.append(f"{self.today} {kind}: {_difference(self.files, files)}")
        before, self.files, self.tree = self.files, files, tree
        self.past += files.items()
        return [
            *self._look(),
            *_apart(before, files, self.today),
            *_rewritten(before, files, self.today),
            *_chosen_by_hand(before, files),
        ]

    def lets_through(self, tree: Tree) -> bool:
        """Whether the check of a change has no new error, but for the rules that are ignored."""
        result = check(tree, self.today, base=Base(COMMIT, self.tree))
        errors = (f.code for f in result.findings if f.new and f.severity is Severity.ERROR)
        return all(code in self.ignoring for code in errors)

    def pass_days(self, number: int) -> list[str]:
        """Let days pass; what is wrong on any of them."""
        wrong = []
        for _ in range(number):
            self.today += timedelta(days=1)
            wrong += self._look()
        return wrong

    def _look(self) -> list[str]:
        was, self.where = self.where, placed(self.files, UNITS, self.today)
        moved = _moved(self.files, was, self.where, self.today)
        return [*moved, *_together(self.files, self.where, self.today)]


Where = dict[tuple[Unit, str], str]
"""The variant of every unit in every experiment that it is in."""


def _moved(files: Files, was: Where, now: Where, today: date) -> Iterator[str]:
    """Units that changed variant or left, other than by an end."""
    current = dict(experiments(files))
    for (unit, key), variant in was.items():
        there = now.get((unit, key))
        ended = key in current and over(current[key], today)
        if there != variant and not (ended and there is None):
            yield f"{today}: {unit.name} moved from {variant} of {key} to {there}"
            return


def _together(files: Files, now: Where, today: date) -> Iterator[str]:
    """Units in two experiments that must be exclusive."""
    inside: dict[Unit, list[str]] = {}
    for unit, key in now:
        inside.setdefault(unit, []).append(key)
    pairs = {pair for keys in inside.values() for pair in combinations(sorted(keys), 2)}
    for one, other in sorted(pairs):
        if exclusive(files, one, other) and not waived(files, one, other, today):
            yield f"{today}: units are in {one} and in {other}, which must be exclusive"


def _apart(before: Files, after: Files, today: date) -> Iterator[str]:
    """Two that ran and were kept apart, and still run, but need not be any more."""
    was, now = (dict(experiments(files)) for files in (before, after))
    both = sorted(key for key in was if runs(was[key], today) and key in now and runs(now[key], today))
    for one, other in combinations(both, 2):
        if exclusive(before, one, other) and not exclusive(after, one, other):
            yield f"{today}: {one} and {other} are running and need not be exclusive any more"


def _rewritten(before: Files, after: Files, today: date) -> Iterator[str]:
    """What begins or has ended by the change, and says that it did on days that are over; what runs again."""
    was = dict(experiments(before))
    for key, now in experiments(after):
        ran = key in was and runs(was[key], today)
        if ran and now["status"] == "active" and now["end"] < today.isoformat():
            yield f"{today}: {key} ran until today, and says that it ended on {now['end']}"
        if ran or not runs(now, today):
            continue
        ledger = after.get(ledger_path(key), {"entries": [{}]})
        brought_in = all("digest" not in entry for entry in ledger["entries"]) and ledger_path(key) in after
        if key in was and over(was[key], today):
            yield f"{today}: {key} was over, and runs again"
        elif now["start"] < today.isoformat() and not brought_in:
            yield f"{today}: {key} began in the past"


def _chosen_by_hand(before: Files, after: Files) -> Iterator[str]:
    """New entries, of what is no draft, that claim to be a draw and are none."""
    was = dict(experiments(before))
    for key, now in experiments(after):
        ledger = after.get(ledger_path(key))
        if ledger is None or now["status"] == "draft":
            continue
        known = before.get(ledger_path(key), {"entries": []})["entries"]
        known = known if key in was and was[key]["status"] == "active" else []
        for number, entry in enumerate(ledger["entries"]):
            if "digest" in entry and known[number : number + 1] != [entry] and not drawn(after, key, number):
                yield f"entry {number + 1} of {key} was chosen by hand"


def _difference(before: Files, after: Files) -> str:
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    return "; ".join(f"{path}: {before.get(path)} -> {after.get(path)}" for path in paths)


def simulate(
    seed: int, changes: list[int], ignoring: Collection[str] = (), kinds: Collection[str] = ()
) -> Simulation:
    """A simulation of changes, each from its own seed. Raises Wrong when one does what none may."""
    simulation = Simulation(Random(seed), ignoring, kinds)
    for number in changes:
        rng = Random(number)
        wrong = simulation.change(rng) + simulation.pass_days(rng.choice((0, 0, 0, 1, 2, 5, 20)))
        if wrong:
            raise Wrong("\n".join([*wrong[:3], *simulation.story[-4:]]))
    wrong = simulation.pass_days(20)
    if wrong:
        raise Wrong("\n".join([*wrong[:3], *simulation.story[-4:]]))
    return simulation


class Wrong(AssertionError):  # noqa: N818 - what happened
    """A unit was moved, with what led to it."""
