"""Explanations that are tried on samples: would another unit, salt, space or order of variants fit?

Nothing is said that another hash could bring about by chance.
"""

from collections.abc import Iterator, Sequence
from math import log, sqrt
from typing import NamedTuple

from coord.allocation.assign import bucket_of
from coord.allocation.hashing import slot
from coord.analysis.audit_causes import Cause
from coord.analysis.audit_hashes import Sampled
from coord.analysis.audit_judge import Judge
from coord.analysis.audit_tally import Found, Tally
from coord.domain.model import VARIANT_SLOTS, Experiment, Space

_CHANCE = 1e-6
"""How rarely an explanation may fit by chance."""

_ENOUGH, _MOST = 50, 0.9
"""Units, and the largest share of buckets, for which a comparison with chance says something."""

_FITS, _ROWS = 0.99, 20
"""The share of rows that fits when variants are exchanged, and of how many."""


class Case(NamedTuple):
    """The mismatches of one experiment that have one cause."""

    judge: Judge
    tally: Tally
    place: int
    experiment: Experiment
    found: Found
    rows: int
    other_units: Sequence[str]

    @property
    def space(self) -> Space:
        """The experiment's space."""
        return self.judge.catalog.spaces[self.experiment.space]

    @property
    def held(self) -> float:
        """The share of all buckets that the experiment ever holds."""
        return self.judge.catalog.holdings[self.experiment.key].ever.bit_count() / self.space.buckets

    def holds(self, bucket: int) -> bool:
        """Whether the experiment ever holds a bucket."""
        return bool(self.judge.catalog.holdings[self.experiment.key].ever >> bucket & 1)

    def sample(self, cause: Cause) -> list[Sampled]:
        """Rows of some units with a cause."""
        return self.found.sample(cause).rows


def other_unit(case: Case, sample: list[Sampled]) -> Iterator[str]:
    """Whether the rows are right when the unit is read from another column."""
    for number, column in enumerate(case.other_units):
        right = (_is_right(case, row, row.others[number]) for row in sample)
        if column == case.space.unit and all(right) and _no_chance(case, sample, bucket=True, arm=True):
            told = f"are right if the unit is read from {column}, the unit of its space {case.space.name}"
            yield f"all of {len(sample)} units looked at {told}"


def _is_right(case: Case, row: Sampled, unit: str) -> bool:
    held = bool(unit) and case.holds(bucket_of(case.space, unit))
    return held and _arm(case, case.experiment.salt, unit) == row.arm


def _arm(case: Case, salt: str, unit: str) -> int:
    """The place of a unit's variant by some salt."""
    place = slot(f"{salt}|{unit}", VARIANT_SLOTS)
    return next((arm for arm, (_, _, high) in enumerate(case.experiment.ranges) if place < high), -1)


def _no_chance(case: Case, sample: list[Sampled], *, bucket: bool, arm: bool) -> bool:
    """Whether another hash would hardly put all units into buckets of the experiment, and into these arms."""
    likelihood = len(sample) * log(case.held) if bucket and case.held else 0.0
    widths = [high - low for _, low, high in case.experiment.ranges]
    if arm and widths:
        likelihood += sum(log(widths[row.arm] / VARIANT_SLOTS) for row in sample)
    return likelihood < log(_CHANCE)


def other_space(case: Case, sample: list[Sampled]) -> Iterator[str]:
    """Whether the units are in the experiment's buckets by the salt of another space."""
    for other in sorted(case.judge.catalog.spaces.values()):
        in_it = (case.holds(slot(f"{other.salt}|{row.unit}", case.space.buckets)) for row in sample)
        if other.name != case.space.name and all(in_it) and _no_chance(case, sample, bucket=True, arm=False):
            told = f"are in its buckets by the salt of the space {other.name}, and its own space is "
            yield f"all of {len(sample)} units looked at {told}{case.space.name}"


def by_chance(case: Case) -> Iterator[str]:
    """Whether units are in the experiment's buckets no more often than any others would be."""
    buckets = case.found.buckets.buckets.tolist()
    share = sum(map(case.holds, buckets)) / max(1, len(buckets))
    margin = 3 * sqrt(case.held * (1 - case.held) / max(1, len(buckets)))
    if len(buckets) >= _ENOUGH and case.held < _MOST and abs(share - case.held) <= margin:
        told = f"{share:.0%} of {len(buckets)} units looked at are in its buckets, as many as by chance"
        yield f"{told} (it holds {case.held:.0%} of all): hashed with another salt, or other ids than these"


def other_salt(case: Case, sample: list[Sampled]) -> Iterator[str]:
    """Whether the logged variants are those of another salt."""
    one = case.experiment
    salts = {one.key: "its name", one.name: "its short name", one.logged_as: "what logs call it"}
    for salt, what in (salts | {case.space.salt: "the salt of its space"}).items():
        as_logged = (_arm(case, salt, row.unit) == row.arm for row in sample)
        if salt != one.salt and all(as_logged) and _no_chance(case, sample, bucket=False, arm=True):
            told = (
                f"have the variant that was logged if the salt is {salt} ({what}), and its salt is {one.salt}"
            )
            yield f"all of {len(sample)} units looked at {told}"


def exchanged(case: Case) -> Iterator[str]:
    """Whether variants were logged under each other's names: one for one, in all but a few rows."""
    arms = case.found.arms
    total = int(arms.sum())
    to = {logged: int(arms[logged].argmax()) for logged in range(len(arms)) if arms[logged].any()}
    fits = sum(int(arms[logged, assigned]) for logged, assigned in to.items())
    one_to_one = len({*to.values()}) == len(to)
    if total < _ROWS or fits < _FITS * total or not one_to_one or all(a == b for a, b in to.items()):
        return
    names = [variant.name for variant in case.experiment.variants]
    told = ", ".join(f"{names[logged]} is {names[arm]}" for logged, arm in to.items() if logged != arm)
    yield f"variants are exchanged in {fits:,} of {total:,} rows: by the hash, what is logged as {told}"
