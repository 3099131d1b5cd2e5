"""What the rule says on a day of a course: with the data of the last look, and all harm until then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from coord.analysis.course import Course
from coord.analysis.deciding import Moment, decide, together
from coord.analysis.judging import Harm, judge
from coord.analysis.missing_values import invalid_metrics
from coord.analysis.now import Now
from coord.analysis.plan import Asked
from coord.analysis.results import (
    Basis,
    Check,
    Decision,
    LookResult,
    MetricResult,
    Recommendation,
    Role,
    Verdict,
)
from coord.analysis.watching import Watch
from coord.analysis.yardsticks import AtLook, Yardstick


class AtDay(Now):
    """A day of a course: its looks have the information that the logs show, and harm is remembered."""

    def __init__(self, course: Course, watch: Watch, day: date) -> None:
        """The day itself does not count."""
        super().__init__(course.plan, day)
        self._course, self._watch = course, watch
        self._extended = course.final < self.plan.days.end
        if self.plan.method == "group_sequential":
            self.ended = self.ended or day == course.final

    def yardstick(self, asked: Asked, units: Sequence[int], treatment: int) -> Yardstick:
        """Bounds of a look come from all looks until then, as they were."""
        if self.plan.method != "group_sequential" or not self._looked:
            return super().yardstick(asked, units, treatment)
        seen, bounds = self.seen(asked, treatment), self._course.bounds(asked, treatment)
        return AtLook(self.plan.error_of(asked.role), [look for at, look in bounds.items() if at <= seen])

    def once(self, units: Sequence[int]) -> bool:
        """Not where the end was moved once it was there: the plan has decided then."""
        return super().once(units) and not self._extended

    def seen(self, asked: Asked, treatment: int) -> date:
        """The day whose data are shown of a metric."""
        return self._course.seen_at(asked, treatment, self.day)

    @property
    def _looked(self) -> bool:
        return any(at <= self.day for at in self._course.look_days)

    def moment(self, units: int) -> Moment:
        """Between looks the rule says what it said at the last one."""
        found = super().moment(units)
        if self.plan.method == "group_sequential" and self._looked:
            return found._replace(early=None)
        if self.plan.method == "fixed" and self.ended and self._extended:
            told = f"The end was moved from {self._course.final} when that day had come"
            return found._replace(short=f"{told}, so the intervals are the always-valid ones.")
        return found

    def results(self, invalid: Mapping[str, str]) -> Iterator[MetricResult]:
        """Every metric of every comparison, by variant and in the order of the plan.

        invalid: the metrics that are not to be believed, and why.
        """
        for arm, variant in enumerate(self.plan.experiment.variants[1:], 1):
            for asked in self.plan.asked:
                yield self._result(asked, arm, variant.name, invalid.get(asked.metric.name))

    def _result(self, asked: Asked, arm: int, variant: str, invalid: str | None) -> MetricResult:
        course, day = self._course, self.seen(asked, arm)
        units = course.units_of(asked.metric.name, day)
        harm, seen = self.harm(asked, units, arm), self._watch.seen(asked, arm, self.day)
        found = judge(
            asked,
            variant,
            course.compared(asked, arm, day),
            self.yardstick(asked, units, arm),
            None if harm is None or seen is None else Harm(harm.yardstick, seen.since),
            today=self.day,
            invalid=invalid,
        )
        told = self._watch.told(asked, arm, self.day)
        notes = (*found.notes, *self._notes(asked, arm, found.basis))
        return found._replace(deterioration=told, notes=notes)

    def _notes(self, asked: Asked, arm: int, basis: Basis) -> Iterator[str]:
        """What is to be known of the units that a metric has."""
        harm = self._watch.seen(asked, arm, self.day)
        if harm is not None and harm.monitoring:
            yield f"Harm was first seen on {harm.since} in the first days of units, before its window closed."
        units = sum(self._course.units_of(asked.metric.name, self.day))
        planned = self.plan.experiment.analysis.planned or 0
        if self.plan.method == "fixed" and self.ended and basis is Basis.ALWAYS_VALID and planned > units:
            yield f"{units:,} of the {planned:,} units planned: its interval is the always-valid one."


class Looks:
    """The looks of a course so far, as they were."""

    def __init__(self, course: Course, watch: Watch) -> None:
        """Take the course, and what is known of harm."""
        self._course, self._watch = course, watch

    @cached_property
    def found(self) -> tuple[LookResult, ...]:
        """What each of them said, harm included, checks aside."""
        return tuple(map(self._look, self._course.look_days))

    def _look(self, day: date) -> LookResult:
        course, at = self._course, AtDay(self._course, self._watch, day)
        population = course.population(day)
        invalid = invalid_metrics(course.plan, population.metrics, ended=at.ended)
        metrics = tuple(at.results(invalid))
        units = max((sum(one.units) for one in population.metrics.values()), default=0)
        planned = course.plan.experiment.analysis.planned
        information = None if planned is None else units / planned
        said = decisions(at, metrics, (), units)
        return LookResult(day, units, information, metrics, said)

    def ship_since(self, variant: str) -> LookResult | None:
        """The first look at which the rule said ship: later ones were not needed, and change nothing."""
        ships = (variant, Recommendation.SHIP)
        return next(
            (look for look in self.found if any(one[:2] == ships for one in look.decisions)),
            None,
        )

    def latched(self, said: Decision, metrics: Sequence[MetricResult]) -> Decision:
        """What a look decided stays decided, unless harm or a failed check stops it.

        So does a metric of the decision that is not to be believed any more.
        """
        look = self.ship_since(said.variant)
        doubtful = any(
            one.variant == said.variant and one.verdict is Verdict.INVALID and one.role is not Role.OTHER
            for one in metrics
        )
        if look is None or said.recommendation is Recommendation.ABORT or doubtful:
            return said
        if self._course.plan.method == "fixed":
            return said
        reasons = next(one.reasons for one in look.decisions if one.variant == said.variant)
        told = f"To be shipped since {look.day}, when the plan was first fulfilled."
        return Decision(said.variant, Recommendation.SHIP, (told, *reasons))

    def decided(self, at: AtDay, metrics: Sequence[MetricResult], checks: Sequence[Check]) -> list[Decision]:
        """What to do with each variant on a day."""
        population = self._course.population(at.day)
        units = max((sum(one.units) for one in population.metrics.values()), default=0)
        said = [self.latched(one, metrics) for one in decisions(at, metrics, checks, units)]
        return [self._with_rest(one, at) for one in together(said)]

    def _with_rest(self, said: Decision, at: AtDay) -> Decision:
        """Whether later looks can decide anything, where nothing was decided yet."""
        plan, spent = self._course.plan, self._course.spent_at(at.day)
        told = None
        if said.recommendation is Recommendation.CONTINUE and spent is not None:
            told = f"All error was spent by the look on {spent}: later ones decide nothing, but find harm."
        elif said.recommendation is Recommendation.END and spent is None and plan.stopped_early:
            told = (
                f"The experiment was stopped on {plan.days.end}, before its planned end on "
                f"{plan.started.end}, so its last look spends only what its units allow."
            )
        sequential = plan.method == "group_sequential"
        return said._replace(reasons=(*said.reasons, told)) if told and sequential else said


def decisions(
    at: AtDay, metrics: Sequence[MetricResult], checks: Sequence[Check], units: int
) -> tuple[Decision, ...]:
    """What the rule says of each variant; units: over all arms, of the metric that has most."""
    names = [variant.name for variant in at.plan.experiment.variants[1:]]
    moment = at.moment(units)
    return tuple(decide(name, [m for m in metrics if m.variant == name], checks, moment) for name in names)
