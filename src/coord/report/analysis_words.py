"""The words of an analysis, for a terminal and for Markdown: what is what, and how far it got."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from coord.analysis.figures import effect_text, level_text
from coord.analysis.results import (
    Analysis,
    Basis,
    Bounds,
    MetricResult,
    PlanShown,
    Recommendation,
    Role,
    Status,
    Verdict,
)
from coord.domain.model import Kind
from coord.domain.shares import format_share
from coord.report.markdown_text import shortened
from coord.report.summary import many
from coord.report.words import KINDS

MARKS = {
    Verdict.BETTER: "✓",
    Verdict.NO_WORSE: "✓",
    Verdict.WORSE: "✗",
    Verdict.INCONCLUSIVE: "·",
    Verdict.INVALID: "!",
}
RECOMMENDATIONS = {
    Recommendation.SHIP: "SHIP",
    Recommendation.END: "END",
    Recommendation.CONTINUE: "CONTINUE",
    Recommendation.ABORT: "ABORT",
}
LESS_IS_BETTER = "↓"
UNTRUSTED = "A check failed, so the figures below mean nothing until it is explained."

_ROLES = {Role.SUCCESS: "Success metrics", Role.GUARDRAIL: "Guardrail metrics", Role.OTHER: "Other metrics"}
_INTERVALS = {
    Basis.FIXED: "intervals",
    Basis.GROUP_SEQUENTIAL: "group sequential intervals",
    Basis.ALWAYS_VALID: "always-valid intervals",
}
_NAME = 63
"""Characters of the longest name that the files can have."""
_FEW, _LISTED = 5, 4
_EVENT = "event_"
"""How reasons begin for which rows of events are left out."""
_OF_UNITS, _OF_HOLDBACKS = {"crossover", "window_open", "after_look"}, {"not_eligible", "only_exposed"}
"""Reasons for which units are left out, not rows; a table of units has none."""


class Group(NamedTuple):
    """Metrics of a variant that are judged alike, under a heading that says how."""

    heading: str
    metrics: tuple[MetricResult, ...]


def cut(name: str) -> str:
    """A name that is shown; those that can be written in the files are shown whole."""
    return shortened(name, _NAME)


def failed(analysis: Analysis) -> bool:
    """Whether a check failed, so that no verdict counts."""
    return any(one.status is Status.FAIL for one in analysis.checks)


def control_of(analysis: Analysis) -> str:
    """The name of the control: the first of the units; nothing where there are none."""
    return next(iter(analysis.units), "")


def variants_of(analysis: Analysis) -> list[str]:
    """The variants that have results, in the order of the metrics."""
    return list(dict.fromkeys(one.variant for one in analysis.metrics))


def groups(metrics: Sequence[MetricResult]) -> list[Group]:
    """The metrics by role, success first, and by the kind and level of their intervals."""
    ordered = sorted(metrics, key=lambda one: list(Role).index(one.role))
    keys = list(dict.fromkeys((one.role, one.basis, one.level) for one in ordered))
    return [
        Group(
            f"{_ROLES[role]}, {_INTERVALS[basis]} at {level_text(level)}",
            tuple(one for one in ordered if (one.role, one.basis, one.level) == (role, basis, level)),
        )
        for role, basis, level in keys
    ]


def verdict_words(metric: MetricResult) -> str:
    """A mark and a word, such as `✓ no worse`."""
    return f"{MARKS[metric.verdict]} {metric.verdict.value.replace('_', ' ')}"


def state_words(analysis: Analysis) -> str:
    """What it is and how far it got, such as `A/B test, ended 2026-03-30, 64,000 units`."""
    plan, kind = analysis.plan, KINDS[analysis.kind]
    if analysis.ended:
        state = f"ended {plan.end}"
    elif analysis.as_of <= plan.start:
        state = f"no whole day of data yet, starts {plan.start}"
    else:
        state = f"running until {plan.end}"
    if plan.start < analysis.as_of < plan.end or (analysis.kind is Kind.HOLDBACK and not analysis.ended):
        state += f", data up to {analysis.as_of - timedelta(days=1)}"
    if analysis.shown_as_of < analysis.as_of:
        state += f", shown as of the look on {analysis.shown_as_of}"
    return f"{kind[0].upper()}{kind[1:]}, {state}, {many(sum(analysis.units.values()), 'unit')}"


def by_variant(analysis: Analysis) -> str:
    """The units of each variant."""
    return ", ".join(f"{cut(name)} {number:,}" for name, number in analysis.units.items())


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def listing(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    more = len(names) - _LISTED
    return f"{', '.join(names[:_LISTED])} and {more} more" if more > 0 else ", ".join(names)


def plan_words(plan: PlanShown) -> str:
    """The plan that the decision follows, in a sentence."""
    parts = [plan.method.replace("_", " "), f"alpha {format_share(plan.alpha)}"]
    parts += [f"power {format_share(plan.power)}", many(plan.comparisons, "comparison")]
    if plan.planned is not None:
        parts.append(f"{plan.planned:,} units planned")
    if plan.spending:
        parts.append(f"spending {plan.spending}")
    if plan.looks:
        parts.append(f"looks on {', '.join(day.isoformat() for day in plan.looks)}")
    return ", ".join(parts)


def rows_words(analysis: Analysis) -> Iterator[str]:
    """Which rows and units were left out, and why, and which name no variant; nothing when all count."""
    left_out = {reason: number for reason, number in analysis.excluded.items() if number}
    events = {name.removeprefix(_EVENT): left_out[name] for name in left_out if name.startswith(_EVENT)}
    of_units = _OF_HOLDBACKS if analysis.kind is Kind.HOLDBACK else _OF_UNITS
    units = {name: left_out[name] for name in left_out if name in of_units}
    rest = {name: left_out[name] for name in left_out if not name.startswith(_EVENT) and name not in units}
    if rest:
        yield f"Left out of {many(analysis.rows, 'exposure' if analysis.daily else 'row')}: {_reasons(rest)}."
    if units:
        yield f"Units left out: {_reasons(units)}."
    if events:
        yield f"Events left out: {_reasons(events)}."
    if analysis.unknown_variants:
        shown = analysis.unknown_variants[:_FEW]
        names = ", ".join(f"{cut(name)} {many(rows, 'row')}" for name, rows in shown)
        more = len(analysis.unknown_variants) - len(shown)
        names += f" and {more:,} more" if more else ""
        yield f"Not a variant of the experiment: {names}."


def _reasons(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {number:,}" for reason, number in left_out.items())


def value_words(metric: MetricResult, units: Mapping[str, int]) -> str | None:
    """How many units have a value, where some of those analysed have none."""
    control, treatment = metric.control.n, metric.treatment.n
    if not control and not treatment:  # nothing was measured, which its reason says
        return None
    analysed = (units.get(next(iter(units), "")), units.get(metric.variant))
    if None in analysed or analysed == (control, treatment):
        return None
    return f"{control:,} units of the control and {treatment:,} of the treatment have a value."


def harm_words(metric: MetricResult) -> str | None:
    """Since when harm is certain; nothing where none was found."""
    found = metric.deterioration
    if found is None or found.since is None:
        return None
    interval = effect_text(Bounds(None, None, None), Bounds(0.0, found.lower, found.upper)).interval
    shown = f" {interval}, in the metric's unit" if interval else ""
    return f"harm since {found.since}: always-valid interval at {level_text(found.level)}{shown}."
