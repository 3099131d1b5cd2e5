"""Plans of experiments as objects, and truths that they are exactly sized for."""

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import sqrt
from typing import Any

from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Role
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.metrics import DEFAULTS, Decision, Metric, Metrics, Requirement, Source
from coord.domain.model import Analysis, Budget, Experiment, Kind, Policy, Step, Surface, Variant
from coord.simulate.decision_truth import MetricTruth, Truth
from coord.stats.levels import Errors
from coord.stats.sizes import divided_beta, exact_size, guardrail_level, success_level

START = date(2026, 3, 2)
TWO_PERCENT = Fraction(2, 100)
UNITS = 20_000
FIXED = Analysis(planned=UNITS)
SURFACE = Surface(
    "home", "surfaces/home/surface.yaml", "team", "user", ("header",), {}, Budget(), Policy(), ()
)


def metric(name: str, **changes: Any) -> Metric:
    """A sum per unit, which should increase."""
    source = Source("play", "sum", "minutes", column=name)
    return Metric(name, 0, 1, False, False, None, "zero", source)._replace(**changes)


def plan_of(
    successes: list[Metric],
    guardrails: list[Metric],
    *,
    weights: tuple[int, ...] = (1, 1),
    days: int = 28,
    kind: Kind = Kind.AB_TEST,
    analysis: Analysis = FIXED,
    margin: Fraction = TWO_PERCENT,
    decision: Decision = DEFAULTS,
    made: type[AnalysisPlan] = AnalysisPlan,
) -> AnalysisPlan:
    """The plan of an experiment with these metrics, every mde 2%."""
    names = ("control", *(f"treatment-{number}" for number in range(1, len(weights))))
    experiment = Experiment(
        key="home/test",
        surface="home",
        name="test",
        path="surfaces/home/experiments/test.yaml",
        kind=kind,
        owner="team",
        space="user",
        draft=False,
        days=Days(START, START + timedelta(days=days)),
        steps=(Step(START, Fraction(1)),),
        components=("home/header",),
        surfaces=("home",),
        exclusive_with=frozenset(),
        audience={},
        salt="home/test",
        logged_as="home/test",
        variants=tuple(
            Variant(name, weight, None, name) for name, weight in zip(names, weights, strict=True)
        ),
        metrics=Metrics(
            tuple(Requirement(one.name, mde=TWO_PERCENT) for one in successes),
            tuple(Requirement(one.name, margin=margin) for one in guardrails),
        ),
        analysis=analysis,
    )
    catalog = Catalog(
        {},
        {"home": SURFACE},
        {experiment.key: experiment},
        {},
        metrics={one.name: one for one in (*successes, *guardrails)},
        decision=decision,
    )
    return made(catalog, experiment)


def simple(successes: int, guardrails: int, **more: Any) -> AnalysisPlan:
    """So many metrics, all alike."""
    return plan_of(
        [metric(f"s{number}") for number in range(successes)],
        [metric(f"g{number}") for number in range(guardrails)],
        **more,
    )


class UndividedAlpha(AnalysisPlan):
    """What a plan must not do: every comparison and metric at alpha."""

    @cached_property
    def errors(self) -> Errors:
        alpha = float(self.decision.alpha)
        return super().errors._replace(success=alpha, guardrail=alpha)


def sized(plan: AnalysisPlan, *, correlation: float = 0.0, beta: float | None = None) -> Truth:
    """A truth for which the planned units are exactly enough for every metric of two equal arms.

    Alpha is divided as it should be, whatever the plan does; beta too unless it is given.
    """
    number, guards = len(plan.of_role(Role.SUCCESS)), len(plan.of_role(Role.GUARDRAIL))
    alpha, power = float(plan.decision.alpha), float(plan.decision.power)
    each = divided_beta(power, number, guards) if beta is None else beta
    units = (plan.experiment.analysis.planned or UNITS) * float(plan.shares[1])
    ratio = float(plan.shares[0] / plan.shares[1])
    found = {}
    for asked in plan.asked:
        effect, control, level = asked.mde, 1.0, 0.0
        if asked.role is Role.SUCCESS:
            level = success_level(alpha, plan.comparisons, number)
        else:
            effect, level = asked.margin, guardrail_level(alpha, plan.comparisons)
            control = float(1 + effect if asked.metric.decrease else 1 - effect) ** 2 if effect else 1.0
        needed = exact_size(float(effect or 0), control, 1, ratio, level, each)
        found[asked.metric.name] = MetricTruth(1.0, sqrt(units / needed), (0.0,) * plan.comparisons)
    return Truth(found, correlation)


def having(truth: Truth, **effects: float | tuple[float, ...]) -> Truth:
    """With these effects, of the metrics that are named: in all treatments, or one for each."""
    metrics = dict(truth.metrics)
    for name, effect in effects.items():
        one = metrics[name]
        every = effect if isinstance(effect, tuple) else (effect,) * len(one.effects)
        metrics[name] = one._replace(effects=every)
    return truth._replace(metrics=metrics)
