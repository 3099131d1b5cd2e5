"""Drawing the entries of a ledger, given everybody else's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from coord.allocation.draw import draw, seed_of
from coord.domain.audience import disjoint
from coord.domain.buckets import Buckets, count, digest, full
from coord.domain.catalog import Catalog
from coord.domain.model import Entry, Experiment, Ledger
from coord.domain.waivers import pair_waived


@dataclass(frozen=True, slots=True)
class NoRoom:
    """An entry that cannot be drawn: its number from 1, its first day, and what it would need and find."""

    experiment: Experiment
    entry: int
    since: date
    needed: int
    free: int
    avoids: tuple[Experiment, ...]


def held_by(ledger: Ledger | None) -> Buckets:
    """All buckets a ledger will ever give; none without a ledger."""
    held: Buckets = 0
    for entry in ledger.entries if ledger else ():
        held |= entry.buckets
    return held


def taken_by(catalog: Catalog, others: Iterable[Experiment], ledgers: Mapping[str, Ledger]) -> Buckets:
    """All buckets that these experiments will ever hold.

    A ledger of another space than its experiment's, and a bucket that the space does not have, hold nobody
    (rules of their own report them).
    """
    taken: Buckets = 0
    for other in others:
        ledger = ledgers.get(other.key)
        if ledger and ledger.space == other.space:
            taken |= held_by(ledger) & full(catalog.spaces[other.space].buckets)
    return taken


def avoided(catalog: Catalog, experiment: Experiment, since: date) -> tuple[Experiment, ...]:
    """The experiments whose buckets an entry in force from `since` keeps clear of.

    Those that must be exclusive with it, in the same space, whose days (with cool-down) and audience meet
    it, unless a waiver covers the pair.
    """
    return tuple(
        other
        for other in catalog.rivals(experiment)
        if other.space == experiment.space
        and meet_with_cooldown(catalog, experiment, other, since)
        and not disjoint(experiment.audience, other.audience, catalog.fixed)
        and not pair_waived(catalog, experiment, other)
    )


def meet_with_cooldown(catalog: Catalog, one: Experiment, other: Experiment, since: date) -> bool:
    """Whether [since, end) of one meets the days of the other, both with their cool-down."""
    return (
        one.days is not None
        and other.days is not None
        and since.toordinal() < released(catalog, other)
        and other.days.start.toordinal() < released(catalog, one)
    )


def released(catalog: Catalog, experiment: Experiment) -> int:
    """The first day, as an ordinal, on which a later draw may use its buckets again."""
    end = experiment.days.end.toordinal() if experiment.days is not None else 0
    return end + catalog.surfaces[experiment.surface].policy.cooldown_days


def draw_ledger(
    catalog: Catalog, experiment: Experiment, ledgers: Mapping[str, Ledger], kept: tuple[Entry, ...] = ()
) -> Ledger | NoRoom:
    """The ledger of an experiment: the entries that are `kept`, and one drawn for each further step."""
    size = catalog.spaces[experiment.space].buckets
    entries, held = list(kept), held_by(Ledger(experiment.key, "", experiment.space, kept))
    for number, step in enumerate(experiment.steps[len(kept) :], len(kept) + 1):
        clear = [o for o in avoided(catalog, experiment, step.day) if taken_by(catalog, (o,), ledgers)]
        free = full(size) & ~held & ~taken_by(catalog, clear, ledgers)
        needed = int(step.traffic * size) - count(held)
        if needed > count(free):
            return NoRoom(experiment, number, step.day, needed, count(free), tuple(clear))
        added = draw(free, needed, seed_of(experiment.key, number))
        held |= added
        avoids = {other.key: digest(taken_by(catalog, (other,), ledgers), size) for other in clear}
        entries.append(Entry(added, dict(sorted(avoids.items())), digest(held, size)))
    path = f"surfaces/{experiment.surface}/allocations/{experiment.name}.yaml"
    return Ledger(experiment.key, path, experiment.space, tuple(entries))
