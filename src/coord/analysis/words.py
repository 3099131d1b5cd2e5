"""Numbers in sentences."""

from decimal import Decimal
from fractions import Fraction
from math import floor, log10

from coord.domain.shares import format_decimal

_EXACT = 1e-4
_LARGE = 1e5


def p_words(p_value: float) -> str:
    """A p-value: two digits that count, `p = 0.0016` or `p = 3.5e-42`."""
    if p_value == 0:
        return "p < 1e-300"
    text = f"{p_value:.2g}" if p_value < _EXACT else f"{p_value:.{max(2, 1 - floor(log10(p_value)))}f}"
    return f"p = {text}"


def share_words(share: Fraction) -> str:
    """A share as a percent, with up to two decimals."""
    return f"{format_decimal(share * 100, 2)}%"


def percent(share: float) -> str:
    """A relative effect, signed: `+3.1%`, with two digits that count and at most three decimals.

    One that is absurdly large is written `+1.00e+302%`.
    """
    size = abs(share) * 100
    if size >= _LARGE:
        return f"{Decimal(share) * 100:+.2e}%"  # as a float it can be too large
    decimals = 1 if size >= 1 or not size else min(3, 1 - floor(log10(size)))
    return f"{share * 100 + 0.0:+.{decimals}f}%"  # 0.0: what is nothing has no minus


def interval_words(lower: float, upper: float) -> str:
    """The interval of a relative effect."""
    return f"[{percent(lower)}, {percent(upper)}]"
