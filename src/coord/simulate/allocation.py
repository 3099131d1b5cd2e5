"""Allocation with real hashes: what shares come out, who overlaps whom, and whether isolation holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.assign import Reason, held_on, in_force
from coord.allocation.assign_many import REASONS, assign_many, buckets_of, eligible_of, mask
from coord.domain.catalog import Catalog
from coord.domain.exclusivity import must_be_exclusive
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind
from coord.domain.waivers import pair_waived
from coord.simulate.units import Batch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


class Share(NamedTuple):
    """A share as counted, `number` of `of` units, and as planned."""

    number: int
    of: int
    planned: Fraction

    @property
    def value(self) -> float:
        """The share that came out; 0 of no units."""
        return self.number / self.of if self.of else 0.0

    @property
    def se(self) -> float:
        """The standard error of the share of independent units: sqrt(p (1 - p) / n), p as planned."""
        p = float(self.planned)
        return (p * (1 - p) / self.of) ** 0.5 if self.of else 0.0


class Overlap(NamedTuple):
    """Two experiments in force: the share of all units in both, and whether they must be exclusive."""

    a: str
    b: str
    share: Share
    exclusive: bool


@dataclass(frozen=True, slots=True)
class ExperimentShares:
    """One experiment: eligible units in it, its variants among those, and buckets it takes in vain.

    `burned` counts units in its buckets that are not eligible.
    """

    experiment: Experiment
    reached: Share
    variants: tuple[tuple[str, Share], ...]
    burned: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came out. `per_unit[k]` counts the units that are in k experiments at once.

    `violations` counts units in two experiments that must be exclusive, `leaks` those that a holdback holds
    and an experiment has all the same.
    """

    day: date
    units: int
    seed: int | None
    experiments: tuple[ExperimentShares, ...]
    overlaps: tuple[Overlap, ...]
    per_unit: tuple[int, ...]
    violations: int
    leaks: int


@dataclass
class _Counts:
    eligible: int = 0
    inside: int = 0
    burned: int = 0
    variants: dict[int, int] = field(default_factory=dict)


def simulate(
    catalog: Catalog, experiments: Iterable[Experiment], batches: Iterable[Batch], day: date, seed: int | None
) -> Simulated:
    """Assign every unit to every experiment that is in force on the day, and count."""
    running = [experiment for experiment in experiments if in_force(experiment, day)]
    counter = _Counter(catalog, running, day)
    for batch in batches:
        counter.add(batch)
    return counter.result(seed)


