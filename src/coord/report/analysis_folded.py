"""What a reader of an analysis in Markdown opens on demand: looks, days, notes, covariates, segments."""

from collections.abc import Sequence

from coord.analysis.results import Analysis
from coord.report.analysis_assigned import HEADING, meaning, pairs
from coord.report.analysis_days import chart, range_words
from coord.report.analysis_forest import axis_of, draw
from coord.report.analysis_looks import CHECKS_ASIDE, LookTable, look_tables
from coord.report.analysis_notes import covariates, notes
from coord.report.analysis_rows import span
from coord.report.analysis_segments import by_metric, warning
from coord.report.analysis_words import verdict_words
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, prose, shortened

DRAWN = 31
"""Characters of a drawn interval."""
_LONGEST, _NAME, _BARS, _METRICS = 600, 127, 60, 6


def told(text: str) -> str:
    """A message, cut where it is absurdly long."""
    return prose(shortened(text, _LONGEST))


def name(text: str) -> str:
    """A name as code."""
    return code(shortened(text, _NAME))


def folded(page: MarkdownPage, analysis: Analysis) -> int:
    """Everything below the tables of metrics. Returns how many lines had no room."""
    left = 0
    for table in look_tables(analysis):
        title = f"Looks at {name(table.variant)}, {CHECKS_ASIDE}"
        left += _details(page, "Looks", [title, "", *_looks(table)])
    left += _details(page, "Units a day", _days(analysis))
    left += _details(page, "As assigned", _assigned(analysis))
    left += _details(page, "Notes", [f"* {told(one)}" for one in notes(analysis)])
    rows = [[name(metric), *cells] for metric, *cells in covariates(analysis)]
    if rows:
        head = ["| metric | variance | unadjusted | p |", "|---|--:|--:|--:|"]
        left += _details(page, "Adjusted for the past", [*head, *map(_row, rows)])
    if analysis.segments:
        left += _details(page, "Segments", [told(warning(analysis)), "", *_segments(analysis)])
    return left


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _looks(table: LookTable) -> list[str]:
    """A row for each look; the metrics beyond a few are in the JSON."""
    metrics = [name(one) for one in table.names[:_METRICS]]
    rule = ["--:" if one in {"units", "of plan"} else "---" for one in table.heading] + ["---"] * len(metrics)
    lines = [_row([*table.heading, *metrics]), f"|{'|'.join(rule)}|"]
    lines += [_row([*row.cells, *row.metrics[:_METRICS]]) for row in table.rows]
    more = len(table.names) - len(metrics)
    return [*lines, "", f"and {more:,} more of the metrics"] if more else lines


def _days(analysis: Analysis) -> list[str]:
    daily = analysis.daily
    if not any(sum(day.units.values()) for day in daily):
        return []
    drawn = chart(daily, _BARS)
    return [f"{daily[0].day} {code(drawn)} {daily[-1].day}: {range_words(daily, len(drawn))}"]


def _assigned(analysis: Analysis) -> list[str]:
    if analysis.as_assigned is None:
        return []
    rows = [[name(one.name), one.met, one.assigned] for one in pairs(analysis)]
    return [told(meaning(analysis.as_assigned)), "", _row(HEADING), "|---|---|---|", *map(_row, rows)]


def _segments(analysis: Analysis) -> list[str]:
    lines = ["| metric | segment, units | effect | | |", "|---|---|--:|---|---|"]
    for title, rows in by_metric(analysis):
        axis = axis_of([found for one in rows if (found := span(one.metric))], DRAWN)
        for one in rows:
            found = span(one.metric)
            cells = [name(title), plain(shortened(one.name, _NAME)), one.effect.text]
            cells += [code(draw(axis, found, GROUND)) if found else "", verdict_words(one.metric)]
            lines.append(_row(cells))
    return lines


GROUND = "·"
"""What a drawn interval lies on: spaces would be lost."""


def _details(page: MarkdownPage, title: str, lines: Sequence[str]) -> int:
    if not lines:
        return 0
    page.say(f"<details><summary>{title}</summary>")
    left = page.fill(lines, str, "\n")
    page.say("</details>")
    return left
