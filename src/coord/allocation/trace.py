"""Every step of an assignment with its answer, for a person who asks why."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from coord.allocation.assign import Assignment, Context, assign, eligible, held_on, holdbacks_of, in_force
from coord.allocation.hashing import slot
from coord.domain.catalog import Catalog
from coord.domain.model import VARIANT_SLOTS, Experiment


class Trace(NamedTuple):
    """An assignment and what each step found, whatever the steps before it said.

    `outside` are the dimensions in which the unit is not in the audience, with its value or None; `holdback`
    is who keeps it out; `traffic` is in force on the day; `slot` is that of the unit's variant.
    """

    assignment: Assignment
    experiment: Experiment
    buckets: int
    in_force: bool
    outside: tuple[tuple[str, str | None], ...]
    holdback: str | None
    traffic: Fraction
    held: bool
    slot: int


def trace(catalog: Catalog, experiment: Experiment, unit: str, day: date, context: Context) -> Trace:
    """The assignment of a unit, step by step. Raises ValueError for what cannot be a unit."""
    assignment = assign(catalog, experiment, unit, day, context)
    bucket = assignment.bucket
    back = (
        other.key
        for other in holdbacks_of(catalog, experiment, day)
        if held_on(catalog, other, day) >> bucket & 1 and eligible(other.audience, context)
    )
    outside = (
        (name, context.get(name))
        for name, values in experiment.audience.items()
        if context.get(name) not in values
    )
    return Trace(
        assignment,
        experiment,
        catalog.spaces[experiment.space].buckets,
        in_force(experiment, day),
        tuple(outside),
        next(back, None),
        experiment.traffic_on(day),
        bool(held_on(catalog, experiment, day) >> bucket & 1),
        slot(f"{experiment.salt}|{unit}", VARIANT_SLOTS),
    )
