"""The text of a surface's baseline.yaml, from what was measured."""

from collections.abc import Mapping
from typing import Any

from coord.analysis.baseline import Measurement
from coord.analysis.baseline_figures import Figure
from coord.authoring.yaml_text import field
from coord.domain.shares import format_share

_DIGITS = 6


def baseline_path(surface: str) -> str:
    """Where the file is."""
    return f"surfaces/{surface}/baseline.yaml"


def baseline_text(found: Measurement) -> str:
    """The file: what was measured, and nothing else that logs say."""
    value = baseline_value(found)
    lines = [
        "# yaml-language-server: $schema=../../schemas/baseline.schema.json",
        f"# Measured by `coord baseline {found.surface}` from {found.days.start} until {found.days.end}.",
        *(line for key, part in value.items() for line in field(key, part)),
    ]
    return "".join(f"{line}\n" for line in lines)


def baseline_value(found: Measurement) -> dict[str, Any]:
    """What the file says, without what is not known."""
    value: dict[str, Any] = {"surface": found.surface}
    if found.daily_units is not None:
        value["daily_units"] = rounded(found.daily_units)
    if found.figures:
        value["metrics"] = {one.metric: dict(_figures(one)) for one in found.figures}
    return value


def _figures(one: Figure) -> Mapping[str, Any]:
    figures: dict[str, Any] = {"mean": rounded(one.mean), "std": rounded(one.std)}
    return figures | ({"variance_reduction": format_share(one.reduction)} if one.reduction else {})


def rounded(value: float) -> float | int:
    """The number with six digits that count; a whole one without a point."""
    found = float(f"{value:.{_DIGITS}g}")
    return int(found) if found.is_integer() and abs(found) < 10**15 else found
