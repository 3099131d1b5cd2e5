"""Replaying draws: does an entry hold exactly the buckets that its seed and what it kept clear of give?"""

from typing import NamedTuple

from coord.allocation.draw import draw, seed_of
from coord.allocation.drawing import meet_with_cooldown
from coord.domain.audience import disjoint
from coord.domain.buckets import Buckets, count, digest, full
from coord.domain.catalog import Catalog
from coord.domain.exclusivity import must_be_exclusive
from coord.domain.model import Experiment, Ledger


class Replay(NamedTuple):
    """The outcome for one entry, counted from 1.

    `wrong` says why it cannot be an honest draw; `unknown` why nobody can tell any more; `unfit` that it
    kept clear of what it need not, unless that was changed since. All None: it replays.
    """

    entry: int
    wrong: str | None = None
    unknown: str | None = None
    unfit: str | None = None


def replay(catalog: Catalog, experiment: Experiment, ledger: Ledger, first: int = 1) -> list[Replay]:
    """Replay the drawn entries of a ledger, from the `first` on, from what the avoided ledgers held then."""
    results = []
    held: Buckets = 0
    for number, entry in enumerate(ledger.entries, 1):
        if number >= first and not entry.migrated and number <= len(experiment.steps):
            results.append(_replay_entry(catalog, experiment, ledger, number, held))
        held |= entry.buckets
    return results


def _replay_entry(
    catalog: Catalog, experiment: Experiment, ledger: Ledger, number: int, held: Buckets
) -> Replay:
    size = catalog.spaces[experiment.space].buckets
    entry = ledger.entries[number - 1]
    taken = held
    for key, state in entry.avoids.items():
        other = catalog.experiments.get(key)
        if other is None or key not in catalog.ledgers:
            return Replay(number, unknown=f"{key}, which it kept clear of, has no ledger any more")
        unfit = _unfit(catalog, experiment, other, number)
        if unfit:
            return unfit
        buckets = _state(catalog.ledgers[key], state, size)
        if buckets is None:
            return Replay(number, unknown=f"{key}, which it kept clear of, has been drawn again since")
        taken |= buckets
    free = full(size) & ~taken
    wanted = int(experiment.steps[number - 1].traffic * size) - count(held)
    if not 0 <= wanted <= count(free):
        return Replay(
            number, wrong=f"it needs {wanted:,} buckets, and what it kept clear of left {count(free):,}"
        )
    if draw(free, wanted, seed_of(experiment.key, number)) != entry.buckets:
        return Replay(number, wrong="its seed and what it kept clear of give other buckets")
    return Replay(number)


def _unfit(catalog: Catalog, experiment: Experiment, other: Experiment, number: int) -> Replay | None:
    """Whether an avoided experiment may have been avoided at all."""
    if not must_be_exclusive(experiment, other) or disjoint(
        experiment.audience, other.audience, catalog.fixed
    ):
        return Replay(number, unfit=f"it kept clear of {other.key}, which need not be exclusive with it")
    since = experiment.steps[number - 1].day
    if not meet_with_cooldown(catalog, experiment, other, since):
        return Replay(number, unknown=f"{other.key}, which it kept clear of, does not meet it any more")
    return None


def _state(ledger: Ledger, state: str, size: int) -> Buckets | None:
    """The buckets of a ledger after the entry with this digest; None when it never had it."""
    held: Buckets = 0
    for entry in ledger.entries:
        held |= entry.buckets
        if held.bit_length() <= size and digest(held, size) == state:
            return held
    return None
