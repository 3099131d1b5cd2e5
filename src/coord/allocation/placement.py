"""Where experiments without a ledger would be placed, in the order in which they would be drawn."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from coord.allocation.draw import draw, seed_of
from coord.allocation.drawing import avoided
from coord.domain.buckets import Buckets, count, full
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment


class Placement(NamedTuple):
    """Whether an experiment without a ledger finds room: buckets one of its entries needs, and finds free.

    `at_least` says that `free` is a lower bound: nobody needed to know the exact number.
    """

    experiment: Experiment
    needed: int
    free: int
    at_least: bool
    avoids: tuple[Experiment, ...]

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.needed <= self.free


def place_all(catalog: Catalog, today: date) -> Iterator[Placement]:
    """Place the active experiments that are not over and have no ledger, in the order (start, key)."""
    placer = _Placer(catalog)
    for experiment in catalog.active:
        waiting = experiment.key not in catalog.ledgers and experiment.dated
        if waiting and experiment.days and experiment.days.end > today:
            yield placer.place(experiment)


class _Placer:
    """Draws only where the exact number of free buckets matters: most placements are certain without."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.placed: dict[str, Placement] = {}
        self.drawn: dict[str, Buckets] = {}

    def place(self, experiment: Experiment) -> Placement:
        """Place one experiment after those placed before it."""
        size = self.catalog.spaces[experiment.space].buckets
        needed = int(experiment.traffic * size)
        avoids = self._decided(avoided(self.catalog, experiment, experiment.steps[0].day))
        unknown = [other for other in avoids if other.key in self.placed and other.key not in self.drawn]
        free = size - count(self._taken(avoids)) - sum(self.placed[other.key].needed for other in unknown)
        exact = self._disjoint(unknown, avoids)
        if needed <= free or (exact and len(experiment.steps) == 1):
            placement = Placement(experiment, needed, free, not exact, avoids)
        else:
            placement = self._draw(experiment, avoids)
        if placement.fits:
            self.placed[experiment.key] = placement
        return placement

    def _disjoint(self, unknown: list[Experiment], avoids: tuple[Experiment, ...]) -> bool:
        """Whether the undrawn ones share no bucket with any other of those avoided, however drawn."""
        clear = {other.key: {a.key for a in self.placed[other.key].avoids} for other in unknown}
        return all(len(one.steps) == 1 for one in unknown) and all(
            one.key == other.key or other.key in clear[one.key] or one.key in clear.get(other.key, ())
            for one in unknown
            for other in avoids
        )

    def _decided(self, avoids: tuple[Experiment, ...]) -> tuple[Experiment, ...]:
        """Those of them that have buckets: by a ledger, or placed before."""
        holdings = self.catalog.holdings
        return tuple(other for other in avoids if other.key in holdings or other.key in self.placed)

    def _taken(self, avoids: tuple[Experiment, ...]) -> Buckets:
        taken = 0
        for other in avoids:
            holding = self.catalog.holdings.get(other.key)
            taken |= holding.ever if holding else self.drawn.get(other.key, 0)
        return taken

    def _draw(self, experiment: Experiment, avoids: tuple[Experiment, ...]) -> Placement:
        """Draw the entries one after another (first whom it avoids); stop where one lacks room."""
        for other in avoids:
            if other.key in self.placed and other.key not in self.drawn:
                self._draw(other, self.placed[other.key].avoids)
        size = self.catalog.spaces[experiment.space].buckets
        held: Buckets = 0
        wanted, room = 0, size
        for number, step in enumerate(experiment.steps, 1):
            clear = {other.key for other in avoided(self.catalog, experiment, step.day)}
            taken = self._taken(tuple(other for other in avoids if other.key in clear))
            wanted, room = int(step.traffic * size) - count(held), size - count(taken | held)
            if wanted > room:
                return Placement(experiment, wanted, room, False, avoids)
            held |= draw(full(size) & ~taken & ~held, wanted, seed_of(experiment.key, number))
        self.drawn[experiment.key] = held
        return Placement(experiment, wanted, room, False, avoids)
