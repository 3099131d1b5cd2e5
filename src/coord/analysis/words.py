"""Numbers in sentences."""

from fractions import Fraction

from coord.analysis.figures import p_text
from coord.domain.shares import format_decimal


def p_words(p_value: float) -> str:
    """A p-value: two digits that count, `p = 0.0016` or `p = 3.5e-42`."""
    told = p_text(p_value)
    return f"p {told[0]} {told[1:]}" if told.startswith("<") else f"p = {told}"


def share_words(share: Fraction) -> str:
    """A share as a percent, with up to two decimals."""
    return f"{format_decimal(share * 100, 2)}%"
