"""What a simulation of allocation gives: figures with their plan and their standard error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import stdev
from typing import NamedTuple

from coord.domain.model import Experiment
from coord.stats.chi_square import Fit


class Figure(NamedTuple):
    """A mean as counted and as planned: `number` in all of `of`, over all replicates.

    `se` is its standard error: between replicates where there are several, else that of independent units,
    sqrt(p (1 - p) / n) for a share that is planned to be p.
    """

    number: int
    of: int
    planned: Fraction
    se: float

    @property
    def value(self) -> float:
        """The mean that came out; 0 of none."""
        return self.number / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class ExperimentShares:
    """One experiment: the share of eligible units in it, its variants among those, and what it burns.

    `fit` is that of the units outside it and in each variant to the plan. `burned` counts the units in its
    buckets that are not eligible, `buckets` those that it holds (None without a ledger).
    """

    experiment: Experiment
    reached: Figure
    variants: tuple[tuple[str, Figure], ...]
    fit: Fit
    burned: int
    buckets: int | None


class Overlap(NamedTuple):
    """The share of all units that are in both of two experiments, the first the smaller key.

    Planned is what their ledgers give of the `eligible` units, those in both audiences, and 0 where they must
    be `exclusive`; `independent` what two draws that know nothing of each other give on average. With a
    holdback it counts the units that the ledgers give to both, though the holdback keeps them. A `waived`
    pair may overlap.
    """

    a: Experiment
    b: Experiment
    share: Figure
    eligible: int
    independent: Fraction
    exclusive: bool
    waived: bool

    @property
    def wrong(self) -> bool:
        """Whether units are in both that must not be."""
        return self.exclusive and not self.waived and self.share.number > 0

    @property
    def distance(self) -> float:
        """How far the count is from the plan, in standard errors of it given who is eligible."""
        planned = float(self.share.planned * self.share.of)
        variance = planned * (1 - planned / self.eligible) if self.eligible else 0.0
        return (self.share.number - planned) / variance**0.5 if variance > 0 else 0.0


class AtOnce(NamedTuple):
    """In how many experiments (`units[k]`: in k) the units are that `randomised` names, and on average."""

    randomised: str
    units: tuple[int, ...]
    mean: Figure


class FileUnits(NamedTuple):
    """Where given units come from: the column, the rows of units it had before, and the rows not used.

    `left_out` are the experiments that randomise other units.
    """

    column: str
    repeated: int
    rejects: Mapping[str, int]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came out of `replicates` times `units` units. `idle` are experiments that are not in force.

    `file` says where units were from that are not made up.
    """

    day: date
    units: int
    seed: int | None
    replicates: int
    experiments: tuple[ExperimentShares, ...]
    overlaps: tuple[Overlap, ...]
    at_once: tuple[AtOnce, ...]
    idle: tuple[Experiment, ...]
    violations: Figure
    leaks: Figure
    file: FileUnits | None = None


def share_of(numbers: Sequence[int], of: Sequence[int], planned: Fraction) -> Figure:
    """The share over all replicates."""
    if len(numbers) > 1:
        return Figure(sum(numbers), sum(of), planned, between(numbers, of))
    p = float(planned) or (numbers[0] / of[0] if of[0] else 0.0)
    return Figure(numbers[0], of[0], planned, (p * (1 - p) / of[0]) ** 0.5 if of[0] else 0.0)


def between(numbers: Sequence[int], of: Sequence[int]) -> float:
    """The standard error of the mean of replicates, from how they differ."""
    values = [number / all_ if all_ else 0.0 for number, all_ in zip(numbers, of, strict=True)]
    spread: float = stdev(values)
    return spread / float(len(values) ** 0.5)
