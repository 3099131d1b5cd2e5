"""The metrics an experiment is decided on: its own and those its surfaces require."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.metrics import Requirement, Resolved
from coord.domain.model import Experiment


class Plan(NamedTuple):
    """Success and guardrail metrics, the required ones first, each once with its tightest mde or margin."""

    success: tuple[Resolved, ...]
    guardrail: tuple[Resolved, ...]


def plan_of(catalog: Catalog, experiment: Experiment) -> Plan:
    """The resolved plan.

    Success metrics are required by the experiment's own surface, guardrails by every surface it belongs to;
    a requirement with `since` binds experiments that start from then.
    """
    own = catalog.surfaces[experiment.surface]
    required = [(own.name, r) for r in own.metrics.success if binds(r, experiment)]
    guards = [
        (name, requirement)
        for name in dict.fromkeys((own.name, *experiment.surfaces))
        if name in catalog.surfaces
        for requirement in catalog.surfaces[name].metrics.guardrail
        if binds(requirement, experiment)
    ]
    mine = experiment.metrics
    return Plan(
        _merge([*required, *((experiment.key, r) for r in mine.success)]),
        _merge([*guards, *((experiment.key, r) for r in mine.guardrail)]),
    )


def binds(requirement: Requirement, experiment: Experiment) -> bool:
    """Whether a surface's requirement is already in force for the experiment."""
    since, days = requirement.since, experiment.days
    return since is None or days is None or days.start >= since


def _merge(asked: Iterable[tuple[str, Requirement]]) -> tuple[Resolved, ...]:
    merged: dict[str, Resolved] = {}
    for source, requirement in asked:
        known = merged.get(requirement.metric)
        if known is None:
            merged[requirement.metric] = Resolved(requirement, (source,))
            continue
        tightest = requirement._replace(
            mde=_least(known.requirement.mde, requirement.mde),
            margin=_least(known.requirement.margin, requirement.margin),
        )
        merged[requirement.metric] = Resolved(tightest, (*known.sources, source))
    return tuple(merged.values())


def _least(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    given = [value for value in (one, other) if value is not None]
    return min(given, default=None)
