"""Which variant a unit gets, and why: one step after the other.

The steps are those that a runtime takes: bucket, in force, eligible, held back, held, variant. The first that
says no is the reason.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from coord.allocation.hashing import slot
from coord.domain.audience import Audience
from coord.domain.buckets import Buckets
from coord.domain.catalog import Catalog
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind, Space

MOST_BYTES = 100
"""The longest unit, in bytes of UTF-8."""

Context = Mapping[str, str]
"""The value of each audience dimension that is known of a unit; any other is none of the declared ones."""


class Reason(StrEnum):
    """Why a unit has a variant or none; in the order in which they apply, `assigned` last."""

    NOT_RUNNING = "not_running"
    NOT_ELIGIBLE = "not_eligible"
    HELD_BACK = "held_back"
    NOT_ALLOCATED = "not_allocated"
    ASSIGNED = "assigned"


class Assignment(NamedTuple):
    """The answer for one unit. `variant` is None unless the reason is `assigned`."""

    experiment: str
    unit: str
    bucket: int
    variant: str | None
    reason: Reason


def valid_unit(unit: str) -> bool:
    """Whether this can be a unit: text that is not empty and has at most 100 bytes."""
    try:
        return 0 < len(unit.encode()) <= MOST_BYTES
    except UnicodeEncodeError:
        return False


def bucket_of(space: Space, unit: str) -> int:
    """The bucket of a unit; it never changes."""
    return slot(f"{space.salt}|{unit}", space.buckets)


def in_force(experiment: Experiment, day: date) -> bool:
    """Whether the experiment runs on a day."""
    return not experiment.draft and experiment.days is not None and day in experiment.days


def eligible(audience: Audience, context: Context) -> bool:
    """Whether a unit is in an audience: its value of every dimension that is named is one of those named."""
    return all(context.get(name) in values for name, values in audience.items())


def holdbacks_of(catalog: Catalog, experiment: Experiment, day: date) -> tuple[Experiment, ...]:
    """The holdbacks in force that keep units out of an experiment."""
    found = {
        other.key: other
        for name in experiment.surfaces
        for other in catalog.by_surface.get(name, ())
        if other.kind is Kind.HOLDBACK and other.key != experiment.key and other.space == experiment.space
    }
    return tuple(other for other in found.values() if in_force(other, day))


def held_on(catalog: Catalog, experiment: Experiment, day: date) -> Buckets:
    """The buckets an experiment holds on a day; none outside its days or without a ledger."""
    holding = catalog.holdings.get(experiment.key)
    return holding.on(day) if holding else 0


def variant_of(experiment: Experiment, unit: str) -> str | None:
    """The variant of a unit that is in the experiment; None where it has no variants."""
    place = slot(f"{experiment.salt}|{unit}", VARIANT_SLOTS)
    return next((name for name, low, high in experiment.ranges if low <= place < high), None)


def assign(
    catalog: Catalog, experiment: Experiment, unit: str, day: date, context: Context | None = None
) -> Assignment:
    """The assignment of a unit on a day. Raises ValueError for what cannot be a unit."""
    if not valid_unit(unit):
        raise ValueError(f"a unit is text of 1 to {MOST_BYTES} bytes, and this is {unit!r}")
    bucket = bucket_of(catalog.spaces[experiment.space], unit)
    reason = _reason(catalog, experiment, bucket, day, context or {})
    variant = variant_of(experiment, unit) if reason is Reason.ASSIGNED else None
    return Assignment(experiment.key, unit, bucket, variant, reason)


def _reason(catalog: Catalog, experiment: Experiment, bucket: int, day: date, context: Context) -> Reason:
    if not in_force(experiment, day):
        return Reason.NOT_RUNNING
    if not eligible(experiment.audience, context):
        return Reason.NOT_ELIGIBLE
    held = held_on(catalog, experiment, day) >> bucket & 1
    if experiment.kind is Kind.HOLDBACK:  # its own units are the ones that it holds back
        return Reason.HELD_BACK if held else Reason.NOT_ALLOCATED
    for holdback in holdbacks_of(catalog, experiment, day):
        if held_on(catalog, holdback, day) >> bucket & 1 and eligible(holdback.audience, context):
            return Reason.HELD_BACK
    return Reason.ASSIGNED if held else Reason.NOT_ALLOCATED
