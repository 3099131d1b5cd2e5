"""The results of an analysis in Markdown, for a pull request or a document: what to do, then the figures."""

from collections.abc import Sequence

from coord.analysis.figures import p_text
from coord.analysis.results import Analysis, Decision, MetricResult, Recommendation, Status
from coord.domain.model import Kind
from coord.report.analysis_checks import check_words, history_words, not_run_words, passed_words
from coord.report.analysis_figures import means_text
from coord.report.analysis_folded import DRAWN, GROUND, folded, name, told
from coord.report.analysis_forest import Axis, axis_of, draw
from coord.report.analysis_notes import harms
from coord.report.analysis_rows import Row, row, span
from coord.report.analysis_words import (
    UNTRUSTED,
    by_variant,
    control_of,
    failed,
    groups,
    plan_words,
    rows_words,
    state_words,
    variants_of,
    verdict_words,
)
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, shortened

MOST_BYTES = 60_000
"""Of the whole text; GitHub takes comments of at most 65,536 characters."""

_SIGNS = {
    Recommendation.SHIP: "✅",
    Recommendation.END: "⏹️",
    Recommendation.CONTINUE: "⏳",
    Recommendation.ABORT: "❌",
}


def render(analysis: Analysis, *, most_bytes: int = MOST_BYTES) -> str:
    """A heading, the decisions, the checks, a table for each variant; the rest folded."""
    page = MarkdownPage(most_bytes)
    page.say(f"### {name(analysis.experiment)}: {plain(shortened(analysis.title, 200))}")
    left = page.fill([f"{state_words(analysis)}: {by_variant(analysis)}."], told)
    left += page.fill(analysis.decisions, _decision)
    if not analysis.decisions:
        what = "A holdback is a report: there" if analysis.kind is Kind.HOLDBACK else "There"
        page.say(f"**{what} is nothing to decide.**")
    left += page.fill(_checks(analysis), str, "\n")
    if failed(analysis):
        page.say(f"**{UNTRUSTED}**")
    for variant in variants_of(analysis):
        metrics = [one for one in analysis.metrics if one.variant == variant]
        page.say(f"**{name(variant)}** against {name(control_of(analysis))}")
        left += page.fill(_table(metrics), str, "\n")
    left += _listed(page, list(harms(analysis)), "**Harm**")
    left += folded(page, analysis)
    left += page.fill(list(rows_words(analysis)), told)
    if left:
        page.say(f"{left:,} more lines are left out here; {code('--format json')} has all of it.")
    commit = f", files at {code(analysis.commit[:12])}" if analysis.commit else ""
    page.say(f"<sub>Plan: {told(plan_words(analysis.plan) + history_words(analysis.checks))}{commit}</sub>")
    return page.render()


def _decision(decision: Decision) -> str:
    head = f"**{_SIGNS[decision.recommendation]} {decision.recommendation.value}** {name(decision.variant)}"
    return "\n".join([head, "", *(f"* {told(reason)}" for reason in decision.reasons)]).rstrip()


def _checks(analysis: Analysis) -> list[str]:
    bad = [one for status in (Status.FAIL, Status.WARN) for one in analysis.checks if one.status is status]
    signs = {Status.FAIL: "❌", Status.WARN: "⚠️"}
    lines = [f"* {signs[one.status]} {told(check_words(one))}" for one in bad]
    passed = [f"Checks: {told(passed_words(analysis.checks))}." if analysis.checks else "Checks: none."]
    idle = not_run_words(analysis.checks)
    passed += [told(f"{idle[0].upper()}{idle[1:]}.")] if idle else []
    return [*passed, "", *lines] if lines else passed


def _table(metrics: Sequence[MetricResult]) -> list[str]:
    """A table of the metrics by role, with drawn intervals on one axis."""
    axis = axis_of([found for one in metrics if (found := span(one))], DRAWN)
    lines = ["| metric | control | treatment | effect | | p | |", "|---|--:|--:|--:|---|--:|---|"]
    for group in groups(metrics):
        lines.append(f"| *{group.heading}* | | | | | | |")
        lines += [_row(row(one), axis) for one in group.metrics]
    return lines


def _row(one: Row, axis: Axis) -> str:
    metric, found = one.metric, span(one.metric)
    less = " (less is better)" if metric.decrease else ""
    picture = code(draw(axis, found, GROUND)) if found else ""
    figures = " | ".join((*means_text(metric), one.effect.text, picture, p_text(metric.p_value)))
    return f"| {name(metric.metric)}{less} | {figures} | **{verdict_words(metric)}** |"


def _listed(page: MarkdownPage, lines: Sequence[str], heading: str) -> int:
    if lines:
        page.say(heading)
    return page.fill(lines, lambda text: f"* {told(text)}", "\n")
