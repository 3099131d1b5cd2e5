"""Shares and relative effects: percent strings, kept as exact fractions."""

from fractions import Fraction
from math import gcd

WHOLE = Fraction(1)
_STEP = 10**8  # the finest share that can be written is 0.000001%, one part in 10^8


def parse_share(text: str) -> Fraction:
    """The exact fraction of a percent string that the schema has seen: `20%` is 1/5."""
    whole, _, decimals = text[:-1].partition(".")
    return Fraction(int(whole + decimals), 100 * 10 ** len(decimals))


def format_decimal(value: Fraction, places: int = 6) -> str:
    """The value in decimals without trailing zeros, rounded half up at `places`; exact when it fits."""
    scaled = abs(value) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    whole, rest = divmod(units, 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0")
    sign = "-" if value < 0 and units else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def format_share(share: Fraction) -> str:
    """The share as a percent string, exact for every sum of shares that can be written."""
    return format_decimal(share * 100) + "%"


def rough_share(share: Fraction) -> str:
    """The share for a sentence: at most two decimals, never rounded to 0% or past it."""
    text = format_decimal(share * 100, 2)
    return f"{text}%" if text != "0" or not share else "under 0.01%"


def nearest_shares(share: Fraction, buckets: int) -> tuple[Fraction | None, Fraction]:
    """The nearest writable shares below and above that are a whole number of `buckets`.

    The lower is None when nothing above 0% lies below; the upper is at most 100%.
    """
    unit = Fraction(1, gcd(_STEP, buckets))
    below = share // unit * unit
    return (below if below > 0 else None), min(below + unit, WHOLE)
