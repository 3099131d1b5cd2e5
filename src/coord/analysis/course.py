"""An experiment day by day, as the logs have it: what was known on each day, and what each look may spend."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

from coord.analysis.compared import Compared, Unmeasured, compare
from coord.analysis.judging import kind_of
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.results import Role
from coord.logs.by_day import AtLooks, Series
from coord.logs.logged import Cohorts
from coord.logs.measured import Measured, Population
from coord.stats import group_sequential
from coord.stats.group_sequential import Look
from coord.stats.reasons import Missing

_DAY = timedelta(days=1)
_OPEN = Measured(reason="its window is open, so a plan that looks more than once cannot judge it")
_UNKNOWN = Measured(reason="it is measured at looks only, and there was none yet")


class Course:
    """Units by day, by the variant they met, up to a day.

    Every day is judged by what was known when it began, as it was then: windows that are closed stay closed.
    """

    def __init__(self, plan: AnalysisPlan, cohorts: Cohorts, upto: date) -> None:
        """`upto` itself does not count."""
        self.plan, self.upto = plan, min(upto, plan.days.end)
        self.ended = upto >= plan.days.end
        self._cohorts = cohorts
        self._seen: dict[tuple[str, bool, date], Measured] = {}
        self._pairs: dict[tuple[str, bool, date, int], Compared | Unmeasured] = {}
        self._bounds: dict[tuple[str, float, int], tuple[Look, ...]] = {}

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every day on which something may be known, up to and with the last."""
        number = (self.upto - self.plan.days.start).days
        return tuple(self.plan.days.start + _DAY * k for k in range(1, number + 1))

    @property
    def final(self) -> date:
        """The day of the look that spends what is left: the first end that came while it was in force."""
        reached = self.plan.started.reached
        return self.plan.days.end if reached is None else min(reached, self.plan.days.end)

    @cached_property
    def look_days(self) -> tuple[date, ...]:
        """The days on which the plan may decide, so far; an end is one, planned as a look or not."""
        if self.plan.method == "always_valid":
            return self.days
        if self.plan.method == "fixed":
            return (self.plan.days.end,) if self.ended else ()
        return tuple(day for day in self._scheduled if day > self.plan.days.start)

    @cached_property
    def _scheduled(self) -> tuple[date, ...]:
        """Days that are looks however late one analyses: what they say is the same ever after."""
        ends = {self.final, self.plan.days.end}
        planned = self.plan.looks_until(self.upto)
        return tuple(sorted({*planned, *(end for end in ends if end <= self.upto)}))

    def population(self, day: date) -> Population:
        """The units that came in before a day, and what is known of their metrics when it begins."""
        arms = range(len(self.plan.shares))
        before = [units for entry, units in self._cohorts.units.items() if entry < day]
        metrics = {name: self.measured(name, day) for name in self._cohorts.metrics}
        return Population(tuple(sum(units[arm] for units in before) for arm in arms), metrics)

    def measured(self, name: str, day: date, *, monitoring: bool = False) -> Measured:
        """A metric when a day begins, in its own window or in the monitoring window.

        What is known at looks alone (a quantile) stays as it was at the last one; where a plan has no looks,
        it is also known on the last day.
        """
        key = (name, monitoring, day)
        if key not in self._seen:
            some = self._cohorts.monitoring if monitoring else self._cohorts.metrics
            self._seen[key] = self._at(some[name], name, day) if name in some else _UNKNOWN
        return self._seen[key]

    def _at(self, series: Series, name: str, day: date) -> Measured:
        if name in self._open and self.plan.method != "fixed":
            return _OPEN
        if not isinstance(series, AtLooks):
            return series.at(day)
        at_any = self.plan.method != "group_sequential" and day in series.looks
        known = day if at_any else self.known_at(name, day)
        return _UNKNOWN if known is None else series.at(known)

    def known_at(self, name: str, day: date, *, monitoring: bool = False) -> date | None:
        """The last day, up to this one, on which something new was known for good; None when there was none.

        It is the day itself where days merge. Of an open window nothing is for good before the end.
        """
        some = self._cohorts.monitoring if monitoring else self._cohorts.metrics
        series = some.get(name)
        if not isinstance(series, AtLooks):
            return None if series is None else day
        if name in self._open:
            return day if day == self.plan.days.end and day in series.looks else None
        return max((at for at in self._scheduled if at <= day and at in series.looks), default=None)

    @cached_property
    def _open(self) -> frozenset[str]:
        return frozenset(asked.metric.name for asked in self.plan.asked if asked.metric.open)

    def compared(
        self, asked: Asked, arm: int, day: date, *, monitoring: bool = False
    ) -> Compared | Unmeasured:
        """An arm against the control, when a day begins."""
        name = asked.metric.name
        key = (name, monitoring, day, arm)
        if key not in self._pairs:
            measured = self.measured(name, day, monitoring=monitoring)
            self._pairs[key] = compare(measured, arm, ratio=kind_of(asked) == "ratio")
        return self._pairs[key]

    def units_of(self, metric: str, day: date, *, monitoring: bool = False) -> Sequence[int]:
        """How many units of each arm a metric has when a day begins."""
        return self.measured(metric, day, monitoring=monitoring).units or (0,) * len(self.plan.shares)

    def bounds(self, asked: Asked, arm: int) -> Mapping[date, Look]:
        """What each look so far spends on a metric in one comparison, by its day: on the units it had then.

        The look at the end spends what is left, but not where the end was moved to an earlier day: who may
        choose the last look by what he saw would err too often.
        """
        key = (asked.metric.name, self.plan.error_of(asked.role), arm)
        if key not in self._bounds:
            self._bounds[key] = tuple(self._spent(asked, arm))
        return dict(zip(self.look_days, self._bounds[key], strict=True))

    def _spent(self, asked: Asked, arm: int) -> Iterator[Look]:
        before = [day for day in self.look_days if day <= self.final]
        ended = bool(before) and before[-1] == self.final and not self.plan.stopped_early
        found = group_sequential.looks(
            [self._information(asked, arm, day) for day in before],
            self.plan.error_of(asked.role),
            self.plan.experiment.analysis.spending,
            ended=ended,
        )
        yield from found
        for day in self.look_days[len(before) :]:
            spent = found[-1].spent if found else 0.0
            yield Look(self._information(asked, arm, day), spent, None, Missing.NOTHING_SPENT)

    def _information(self, asked: Asked, arm: int, day: date) -> float:
        then = self.units_of(asked.metric.name, day)
        return (then[0] + then[arm]) / self.plan.planned_in(arm)

    def seen_at(self, asked: Asked, arm: int, day: date) -> date:
        """The day whose data a metric shows on a day.

        With looks it is the last one that spent something on it: later ones decide nothing, and show nothing
        new. So does the last look until the next one.
        """
        if self.plan.method != "group_sequential":
            return day
        past = {at: look for at, look in self.bounds(asked, arm).items() if at <= day}
        spending = [at for at, look in past.items() if look.bound is not None]
        return spending[-1] if spending else max(past, default=day)

    def shown_day(self, day: date) -> date:
        """The day whose units are shown on a day: the latest that any metric shows."""
        pairs = [(asked, arm) for asked in self.plan.asked for arm in range(1, len(self.plan.shares))]
        return max((self.seen_at(asked, arm, day) for asked, arm in pairs), default=day)

    def spent_at(self, day: date) -> date | None:
        """The look by which all error of all metrics that decide was spent, if there was one by a day."""
        if self.plan.method != "group_sequential":
            return None
        found = []
        for asked in self.plan.asked:
            whole = self.plan.error_of(asked.role) / 2
            for arm in range(1, len(self.plan.shares)) if asked.role is not Role.OTHER else ():
                looks = self.bounds(asked, arm).items()
                found.append(next((at for at, look in looks if at <= day and look.spent >= whole), None))
        past = [at for at in found if at is not None]
        return max(past) if past and len(past) == len(found) else None
