"""What is true of an experiment in a simulation: its metrics, and what the variants do to them."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.results import Role
from coord.domain.metrics import Figures
from coord.errors import CoordError


class MetricTruth(NamedTuple):
    """A metric, per unit.

    mean: the control's, in the metric's unit. std: of a unit's value in every arm, of linearised values for a
    ratio; of a quantile, its standard error times the root of the units. effects: of the treatments in their
    order, relative to the control's mean. covariate: how the values correlate with those before exposure,
    from -1 to 1; None without a covariate.
    """

    mean: float
    std: float
    effects: tuple[float, ...] = ()
    covariate: float | None = None


class Truth(NamedTuple):
    """The metrics by name; `correlation` of any two of them within units, from 0 and below 1."""

    metrics: Mapping[str, MetricTruth]
    correlation: float = 0.0


def as_measured(plan: AnalysisPlan, figures: Mapping[str, Figures], correlation: float = 0.0) -> Truth:
    """What a surface's baseline says of the plan's metrics, the variants having no effect.

    Raises CoordError for a metric that it does not say anything of.
    """
    found = {}
    for metric in (asked.metric for asked in plan.asked):
        if metric.name not in figures:
            raise CoordError(
                f"The baseline of {plan.experiment.surface} says nothing of {metric.name}, so it cannot be "
                "simulated. `coord baseline` measures it."
            )
        measured = figures[metric.name]
        explained = None if metric.covariate is None else sqrt(measured.variance_reduction)
        found[metric.name] = MetricTruth(measured.mean, measured.std, covariate=explained)
    return without_effect(plan, Truth(found, correlation))


def without_effect(plan: AnalysisPlan, truth: Truth) -> Truth:
    """The same metrics where no variant does anything."""
    nothing = (0.0,) * plan.comparisons
    metrics = {name: one._replace(effects=nothing) for name, one in truth.metrics.items()}
    return truth._replace(metrics=metrics)


def at_worst(plan: AnalysisPlan, truth: Truth) -> Truth:
    """The same metrics where no variant should ship, and one is most likely to.

    No variant does anything; or without success metrics, where that may ship, every variant has the first
    guardrail that has a margin exactly there.
    """
    nothing = without_effect(plan, truth)
    guard = next((asked for asked in plan.of_role(Role.GUARDRAIL) if asked.margin), None)
    if plan.of_role(Role.SUCCESS) or guard is None or guard.margin is None:
        return nothing
    return _moved(plan, nothing, guard, float(guard.margin if guard.metric.decrease else -guard.margin))


def as_planned(plan: AnalysisPlan, truth: Truth) -> Truth:
    """The same metrics where every variant does what the plan is sized for.

    It moves the first success metric with an mde by that, for the better, and nothing else. Without success
    metrics it does nothing, which is then what may ship.
    """
    nothing = without_effect(plan, truth)
    success = plan.of_role(Role.SUCCESS)
    if not success:
        return nothing
    sized = next((asked for asked in success if asked.mde), None)
    if sized is None or sized.mde is None:
        raise CoordError(
            f"No success metric of {plan.experiment.key} has an `mde`, so power has no meaning. Give it one."
        )
    return _moved(plan, nothing, sized, float(-sized.mde if sized.metric.decrease else sized.mde))


def _moved(plan: AnalysisPlan, truth: Truth, asked: Asked, effect: float) -> Truth:
    """With an effect of every variant on one metric."""
    name = asked.metric.name
    moved = truth.metrics[name]._replace(effects=(effect,) * plan.comparisons)
    return truth._replace(metrics={**truth.metrics, name: moved})
