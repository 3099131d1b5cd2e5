"""Where one experiment stands on a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.metrics import Requirement, Resolved
from coord.domain.model import VARIANT_SLOTS, Experiment, slots
from coord.domain.plans import binds, plan_of
from coord.status.meetings import Meeting, meetings
from coord.status.surface import State, state_of


class StepStatus(NamedTuple):
    """A step of traffic, the buckets it comes to, and whether it is the one in force."""

    day: date
    traffic: Fraction
    buckets: int
    in_force: bool


class Origin(StrEnum):
    """How the buckets of a ledger came about."""

    DRAWN = "drawn"
    MIGRATED = "migrated"
    MIXED = "partly migrated"


class LedgerStatus(NamedTuple):
    """The buckets that the ledger holds in all."""

    path: str
    origin: Origin
    buckets: int


class Asked(NamedTuple):
    """A metric of the plan with its tightest mde or margin, and who asks for how much, tightest first."""

    metric: str
    value: Fraction | None
    by: tuple[tuple[str, Fraction | None], ...]


@dataclass(frozen=True, slots=True)
class ExperimentStatus:
    """All there is to know of an experiment on a day. `shares` are those of its variants, if not adaptive."""

    experiment: Experiment
    today: date
    state: State
    steps: tuple[StepStatus, ...]
    size: int
    shares: tuple[Fraction | None, ...]
    success: tuple[Asked, ...]
    guardrail: tuple[Asked, ...]
    ledger: LedgerStatus | None
    meets: tuple[Meeting, ...]


def experiment_status(catalog: Catalog, experiment: Experiment, today: date) -> ExperimentStatus:
    """The status of an experiment."""
    plan = plan_of(catalog, experiment)
    return ExperimentStatus(
        experiment,
        today,
        state_of(experiment, today),
        _steps(catalog, experiment, today),
        catalog.spaces[experiment.space].buckets,
        _shares(experiment),
        tuple(_asked(catalog, experiment, resolved, "success") for resolved in plan.success),
        tuple(_asked(catalog, experiment, resolved, "guardrail") for resolved in plan.guardrail),
        _ledger(catalog, experiment),
        tuple(meetings(catalog, experiment)),
    )


def _steps(catalog: Catalog, experiment: Experiment, today: date) -> tuple[StepStatus, ...]:
    size = catalog.spaces[experiment.space].buckets
    running = state_of(experiment, today) is State.RUNNING
    current = max((step.day for step in experiment.steps if step.day <= today), default=None)
    return tuple(
        StepStatus(step.day, step.traffic, int(step.traffic * size), running and step.day == current)
        for step in experiment.steps
    )


def _shares(experiment: Experiment) -> tuple[Fraction | None, ...]:
    """The realised share of each variant; None for all where one is adaptive."""
    weights = tuple(variant.weight for variant in experiment.variants if variant.weight is not None)
    if len(weights) < len(experiment.variants):
        return (None,) * len(experiment.variants)
    return tuple(Fraction(number, VARIANT_SLOTS) for number in slots(weights)) if weights else ()


def _asked(catalog: Catalog, experiment: Experiment, resolved: Resolved, role: str) -> Asked:
    """Who asks for a metric of the plan, the tightest first; those who name no figure last."""
    metric = resolved.requirement.metric
    found = []
    for source in resolved.sources:
        owner = experiment if source == experiment.key else catalog.surfaces[source]
        asked: tuple[Requirement, ...] = getattr(owner.metrics, role)
        in_force = [one for one in asked if owner is experiment or binds(one, experiment)]
        found += [(source, _value(one, role)) for one in in_force if one.metric == metric]
    by = sorted(dict.fromkeys(found), key=lambda one: (one[1] is None, one[1] or 0))
    return Asked(metric, _value(resolved.requirement, role), tuple(by))


def _value(requirement: Requirement, role: str) -> Fraction | None:
    return requirement.mde if role == "success" else requirement.margin


def _ledger(catalog: Catalog, experiment: Experiment) -> LedgerStatus | None:
    ledger = catalog.ledgers.get(experiment.key)
    if ledger is None:
        return None
    held = 0
    for entry in ledger.entries:
        held |= entry.buckets
    migrated = [entry.migrated for entry in ledger.entries]
    origin = Origin.MIGRATED if all(migrated) else Origin.MIXED if any(migrated) else Origin.DRAWN
    return LedgerStatus(ledger.path, origin, count(held))
