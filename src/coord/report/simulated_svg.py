"""A simulated programme as a picture: who runs week by week, and what is finished. Self-contained SVG."""

from collections.abc import Iterator, Sequence
from html import escape
from math import floor, log10

from coord.report.simulated_program import WORDS, rounded
from coord.report.visible import visible
from coord.report.words import wrapped
from coord.simulate.fitting import Fitted
from coord.simulate.program import PolicyResult, Programme

_COLORS = {"serial": "#8a8f98", "ranges": "#c98500", "reuse": "#0b7a4b", "overlap": "#b3395b"}
_DASHES = {"serial": "", "ranges": "", "reuse": "", "overlap": "5 4"}
_WIDTH, _HEIGHT = 900, 430
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 96, 560, 372
_CHARACTERS = 125
"""What of small print fits on a line."""

_BARS = 600
_LONGEST = 150
"""Where the bars begin, and how long the longest is; its figures are to the right of it."""


def svg(found: Programme, fitted: Fitted) -> str:
    """The picture."""
    told = wrapped(", ".join(f"{one.name} {one.value}" for one in fitted.sources), _CHARACTERS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"'
        f' height="{_HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#1c2430" role="img">',
        "<title>A year's programme under four policies</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        _text(24, 34, "A year's programme under four policies", size=19, weight=600),
        *(_text(24, 54 + 15 * n, line, color="#5b6573", size=12) for n, line in enumerate(told)),
        _text(_LEFT, 84, "Experiments running at once, by week", weight=600),
        *_lines(found.policies),
        _text(_BARS, 84, "Finished in the year", weight=600),
        *_bars(found.policies),
        _text(
            24,
            _HEIGHT - 14,
            f"{found.proposed.value:,.0f} proposed on average of {found.replicates} simulated years,"
            f" seed {found.seed}; coord simulate program",
            color="#5b6573",
            size=12,
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(
    x: float, y: float, text: str, *, size: int = 13, weight: int = 400, color: str = "", anchor: str = ""
) -> str:
    style = f' font-size="{size}"' if size != 13 else ""
    style += f' font-weight="{weight}"' if weight != 400 else ""
    style += f' fill="{color}"' if color else ""
    style += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y:g}"{style}>{escape(visible(text))}</text>'


def _lines(policies: Sequence[PolicyResult]) -> Iterator[str]:
    """The axes, and a line for each policy with its name at the end."""
    ticks = _ticks(max(max(one.weeks) for one in policies))
    top = ticks[-1]
    for tick in ticks:
        y = _y(tick, top)
        yield f'<line x1="{_LEFT}" y1="{y:g}" x2="{_RIGHT}" y2="{y:g}" stroke="#e3e7ec"/>'
        yield _text(_LEFT - 8, y + 4, f"{tick:g}", color="#5b6573", anchor="end", size=12)
    weeks = len(policies[0].weeks)
    for week in (1, 13, 26, 39, 52):
        name = f"week {week}" if week == 1 else str(week)
        yield _text(_x(week - 1, weeks), _BOTTOM + 18, name, color="#5b6573", anchor="middle", size=12)
    for one in policies:
        points = " ".join(f"{_x(n, weeks):.1f},{_y(week, top):.1f}" for n, week in enumerate(one.weeks))
        dash = f' stroke-dasharray="{_DASHES[one.name]}"' if _DASHES[one.name] else ""
        color = _COLORS[one.name]
        yield f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"{dash}/>'


def _bars(policies: Sequence[PolicyResult]) -> Iterator[str]:
    """A bar for each policy; its colour is the legend of the lines."""
    longest = max(one.figures["finished"].value for one in policies) or 1.0
    for number, one in enumerate(policies):
        y = _TOP + 16 + number * 66
        value = one.figures["finished"].value
        width = max(2.0, _LONGEST * value / longest)
        color = _COLORS[one.name]
        yield _text(_BARS, y, f"{one.name}: {WORDS[one.name]}")
        yield f'<rect x="{_BARS}" y="{y + 8}" width="{width:.1f}" height="18" fill="{color}"/>'
        waits = f"{rounded(value)}, wait {one.figures['wait_days'].value:,.0f} days"
        yield _text(_BARS + width + 8, y + 22, waits, color="#5b6573", size=12)
        exposed = one.figures["exposed"].value
        if exposed:
            meets = f"{100 * exposed:.0f}% of units meet a rival"
            yield _text(_BARS, y + 42, meets, color="#5b6573", size=12)


def _x(week: int, weeks: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * week / (weeks - 1)


def _y(value: float, top: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * value / top


def _ticks(highest: float) -> list[float]:
    """Round figures from 0 to at least the highest, four to eight of them."""
    step = 10.0 ** floor(log10(highest)) if highest > 0 else 1.0
    for part in (1, 0.5, 0.25):
        if highest / (step * part) >= 3:
            step *= part
            break
    else:
        step *= 0.25
    ticks = [0.0]
    while ticks[-1] < highest:
        ticks.append(ticks[-1] + step)
    return ticks if len(ticks) > 1 else [0.0, 1.0]
