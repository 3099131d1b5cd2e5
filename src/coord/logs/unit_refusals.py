"""What is said of a table of units that cannot be analysed: what, where, and what to do."""

from collections.abc import Sequence

from coord.domain.metrics import Metric
from coord.errors import CoordError
from coord.logs.metric_columns import Found
from coord.logs.readable import UnitReadable

MOST_SEGMENTS = 50
_SHOWN = 40


def cut(text: str) -> str:
    """A value of a file, short enough to be part of a sentence."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def check_found(files: UnitReadable, metrics: Sequence[Metric], found: Found, segment: str | None) -> None:
    """Raise CoordError when the files have nothing that can be measured, or not the segment."""
    if metrics and not found.columns:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in found.reasons.items())
        raise CoordError(
            f"{_where(files)} has none of the metrics. {reasons}. Name the columns as the metrics, or say in "
            "surfaces/metrics.yaml which `column` each is in."
        )
    if segment is not None and not files.has(segment):
        raise CoordError(
            f"{_where(files)} cannot be split by --segment {segment}: {files.lacks(segment)}. Its columns "
            f"are: {files.columns_without(segment)}."
        )


def check_segments(segment: str, values: int) -> None:
    """Raise CoordError when a segment has so many values that each would be too few units."""
    if values > MOST_SEGMENTS:
        raise CoordError(
            f"{segment} has {values:,} values, and units are split by at most {MOST_SEGMENTS}. "
            "Split them by a dimension with fewer values."
        )


def _where(files: UnitReadable) -> str:
    return ", ".join(file.path for file in files.files)
