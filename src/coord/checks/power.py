"""Whether an experiment with a fixed plan meets enough units, from what was measured on its surface."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from math import inf
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.metrics import Baseline, Figures, Resolved
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind, slots
from coord.domain.plans import Plan, plan_of
from coord.domain.reach import units_met
from coord.stats.sizes import divided_beta, guardrail_level, success_level, treatment_size


class Shortfall(NamedTuple):
    """A metric that needs more units in an arm than will be met: per arm, with a closed window."""

    metric: str
    variant: str
    effect: Fraction
    units: float
    needed: float


def shortfalls(catalog: Catalog, experiment: Experiment) -> list[Shortfall]:
    """The metrics of a fixed plan that fall short, each in the arm where it lacks most.

    Nothing without a baseline of its surface that says how many units are met per day, for other methods
    than `fixed`, for adaptive weights, or without two arms.
    """
    baseline = catalog.baselines.get(experiment.surface)
    method = experiment.analysis.method or catalog.decision.method
    weights = tuple(variant.weight for variant in experiment.variants if variant.weight is not None)
    if baseline is None or baseline.daily_units is None or method != "fixed":
        return []
    if len(weights) < 2 or len(weights) != len(experiment.variants):
        return []
    shares = tuple(count / VARIANT_SLOTS for count in slots(weights))
    return list(_shortfalls(catalog, experiment, baseline, shares)) if all(shares) else []


def _shortfalls(
    catalog: Catalog, experiment: Experiment, baseline: Baseline, shares: tuple[float, ...]
) -> Iterator[Shortfall]:
    plan = _decided(experiment, plan_of(catalog, experiment))
    comparisons = len(shares) - 1
    alpha, power = float(catalog.decision.alpha), float(catalog.decision.power)
    beta = divided_beta(power, len(plan.success), len(plan.guardrail))
    for resolved, guardrail in _roles(plan):
        figures = baseline.figures.get(resolved.requirement.metric)
        metric = catalog.metrics.get(resolved.requirement.metric)
        effect = resolved.requirement.margin if guardrail else resolved.requirement.mde
        if not figures or not metric or not effect:
            continue
        level = guardrail_level(alpha, comparisons)
        if not guardrail:
            level = success_level(alpha, comparisons, len(plan.success))
        met = _units_met(catalog, experiment, metric.window)
        variance = _variance(figures, covariate=metric.covariate is not None)
        worst: Shortfall | None = None
        for variant, share in zip(experiment.variants[1:], shares[1:], strict=True):
            kept = float(1 + effect if metric.decrease else 1 - effect) if guardrail else 1.0
            control = variance * kept**2
            delta = float(effect) * abs(figures.mean)
            needed = treatment_size(delta, control, variance, shares[0] / share, level, beta)
            lack = Shortfall(resolved.requirement.metric, variant.name, effect, met * share, needed)
            if lack.units < needed < inf and (
                worst is None or needed - lack.units > worst.needed - worst.units
            ):
                worst = lack
        if worst and experiment.days and metric.window <= experiment.days.length:  # else MET004 says so
            yield worst


def _decided(experiment: Experiment, plan: Plan) -> Plan:
    """What the decision rests on: in a rollout success metrics are reported, not decided."""
    return Plan((), plan.guardrail) if experiment.kind is Kind.ROLLOUT else plan


def _roles(plan: Plan) -> Iterator[tuple[Resolved, bool]]:
    yield from ((resolved, False) for resolved in plan.success)
    yield from ((resolved, True) for resolved in plan.guardrail)


def _variance(figures: Figures, *, covariate: bool) -> float:
    """The variance per unit, after what the covariate takes off."""
    left = float(1 - figures.variance_reduction) if covariate else 1.0
    return figures.std * figures.std * left  # infinite, not an error, when it is too large


def _units_met(catalog: Catalog, experiment: Experiment, window: int) -> float:
    """Units met by the day on which the last window can still close, over all arms."""
    if not experiment.days:
        return 0.0
    last = experiment.days.start + timedelta(days=max(0, experiment.days.length - window))
    return units_met(catalog, experiment, last) or 0.0
