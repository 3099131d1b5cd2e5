"""Budgets: for every day on which anything changes and every audience cell, how much is used.

A budget is a list of uses (who takes how much from which day on) against what is allowed. All five kinds
(component, everything on a component, experiments per unit, experiments at once, a team) are such lists
and are decided by the same sweep over the days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from coord.domain.audience import Audience
from coord.domain.cells import Cell, heaviest_cell
from coord.domain.dates import Days
from coord.domain.model import Experiment


class Use(NamedTuple):
    """What one experiment takes of a budget: (first day, amount) ascending, in force to the end."""

    experiment: Experiment
    days: Days
    amounts: tuple[tuple[date, Fraction], ...]
    audience: Audience


@dataclass(frozen=True, slots=True)
class Limit:
    """What a surface allows. `kind` is component, total, per_unit, concurrent or team."""

    kind: str
    surface: str
    allowed: Fraction
    component: str | None = None
    team: str | None = None


class Peak(NamedTuple):
    """The first day of the highest figure: how much is used, in which cell, by whom."""

    day: date
    limit: Limit
    used: Fraction
    cell: Mapping[str, Cell]
    uses: tuple[tuple[Experiment, Fraction], ...]

    @property
    def over(self) -> Fraction:
        """The amount above what is allowed."""
        return self.used - self.limit.allowed


class Breach(NamedTuple):
    """Consecutive days on all of which a limit is exceeded, the peak among them, and by how much on which."""

    days: Days
    peak: Peak
    excess: tuple[tuple[Days, Fraction], ...]


class Budget(NamedTuple):
    """A limit with everything that counts in it."""

    limit: Limit
    uses: tuple[Use, ...]


def breaches(budgets: Sequence[Budget], dimensions: Mapping[str, Sequence[str]]) -> Iterator[Breach]:
    """The periods in which any of the budgets (limits on one subject) is exceeded. May raise TooManyCells."""
    peaks = [found for budget in budgets for found in _peaks(budget, dimensions)]
    period: Breach | None = None
    for days, peak in _side_by_side(peaks):
        if period and period.days.end == days.start:
            worst = peak if peak.over > period.peak.over else period.peak
            excess = (*period.excess, (days, peak.over))
            period = Breach(Days(period.days.start, days.end), worst, excess)
            continue
        if period:
            yield period
        period = Breach(days, peak, ((days, peak.over),))
    if period:
        yield period


def around(use: Use, budget: Budget, dimensions: Mapping[str, Sequence[str]]) -> Budget:
    """The budget with `use` added, on its days and in the cells that it counts in."""
    cell_of_use = {name: values for name, values in use.audience.items() if name in dimensions}
    inside = [
        other._replace(days=other.days.meet(use.days), audience=cut)
        for other in budget.uses
        if other.days.meets(use.days) and (cut := _cut(other.audience, cell_of_use)) is not None
    ]
    return Budget(budget.limit, (*inside, use))


def _cut(audience: Audience, within: Audience) -> Audience | None:
    """The audience inside another; None when they are disjoint."""
    common = {name: values & audience.get(name, values) for name, values in within.items()}
    return {**audience, **common} if all(common.values()) else None


def _peaks(budget: Budget, dimensions: Mapping[str, Sequence[str]]) -> Iterator[tuple[Days, Peak]]:
    """Every stretch of days between changes on which the budget is exceeded, with its heaviest cell."""
    changes: dict[date, list[tuple[int, Fraction]]] = {}
    for number, use in enumerate(budget.uses):
        if use.days:
            for day, amount in use.amounts:
                if day < use.days.end:
                    changes.setdefault(max(day, use.days.start), []).append((number, amount))
            changes.setdefault(use.days.end, []).append((number, Fraction(0)))
    now: dict[int, Fraction] = {}
    total = Fraction(0)
    for day, until in pairwise(sorted(changes)):
        for number, amount in changes[day]:
            total += amount - now.pop(number, 0)
            if amount:
                now[number] = amount
        if total > budget.limit.allowed:  # the sum over everybody bounds the sum of every cell
            peak = _peak(day, budget, now, dimensions)
            if peak.over > 0:
                yield Days(day, until), peak


def _peak(
    day: date, budget: Budget, now: Mapping[int, Fraction], dimensions: Mapping[str, Sequence[str]]
) -> Peak:
    numbers = sorted(now)
    heaviest = heaviest_cell([(now[n], budget.uses[n].audience) for n in numbers], dimensions)
    uses = [(budget.uses[numbers[i]].experiment, now[numbers[i]]) for i in heaviest.members]
    uses.sort(key=lambda use: use[0].order)
    return Peak(day, budget.limit, heaviest.total, heaviest.cell, tuple(uses))


def _side_by_side(peaks: Iterable[tuple[Days, Peak]]) -> Iterator[tuple[Days, Peak]]:
    """The stretches of several limits cut at each other's ends, each with the limit that is most exceeded."""
    found = list(peaks)
    bounds = sorted({day for days, _ in found for day in days})
    starts = {bound: number for number, bound in enumerate(bounds)}
    worst: dict[int, Peak] = {}
    for days, peak in found:
        for number in range(starts[days.start], starts[days.end]):
            if number not in worst or peak.over > worst[number].over:
                worst[number] = peak._replace(day=bounds[number])
    for number in sorted(worst):
        yield Days(bounds[number], bounds[number + 1]), worst[number]
