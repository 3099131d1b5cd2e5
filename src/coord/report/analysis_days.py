"""How many units came in on each day, as a small chart in a line of text."""

from collections.abc import Sequence
from math import ceil

from coord.analysis.results import Analysis, DayResult
from coord.report.styled import Page

GAP = "·"
_BARS = "▁▂▃▄▅▆▇█"
_MOST = 60
"""Characters of a chart."""


def days(page: Page, analysis: Analysis) -> None:
    """The chart between its first and its last day; nothing where nobody came in."""
    daily = analysis.daily
    if not any(_units(day) for day in daily):
        return
    first, last = (day.day.isoformat() for day in (daily[0], daily[-1]))
    drawn = chart(daily, min(_MOST, page.width - len(first) - len(last) - 4))
    line, told = f"  {first} {drawn} {last}", range_words(daily, len(drawn))
    page.line()
    page.line(("Units a day", "bold"), (f"  {told}", "dim"))
    page.line((line, "dim"))


def chart(daily: Sequence[DayResult], room: int) -> str:
    """A bar for each day, from 0 up, and a dot for one without units; more days than room are averaged."""
    per = _days_per_bar(len(daily), room)
    sizes = [_units(day) for day in daily]
    parts = [sizes[k : k + per] for k in range(0, len(sizes), per)]
    means = [sum(part) / len(part) for part in parts]
    most = max(means, default=0) or 1
    return "".join(_BARS[ceil(mean / most * len(_BARS)) - 1] if mean else GAP for mean in means)


def range_words(daily: Sequence[DayResult], bars: int) -> str:
    """Between what the days are, how many have nobody, and how many there are in a bar."""
    sizes = [_units(day) for day in daily]
    low, high, empty = min(sizes), max(sizes), sizes.count(0)
    told = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    if empty:
        told += f", nobody on {empty:,} of {len(sizes):,} {'day' if len(sizes) == 1 else 'days'} ({GAP})"
    per = _days_per_bar(len(sizes), bars)
    return f"{told}, a bar is {per} days" if per > 1 else told


def _days_per_bar(number: int, room: int) -> int:
    return max(1, ceil(number / max(1, room)))


def _units(day: DayResult) -> int:
    return sum(day.units.values())
