"""What a change does to the plan of an experiment from outside its file.

The resolved plan rests on the organisation's decision defaults, on what its surfaces require and on the
definitions of its metrics; each of them can change while the experiment runs.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.change.field import Comparison
from coord.domain.change.words import in_words
from coord.domain.findings import Place
from coord.domain.metrics import Metric, Resolved
from coord.domain.model import Experiment
from coord.domain.plans import plan_of

COORD, METRICS = "surfaces/coord.yaml", "surfaces/metrics.yaml"


class PlanChange(NamedTuple):
    """What of the plan was changed, in words, and where that stands now. `advice` says what to do instead."""

    what: str
    place: Place
    advice: str


def plan_changes(both: Comparison) -> tuple[PlanChange, ...]:
    """Everything that changed in the plan of an experiment though its file had stayed the same."""
    return (*_decision(both), *_requirements(both), *_definitions(both))


def _decision(both: Comparison) -> Iterator[PlanChange]:
    for name, before in both.base.decision._asdict().items():
        after = getattr(both.head.decision, name)
        if before == after or (name == "method" and (_chosen(both.before) or _chosen(both.after))):
            continue
        advice = "write the method into the experiments that are running" if name == "method" else ""
        what = f"`decision.{name}` from {in_words(before)} to {in_words(after)}"
        yield PlanChange(what, Place(COORD, ("decision", name)), advice or "change it when none is running")


def _chosen(experiment: Experiment) -> bool:
    """Whether its own file says the method: then a default does not matter, and the file is judged."""
    return experiment.analysis.method is not None


_Required = dict[tuple[str, str], Resolved]


def _requirements(both: Comparison) -> Iterator[PlanChange]:
    before, after = _required(both.base, both), _required(both.head, both)
    for role, metric in dict.fromkeys((*before, *after)):
        one, other = before.get((role, metric)), after.get((role, metric))
        if one and other and _bounds(one) == _bounds(other):
            continue
        place = _place(both, role, metric, (other or one), removed=other is None)
        if one is None:
            advice = f"give it `since: {_tomorrow(both)}`, so that it binds experiments that start from then"
            yield PlanChange(f"{metric} required as {role} metric", place, advice)
        elif other is None:
            yield PlanChange(f"{metric} no longer required as {role} metric", place, _LEAVE)
        else:
            yield PlanChange(f"{metric} from {_bound(role, one)} to {_bound(role, other)}", place, _LEAVE)


_LEAVE = "leave it until they have ended"


def _required(catalog: Catalog, both: Comparison) -> _Required:
    """The plan of the experiment as it was before, by role and metric, with what the catalogue requires."""
    if both.before.surface not in catalog.surfaces:
        return {}
    plan = plan_of(catalog, both.before)
    return {(role, r.requirement.metric): r for role, found in plan._asdict().items() for r in found}


def _bounds(resolved: Resolved) -> tuple[Fraction | None, Fraction | None]:
    return resolved.requirement.mde, resolved.requirement.margin


def _bound(role: str, resolved: Resolved) -> str:
    name, figure = (
        ("mde", resolved.requirement.mde) if role == "success" else ("margin", resolved.requirement.margin)
    )
    return f"{name} {in_words(figure) or 'none'}"


def _place(both: Comparison, role: str, metric: str, resolved: Resolved | None, *, removed: bool) -> Place:
    """Where a surface asks for the metric; where it asks for others when it is not there any more."""
    for name in resolved.sources if resolved else ():
        surface = both.head.surfaces.get(name)
        if surface is None:
            continue
        for number, requirement in enumerate(getattr(surface.metrics, role)):
            if requirement.metric == metric and not removed:
                return surface.at("metrics", role, number)
        return surface.at("metrics", role)
    return both.before.at("metrics", role)


def _tomorrow(both: Comparison) -> str:
    return both.today.fromordinal(both.today.toordinal() + 1).isoformat()


def _definitions(both: Comparison) -> Iterator[PlanChange]:
    used = dict.fromkeys(metric for _, metric in _required(both.base, both))
    for name in used:
        before, after = both.base.metrics.get(name), both.head.metrics.get(name)
        if before is None or after is None or before == after:
            continue  # a metric that is gone is an unknown name
        fields = ", ".join(_differing(before, after))
        advice = f"define a new metric beside {name}, and use that from the next experiment on"
        yield PlanChange(f"the definition of {name} ({fields})", Place(METRICS, ("metrics", name)), advice)


_FIELDS = {"first": "window", "source": "what is aggregated", "decrease": "direction"}


def _differing(before: Metric, after: Metric) -> Iterator[str]:
    names = (name for name in Metric._fields if getattr(before, name) != getattr(after, name))
    yield from dict.fromkeys(_FIELDS.get(name, name) for name in names)
