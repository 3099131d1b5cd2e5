"""The results of an analysis in Markdown, for a pull request or a document: what to do, then the figures."""

from collections.abc import Sequence

from coord.analysis.figures import p_text
from coord.analysis.results import Analysis, Decision, MetricResult, Recommendation, Status
from coord.domain.model import Kind
from coord.report.analysis_figures import means_text
from coord.report.analysis_forest import Axis, axis_of, draw
from coord.report.analysis_notes import covariates, harms, notes
from coord.report.analysis_rows import Row, row, span
from coord.report.analysis_segments import by_metric, warning
from coord.report.analysis_words import (
    UNTRUSTED,
    by_variant,
    check_words,
    control_of,
    failed,
    groups,
    history_words,
    passed_words,
    plan_words,
    rows_words,
    state_words,
    variants_of,
    verdict_words,
)
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, prose, shortened

MOST_BYTES = 60_000
"""Of the whole text; GitHub takes comments of at most 65,536 characters."""

_LONGEST, _NAME, _DRAWN = 600, 127, 31
_SIGNS = {
    Recommendation.SHIP: "✅",
    Recommendation.END: "⏹️",
    Recommendation.CONTINUE: "⏳",
    Recommendation.ABORT: "❌",
}


def render(analysis: Analysis, *, most_bytes: int = MOST_BYTES) -> str:
    """A heading, the decisions, the checks, a table for each variant; notes and segments folded."""
    page = MarkdownPage(most_bytes)
    page.say(f"### {_name(analysis.experiment)}: {plain(shortened(analysis.title, 200))}")
    left = page.fill([f"{state_words(analysis)}: {by_variant(analysis)}."], _told)
    left += page.fill(analysis.decisions, _decision)
    if not analysis.decisions:
        what = "A holdback is a report: there" if analysis.kind is Kind.HOLDBACK else "There"
        page.say(f"**{what} is nothing to decide.**")
    left += page.fill(_checks(analysis), str, "\n")
    if failed(analysis):
        page.say(f"**{UNTRUSTED}**")
    for variant in variants_of(analysis):
        metrics = [one for one in analysis.metrics if one.variant == variant]
        page.say(f"**{_name(variant)}** against {_name(control_of(analysis))}")
        left += page.fill(_table(metrics), str, "\n")
    left += _listed(page, list(harms(analysis)), "**Harm**")
    left += _folded(page, analysis)
    left += page.fill(list(rows_words(analysis)), _told)
    if left:
        page.say(f"{left:,} more lines are left out here; {code('--format json')} has all of it.")
    commit = f", files at {code(analysis.commit[:12])}" if analysis.commit else ""
    page.say(f"<sub>Plan: {_told(plan_words(analysis.plan) + history_words(analysis.checks))}{commit}</sub>")
    return page.render()


def _name(text: str) -> str:
    return code(shortened(text, _NAME))


def _told(text: str) -> str:
    return prose(shortened(text, _LONGEST))


def _decision(decision: Decision) -> str:
    head = f"**{_SIGNS[decision.recommendation]} {decision.recommendation.value}** {_name(decision.variant)}"
    return "\n".join([head, "", *(f"* {_told(reason)}" for reason in decision.reasons)]).rstrip()


def _checks(analysis: Analysis) -> list[str]:
    bad = [one for status in (Status.FAIL, Status.WARN) for one in analysis.checks if one.status is status]
    signs = {Status.FAIL: "❌", Status.WARN: "⚠️"}
    lines = [f"* {signs[one.status]} {_told(check_words(one))}" for one in bad]
    passed = f"Checks: {_told(passed_words(analysis.checks))}." if analysis.checks else "Checks: none."
    return [passed, "", *lines] if lines else [passed]


def _table(metrics: Sequence[MetricResult]) -> list[str]:
    """A table of the metrics by role, with drawn intervals on one axis."""
    axis = axis_of([found for one in metrics if (found := span(one))], _DRAWN)
    lines = ["| metric | control | treatment | effect | | p | |", "|---|--:|--:|--:|---|--:|---|"]
    for group in groups(metrics):
        lines.append(f"| *{group.heading}* | | | | | | |")
        lines += [_row(row(one), axis) for one in group.metrics]
    return lines


def _row(one: Row, axis: Axis) -> str:
    metric, found = one.metric, span(one.metric)
    less = " (less is better)" if metric.decrease else ""
    picture = code(draw(axis, found, "·")) if found else ""
    figures = " | ".join((*means_text(metric), one.effect.text, picture, p_text(metric.p_value)))
    return f"| {_name(metric.metric)}{less} | {figures} | **{verdict_words(metric)}** |"


def _folded(page: MarkdownPage, analysis: Analysis) -> int:
    """What a reader opens on demand. Returns how many lines had no room."""
    left = _details(page, "Notes", [f"* {_told(one)}" for one in notes(analysis)])
    rows = [[_name(name), *cells] for name, *cells in covariates(analysis)]
    if rows:
        head = ["| metric | variance | unadjusted | p |", "|---|--:|--:|--:|"]
        lines = [*head, *(f"| {' | '.join(cells)} |" for cells in rows)]
        left += _details(page, "Adjusted for the past", lines)
    if analysis.segments:
        left += _details(page, "Segments", [_told(warning(analysis)), "", *_segments(analysis)])
    return left


def _segments(analysis: Analysis) -> list[str]:
    lines = ["| metric | segment, units | effect | | |", "|---|---|--:|---|---|"]
    for title, rows in by_metric(analysis):
        axis = axis_of([found for one in rows if (found := span(one.metric))], _DRAWN)
        for one in rows:
            found = span(one.metric)
            cells = [_name(title), plain(shortened(one.name, _NAME)), one.effect.text]
            cells += [code(draw(axis, found, "·")) if found else "", verdict_words(one.metric)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _details(page: MarkdownPage, title: str, lines: Sequence[str]) -> int:
    if not lines:
        return 0
    page.say(f"<details><summary>{title}</summary>")
    left = page.fill(lines, str, "\n")
    page.say("</details>")
    return left


def _listed(page: MarkdownPage, lines: Sequence[str], heading: str) -> int:
    if lines:
        page.say(heading)
    return page.fill(lines, lambda text: f"* {_told(text)}", "\n")
