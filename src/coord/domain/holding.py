"""What an experiment holds on each day, and where two holdings meet."""

from datetime import date, timedelta
from itertools import accumulate
from operator import or_
from typing import NamedTuple

from coord.domain.buckets import Buckets, full
from coord.domain.dates import Days
from coord.domain.model import Experiment, Ledger


class Holding(NamedTuple):
    """The buckets held in [days.start, days.end): `steps` are (first day, all buckets held from then).

    Sets only grow: every step holds what the one before it held.
    """

    days: Days
    steps: tuple[tuple[date, Buckets], ...]

    @property
    def ever(self) -> Buckets:
        """All buckets it will ever hold."""
        return self.steps[-1][1] if self.steps else 0

    def on(self, day: date) -> Buckets:
        """All buckets held on the day; none outside the days."""
        return self.before(day + timedelta(days=1)) if day in self.days else 0

    def before(self, day: date) -> Buckets:
        """All buckets held up to, not including, the day."""
        held = 0
        for start, buckets in self.steps:
            if start < day:
                held = buckets
        return held


class Overlap(NamedTuple):
    """Where two holdings meet: the days, and the buckets they have in common on the last of them.

    `grows` says that on the first day they have fewer.
    """

    days: Days
    buckets: Buckets
    grows: bool


def holding(experiment: Experiment, ledger: Ledger, size: int) -> Holding:
    """The holding of a dated experiment in a space of `size` buckets.

    Entry i is in force from the day of step i; an entry beyond the steps never is. A bucket outside the
    space has no units and is left out (a rule of its own reports it).
    """
    if experiment.days is None:
        raise ValueError(f"{experiment.key} has no days")
    everything = full(size)
    held = accumulate((entry.buckets & everything for entry in ledger.entries), or_)
    days = (step.day for step in experiment.steps)
    return Holding(experiment.days, tuple(zip(days, held, strict=False)))


def overlap(one: Holding, other: Holding) -> Overlap | None:
    """The days on which two holdings have a bucket in common, or None.

    Because sets only grow, these days are one interval that lasts to the earlier end.
    """
    both = one.days.meet(other.days)
    if not both:
        return None
    common = one.before(both.end) & other.before(both.end)
    if not common:
        return None
    first = min(
        max(day_one, day_other, both.start)
        for day_one, held_one in one.steps
        for day_other, held_other in other.steps
        if held_one & held_other
    )
    return Overlap(Days(first, both.end), common, one.on(first) & other.on(first) != common)
