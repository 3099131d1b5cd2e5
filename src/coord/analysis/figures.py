"""The figures of an analysis, with as many digits as their intervals give them."""

from collections.abc import Sequence
from decimal import Decimal
from math import floor, log10
from typing import NamedTuple

from coord.analysis.results import Bounds, MetricResult

MOST_PLACES = 6
"""Decimals that a figure has at most."""
LARGE, _ABSURD = 1e9, 1e3
"""From where on a figure, and a relative effect, are written with a power of ten."""
_MANY = 1e5
"""Percents of which there are so many are written likewise."""


class Effect(NamedTuple):
    """An effect in words: `+3.1%` and `[+1.0%, +5.2%]`; the interval is empty where there is none.

    relative: whether it is a share of the control's mean; otherwise it is in the metric's unit.
    """

    value: str
    interval: str
    relative: bool

    @property
    def text(self) -> str:
        """Both in one."""
        return f"{self.value} {self.interval}".rstrip()


def limit(metric: MetricResult) -> float | None:
    """Where a guardrail's relative interval must end: -margin, and +margin where less is better."""
    if metric.margin is None:
        return None
    return float(metric.margin if metric.decrease else -metric.margin)


def effect_of(metric: MetricResult) -> Effect:
    """The relative effect with its interval; the absolute where the relative has none."""
    return effect_text(metric.relative, metric.effect, limit(metric))


def effect_text(relative: Bounds, absolute: Bounds, bound: float | None = None) -> Effect:
    """The same of any two; digits are added until an end is told apart from 0, and from `bound`."""
    if whole(relative):
        return _with_interval(relative, (0.0,) if bound is None else (0.0, bound), relative=True)
    if whole(absolute):
        return _with_interval(absolute, (0.0,), relative=False)
    if relative.value is not None:
        return Effect(percent(relative.value), "", relative=True)
    if absolute.value is not None:
        return Effect(rough(absolute.value, sign="+"), "", relative=False)
    return Effect("no estimate", "", relative=False)


def whole(bounds: Bounds) -> bool:
    """Whether there is an estimate and both ends."""
    return None not in bounds


def _with_interval(bounds: Bounds, marks: Sequence[float], *, relative: bool) -> Effect:
    found = [one or 0.0 for one in bounds]
    if relative and max(map(abs, found)) >= _ABSURD:
        return Effect(percent(found[0]), f"[{percent(found[1])}, {percent(found[2])}]", relative)
    scale, unit = (100.0, "%") if relative else (1.0, "")
    value, lower, upper = (scale * one for one in found)
    places = max(1 if relative else 0, places_of(upper / 2 - lower / 2))
    scaled = [scale * mark for mark in marks]
    while places < MOST_PLACES and any(
        end != mark and round(end, places) == round(mark, places) for end in (lower, upper) for mark in scaled
    ):
        places += 1
    value_text, lower_text, upper_text = (f"{_signed(one, places)}{unit}" for one in (value, lower, upper))
    return Effect(value_text, f"[{lower_text}, {upper_text}]", relative)


def places_of(half: float) -> int:
    """The decimals that show two digits of half an interval; two for none."""
    return max(0, 1 - floor(log10(half))) if half > 0 else 2


def _signed(value: float, places: int) -> str:
    if abs(value) >= LARGE or places > MOST_PLACES:
        return f"{value:+.3g}"
    text = f"{value:+,.{places}f}"
    return text if any(digit in text for digit in "123456789") else text[1:]


def rough(value: float, sign: str = "") -> str:
    """Four digits that count."""
    if value == 0 or not 1e-4 <= abs(value) < LARGE:
        return f"{value:{sign}.4g}"
    return f"{value:{sign},.{max(0, 3 - floor(log10(abs(value))))}f}"


def p_text(p: float | None) -> str:
    """A p-value with two digits that count, such as `0.0016` and `3.5e-42`."""
    if p is None:
        return "-"
    if p < 1e-300:
        return "<1e-300"
    if p >= 0.1:
        return f"{p:.2f}"
    if p >= 1e-4:
        return f"{p:.{1 - floor(log10(p))}f}"
    digits, _, power = f"{p:.1e}".partition("e-")
    return f"{digits}e-{int(power)}"


def level_text(level: float) -> str:
    """A level of confidence, to three digits of its error, such as `98.75%`."""
    error = 100 * (1 - level)
    if error <= 0:
        return "100%"
    text = f"{100 - error:.{max(0, 2 - floor(log10(error)))}f}"
    return f"{text.rstrip('0').rstrip('.')}%"


def percent(share: float) -> str:
    """A relative effect, signed: `+3.1%`, with two digits that count and at most three decimals.

    One that is absurdly large is written `+1.00e+302%`.
    """
    size = abs(share) * 100
    if size >= _MANY:
        return f"{Decimal(share) * 100:+.2e}%"  # as a float it can be too large
    decimals = 1 if size >= 1 or not size else min(3, 1 - floor(log10(size)))
    return f"{share * 100 + 0.0:+.{decimals}f}%"  # 0.0: what is nothing has no minus
