"""What may change in a started experiment, in one direction: traffic, end, exclusions, metrics."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from coord.domain.catalog import Catalog
from coord.domain.change.field import Comparison, FieldChange, Type
from coord.domain.change.words import in_words
from coord.domain.findings import Pointer
from coord.domain.metrics import Resolved
from coord.domain.model import Experiment, Step
from coord.domain.plans import plan_of
from coord.domain.shares import format_share


def from_start(experiment: Experiment) -> tuple[Step | Fraction, ...]:
    """The steps, the first without its day when that is the start."""
    first, *later = experiment.steps or (None,)
    on_start = first and experiment.days is not None and first.day == experiment.days.start
    return tuple(
        step for step in (first.traffic if first and on_start else first, *later) if step is not None
    )


def _traffic(both: Comparison, change: FieldChange) -> Iterator[FieldChange]:
    low = [step for step in _from_today(both) if step.traffic < both.in_force]
    if low:
        reason = (
            f"{format_share(both.in_force)} are in it, and from {max(low[0].day, both.today)} "
            f"only {format_share(low[0].traffic)} would be: units would leave"
        )
        pointer = ("traffic", low[0].day.isoformat())
        yield change._replace(type=Type.FORBIDDEN, reason=reason, rule="CHG002", pointer=pointer)
    elif _until_today(both, both.before) != _until_today(both, both.after):
        reason = f"steps up to today ({both.today}) have happened; write new ones for days after it"
        yield change._replace(type=Type.FORBIDDEN, reason=reason, rule="CHG001")
    else:
        yield change._replace(reason="steps to come may change: units that are in it stay in it")


def _from_today(both: Comparison) -> list[Step]:
    """The step in force today after the change, and those to come."""
    steps = both.after.steps
    current = [step for step in steps if step.day <= both.today][-1:]
    return current + [step for step in steps if step.day > both.today]


def _until_today(both: Comparison, experiment: Experiment) -> list[Step | Fraction]:
    kept = sum(step.day <= both.today for step in experiment.steps)
    return list(from_start(experiment)[:kept])


def _end(both: Comparison, change: FieldChange) -> Iterator[FieldChange]:
    before, after = both.before.days, both.after.days
    if before is None or after is None:
        yield change._replace(
            type=Type.NEW_EXPERIMENT, reason="units were assigned from the day it said", rule="CHG001"
        )
    elif after.end < both.today:
        reason = f"units were in it until today ({both.today}); the earliest end is today"
        yield change._replace(type=Type.FORBIDDEN, reason=reason, rule="CHG001")
    elif after.end < before.end:
        yield change._replace(reason="stopping is always possible")
    elif (closed := window_closed(both.base, both.before)) and closed <= both.today:
        reason = (
            f"a fixed plan is read once: its first window closed on {closed}, and to extend it after a look "
            "errs in 7% to 11% of cases without an effect instead of 5%"
        )
        yield change._replace(type=Type.NEW_EXPERIMENT, reason=reason, rule="CHG001")
    else:
        yield change._replace(reason="units that are in it stay in it")


def window_closed(catalog: Catalog, experiment: Experiment) -> date | None:
    """The first day on which a fixed plan can be read: a window of one of its metrics has closed.

    None for what is not read once: other methods, holdbacks, rollouts without a control.
    """
    method = experiment.analysis.method or catalog.decision.method
    if method != "fixed" or len(experiment.variants) < 2 or experiment.days is None:
        return None
    plan = plan_of(catalog, experiment)
    names = (resolved.requirement.metric for resolved in (*plan.success, *plan.guardrail))
    windows = [catalog.metrics[name].window for name in names if name in catalog.metrics]
    return experiment.days.start + timedelta(days=min(windows)) if windows else None


def _exclusive_with(both: Comparison, change: FieldChange) -> Iterator[FieldChange]:
    from_file = both.head.experiment_files
    gone = both.before.exclusive_with - both.after.exclusive_with
    kept = sorted(key for key in gone if f"surfaces/{key.replace('/', '/experiments/')}.yaml" in from_file)
    if kept:
        reason = f"it was kept apart from {', '.join(kept)}; units of it may not join now"
        yield change._replace(type=Type.NEW_EXPERIMENT, reason=reason, rule="CHG001")
    else:
        yield change._replace(reason="more may be kept apart from it")


def _metrics(both: Comparison, change: FieldChange) -> Iterator[FieldChange]:
    """Own metrics, by what they do to the resolved plan."""
    after = replace(both.before, metrics=both.after.metrics)
    one, other = (_roles(both.base, experiment) for experiment in (both.before, after))
    outside, together = (_roles(both.head, experiment) for experiment in (both.before, after))
    for key in one.keys() & other.keys() & outside.keys():
        if one[key] == other[key] == outside[key]:  # neither loosens it alone; both together may
            del other[key]
            other |= {key: together[key]} if key in together else {}
    found = list(_metric_changes(both, change, one, other))
    yield from found or [change._replace(reason="its surfaces ask for the same or more")]


_Roles = dict[tuple[str, str], Fraction | None]


def _roles(catalog: Catalog, experiment: Experiment) -> _Roles:
    """The figure of each metric in each role."""
    plan = plan_of(catalog, experiment)
    return {
        (role, resolved.requirement.metric): _figure(role, resolved)
        for role, metrics in (("success", plan.success), ("guardrail", plan.guardrail))
        for resolved in metrics
    }


def _figure(role: str, resolved: Resolved) -> Fraction | None:
    return resolved.requirement.mde if role == "success" else resolved.requirement.margin


def _metric_changes(
    both: Comparison, change: FieldChange, before: _Roles, after: _Roles
) -> Iterator[FieldChange]:
    for role, metric in (key for key in before if key not in after):
        moved = [other for other, name in after if name == metric and (other, name) not in before]
        reason = "what decides was chosen before the start; a metric may be added, none may go"
        text = f"{metric} as {moved[0]} metric" if moved else ""
        yield change._replace(
            field=f"metrics.{role}",
            before=f"{metric} as {role} metric",
            after=text,
            type=Type.NEW_EXPERIMENT,
            reason="its role was chosen before the start" if moved else reason,
            rule="CHG001",
            pointer=("metrics", role),
        )
    for role, metric in (key for key in after if key not in before):
        if not any(name == metric for _, name in before):
            text = f"{metric} as {role} metric"
            reason = "added after the start: it is reported as such and decides nothing"
            pointer = _own(both.after, role, metric)
            yield change._replace(
                field=f"metrics.{role}", before="", after=text, reason=reason, pointer=pointer
            )
    for role, metric in (key for key in before if key in after):
        one, other = before[role, metric], after[role, metric]
        if one == other:
            continue
        name = "mde" if role == "success" else "margin"
        looser = one is not None and (other is None or other > one)
        known = change._replace(
            field=f"metrics.{role}",
            before=f"{metric} with {name} {in_words(one) or 'none'}",
            after=f"{metric} with {name} {in_words(other) or 'none'}",
            pointer=(*_own(both.after, role, metric), name),
        )
        if looser:
            reason = f"a looser {name} after the start lets through what would not have passed"
            yield known._replace(type=Type.NEW_EXPERIMENT, reason=reason, rule="CHG001")
        else:
            yield known._replace(reason="stricter than before")


def _own(experiment: Experiment, role: str, metric: str) -> Pointer:
    """Where an experiment names a metric."""
    for number, requirement in enumerate(getattr(experiment.metrics, role)):
        if requirement.metric == metric:
            return ("metrics", role, number)
    return ("metrics", role)


GROWING: Mapping[str, Callable[[Comparison, FieldChange], Iterator[FieldChange]]] = {
    "traffic": _traffic,
    "end": _end,
    "exclusive_with": _exclusive_with,
    "metrics": _metrics,
}
"""How each of these fields is judged when it differs."""
