"""An experiment day by day, as the logs have it: harm, the looks so far, and since when to ship."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from coord.analysis.compared import Compared, compare
from coord.analysis.deciding import decide
from coord.analysis.judging import Harm, kind_of
from coord.analysis.now import Now
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.results import LookResult, Recommendation, Role
from coord.analysis.unit_analysis import results
from coord.analysis.yardsticks import AtLook, Yardstick
from coord.logs.by_day import Series
from coord.logs.logged import Cohorts
from coord.logs.measured import Measured, Population
from coord.stats import effects, group_sequential
from coord.stats.reasons import Missing

_DAY = timedelta(days=1)


class Course:
    """Units by day, by the variant they met, up to a day.

    Every day is judged by what was known when it began, as it was then: windows that are closed stay closed.
    """

    def __init__(self, plan: AnalysisPlan, cohorts: Cohorts, upto: date) -> None:
        """`upto` itself does not count."""
        self.plan, self.upto = plan, min(upto, plan.days.end)
        self.ended = upto >= plan.days.end
        self._cohorts = cohorts
        self._seen: dict[tuple[str, bool, date], Measured | None] = {}

    def population(self, day: date) -> Population:
        """The units that came in before a day, and what is known of their metrics when it begins."""
        arms = range(len(self.plan.shares))
        before = [units for entry, units in self._cohorts.units.items() if entry < day]
        metrics = {name: self._measured(name, day) or _UNKNOWN for name in self._cohorts.metrics}
        return Population(tuple(sum(units[arm] for units in before) for arm in arms), metrics)

    def _measured(self, name: str, day: date, *, monitoring: bool = False) -> Measured | None:
        """A metric when a day begins; None where it is not known for that day."""
        key = (name, monitoring, day)
        if key not in self._seen:
            some = self._cohorts.monitoring if monitoring else self._cohorts.metrics
            self._seen[key] = _at(some[name], day) if name in some else None
        return self._seen[key]

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every day on which something may be known, up to and with the last."""
        number = (self.upto - self.plan.days.start).days
        return tuple(self.plan.days.start + _DAY * k for k in range(1, number + 1))

    @cached_property
    def harms(self) -> dict[tuple[str, int], date]:
        """By metric and arm the first day of harm, seen in its own window or in the monitoring window."""
        error = self.plan.errors.deterioration
        found: dict[tuple[str, int], date] = {}
        deciding = [asked for asked in self.plan.asked if asked.role is not Role.OTHER]
        if error is None:
            return found
        for asked in deciding:
            for arm in range(1, len(self.plan.shares)):
                since = next((day for day in self.days if self._harmful(asked, arm, day, error)), None)
                if since is not None:
                    found[asked.metric.name, arm] = since
        return found

    def _harmful(self, asked: Asked, arm: int, day: date, error: float) -> bool:
        now = Now(self.plan, day)
        for monitoring in (False, True):
            measured = self._measured(asked.metric.name, day, monitoring=monitoring)
            found = None if measured is None else compare(measured, arm, ratio=kind_of(asked) == "ratio")
            if measured is None or not isinstance(found, Compared) or found.rare:
                continue
            critical = now.any_time(error, measured.units, arm).critical(found.pair)
            if isinstance(critical, Missing):
                continue
            interval = effects.absolute(found.pair, critical)
            if interval.above(0) if asked.metric.decrease else interval.below(0):
                return True
        return False

    @cached_property
    def look_days(self) -> tuple[date, ...]:
        """The days on which the plan may decide, so far."""
        if self.plan.method == "group_sequential":
            return tuple(day for day in self.plan.looks_until(self.upto) if day > self.plan.days.start)
        if self.plan.method == "always_valid":
            return self.days
        return (self.plan.days.end,) if self.ended else ()

    @cached_property
    def looks(self) -> tuple[LookResult, ...]:
        """What each of them would have said, harm included, checks aside."""
        return tuple(self._look(day) for day in self.look_days)

    def _look(self, day: date) -> LookResult:
        population = self.population(day)
        at = AtDay(self, day)
        metrics = tuple(results(at, population, {}))
        units = max((sum(one.units) for one in population.metrics.values()), default=0)
        said = tuple(
            decide(
                variant.name, [one for one in metrics if one.variant == variant.name], (), at.moment(units)
            )
            for variant in self.plan.experiment.variants[1:]
        )
        return LookResult(day, units, self._information(units), metrics, said)

    def _information(self, units: int) -> float | None:
        planned = self.plan.experiment.analysis.planned
        return None if planned is None else units / planned

    def ship_since(self, variant: str) -> date | None:
        """The first look at which the rule said ship: later ones were not needed, and change nothing."""
        for look in self.looks:
            if any(
                one.variant == variant and one.recommendation is Recommendation.SHIP for one in look.decisions
            ):
                return look.day
        return None

    def shown_day(self) -> date:
        """The day whose data are shown: the last look's of a plan with looks, once there was one."""
        if self.plan.method == "group_sequential" and self.look_days:
            return self.look_days[-1]
        return self.upto

    def units_of(self, metric: str, day: date) -> Sequence[int]:
        """How many units of each arm a metric has when a day begins."""
        measured = self._measured(metric, day)
        return measured.units if measured is not None and measured.units else (0,) * len(self.plan.shares)


class AtDay(Now):
    """A day of a course: its looks have the information that the logs show, and harm is remembered."""

    def __init__(self, course: Course, day: date) -> None:
        """The day itself does not count."""
        super().__init__(course.plan, day)
        self._course = course

    def yardstick(self, asked: Asked, units: Sequence[int], treatment: int) -> Yardstick:
        """Bounds of a look come from all looks until then, as they were."""
        looks = [day for day in self._course.look_days if day <= self.day]
        if self.plan.method != "group_sequential" or not looks:
            return super().yardstick(asked, units, treatment)
        planned = self.plan.planned_in(treatment)
        informations = []
        for day in looks:
            then = self._course.units_of(asked.metric.name, day)
            informations.append((then[0] + then[treatment]) / planned)
        spending, error = self.plan.experiment.analysis.spending, self.plan.error_of(asked.role)
        return AtLook(error, group_sequential.looks(informations, error, spending, ended=self.ended))

    def harm(self, asked: Asked, units: Sequence[int], treatment: int) -> Harm | None:
        """Since when harm is known, if it was by this day."""
        found = super().harm(asked, units, treatment)
        since = self._course.harms.get((asked.metric.name, treatment))
        return found._replace(since=since) if found and since and since <= self.day else found


_UNKNOWN = Measured(reason="it is not known for this day")


def _at(series: Series, day: date) -> Measured | None:
    """What is known when a day begins; quantiles are known for the days of looks alone."""
    try:
        return series.at(day)
    except KeyError:
        return None
