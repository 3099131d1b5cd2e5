"""When two experiments must be exclusive: the one definition, and the pairs it yields.

Two active experiments must be exclusive when they share a component, or one names the other in
`exclusive_with`, or one is a holdback of a surface the other belongs to, or they serve the same system.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from coord.domain.audience import disjoint
from coord.domain.model import Experiment, Kind


class Reason(NamedTuple):
    """Why two experiments must be exclusive: `kind` is component, exclusive_with, holdback or system."""

    kind: str
    what: str  # the component, the experiment that names the other, the held surface, the system
    by: str | None = None  # the holdback


def reasons(one: Experiment, other: Experiment) -> tuple[Reason, ...]:
    """Every reason why two experiments must be exclusive, in a stable order; empty when none holds."""
    found = [Reason("component", name) for name in sorted({*one.components} & {*other.components})]
    found += [
        Reason("exclusive_with", first.key)
        for first, second in ((one, other), (other, one))
        if second.key in first.exclusive_with
    ]
    found += [
        Reason("holdback", name, first.key)
        for first, second in ((one, other), (other, one))
        if first.kind is Kind.HOLDBACK
        for name in sorted({*first.surfaces} & {*second.surfaces})
    ]
    shared = sorted(one.systems & other.systems)
    return (*found, *(Reason("system", f"{system.platform}/{system.id}") for system in shared))


def must_be_exclusive(one: Experiment, other: Experiment) -> bool:
    """Whether the two must never share a unit."""
    return bool(reasons(one, other))


def meet(one: Experiment, other: Experiment, fixed: Collection[str]) -> bool:
    """Whether the two can have a unit in common on some day, whatever buckets they hold."""
    return (
        one.days is not None
        and other.days is not None
        and one.days.meets(other.days)
        and not disjoint(one.audience, other.audience, fixed)
    )


def exclusive_pairs(
    experiments: Sequence[Experiment], fixed: Collection[str]
) -> Iterator[tuple[Experiment, Experiment]]:
    """Every pair that must be exclusive and meets in days and audience, once, the earlier first.

    `experiments` are in the order (start, key); pairs come in the order of the later one.
    """
    place = {experiment.key: number for number, experiment in enumerate(experiments)}
    found: set[tuple[int, int]] = set()
    for group in _groups(experiments):
        found.update(_running_together(group, place))
    found.update(_held_back(experiments, place))
    found.update(_named(experiments, place))
    for second, first in sorted((high, low) for low, high in found):
        one, other = experiments[first], experiments[second]
        if meet(one, other, fixed):
            yield one, other


def _groups(experiments: Iterable[Experiment]) -> Iterator[list[Experiment]]:
    """The experiments on each component and on each system."""
    groups: dict[Hashable, list[Experiment]] = defaultdict(list)
    for experiment in experiments:
        for claim in (*experiment.components, *experiment.systems):
            groups[claim].append(experiment)
    yield from groups.values()


def _running_together(group: list[Experiment], place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """The pairs of a group, in the order of start, that run on a common day."""
    running: list[Experiment] = []
    for experiment in group:
        if not experiment.days:
            continue
        start = experiment.days.start
        running = [other for other in running if other.days and other.days.end > start]
        yield from ((place[other.key], place[experiment.key]) for other in running)
        running.append(experiment)


def _held_back(experiments: Sequence[Experiment], place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Each holdback with every other experiment of the surfaces it holds."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, experiment in enumerate(experiments):
        for surface in experiment.surfaces:
            members[surface].append(number)
    for experiment in experiments:
        if experiment.kind is Kind.HOLDBACK:
            own = place[experiment.key]
            for surface in experiment.surfaces:
                yield from ((min(own, m), max(own, m)) for m in members[surface] if m != own)


def _named(experiments: Sequence[Experiment], place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Each experiment with those it names in `exclusive_with`."""
    for experiment in experiments:
        own = place[experiment.key]
        for key in experiment.exclusive_with:
            if key in place and place[key] != own:
                yield min(own, place[key]), max(own, place[key])
