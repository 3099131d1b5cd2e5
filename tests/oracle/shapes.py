"""A small organisation as plain values: what the generator makes and the brute force reads.

Nothing here comes from the product; the words are those of the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from fractions import Fraction


@dataclass(frozen=True)
class Space:
    name: str
    buckets: int


@dataclass(frozen=True)
class Dimension:
    name: str
    fixed: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Budget:
    component: Fraction | None = None
    per_unit: str | None = None
    concurrent: int | None = None
    teams: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True)
class Waiver:
    rule: str
    experiment: str
    other: str | None
    reason: str
    until: date


@dataclass(frozen=True)
class Surface:
    name: str
    space: str
    components: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    budget: Budget = Budget()
    cooldown: int = 0
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True)
class Step:
    day: date
    share: Fraction


@dataclass(frozen=True)
class Entry:
    buckets: frozenset[int]
    migrated: bool = False


@dataclass(frozen=True)
class Ledger:
    entries: tuple[Entry, ...]
    migrated: bool = False  # said once for the whole ledger


@dataclass(frozen=True)
class System:
    kind: str
    platform: str | None
    id: str | None


@dataclass(frozen=True)
class Experiment:
    surface: str
    name: str
    kind: str  # ab_test | rollout | holdback
    owner: str
    start: date | None
    end: date | None
    steps: tuple[Step, ...]  # empty: the draft says no traffic
    draft: bool = False
    components: tuple[str, ...] = ()  # always written out: surface/component
    exclusive_with: tuple[str, ...] = ()
    audience: tuple[tuple[str, tuple[str, ...]], ...] = ()
    holds: tuple[str, ...] | None = None  # None: its own surface
    holds_all: bool = False
    systems: tuple[System, ...] = ()
    ledger: Ledger | None = None

    @property
    def key(self) -> str:
        return f"{self.surface}/{self.name}"

    @property
    def dated(self) -> bool:
        return self.start is not None and self.end is not None and bool(self.steps)


@dataclass(frozen=True, repr=False)
class Organisation:
    spaces: tuple[Space, ...]
    teams: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    surfaces: tuple[Surface, ...]
    experiments: tuple[Experiment, ...]
    today: date

    def __repr__(self) -> str:
        """Short: a failure shows the organisation in full, in the words of `summary`."""
        return f"<{len(self.experiments)} experiments on {self.today}>"

    def surface(self, name: str) -> Surface:
        return next(surface for surface in self.surfaces if surface.name == name)

    def space(self, name: str) -> Space:
        return next(space for space in self.spaces if space.name == name)

    def experiment(self, key: str) -> Experiment:
        return next(experiment for experiment in self.experiments if experiment.key == key)

    @property
    def active(self) -> tuple[Experiment, ...]:
        return tuple(experiment for experiment in self.experiments if not experiment.draft)

    @property
    def drafts(self) -> tuple[Experiment, ...]:
        return tuple(experiment for experiment in self.experiments if experiment.draft)

    @property
    def waivers(self) -> Iterator[tuple[Surface, Waiver]]:
        for surface in self.surfaces:
            for waiver in surface.waivers:
                yield surface, waiver


def percent(share: Fraction) -> str:
    """An exact share as the files write it: 1/8 is `12.5%`."""
    return f"{plain(share * 100)}%"


def plain(number: Fraction) -> str:
    """A terminating decimal without trailing zeros."""
    scaled = number * 10**6
    assert scaled.denominator == 1, number
    whole, rest = divmod(scaled.numerator, 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
