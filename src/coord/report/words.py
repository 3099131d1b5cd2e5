"""How figures, days and columns are written for a person."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from textwrap import wrap

from coord.domain.cells import Cell
from coord.domain.model import Kind
from coord.domain.shares import format_decimal, format_share
from coord.report.visible import visible

KINDS = {Kind.AB_TEST: "A/B test", Kind.ROLLOUT: "rollout", Kind.HOLDBACK: "holdback"}
WIDTH = 100
"""Lines are no longer, where names allow it."""

_WIDEST = 52


def amount(kind: str, figure: Fraction) -> str:
    """A figure of a limit: a number of experiments, or percent of traffic."""
    return format_decimal(figure, 2) if kind in {"per_unit", "concurrent"} else format_share(figure)


def whole_percent(share: Fraction) -> str:
    """The share in whole percent; 0% and 100% only when it is just that."""
    rounded = (200 * share.numerator + share.denominator) // (2 * share.denominator)
    if rounded == 0 and share:
        rounded = 1
    if rounded == 100 and share != 1:
        rounded = 99 if share < 1 else 101
    return f"{rounded}%"


def bar(share: Fraction, width: int = 10) -> str:
    """A bar of `#` for what is used and `.` for what is free; something used and something free show."""
    filled = min(width, round(share * width))
    if share > 0:
        filled = max(1, filled)
    if share < 1:
        filled = min(width - 1, filled)
    return f"[{'#' * filled}{'.' * (width - filled)}]"


def cell_words(cell: Mapping[str, Cell]) -> str:
    """An audience cell, such as `country SE or US`; nothing when everybody is meant."""
    parts = [
        f"{name} {' or '.join((*part.values, 'any other') if part.rest else part.values)}"
        for name, part in cell.items()
    ]
    return ", ".join(parts)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most this width; names stay whole."""
    return wrap(text, width, break_long_words=False, break_on_hyphens=False)


def in_days(today: date, day: date) -> str:
    """How far away a day is."""
    number = (day - today).days
    return "tomorrow" if number == 1 else f"in {number} days"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows in columns; a cell that is wider than most pushes its own row only."""
    if not rows:
        return []
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [min(_WIDEST, max(len(row[i]) for row in shown)) for i in range(len(shown[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
