"""The specification of pairs, read aloud: every day, every bucket, every audience cell, one by one.

Slow and plain on purpose. Nothing is shared with the product: where the two disagree, the sentences of the
model (what must be exclusive, what is held, when audiences are disjoint) decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oracle.shapes import Experiment, Organisation, Waiver

Cell = tuple[tuple[str, str], ...]
REST = "(rest)"
ONE_DAY = timedelta(days=1)


def days_of(experiments: Iterable[Experiment]) -> list[date]:
    """Every day on which one of them may run."""
    spans = [(e.start, e.end) for e in experiments if e.start is not None and e.end is not None]
    if not spans:
        return []
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return [first + number * ONE_DAY for number in range((last - first).days)]


def runs(experiment: Experiment, day: date) -> bool:
    """Half-open: it runs on its first day and not on its end."""
    if experiment.start is None or experiment.end is None:
        return False
    return experiment.start <= day < experiment.end


def traffic(experiment: Experiment, day: date) -> Fraction:
    """The share of the last step dated up to this day, nothing while it does not run."""
    if not runs(experiment, day):
        return Fraction(0)
    return max((step.share for step in experiment.steps if step.day <= day), default=Fraction(0))


def held(experiment: Experiment, day: date) -> frozenset[int]:
    """The ledger entries in force: entry i from the date of step i, entries beyond the steps never."""
    if experiment.ledger is None or not runs(experiment, day):
        return frozenset()
    buckets: frozenset[int] = frozenset()
    for entry, step in zip(experiment.ledger.entries, experiment.steps, strict=False):
        if step.day <= day:
            buckets |= entry.buckets
    return buckets


def space_of(org: Organisation, experiment: Experiment) -> str:
    return org.surface(experiment.surface).space


def belongs(org: Organisation, experiment: Experiment) -> frozenset[str]:
    """The surfaces an experiment belongs to; a holdback belongs to exactly those it holds."""
    if experiment.kind != "holdback":
        return frozenset({experiment.surface, *(name.split("/")[0] for name in experiment.components)})
    if experiment.holds_all:
        space = space_of(org, experiment)
        return frozenset(surface.name for surface in org.surfaces if surface.space == space)
    return frozenset({experiment.surface} if experiment.holds is None else experiment.holds)


def reasons(org: Organisation, a: Experiment, b: Experiment) -> frozenset[str]:
    """Why two experiments must be exclusive; empty: they need not be."""
    found = set()
    if set(a.components) & set(b.components):
        found.add("component")
    if a.key in b.exclusive_with or b.key in a.exclusive_with:
        found.add("exclusive_with")
    if "holdback" in (a.kind, b.kind) and belongs(org, a) & belongs(org, b):
        found.add("holdback")
    served = [{(s.platform, s.id) for s in e.systems if s.id is not None} for e in (a, b)]
    if served[0] & served[1]:
        found.add("system")
    return frozenset(found)


@cache
def cells(org: Organisation) -> tuple[Cell, ...]:
    """Every combination of values of the fixed dimensions, each with its implicit rest."""
    fixed = [dimension for dimension in org.dimensions if dimension.fixed]
    named = [[(dimension.name, value) for value in (*dimension.values, REST)] for dimension in fixed]
    return tuple(product(*named))


def eligible(experiment: Experiment, cell: Cell) -> bool:
    """Whether units of this cell are in the audience; what an audience does not mention it takes whole."""
    wanted = dict(experiment.audience)
    return all(dimension not in wanted or value in wanted[dimension] for dimension, value in cell)


def audiences_meet(org: Organisation, a: Experiment, b: Experiment) -> bool:
    return any(eligible(a, cell) and eligible(b, cell) for cell in cells(org))


def later_first(a: Experiment, b: Experiment) -> tuple[Experiment, Experiment]:
    """The pair with the later of the two by (start, key) first."""
    return (a, b) if order(a) > order(b) else (b, a)


def order(experiment: Experiment) -> tuple[date, str]:
    assert experiment.start is not None
    return experiment.start, experiment.key


@dataclass(frozen=True)
class Conflict:
    """One BKT001: `experiment` is the later, `days` from the first common bucket to the first day after."""

    experiment: str
    other: str
    start: date
    end: date
    buckets: int
    severity: str
    reasons: frozenset[str]
    waivers: frozenset[tuple[str, str]]  # (reason, until) of every waiver that covers it


def conflicts(org: Organisation) -> set[Conflict]:
    """Every BKT001 the check must report, and nothing else."""
    found = set()
    for a, b in combinations(org.active, 2):
        why = reasons(org, a, b)
        if not why or space_of(org, a) != space_of(org, b) or not audiences_meet(org, a, b):
            continue
        common = dict(_common(org, a, b))
        if not common:
            continue
        later, earlier = later_first(a, b)
        end = max(common) + ONE_DAY
        covering = frozenset(
            (waiver.reason, waiver.until.isoformat())
            for waiver in pair_waivers(org, "BKT001", a, b)
            if org.today < waiver.until and end <= waiver.until
        )
        severity = "info" if covering or end <= org.today else "error"
        numbers = common[max(common)], severity, why, covering
        found.add(Conflict(later.key, earlier.key, min(common), end, *numbers))
    return found


def _common(org: Organisation, a: Experiment, b: Experiment) -> Iterator[tuple[date, int]]:
    """The days with a bucket in both hands, and how many."""
    buckets = org.space(space_of(org, a)).buckets
    for day in days_of((a, b)):
        mine, yours = held(a, day), held(b, day)
        both = [bucket for bucket in range(buckets) if bucket in mine and bucket in yours]
        if both:
            yield day, len(both)


def pair_waivers(org: Organisation, rule: str, a: Experiment, b: Experiment) -> Iterator[Waiver]:
    """Waivers that name the pair, in either order, in a surface the pair is about."""
    about = belongs(org, a) & belongs(org, b) or belongs(org, a) | belongs(org, b)
    for surface, waiver in org.waivers:
        named = {waiver.experiment, waiver.other} == {a.key, b.key}
        if waiver.rule == rule and named and surface.name in about:
            yield waiver


def space_mismatches(org: Organisation) -> set[tuple[str, str]]:
    """REF003: they must be exclusive, share a day and a cell, and count different buckets."""
    found = set()
    for a, b in combinations(org.active, 2):
        if space_of(org, a) == space_of(org, b) or not reasons(org, a, b) or not audiences_meet(org, a, b):
            continue
        if any(runs(a, day) and runs(b, day) for day in days_of((a, b))):
            later, earlier = later_first(a, b)
            found.add((later.key, earlier.key))
    return found


def cooling(org: Organisation) -> set[frozenset[str]]:
    """LIF005: one holds on a day what the other, in its cool-down on that day, held at its end."""
    found = set()
    for a, b in combinations(org.active, 2):
        if not reasons(org, a, b) or space_of(org, a) != space_of(org, b) or not audiences_meet(org, a, b):
            continue
        if _in_cooldown(org, a, b) or _in_cooldown(org, b, a):
            found.add(frozenset((a.key, b.key)))
    return found


def _in_cooldown(org: Organisation, first: Experiment, second: Experiment) -> bool:
    assert first.end is not None
    last = held(first, first.end - ONE_DAY)
    days = range(org.surface(first.surface).cooldown)
    return any(last & held(second, first.end + number * ONE_DAY) for number in days)
