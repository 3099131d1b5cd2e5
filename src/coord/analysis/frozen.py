"""What of a plan may not change once the experiment has started, and what of it did."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from coord.analysis.results import Role
from coord.domain.audience import Audience
from coord.domain.catalog import Catalog
from coord.domain.metrics import Decision, Metric
from coord.domain.model import Analysis, Experiment, Kind
from coord.domain.plans import plan_of
from coord.domain.shares import format_share


class Term(NamedTuple):
    """A metric, and what is asked of it: relative, where it applies."""

    metric: Metric
    margin: Fraction | None = None
    mde: Fraction | None = None


class Terms(NamedTuple):
    """What an experiment is decided by, as some version of the files says.

    analysis: with its method, also where that is the organisation's.
    metrics: by role (success, guardrail) and name, in the order of the files.
    """

    decision: Decision
    analysis: Analysis
    metrics: Mapping[Role, Mapping[str, Term]]
    kind: Kind
    audience: Audience


def terms_of(catalog: Catalog, experiment: Experiment) -> Terms:
    """The terms as the files of a catalogue have them, which has all of the metrics."""
    plan = plan_of(catalog, experiment)
    metrics = {
        role: {
            one.requirement.metric: Term(
                catalog.metrics[one.requirement.metric], one.requirement.margin, one.requirement.mde
            )
            for one in resolved
        }
        for role, resolved in ((Role.SUCCESS, plan.success), (Role.GUARDRAIL, plan.guardrail))
    }
    method = experiment.analysis.method or catalog.decision.method
    analysis = experiment.analysis._replace(method=method)
    return Terms(catalog.decision, analysis, metrics, experiment.kind, experiment.audience)


def in_force(then: Terms, now: Terms, catalog: Mapping[str, Metric]) -> Terms:
    """The terms that decide: those of the start, whatever became of them.

    How a metric is measured is as it is now (an event may have got a new name), but for its window and its
    direction. A margin may become smaller, which only makes it harder to ship. catalog: metrics as they are.
    """
    decision = now.decision._replace(
        alpha=then.decision.alpha, power=then.decision.power, method=then.decision.method
    )
    metrics = {
        role: {
            name: _kept(old, now.metrics[role].get(name), catalog.get(name))
            for name, old in then.metrics[role].items()
        }
        for role in then.metrics
    }
    kind = now.kind if Kind.HOLDBACK in {now.kind, then.kind} else then.kind  # those have other arms
    return Terms(decision, then.analysis, metrics, kind, then.audience)


def _kept(old: Term, new: Term | None, metric: Metric | None) -> Term:
    margins = [one.margin for one in (old, new) if one is not None and one.margin is not None]
    margin = None if old.margin is None else min(margins)
    if metric is None:
        return old._replace(margin=margin)
    was = old.metric
    same = metric._replace(first=was.first, window=was.window, open=was.open, decrease=was.decrease)
    return old._replace(metric=same, margin=margin)


def changes(then: Terms, now: Terms) -> Iterator[str]:
    """What is not as it was and may not be otherwise, in words; added metrics are not among it."""
    if then.audience != now.audience:
        yield f"the audience was {_people(then.audience)} and is {_people(now.audience)}"
    before, after = _settings(then), _settings(now)
    for name, old in before.items():
        new = after.get(name, old)
        if new != old:
            yield f"{name} was {old} and is {new}"
    for role, terms in then.metrics.items():
        for name, term in terms.items():
            new_term = now.metrics[role].get(name)
            if new_term is None:
                others = " or ".join(one for one in now.metrics if name in now.metrics[one])
                yield f"{name} was a {role} metric and is {f'a {others} metric' if others else 'none'}"
            else:
                yield from _changed(name, term, new_term)


def others_of(experiment: Experiment) -> Mapping[str, str]:
    """What makes it this experiment, besides its terms: its start, and its variants in their order."""
    variants = ", ".join(
        f"{one.name}{'' if one.weight in {None, 1} else f' ({one.weight})'}"
        f"{'' if one.logged_as == one.name else f' logged as {one.logged_as}'}"
        for one in experiment.variants
    )
    start = "" if experiment.days is None else f"{experiment.days.start}"
    found = {"the start was": start, "the variants were": variants, "it was logged as": experiment.logged_as}
    if experiment.kind is Kind.HOLDBACK:
        found["it was evaluated from"] = f"{experiment.evaluate_from or 'four weeks before its end'}"
    return found


def _people(audience: Audience) -> str:
    named = (f"{name} {' or '.join(sorted(values))}" for name, values in sorted(audience.items()))
    return ", ".join(named) or "everybody"


def _settings(terms: Terms) -> dict[str, str]:
    analysis = terms.analysis
    found = {
        "the kind": terms.kind.value,
        "the method": f"{analysis.method}",
        "alpha": format_share(terms.decision.alpha),
        "the planned number of units": "not set" if analysis.planned is None else f"{analysis.planned:,}",
    }
    if analysis.method == "group_sequential":
        found["the spending"] = analysis.spending
        found["the schedule of looks"] = ", ".join(map(str, analysis.looks)) or "weekly"
    return found


def _changed(name: str, old: Term, new: Term) -> Iterator[str]:
    if (was := _window(old.metric)) != (window := _window(new.metric)):
        yield f"the window of {name} was {was} and is {window}"
    if old.metric.decrease != new.metric.decrease:
        yield f"the direction of {name} was {_direction(old.metric)} and is {_direction(new.metric)}"
    if old.margin is not None and (new.margin is None or new.margin > old.margin):
        margin = "not set" if new.margin is None else format_share(new.margin)
        yield f"the margin of {name} was {format_share(old.margin)} and is {margin}"


def _window(metric: Metric) -> str:
    return f"{metric.first}d to {metric.window}d{' or less' if metric.open else ''}"


def _direction(metric: Metric) -> str:
    return "decrease" if metric.decrease else "increase"
