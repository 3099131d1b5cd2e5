"""What an experiment is decided by: its metrics with their roles, its arms, and how error is divided."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import count, takewhile
from typing import NamedTuple

from coord.analysis.at_start import UNKNOWN, AtStart, plan_check
from coord.analysis.frozen import Term, Terms, in_force, others_of, terms_of
from coord.analysis.results import Check, PlanShown, Role
from coord.domain.catalog import Catalog
from coord.domain.metrics import Decision, Metric
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind
from coord.domain.plans import plan_of
from coord.errors import CoordError
from coord.stats.levels import Errors, errors

PLANNED = 100_000
"""Units over all arms that always-valid intervals are tuned for where a plan does not say."""

_ENOUGH = Fraction(95, 100)
_WEEK = timedelta(days=7)


class Asked(NamedTuple):
    """A metric of the plan, and what is asked of it: relative, where it applies.

    late: whether it was added after the start.
    """

    metric: Metric
    role: Role
    margin: Fraction | None = None
    mde: Fraction | None = None
    late: bool = False


class AnalysisPlan:
    """The plan of an experiment, as its files said when it started, or as they say where that is not known.

    asked: its metrics, those that decide first, in the order of the files. shares: of the arms, as the slots
    realise them, the control first. method, alpha and the rest: see model.md.
    """

    def __init__(self, catalog: Catalog, experiment: Experiment, started: AtStart = UNKNOWN) -> None:
        """Read it off the catalogue, and off history, which goes before it.

        Raises CoordError for what cannot be analysed.
        """
        if experiment.days is None or not experiment.days:
            raise CoordError(f"{experiment.key} has no days yet. Give it `start` and `end` first.")
        if experiment.variants and not _all_have_slots(experiment):
            raise CoordError(
                f"{experiment.key} has a variant without a fixed share of its units, so nothing can be "
                "compared. Give every variant a whole number as its weight; see `coord explain SYS001`."
            )
        _check_metrics(catalog, experiment)
        self.days, self.started = experiment.days, started
        self._written, self._others = terms_of(catalog, experiment), others_of(experiment)
        terms = (
            self._written
            if started.terms is None
            else in_force(started.terms, self._written, catalog.metrics)
        )
        self.decision: Decision = terms.decision
        self.experiment = replace(
            experiment, analysis=terms.analysis, kind=terms.kind, audience=terms.audience
        )
        self.asked = tuple(_asked(terms.kind, terms, self._written))
        self.method = terms.analysis.method or terms.decision.method
        self.shares = tuple(Fraction(high - low, VARIANT_SLOTS) for _, low, high in experiment.ranges)

    @property
    def comparisons(self) -> int:
        """How many variants are held against the control."""
        return max(0, len(self.shares) - 1)

    def of_role(self, role: Role) -> tuple[Asked, ...]:
        """The metrics with a role."""
        return tuple(asked for asked in self.asked if asked.role is role)

    @cached_property
    def errors(self) -> Errors:
        """How alpha is divided over comparisons and metrics."""
        success, guardrail = (len(self.of_role(role)) for role in (Role.SUCCESS, Role.GUARDRAIL))
        return errors(float(self.decision.alpha), max(1, self.comparisons), success, guardrail)

    def error_of(self, role: Role) -> float:
        """The two-sided error of the interval of a metric in a role."""
        if role is Role.SUCCESS and self.errors.success is not None:
            return self.errors.success
        return self.errors.guardrail if role is Role.GUARDRAIL else self.errors.other

    def planned_in(self, treatment: int) -> float:
        """Units that the plan has in an arm, counted from 0, and the control together."""
        both = self.shares[0] + self.shares[treatment]
        return float((self.experiment.analysis.planned or PLANNED) * both)

    @property
    def stopped_early(self) -> bool:
        """Whether the end was moved to an earlier day than was planned at the start."""
        return self.started.end is not None and self.days.end < self.started.end

    def completed(self, units: int) -> bool:
        """Whether a fixed plan came to its planned end: on its day, and with at least 95% of its units.

        units: over all arms. A plan that names no number of units is held to its days alone.
        """
        planned = self.experiment.analysis.planned
        return not self.stopped_early and (planned is None or units >= _ENOUGH * planned)

    def looks_until(self, day: date) -> tuple[date, ...]:
        """The looks of a group-sequential plan up to a day: as planned, or every week and at the end."""
        named = self.experiment.analysis.looks
        weekly = takewhile(lambda at: at < self.days.end, (self.days.start + _WEEK * k for k in count(1)))
        looks = named or (*weekly, self.days.end)
        return tuple(at for at in looks if at <= min(day, self.days.end))

    def check(self) -> Check:
        """Whether it is the plan that the experiment started with."""
        late = tuple(one.metric.name for one in self.asked if one.late)
        return plan_check(self.started, late, self.days.end, self._written, self._others)

    def shown(self) -> PlanShown:
        """The plan for a reader."""
        sequential = self.method == "group_sequential"
        return PlanShown(
            method=self.method,
            alpha=self.decision.alpha,
            power=self.decision.power,
            comparisons=self.comparisons,
            success=tuple(asked.metric.name for asked in self.of_role(Role.SUCCESS)),
            guardrail=tuple(asked.metric.name for asked in self.of_role(Role.GUARDRAIL)),
            planned=self.experiment.analysis.planned,
            spending=self.experiment.analysis.spending if sequential else None,
            looks=self.looks_until(self.days.end) if sequential else (),
            start=self.days.start,
            end=self.days.end,
        )


def _all_have_slots(experiment: Experiment) -> bool:
    """Whether every arm has a share that it should have: not with adaptive weights."""
    return bool(experiment.ranges) and all(high > low for _, low, high in experiment.ranges)


def _check_metrics(catalog: Catalog, experiment: Experiment) -> None:
    plan = plan_of(catalog, experiment)
    for requirement, _ in (*plan.success, *plan.guardrail):
        if requirement.metric not in catalog.metrics:
            raise CoordError(
                f"{experiment.key} asks for {requirement.metric}, which is not in surfaces/metrics.yaml. "
                "Run `coord check`."
            )


def _asked(kind: Kind, terms: Terms, written: Terms) -> Iterator[Asked]:
    """Metrics in their roles, those without a part in the decision last; one can have two roles.

    terms: what decides. written: what the files say; what of it does not decide came later.
    """
    found = {(one.metric.name, one.role): one for one in _in_roles(kind, terms, written)}
    yield from sorted(found.values(), key=lambda asked: asked.role is Role.OTHER)


def _in_roles(kind: Kind, terms: Terms, written: Terms) -> Iterator[Asked]:
    success = Role.OTHER if kind is not Kind.AB_TEST else Role.SUCCESS
    guardrail = Role.OTHER if kind is Kind.HOLDBACK else Role.GUARDRAIL
    for asked_as, role in ((Role.SUCCESS, success), (Role.GUARDRAIL, guardrail)):
        planned: Mapping[str, Term] = terms.metrics[asked_as]
        for term in planned.values():
            yield Asked(term.metric, role, term.margin, term.mde)
        for name, term in written.metrics[asked_as].items():
            if name not in planned:
                yield Asked(term.metric, Role.OTHER, term.margin, term.mde, late=True)
