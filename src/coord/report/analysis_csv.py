"""The results of an analysis as CSV: a row for each metric of each variant, and of each segment."""

import csv
from collections.abc import Iterator
from fractions import Fraction
from io import StringIO

from coord.analysis.results import Analysis, MetricResult, SegmentResult
from coord.logs.rejects import worded
from coord.report.analysis_json import rounded
from coord.report.visible import visible

COLUMNS = (
    *("experiment", "as_of", "variant", "dimension", "value", "metric", "role", "kind", "direction"),
    *("control_n", "control_mean", "control_std", "treatment_n", "treatment_mean", "treatment_std"),
    *("effect", "effect_lower", "effect_upper", "relative", "relative_lower", "relative_upper"),
    *("p_value", "p_noninferiority", "level", "basis", "margin", "mde", "variance_reduction"),
    *("verdict", "reason", "recommendation"),
)
"""The header. `dimension` and `value` are empty for all units; `recommendation` is of the variant."""

Cell = str | int | float | Fraction | None


def render(analysis: Analysis) -> str:
    """The rows; numbers are plain, and no text in them acts in a spreadsheet or a terminal."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for part, metric in _results(analysis):
        writer.writerow([_written(cell) for cell in _cells(analysis, part, metric)])
    return output.getvalue()


def _results(analysis: Analysis) -> Iterator[tuple[SegmentResult | None, MetricResult]]:
    yield from ((None, metric) for metric in analysis.metrics)
    yield from ((part, metric) for part in analysis.segments for metric in part.metrics)


def _cells(analysis: Analysis, part: SegmentResult | None, one: MetricResult) -> list[Cell]:
    decided = {decision.variant: decision.recommendation.value for decision in analysis.decisions}
    return [
        *(analysis.experiment, analysis.as_of.isoformat(), one.variant),
        *((part.dimension, part.value) if part else (None, None)),
        *(one.metric, one.role.value, one.kind, "decrease" if one.decrease else "increase"),
        *(*one.control, *one.treatment, *one.effect, *one.relative),
        *(one.p_value, one.p_noninferiority, one.level, one.basis.value, one.margin, one.mde),
        *(one.variance_reduction, one.verdict.value, one.reason),
        None if part else decided.get(one.variant),
    ]


def _written(cell: Cell) -> str | int | float | None:
    if cell is None or isinstance(cell, int):
        return cell
    return worded(visible(cell)) if isinstance(cell, str) else rounded(cell)
