"""The objects of an organisation, resolved: every name known to exist, every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from coord.domain.audience import Audience, Dimension
from coord.domain.buckets import Buckets
from coord.domain.dates import Days
from coord.domain.findings import Place
from coord.domain.metrics import NO_METRICS, Metrics

VARIANT_SLOTS = 10_000
"""Units of an experiment fall into so many slots, which its variants share by weight."""


class Kind(StrEnum):
    """What an experiment is for."""

    AB_TEST = "ab_test"
    ROLLOUT = "rollout"
    HOLDBACK = "holdback"


class Space(NamedTuple):
    """A bucket space: what is randomised, how it is hashed, into how many buckets."""

    name: str
    unit: str
    salt: str
    buckets: int


class ExposureColumns(NamedTuple):
    """What the columns of exported exposures are called; `unit` is None where coord.yaml does not say."""

    timestamp: str = "timestamp"
    unit: str | None = None
    experiment: str = "experiment"
    variant: str = "variant"


class EventColumns(NamedTuple):
    """What the columns of exported events are called; `unit` is None where coord.yaml does not say."""

    timestamp: str = "timestamp"
    unit: str | None = None
    event: str = "event"


class Logs(NamedTuple):
    """The column names of exported files."""

    exposures: ExposureColumns = ExposureColumns()
    events: EventColumns = EventColumns()


DEFAULT_LOGS = Logs()


class SystemId(NamedTuple):
    """What tells a personalisation system from others: two experiments that serve one must be exclusive."""

    platform: str
    id: str


class System(NamedTuple):
    """A personalisation system as a variant serves it; one of kind `rules` may have no identity."""

    kind: str
    identity: SystemId | None
    version: str | None
    learns_from: str | None
    updates: str | None = None


class Variant(NamedTuple):
    """One arm. `weight` is None where the file asks for adaptive weights; `logged_as` is what logs call it.

    `serves` is for the code that serves it, and means nothing here.
    """

    name: str
    weight: int | None
    system: System | None
    logged_as: str = ""
    serves: Mapping[str, Any] | None = None


class Analysis(NamedTuple):
    """How it is analysed; `method` is None where the organisation's default holds.

    `looks` are the days of a group-sequential plan (none: weekly), `planned` the units over all arms; None
    where the plan does not say.
    """

    method: str | None = None
    spending: str = "power2"
    looks: tuple[date, ...] = ()
    planned: int | None = None


DEFAULT_ANALYSIS = Analysis()


class Outcome(NamedTuple):
    """What was decided after the end: shipped, rolled_back or inconclusive."""

    decision: str
    on: date | None = None
    note: str | None = None


class Step(NamedTuple):
    """From `day` on, the experiment takes `traffic` of all buckets of its space."""

    day: date
    traffic: Fraction


class Policy(NamedTuple):
    """How long A/B tests run, and how long buckets rest after an end; in days."""

    min_days: int = 7
    max_days: int = 56
    cooldown_days: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of a surface; None is no limit. `component` and `teams` are shares of traffic."""

    component: Fraction = Fraction(1)
    per_unit: Fraction | None = None
    concurrent: int | None = None
    teams: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A surface owner's exception from a rule, in force while today < `until`."""

    surface: str
    place: Place
    rule: str
    experiment: str
    other: str | None
    reason: str | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Surface:
    """A product area whose experiments are coordinated together."""

    name: str
    path: str
    owner: str
    space: str
    components: tuple[str, ...]
    dimensions: Mapping[str, Dimension]
    budget: Budget
    policy: Policy
    waivers: tuple[Waiver, ...]
    metrics: Metrics = NO_METRICS

    def at(self, *pointer: str | int) -> Place:
        """The place of a field of this surface's file."""
        return Place(self.path, pointer)


@dataclass(frozen=True)
class Experiment:
    """An experiment, rollout or holdback. `components` are written `<surface>/<component>`.

    `days` is None and `steps` is empty where a draft does not say yet. `surfaces` are those it belongs
    to; for a holdback they are the ones it holds (`holds_all`: every one of its space).
    """

    key: str
    surface: str
    name: str
    path: str
    kind: Kind
    owner: str
    space: str
    draft: bool
    days: Days | None
    steps: tuple[Step, ...]
    components: tuple[str, ...]
    surfaces: tuple[str, ...]
    exclusive_with: frozenset[str]
    audience: Audience
    salt: str
    logged_as: str
    variants: tuple[Variant, ...]
    metrics: Metrics = NO_METRICS
    analysis: Analysis = DEFAULT_ANALYSIS
    outcome: Outcome | None = None
    title: str = ""
    hypothesis: str = ""
    holds_all: bool = False
    evaluate_from: date | None = None

    def at(self, *pointer: str | int) -> Place:
        """The place of a field of this experiment's file."""
        return Place(self.path, pointer)

    @property
    def dated(self) -> bool:
        """Whether its days and traffic are known."""
        return self.days is not None and bool(self.steps)

    @cached_property
    def systems(self) -> frozenset[SystemId]:
        """The personalisation systems its variants serve."""
        served = (variant.system.identity for variant in self.variants if variant.system)
        return frozenset(identity for identity in served if identity)

    @cached_property
    def ranges(self) -> tuple[tuple[str, int, int], ...]:
        """Each variant with its half-open range of slots; none without variants or with adaptive weights."""
        weights = [variant.weight for variant in self.variants if variant.weight is not None]
        if not weights or len(weights) < len(self.variants):
            return ()
        widths = slots(tuple(weights))
        ends = accumulate(widths)
        arms = zip(self.variants, widths, ends, strict=True)
        return tuple((variant.name, end - width, end) for variant, width, end in arms)

    @cached_property
    def order(self) -> tuple[date, str]:
        """The order in which experiments are drawn and told apart: by start, then by key."""
        return (self.days.start if self.days else date.max, self.key)

    def traffic_on(self, day: date) -> Fraction:
        """The share of all buckets it takes on a day; 0 outside its days."""
        if self.days is None or day not in self.days:
            return Fraction(0)
        return max((step.traffic for step in self.steps if step.day <= day), default=Fraction(0))

    @property
    def traffic(self) -> Fraction:
        """The most traffic it ever takes (its last step)."""
        return self.steps[-1].traffic if self.steps else Fraction(0)


class Entry(NamedTuple):
    """One entry of a ledger: the buckets it adds, and what it says of how they were drawn."""

    buckets: Buckets
    avoids: Mapping[str, str]
    digest: str | None  # None: brought in from another system

    @property
    def migrated(self) -> bool:
        """Whether another system allocated these buckets."""
        return self.digest is None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Which buckets an experiment holds. `beyond` names the entries with a bucket outside the space."""

    experiment: str
    path: str
    space: str
    entries: tuple[Entry, ...]

    def at(self, *pointer: str | int) -> Place:
        """The place of a field of this ledger's file."""
        return Place(self.path, pointer)


def slots(weights: tuple[int, ...]) -> tuple[int, ...]:
    """How many of the 10,000 variant slots each weight gets: floor of the cumulative share, differenced."""
    total, upto, bounds = sum(weights), 0, [0]
    for weight in weights:
        upto += weight
        bounds.append(VARIANT_SLOTS * upto // total)
    return tuple(high - low for low, high in pairwise(bounds))