class _Counter:
    def __init__(self, catalog: Catalog, running: list[Experiment], day: date) -> None:
        self.catalog, self.running, self.day = catalog, running, day
        self.tests = [experiment for experiment in running if experiment.kind is not Kind.HOLDBACK]
        self.units = 0
        self.counts = {experiment.key: _Counts() for experiment in running}
        self.both: dict[tuple[str, str], int] = {(a.key, b.key): 0 for a, b in combinations(self.running, 2)}
        self.exclusive = {
            (a.key, b.key): must_be_exclusive(a, b) and not pair_waived(catalog, a, b)
            for a, b in combinations(self.running, 2)
        }
        self.eligible_both = dict.fromkeys(self.both, 0)
        self.per_unit: dict[int, int] = {}
        self.violations = self.leaks = 0
        self.masks = {
            experiment.key: mask(held_on(catalog, experiment, day), catalog.spaces[experiment.space].buckets)
            for experiment in running
        }

    def add(self, batch: Batch) -> None:
        import numpy as np  # noqa: PLC0415

        number = len(batch.units)
        self.units += number
        spaces = {experiment.space for experiment in self.running}
        buckets = {name: buckets_of(self.catalog.spaces[name], batch.units) for name in sorted(spaces)}
        inside: dict[str, Mask] = {}
        fits: dict[str, Mask] = {}
        for experiment in self.running:
            key, known = experiment.key, buckets[experiment.space]
            fits[key] = eligible_of(experiment.audience, batch.contexts, number)
            inside[key] = self._count(experiment, batch, known, fits[key])
        self._pairs(inside, fits)
        at_once = sum((inside[e.key].astype(np.int16) for e in self.tests), np.zeros(number, np.int16))
        for many, units in zip(*np.unique(at_once, return_counts=True), strict=True):
            self.per_unit[int(many)] = self.per_unit.get(int(many), 0) + int(units)

    def _count(
        self, experiment: Experiment, batch: Batch, buckets: "NDArray[np.int64]", fits: "Mask"
    ) -> "Mask":
        import numpy as np  # noqa: PLC0415

        counts, held = self.counts[experiment.key], self.masks[experiment.key][buckets]
        counts.eligible += int(fits.sum())
        counts.burned += int((held & ~fits).sum())
        if experiment.kind is Kind.HOLDBACK:
            inside = held & fits
        else:
            found = assign_many(
                self.catalog, experiment, batch.units, self.day, batch.contexts, buckets=buckets
            )
            inside = found.reasons == REASONS.index(Reason.ASSIGNED)
            for place, units in zip(*np.unique(found.variants[inside], return_counts=True), strict=True):
                counts.variants[int(place)] = counts.variants.get(int(place), 0) + int(units)
        counts.inside += int(inside.sum())
        return inside

    def _pairs(self, inside: Mapping[str, "Mask"], fits: Mapping[str, "Mask"]) -> None:
        import numpy as np  # noqa: PLC0415

        packed = {key: np.packbits(units) for key, units in inside.items()}
        could = {key: np.packbits(units) for key, units in fits.items()}
        holdbacks = {experiment.key for experiment in self.running if experiment.kind is Kind.HOLDBACK}
        for (a, b), exclusive in self.exclusive.items():
            both = int(np.bitwise_count(packed[a] & packed[b]).sum())
            self.both[a, b] += both
            self.eligible_both[a, b] += int(np.bitwise_count(could[a] & could[b]).sum())
            if exclusive and holdbacks & {a, b}:
                self.leaks += both
            elif exclusive:
                self.violations += both

    def result(self, seed: int | None) -> Simulated:
        most = max(self.per_unit, default=0)
        return Simulated(
            self.day,
            self.units,
            seed,
            tuple(self._shares(experiment) for experiment in self.running),
            tuple(self._overlap(a, b) for a, b in combinations(self.running, 2)),
            tuple(self.per_unit.get(many, 0) for many in range(most + 1)),
            self.violations,
            self.leaks,
        )

    def _shares(self, experiment: Experiment) -> ExperimentShares:
        counts = self.counts[experiment.key]
        variants = tuple(
            (name, Share(counts.variants.get(place, 0), counts.inside, Fraction(high - low, VARIANT_SLOTS)))
            for place, (name, low, high) in enumerate(experiment.ranges)
        )
        reached = Share(counts.inside, counts.eligible, experiment.traffic_on(self.day))
        return ExperimentShares(experiment, reached, variants, counts.burned)

    def _overlap(self, a: Experiment, b: Experiment) -> Overlap:
        """The share that the ledgers give of the units that are eligible for both."""
        pair = a.key, b.key
        planned = Fraction(0)
        if self.units and a.space == b.space:
            size = self.catalog.spaces[a.space].buckets
            common = held_on(self.catalog, a, self.day) & held_on(self.catalog, b, self.day)
            planned = Fraction(common.bit_count(), size) * Fraction(self.eligible_both[pair], self.units)
        elif self.units:  # other units, or the same in other buckets: independent
            planned = a.traffic_on(self.day) * b.traffic_on(self.day)
            planned *= Fraction(self.eligible_both[pair], self.units)
        return Overlap(a.key, b.key, Share(self.both[pair], self.units, planned), self.exclusive[pair])
