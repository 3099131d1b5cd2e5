"""How full limits are, as JSON; figures are exact."""

from fractions import Fraction
from typing import Any

from coord.domain.shares import format_decimal, format_share
from coord.status.levels import Stretch


def amount_json(kind: str, figure: Fraction) -> str:
    """A number of experiments, or percent of traffic; both exact."""
    return format_decimal(figure, 8) if kind in {"per_unit", "concurrent"} else format_share(figure)


def stretch_json(kind: str, stretch: Stretch) -> dict[str, Any]:
    """What is used on the days that begin with `day`, in which audience cell, by whom."""
    cell = {name: {"values": list(part.values), "rest": part.rest} for name, part in stretch.cell.items()}
    return {
        "day": stretch.days.start.isoformat(),
        "used": amount_json(kind, stretch.used),
        "at_most": stretch.bound,
        "cell": cell,
        "contributors": [
            {"experiment": member.key, "used": amount_json(kind, used)} for member, used in stretch.uses
        ],
    }
