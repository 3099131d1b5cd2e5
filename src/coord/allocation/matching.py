"""Which entries of a ledger fit the steps of its experiment, and which of them are in force."""

from datetime import date
from typing import NamedTuple

from coord.domain.buckets import Buckets, count, digest, full
from coord.domain.model import Entry, Experiment, Ledger, Step


class Match(NamedTuple):
    """How many of the first entries fit their steps, and what is wrong after them; None: nothing is."""

    entries: int
    wrong: str | None = None


def match(experiment: Experiment, ledger: Ledger, size: int) -> Match:
    """Compare a ledger with its experiment, in a space of `size` buckets. Entries may be lacking."""
    if ledger.space != experiment.space:
        return Match(0, f"its ledger is of the space {ledger.space}")
    held: Buckets = 0
    for number, (entry, step) in enumerate(zip(ledger.entries, experiment.steps, strict=False)):
        wrong = _wrong(entry, step, held, size)
        if wrong:
            return Match(number, wrong)
        held |= entry.buckets
    if len(ledger.entries) > len(experiment.steps):
        return Match(len(experiment.steps), "its ledger has more entries than it has steps")
    return Match(len(ledger.entries))


def _wrong(entry: Entry, step: Step, before: Buckets, size: int) -> str | None:
    """What is wrong with an entry after others that hold `before`."""
    held = before | entry.buckets
    if before & entry.buckets or held & ~full(size) or count(held) != int(step.traffic * size):
        return "its ledger does not match its traffic"
    if not entry.migrated and entry.digest != digest(held, size):
        return "its ledger was edited: a digest does not fit its buckets"
    return None


def in_force(experiment: Experiment, today: date) -> int:
    """How many steps are up to today. Their entries stay; those of steps to come are nobody's yet."""
    return sum(step.day <= today for step in experiment.steps)
