"""Values that a table of units does not have: what they count as is said, and how the arms share them."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from coord.logs.engine import Engine
from coord.logs.unit_refusals import cut
from coord.logs.unit_rows import ARM
from coord.logs.unit_values import Measure

if TYPE_CHECKING:
    from ibis.expr import types as ir

_MOST_ARMS = 6


def counted_as_zero(
    engine: Engine, units: "ir.Table", measures: Sequence[Measure], arms: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By metric, what to say of units whose value is empty and counts as 0; nothing where every unit has one.

    An empty value is right for who did nothing, and wrong for who was not measured, which only the reader can
    tell. `units` has one row each, `arms` are what the variants are called.
    """
    zero = [one for one in measures if one.metric.missing == "zero"]
    if not zero:
        return {}
    empty = {
        f"empty{i}": reduce(or_, (units[name].isnull() for name in one.values)) for i, one in enumerate(zero)
    }
    counted = units.group_by(ARM).aggregate(
        rows=units.count(), **{name: value.sum() for name, value in empty.items()}
    )
    rows = {row[ARM]: row for row in engine.fetch(counted).to_pylist()}
    found: dict[str, tuple[str, ...]] = {}
    for i, one in enumerate(zero):
        by_arm = [
            (int(rows[arm][f"empty{i}"] or 0), int(rows[arm]["rows"])) if arm in rows else (0, 0)
            for arm in range(len(arms))
        ]
        if any(number for number, _ in by_arm):
            found[one.metric.name] = (_told(by_arm, arms),)
    return found


def _told(by_arm: Sequence[tuple[int, int]], arms: Sequence[str]) -> str:
    empty, units = (sum(column) for column in zip(*by_arm, strict=True))
    listed = ", ".join(
        f"{cut(arm)} {number:,} of {all_:,}"
        for arm, (number, all_) in list(zip(arms, by_arm, strict=True))[:_MOST_ARMS]
    )
    more = ", …" if len(arms) > _MOST_ARMS else ""
    return (
        f"{empty:,} of {units:,} units have an empty value, which counts as 0 ({listed}{more}). If they were "
        "not measured, say `missing: drop` in metrics.yaml."
    )
