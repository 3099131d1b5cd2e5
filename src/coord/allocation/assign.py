"""Which variant a unit gets, and why: one step after the other.

The steps are those that a runtime takes: bucket, in force, eligible, held back, held, variant. The first that
says no is the reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from coord.allocation.hashing import slot
from coord.domain.audience import Audience
from coord.domain.buckets import Buckets, to_bytes
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind, Space

MOST_BYTES = 100
"""The longest unit, in bytes of UTF-8."""

NEVER = Days(date.max, date.max)
"""The days of a draft."""

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
    for name, values in audience.items():  # noqa: SIM110 - twice as fast as `all` over a generator
        if context.get(name) not in values:
            return False
    return True


def holdbacks_of(catalog: Catalog, experiment: Experiment, day: date) -> tuple[Experiment, ...]:
    """The holdbacks in force that keep units out of an experiment."""
    return tuple(other for other in _holdbacks(catalog, experiment) if in_force(other, day))


def _holdbacks(catalog: Catalog, experiment: Experiment) -> tuple[Experiment, ...]:
    """The holdbacks of its surfaces and space, whenever they run."""
    found = {
        other.key: other
        for name in experiment.surfaces
        for other in catalog.by_surface.get(name, ())
        if other.kind is Kind.HOLDBACK and other.key != experiment.key and other.space == experiment.space
    }
    return tuple(found.values())


def held_on(catalog: Catalog, experiment: Experiment, day: date) -> Buckets:
    """The buckets an experiment holds on a day; none outside its days or without a ledger."""
    holding = catalog.holdings.get(experiment.key)
    return holding.on(day) if holding else 0


def variant_of(experiment: Experiment, unit: str) -> str | None:
    """The variant of a unit that is in the experiment; None where it has no variants."""
    place = slot(f"{experiment.salt}|{unit}", VARIANT_SLOTS)
    for name, _, high in experiment.ranges:
        if place < high:
            return name
    return None


def assign(
    catalog: Catalog, experiment: Experiment, unit: str, day: date, context: Context | None = None
) -> Assignment:
    """The assignment of a unit on a day. Raises ValueError for what cannot be a unit.

    Whoever assigns many units one by one calls `prepare` once.
    """
    return prepare(catalog, experiment).assign(unit, day, context)


class Held(NamedTuple):
    """Whom an experiment holds: on which days, of which audience, in which buckets.

    `steps` are (first day, bitset of all buckets held from then); a bit of bytes is found in no time.
    """

    key: str
    days: Days
    audience: Audience
    steps: tuple[tuple[date, bytes], ...]

    def runs(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return self.days.start <= day < self.days.end

    def has(self, bucket: int, day: date) -> bool:
        """Whether it holds a bucket on one of its days."""
        for start, bits in reversed(self.steps):
            if start <= day:
                return bool(bits[bucket >> 3] >> (bucket & 7) & 1)
        return False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment with all that its assignments need, looked up once; `assign` is good for any day.

    A holdback is among its own `holdbacks`: the units that it holds are the ones it keeps out.
    """

    experiment: Experiment
    space: Space
    held: Held
    holdbacks: tuple[Held, ...]

    def assign(self, unit: str, day: date, context: Context | None = None) -> Assignment:
        """The assignment of a unit on a day. Raises ValueError for what cannot be a unit."""
        if not valid_unit(unit):
            raise ValueError(f"a unit is text of 1 to {MOST_BYTES} bytes, and this is {unit!r}")
        return self.place(unit, bucket_of(self.space, unit), day, context or {})

    def place(self, unit: str, bucket: int, day: date, context: Context) -> Assignment:
        """The same for a unit whose bucket is known."""
        reason = self._reason(bucket, day, context)
        variant = variant_of(self.experiment, unit) if reason is Reason.ASSIGNED else None
        return Assignment(self.experiment.key, unit, bucket, variant, reason)

    def _reason(self, bucket: int, day: date, context: Context) -> Reason:
        if not self.held.runs(day):
            return Reason.NOT_RUNNING
        if not eligible(self.held.audience, context):
            return Reason.NOT_ELIGIBLE
        for back in self.holdbacks:
            if back.runs(day) and back.has(bucket, day) and eligible(back.audience, context):
                return Reason.HELD_BACK
        return Reason.ASSIGNED if self.held.has(bucket, day) else Reason.NOT_ALLOCATED


def prepare(catalog: Catalog, experiment: Experiment) -> Prepared:
    """What the assignments of an experiment need."""
    return prepare_all(catalog, (experiment,))[0]


def prepare_all(catalog: Catalog, experiments: Iterable[Experiment]) -> tuple[Prepared, ...]:
    """What the assignments of several experiments need; a holdback of many of them is kept once."""
    known: dict[str, Held] = {}

    def held(experiment: Experiment) -> Held:
        if experiment.key not in known:
            known[experiment.key] = _held(catalog, experiment)
        return known[experiment.key]

    return tuple(
        Prepared(one, catalog.spaces[one.space], held(one), tuple(map(held, _keepers(catalog, one))))
        for one in experiments
    )


def _keepers(catalog: Catalog, experiment: Experiment) -> tuple[Experiment, ...]:
    """The holdbacks that keep units out of an experiment, whenever they run; of a holdback, itself."""
    return (experiment,) if experiment.kind is Kind.HOLDBACK else _holdbacks(catalog, experiment)


def _held(catalog: Catalog, experiment: Experiment) -> Held:
    days = experiment.days if experiment.days and not experiment.draft else NEVER
    holding = catalog.holdings.get(experiment.key)
    size = catalog.spaces[experiment.space].buckets
    steps = holding.steps if holding else ()
    bits = tuple((day, to_bytes(buckets, size)) for day, buckets in steps)
    return Held(experiment.key, days, experiment.audience, bits)
