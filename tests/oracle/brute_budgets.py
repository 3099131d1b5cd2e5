"""The specification of budgets, read aloud: every limit, every day, every audience cell, one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from oracle.brute_force import (
    ONE_DAY,
    Cell,
    audiences_meet,
    belongs,
    cells,
    days_of,
    eligible,
    order,
    reasons,
    runs,
    space_of,
    traffic,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from oracle.shapes import Experiment, Organisation

CODES = {
    "component": "BUD001",
    "total": "BUD001",
    "per_unit": "BUD002",
    "concurrent": "BUD003",
    "team": "BUD004",
}


@dataclass(frozen=True)
class Figure:
    """One limit on one day in one cell (a whole surface has no cells: None)."""

    limit: str
    surface: str
    component: str | None
    team: str | None
    cell: Cell | None
    allowed: Fraction
    used: Fraction
    contributors: tuple[Experiment, ...]

    @property
    def over(self) -> Fraction:
        return self.used - self.allowed


@dataclass(frozen=True)
class Breach:
    """A maximal run of days over a limit: `over` is the most, `peak` the first day of it."""

    code: str
    surface: str
    component: str | None
    team: str | None
    start: date
    end: date
    over: Fraction
    peak: date


@dataclass(frozen=True)
class Excess:
    """A draft over a limit (BUD006); the two limits of a component are one, as in BUD001."""

    draft: str
    breach: Breach


def touched(org: Organisation, experiment: Experiment) -> frozenset[str]:
    """The components an experiment counts on; a holdback counts on every one of the surfaces it holds."""
    if experiment.kind != "holdback":
        return frozenset(experiment.components)
    surfaces = [org.surface(name) for name in belongs(org, experiment)]
    return frozenset(f"{surface.name}/{name}" for surface in surfaces for name in surface.components)


def figures(org: Organisation, day: date, experiments: Iterable[Experiment]) -> Iterator[Figure]:
    """Every limit on one day with these experiments."""
    running = [experiment for experiment in experiments if runs(experiment, day)]
    for surface in org.surfaces:
        here = [e for e in running if e.kind != "holdback" and surface.name in belongs(org, e)]
        for cell in cells(org):
            yield from _component_figures(org, surface.name, day, cell, running)
            if surface.budget.per_unit is not None:
                members = tuple(e for e in here if eligible(e, cell))
                allowed = Fraction(surface.budget.per_unit)
                used = _sum(members, day)
                yield Figure("per_unit", surface.name, None, None, cell, allowed, used, members)
        if surface.budget.concurrent is not None:
            limit, number = Fraction(surface.budget.concurrent), Fraction(len(here))
            yield Figure("concurrent", surface.name, None, None, None, limit, number, tuple(here))
        for team, allowed in surface.budget.teams:
            members = tuple(e for e in here if e.owner == team)
            yield Figure("team", surface.name, None, team, None, allowed, _sum(members, day), members)


def _component_figures(
    org: Organisation, name: str, day: date, cell: Cell, running: list[Experiment]
) -> Iterator[Figure]:
    surface = org.surface(name)
    for component in surface.components:
        full = f"{name}/{component}"
        here = tuple(e for e in running if full in touched(org, e) and eligible(e, cell))
        tests = tuple(e for e in here if e.kind == "ab_test")
        most = Fraction(1) if surface.budget.component is None else surface.budget.component
        yield Figure("component", name, full, None, cell, most, _sum(tests, day), tests)
        yield Figure("total", name, full, None, cell, Fraction(1), _sum(here, day), here)


def _sum(experiments: Iterable[Experiment], day: date) -> Fraction:
    return sum((traffic(experiment, day) for experiment in experiments), Fraction(0))


def periods(over: dict[date, Fraction]) -> Iterator[tuple[date, date, Fraction, date]]:
    """Maximal runs of days with something over: first day, first day after, the most over, its first day."""
    for first in sorted(over):
        if first - ONE_DAY in over:
            continue
        end = first
        while end in over:
            end += ONE_DAY
        most = max(over[day] for day in over if first <= day < end)
        yield first, end, most, min(day for day in over if first <= day < end and over[day] == most)


def breaches(org: Organisation) -> set[Breach]:
    """Every BUD001 to BUD004 the check must report, and nothing else."""
    days = days_of(org.active)
    return _breaches((day, figure) for day in days for figure in figures(org, day, org.active))


def _breaches(told: Iterable[tuple[date, Figure]]) -> set[Breach]:
    """The heaviest cell and the worse limit of each day, then days that follow each other."""
    over: dict[tuple[str, str, str | None, str | None], dict[date, Fraction]] = defaultdict(dict)
    for day, figure in told:
        if figure.over > 0:
            subject = CODES[figure.limit], figure.surface, figure.component, figure.team
            over[subject][day] = max(figure.over, over[subject].get(day, Fraction(0)))
    return {Breach(*subject, *period) for subject, days in over.items() for period in periods(days)}


def with_drafts(org: Organisation) -> Iterator[tuple[Experiment, list[Experiment], set[Excess]]]:
    """Dated drafts in order, each on top of what fitted before it: it, what it joins, what it exceeds."""
    kept = list(org.active)
    for draft in sorted((draft for draft in org.drafts if draft.dated), key=order):
        found = _excesses(org, draft, kept)
        yield draft, list(kept), found
        if not found:
            kept.append(draft)


def _excesses(org: Organisation, draft: Experiment, kept: list[Experiment]) -> set[Excess]:
    """What is over in a day and a cell the draft contributes to."""
    told = (
        (day, figure)
        for day in days_of((draft,))
        for figure in figures(org, day, [*kept, draft])
        if draft in figure.contributors
    )
    return {Excess(draft.key, breach) for breach in _breaches(told)}


def unexplained_cliques(org: Organisation, day: date) -> Iterator[tuple[Experiment, ...]]:
    """Every set running on a day that must be pairwise exclusive, needs more than 100% and is no BUD001."""
    running = [experiment for experiment in org.active if runs(experiment, day)]
    for members in _cliques(org, (), running):
        if _sum(members, day) > 1 and not explained(org, members):
            yield members


def _cliques(
    org: Organisation, members: tuple[Experiment, ...], rest: list[Experiment]
) -> Iterator[tuple[Experiment, ...]]:
    """All subsets, leaving out only supersets of a pair that may overlap."""
    for number, experiment in enumerate(rest):
        if all(kept_apart(org, member, experiment) for member in members):
            grown = (*members, experiment)
            yield grown
            yield from _cliques(org, grown, rest[number + 1 :])


def kept_apart(org: Organisation, a: Experiment, b: Experiment) -> bool:
    """Whether the buckets of two experiments may have nothing in common."""
    return space_of(org, a) == space_of(org, b) and bool(reasons(org, a, b)) and audiences_meet(org, a, b)


def explained(org: Organisation, members: tuple[Experiment, ...]) -> bool:
    """Whether BUD001 says it: all on one component and in one audience cell."""
    one_component = frozenset.intersection(*(touched(org, member) for member in members))
    one_cell = any(all(eligible(member, cell) for member in members) for cell in cells(org))
    return bool(one_component) and one_cell
