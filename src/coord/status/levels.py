"""How much of a limit is used, day by day, in the audience cell that uses most."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from coord.domain.budgets import Budget, Limit, Use
from coord.domain.cells import Cell, TooManyCells, heaviest_cell
from coord.domain.dates import Days
from coord.domain.model import Experiment
from coord.domain.shares import WHOLE

AHEAD = timedelta(weeks=8)
"""How far ahead the fullest day is looked for."""


def until(today: date) -> date:
    """The first day that is not looked at any more."""
    return today + min(AHEAD, date.max - today)


Dimensions = Mapping[str, Sequence[str]]


class Stretch(NamedTuple):
    """Days on which nothing changes: what is used in the cell that uses most, and by whom.

    `bound` says that there are too many cells to compare: no cell uses more than this.
    """

    days: Days
    used: Fraction
    cell: Mapping[str, Cell]
    uses: tuple[tuple[Experiment, Fraction], ...]
    bound: bool = False


class Level(NamedTuple):
    """How much of a limit is used now, and on the first of the fullest days ahead."""

    limit: Limit
    now: Stretch
    peak: Stretch

    def full(self, stretch: Stretch) -> Fraction:
        """The part of the limit that is used; a limit of nothing is always full."""
        return stretch.used / self.limit.allowed if self.limit.allowed else WHOLE


def occupancy(budget: Budget, dimensions: Dimensions, days: Days) -> list[Stretch]:
    """What is used of a limit on the days, in stretches in which nothing changes."""
    uses = [use for use in budget.uses if use.days.meets(days)]
    changes = {days.start} | {
        day
        for use in uses
        for day in (use.days.start, use.days.end, *(day for day, _ in use.amounts))
        if day in days
    }
    bounds = [*sorted(changes), days.end]
    return [
        _stretch(Days(bounds[number], bounds[number + 1]), uses, dimensions)
        for number in range(len(bounds) - 1)
    ]


def level(budget: Budget, dimensions: Dimensions, today: date) -> Level:
    """How much of a limit is used today and at its fullest ahead."""
    stretches = occupancy(budget, dimensions, Days(today, until(today)))
    return Level(budget.limit, stretches[0], max(stretches, key=lambda stretch: stretch.used))


def _stretch(days: Days, uses: Sequence[Use], dimensions: Dimensions) -> Stretch:
    taken = [(use, amount) for use in uses if (amount := _amount(use, days.start))]
    try:
        heaviest = heaviest_cell([(amount, use.audience) for use, amount in taken], dimensions)
    except TooManyCells:
        everybody = sorted(((use.experiment, amount) for use, amount in taken), key=lambda u: u[0].order)
        total = sum((amount for _, amount in taken), Fraction(0))
        return Stretch(days, total, {}, tuple(everybody), bound=True)
    members = [(taken[number][0].experiment, taken[number][1]) for number in heaviest.members]
    return Stretch(
        days, Fraction(heaviest.total), heaviest.cell, tuple(sorted(members, key=lambda m: m[0].order))
    )


def _amount(use: Use, day: date) -> Fraction:
    """What is in force on a day."""
    if day not in use.days:
        return Fraction(0)
    return max((amount for since, amount in use.amounts if since <= day), default=Fraction(0))
