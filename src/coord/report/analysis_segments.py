"""The segments of an analysis, for a person: each metric's effect in every segment on one axis."""

from collections.abc import Iterator

from coord.analysis.figures import level_text
from coord.analysis.results import Analysis, MetricResult, SegmentResult
from coord.report.analysis_rows import Row, add_axis, add_rows, lay_out, row
from coord.report.analysis_words import LESS_IS_BETTER, cut, failed
from coord.report.audit_tables import add_wrapped, more
from coord.report.styled import Page

_MOST = 60
"""Rows that are shown over all metrics."""


def segments(page: Page, analysis: Analysis) -> None:
    """What the segments show, behind a warning of what it is worth."""
    if not analysis.segments:
        return
    page.line()
    page.line(("Segments", "bold"))
    add_wrapped(page, warning(analysis), indent="  ")
    left = _MOST
    for title, rows in by_metric(analysis):
        shown = rows[: max(0, left)]
        left -= len(rows)
        if shown:
            layout = lay_out(shown, page.width)
            page.line()
            page.line((f"  {title}", "dim"))
            add_rows(page, shown, layout, muted=failed(analysis))
            add_axis(page, layout)
    more(page, -left, "row")


def warning(analysis: Analysis) -> str:
    """That segments were not planned, and at which level they are shown."""
    levels = sorted({one.level for part in analysis.segments for one in part.metrics})
    told = " to ".join(dict.fromkeys(level_text(level) for level in (levels[:1] + levels[-1:])))
    at = f" Intervals are at {told}, corrected for their number." if told else ""
    return f"Exploratory: no decision rests on segments, and a difference here asks for a new experiment.{at}"


def by_metric(analysis: Analysis) -> Iterator[tuple[str, list[Row]]]:
    """Every metric of every variant, with a row for each segment, in the order of the analysis."""
    several = len({one.variant for part in analysis.segments for one in part.metrics}) > 1
    found: dict[tuple[str, str], list[tuple[SegmentResult, MetricResult]]] = {}
    for part in analysis.segments:
        for one in part.metrics:
            found.setdefault((one.variant, one.metric), []).append((part, one))
    for (variant, metric), pairs in found.items():
        arrow = f" {LESS_IS_BETTER}" if pairs[0][1].decrease else ""
        where = f" ({cut(variant)})" if several else ""
        yield f"{cut(metric)}{arrow}{where}", [row(one, segment_name(part)) for part, one in pairs]


def segment_name(part: SegmentResult) -> str:
    """A segment with its units, such as `country SE, 1,200`."""
    name = f"no {part.dimension}" if part.value is None else f"{part.dimension} {part.value}"
    return f"{name}, {sum(part.units.values()):,}"
