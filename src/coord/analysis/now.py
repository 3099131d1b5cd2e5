"""When the data are looked at, and what effects are held against then."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from coord.analysis.deciding import Moment
from coord.analysis.judging import Harm
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.results import Role
from coord.analysis.yardsticks import AnyTime, AtLook, Once, Yardstick
from coord.domain.model import Kind
from coord.stats import group_sequential


class Now:
    """A plan, and the day up to which data count: at most its end.

    Before its end a fixed plan shows only what may be looked at on any day: nothing tempts a peek. So does a
    group-sequential plan between its looks, for the data do not say what the last look saw. So does a fixed
    plan at its end if it was stopped early, or has fewer than 95% of the units that it was planned for.
    """

    def __init__(self, plan: AnalysisPlan, as_of: date) -> None:
        """`as_of` itself does not count."""
        self.plan = plan
        self.day = min(as_of, plan.days.end)
        self.ended = as_of >= plan.days.end

    def yardstick(self, asked: Asked, units: Sequence[int], treatment: int) -> Yardstick:
        """For a metric with so many units in each arm, in the comparison of an arm with the control."""
        error = self.plan.error_of(asked.role)
        if self.plan.method == "group_sequential" and self._looks_now:
            return self._at_look(error, units[0] + units[treatment], self.plan.planned_in(treatment))
        return Once(error) if self.once(units) else self.any_time(error, units, treatment)

    def harm(self, asked: Asked, units: Sequence[int], treatment: int) -> Harm | None:
        """What looks for deterioration in the same; only in metrics that decide."""
        error = self.plan.errors.deterioration
        if asked.role is Role.OTHER or error is None:
            return None
        return Harm(self.any_time(error, units, treatment))

    def once(self, units: Sequence[int]) -> bool:
        """Whether a fixed plan decides now, for a metric with so many units in each arm."""
        return self.plan.method == "fixed" and self.ended and self.plan.completed(sum(units))

    def any_time(self, error: float, units: Sequence[int], treatment: int) -> AnyTime:
        """The always-valid yardstick."""
        return AnyTime(error, units[0] + units[treatment], self.plan.planned_in(treatment))

    def _at_look(self, error: float, units: int, planned: float) -> AtLook:
        """A look now, after earlier ones, which are taken to have had their share of the units by days.

        A table of units shows one day alone.
        """
        elapsed = max(1, (self.day - self.plan.days.start).days)
        before = [(day - self.plan.days.start).days for day in self._looks if day < self.day]
        informations = [units / planned * days / elapsed for days in before] + [units / planned]
        spending = self.plan.experiment.analysis.spending
        return AtLook(error, group_sequential.looks(informations, error, spending, ended=self.ended))

    @cached_property
    def _looks(self) -> tuple[date, ...]:
        return self.plan.looks_until(self.day)

    @property
    def _looks_now(self) -> bool:
        """Whether this day is a look: on others nothing is spent, or daily analyses would err too often."""
        return self.ended or self.day in self._looks

    def moment(self, units: int) -> Moment:
        """What the rule has to know of it; units: over all arms, of the metric that has most."""
        proof = self.plan.experiment.kind is Kind.AB_TEST
        return Moment(self.ended, self.plan.days.end, self._early(), self._short(units), proof)

    def _early(self) -> str | None:
        """Why nothing may be shipped on this day, whatever the data say."""
        end = self.plan.days.end
        if self.ended or self.plan.method == "always_valid":
            return None
        if self.plan.method == "fixed":
            return f"The plan is fixed: it decides once, at its end on {end}."
        if self._looks_now:
            return None
        following = next((day for day in self.plan.looks_until(end) if day > self.day), end)
        return f"The plan decides at its looks, and {self.day} is none: the next one is on {following}."

    def _short(self, units: int) -> str | None:
        """Why a fixed plan does not decide on fixed intervals at its end."""
        plan = self.plan
        if plan.method != "fixed" or not self.ended or plan.completed(units):
            return None
        why = f"has {units:,} of the {plan.experiment.analysis.planned or 0:,} units that were planned"
        if plan.stopped_early:
            why = f"was stopped on {plan.days.end}, before its planned end on {plan.started.end}"
        return f"The experiment {why}, so its intervals are the always-valid ones."
