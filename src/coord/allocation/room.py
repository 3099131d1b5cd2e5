"""Who holds the room, what would fit, and when there will be room again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from coord.allocation.drawing import NoRoom, avoided, released, taken_by
from coord.domain.buckets import count
from coord.domain.budgets import Budget, around, breaches
from coord.domain.catalog import Catalog
from coord.domain.cells import TooManyCells
from coord.domain.dates import Days
from coord.domain.limits import budgets_of, limits_of, use_of
from coord.domain.model import Experiment, Ledger, Step
from coord.domain.shares import nearest_shares


@dataclass(frozen=True, slots=True)
class Room:
    """Why an entry has no room, and what would have.

    `held` are the blockers with their share, `union` is what they hold together: where they may overlap each
    other they do so at random, so it is more than the `largest` of them. `fits` is the largest traffic now,
    `earliest` the first start with room for the same traffic and length, `narrower` the free share when the
    audience is narrowed to one value of a fixed dimension, the value that frees most. When a ledger is
    `extending`, its days and its audience are settled, and neither is looked for.
    """

    lack: NoRoom
    space: str
    held: tuple[tuple[Experiment, Fraction], ...]
    union: Fraction
    largest: Fraction
    free: Fraction
    needed: Fraction
    fits: Fraction | None
    earliest: date | None
    narrower: tuple[tuple[str, str, Fraction], ...]
    extending: bool = False


def room(catalog: Catalog, lack: NoRoom, ledgers: Mapping[str, Ledger], today: date) -> Room:
    """What is known about an entry that could not be drawn."""
    experiment = lack.experiment
    size = catalog.spaces[experiment.space].buckets
    held = tuple(
        (other, Fraction(count(taken_by(catalog, (other,), ledgers)), size))
        for other in sorted(lack.avoids, key=lambda o: (o.days.end if o.days else date.max, o.key))
    )
    most = Fraction(_already(lack, size) + lack.free, size)
    return Room(
        lack,
        experiment.space,
        held,
        Fraction(count(taken_by(catalog, lack.avoids, ledgers)), size),
        max((share for _, share in held), default=Fraction(0)),
        Fraction(lack.free, size),
        Fraction(lack.needed, size),
        _writable(most, size),
        earliest_start(catalog, experiment, ledgers, today),
        tuple(_narrower(catalog, lack, ledgers, size)),
    )


def _already(lack: NoRoom, size: int) -> int:
    """The buckets that earlier entries hold."""
    return int(lack.experiment.steps[lack.entry - 1].traffic * size) - lack.needed


def _writable(share: Fraction, size: int) -> Fraction | None:
    """The largest share up to this one that can be written and is a whole number of buckets."""
    return nearest_shares(share, size)[0] if share > 0 else None


def moved(experiment: Experiment, start: date) -> Experiment:
    """The experiment with all its days moved so that it starts on `start`."""
    if experiment.days is None:
        raise ValueError(f"{experiment.key} has no days")
    by = start - experiment.days.start
    steps = tuple(Step(step.day + by, step.traffic) for step in experiment.steps)
    return replace(experiment, days=Days(start, experiment.days.end + by), steps=steps)


def earliest_start(
    catalog: Catalog, experiment: Experiment, ledgers: Mapping[str, Ledger], today: date
) -> date | None:
    """The first day from its start (or today) on which buckets and budgets have room for it as it is.

    Room only ever appears for a step on the day that somebody ends or somebody's buckets are released, so
    the starts that bring a step to such a day decide. None when there never is (it does not fit even alone).
    """
    if experiment.days is None:
        return None
    first = max(experiment.days.start, today)
    for day in _candidates(catalog, experiment, first):
        candidate = moved(experiment, day)
        if _has_buckets(catalog, candidate, ledgers) and _within_budgets(catalog, candidate):
            return day
    return None


def _candidates(catalog: Catalog, experiment: Experiment, first: date) -> list[date]:
    free_from = {released(catalog, other) for other in catalog.rivals(experiment)}
    for surface in experiment.surfaces:
        free_from.update(e.days.end.toordinal() for e in catalog.by_surface.get(surface, ()) if e.days)
    offsets = {0, *((step.day - experiment.order[0]).days for step in experiment.steps)}
    days = {first.toordinal(), *(day - offset for day in free_from for offset in offsets)}
    last = date.max.toordinal() - max(offsets) - (experiment.days.length if experiment.days else 0) - 1
    return [date.fromordinal(day) for day in sorted(days) if first.toordinal() <= day <= last]


def _has_buckets(catalog: Catalog, experiment: Experiment, ledgers: Mapping[str, Ledger]) -> bool:
    """Whether every step finds enough free buckets; later steps meet fewer of the others."""
    size = catalog.spaces[experiment.space].buckets
    return all(
        int(step.traffic * size)
        <= size - count(taken_by(catalog, avoided(catalog, experiment, step.day), ledgers))
        for step in experiment.steps
    )


def _within_budgets(catalog: Catalog, experiment: Experiment) -> bool:
    """Whether no budget that it counts in is exceeded on its days."""
    for name in experiment.surfaces:
        for limits in limits_of(catalog.surfaces[name]):
            for budget in budgets_of(catalog, limits):
                use = use_of(experiment, budget.limit, catalog)
                others = tuple(u for u in budget.uses if u.experiment.key != experiment.key)
                if use and _exceeded(
                    catalog, around(use, budget._replace(uses=others), catalog.fixed_values)
                ):
                    return False
    return True


def _exceeded(catalog: Catalog, budget: Budget) -> bool:
    try:
        return any(True for _ in breaches([budget], catalog.fixed_values))
    except TooManyCells:
        return True


def _narrower(
    catalog: Catalog, lack: NoRoom, ledgers: Mapping[str, Ledger], size: int
) -> Iterator[tuple[str, str, Fraction]]:
    """For each fixed dimension the value of its audience with most room, where that is more than now."""
    experiment = lack.experiment
    for name, dimension in sorted(catalog.surfaces[experiment.surface].dimensions.items()):
        if name not in catalog.fixed:
            continue
        best: tuple[int, str] | None = None
        for value in sorted(experiment.audience.get(name, frozenset(dimension.values))):
            audience = {**experiment.audience, name: frozenset({value})}
            clear = avoided(catalog, replace(experiment, audience=audience), lack.since)
            free = size - _already(lack, size) - count(taken_by(catalog, clear, ledgers))
            if free > lack.free and (best is None or free > best[0]):
                best = free, value
        if best:
            yield name, best[1], Fraction(best[0], size)
