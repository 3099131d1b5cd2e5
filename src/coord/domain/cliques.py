"""Sets of experiments that must all be pairwise exclusive and together need more than all buckets.

No draw can place such a set. Only sets that a component budget does not already explain are looked for:
those without a component and an audience cell that all of them have in common.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Experiment
from coord.domain.shares import WHOLE

MOST_WORK = 1_000_000
MOST_MEMBERS = 200
"""How many partial sets (by their candidates), and of how many members, are looked at before giving up."""


class TooManySets(Exception):  # noqa: N818 - it is an answer, not a failure of the program
    """The experiments of one day form more exclusive sets than can be compared."""


class Clique(NamedTuple):
    """Experiments, by (start, key), that must be exclusive on `days`, and what they need on the first."""

    members: tuple[Experiment, ...]
    days: Days
    needed: Fraction


class Graph:
    """Who must be exclusive with whom, in one space, on some common day and in some common audience."""

    def __init__(self, catalog: Catalog) -> None:
        """Take the pairs of all active experiments."""
        self.catalog = catalog
        self.neighbours: dict[str, dict[str, Experiment]] = defaultdict(dict)
        self.work = 0
        for one, other in catalog.exclusive_pairs:
            if one.space == other.space:
                self.neighbours[one.key][other.key] = other
                self.neighbours[other.key][one.key] = one

    def cliques(self, experiment: Experiment, today: date) -> Iterator[Clique]:
        """The worst unexplained set through the experiment on each of its steps, and on `today`.

        A sum of traffic only grows on the first day of somebody's step, so those days find every excess;
        today finds the set that is left when a larger one was in the past.
        """
        for day in dict.fromkeys((*(step.day for step in experiment.steps), today)):
            if experiment.days and day in experiment.days:
                worst = self._worst(experiment, day)
                if worst:
                    yield _clique(sorted(worst, key=lambda member: member.order), day)

    def _worst(self, experiment: Experiment, day: date) -> tuple[Experiment, ...] | None:
        around = self.neighbours.get(experiment.key, {}).values()
        running = sorted((e for e in around if e.traffic_on(day)), key=lambda e: (-e.traffic_on(day), e.key))
        room = WHOLE - experiment.traffic_on(day)
        if sum((e.traffic_on(day) for e in running), Fraction(0)) <= room:
            return None
        return _Search(self, day).worst((experiment,), running)


def _clique(members: Sequence[Experiment], day: date) -> Clique:
    """The set with its days: from the first on which all run and need more than 100%, to the first end."""
    running = [member.days for member in members if member.days]
    together = Days(max(days.start for days in running), min(days.end for days in running))
    steps = sorted({step.day for member in members for step in member.steps if step.day in together})
    for first in (*(step for step in steps if step < day), day):
        needed = sum((member.traffic_on(first) for member in members), Fraction(0))
        if needed > WHOLE:
            break
    return Clique(tuple(members), Days(first, together.end), needed)


class _Search:
    """The heaviest maximal clique above 100% that nothing explains, by branch and bound."""

    def __init__(self, graph: Graph, day: date) -> None:
        self.graph = graph
        self.day = day
        self.found: tuple[Fraction, tuple[Experiment, ...]] | None = None

    def worst(
        self, start: tuple[Experiment, ...], candidates: list[Experiment]
    ) -> tuple[Experiment, ...] | None:
        self._extend(start, self._weight(start), candidates, [])
        return self.found[1] if self.found else None

    def _weight(self, members: Sequence[Experiment]) -> Fraction:
        return sum((member.traffic_on(self.day) for member in members), Fraction(0))

    def _extend(
        self,
        members: tuple[Experiment, ...],
        weight: Fraction,
        candidates: list[Experiment],
        passed: list[Experiment],
    ) -> None:
        self.graph.work += len(members) + len(candidates)
        if self.graph.work > MOST_WORK or len(members) > MOST_MEMBERS:
            raise TooManySets
        if explained(self.graph.catalog, (*members, *candidates)):
            return
        if not candidates and not passed and weight > WHOLE:
            self.found = weight, members
        left = self._weight(candidates)
        while candidates and weight + left > max(WHOLE, self.found[0] if self.found else WHOLE):
            one, *candidates = candidates
            left -= one.traffic_on(self.day)
            near = self.graph.neighbours[one.key]
            self._extend(
                (*members, one),
                weight + one.traffic_on(self.day),
                [other for other in candidates if other.key in near],
                [other for other in passed if other.key in near],
            )
            passed = [*passed, one]


def explained(catalog: Catalog, members: Sequence[Experiment]) -> bool:
    """Whether all of them count on one component in one audience cell: then its budget says it."""
    components = set(catalog.components_of(members[0]))
    for member in members[1:]:
        components.intersection_update(catalog.components_of(member))
    return bool(components) and _one_cell(catalog, members)


def _one_cell(catalog: Catalog, members: Sequence[Experiment]) -> bool:
    for dimension in catalog.fixed:
        mentioned = [m.audience[dimension] for m in members if dimension in m.audience]
        if mentioned and not frozenset.intersection(*mentioned):
            return False
    return True
