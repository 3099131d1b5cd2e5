"""Intervals drawn in a line of text, one below the other on a common axis: `├──●──┤`.

What the picture shows is what the verdict says: an end is never drawn on 0 or on a margin that it does not
reach, nor beside one that it passes, if need be a column away from its place.
"""

from collections.abc import Sequence
from math import ceil, floor, log10
from statistics import median_low
from typing import NamedTuple

ZERO, MARGIN, POINT, CLIPPED = "│", "╎", "●", "◄►"
_DASH, _CROSSED, _ENDS = "─", "┼", "├┤"
_FAR = 4.0
"""An interval that reaches so many times as far as the middle one is cut off; it would flatten the rest."""
_LEAST = 1e-9
"""A scale is no finer."""
_BESIDE = 2
"""Columns that there are at least on either side of 0, and between it and a margin."""


class Span(NamedTuple):
    """An estimate with its interval, lower <= value <= upper, and the bound that it is held against."""

    value: float
    lower: float
    upper: float
    margin: float | None = None


class Axis(NamedTuple):
    """A scale of `width` columns from low < 0 to high > 0."""

    low: float
    high: float
    width: int

    def column(self, x: float) -> int:
        """The column nearest to a value; outside of 0 .. width - 1 for one off the scale."""
        return round((x - self.low) / (self.high - self.low) * (self.width - 1))


def axis_of(spans: Sequence[Span], width: int) -> Axis:
    """An axis with round ends for all of them: 0 and every margin are on it, and all but far ends."""
    margins = [1.25 * one.margin for one in spans if one.margin is not None]
    reaches = [reach for one in spans if (reach := max(abs(one.lower), abs(one.upper)))]
    far = _FAR * median_low(reaches or [0.0])
    low = min([0.0, *margins, *(max(one.lower, -far) for one in spans)])
    high = max([0.0, *margins, *(min(one.upper, far) for one in spans)])
    if high - low < _LEAST:
        low, high = -0.01, 0.01
    step = _round_step((high - low) / 12)
    before, after = max(1, ceil(-low / step)), max(1, ceil(high / step))
    room = _BESIDE / max(width - 1, 3 * _BESIDE)  # on either side of 0, as a share of the axis
    while before < room * (before + after):
        before += 1
    while after < room * (before + after):
        after += 1
    return Axis(-step * before, step * after, width)


def _round_step(step: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below."""
    power: float = 10.0 ** floor(log10(step))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= step * (1 - 1e-9))


def draw(axis: Axis, span: Span, blank: str = " ") -> str:
    """The interval on the axis, of `axis.width` characters; an end off the scale is an arrow."""
    last, zero = axis.width - 1, axis.column(0.0)
    cells = [blank] * axis.width
    cells[zero] = ZERO
    margin = _margin_column(axis, span.margin, zero)
    marks = [(zero, 0.0)]
    if margin is not None and span.margin is not None:
        cells[margin] = MARGIN
        marks.append((margin, span.margin))
    start, end = (_column(axis, x, marks) for x in (span.lower, span.upper))
    for place in range(max(start, 0), min(end, last) + 1):
        cells[place] = _CROSSED if cells[place] == ZERO else MARGIN if cells[place] == MARGIN else _DASH
    if start <= last and end >= 0:
        cells[max(start, 0)], cells[min(end, last)] = _ENDS[0], _ENDS[1]
        point = _column(axis, span.value, marks)
        if 0 <= point <= last:
            cells[_between(point, max(start, 0), min(end, last))] = POINT
    if start < 0:
        cells[0] = CLIPPED[0]
    if end > last:
        cells[last] = CLIPPED[1]
    return "".join(cells)


def _margin_column(axis: Axis, margin: float | None, zero: int) -> int | None:
    """Where the margin is drawn: so far from 0 that an end between the two can be seen."""
    if not margin or not 0 <= (column := axis.column(margin)) < axis.width:
        return None
    return max(column, zero + _BESIDE) if margin > 0 else min(column, zero - _BESIDE)


def _column(axis: Axis, x: float, marks: Sequence[tuple[int, float]]) -> int:
    """The column of a value, on the side of every mark where it is, or on the mark."""
    column = axis.column(x)
    for place, mark in marks:
        if x > mark:
            column = max(column, place + 1)
        elif x < mark:
            column = min(column, place - 1)
        else:
            column = place
    return column


def _between(point: int, start: int, end: int) -> int:
    """The point's column, which leaves both ends to be seen where there is room."""
    if end - start >= 2:
        return min(max(point, start + 1), end - 1)
    return min(max(point, start), end)


def ticks(axis: Axis) -> str:
    """The scale below: both ends in percent, and 0 where there is room."""
    low, high = (f"{100 * x:+,.6g}%" for x in (axis.low, axis.high))
    zero = axis.column(0.0)
    cells = list(" " * axis.width)
    cells[zero] = "0"
    if len(low) < zero:
        cells[: len(low)] = low
    if zero < axis.width - len(high) - 1:
        cells[-len(high) :] = high
    return "".join(cells)
