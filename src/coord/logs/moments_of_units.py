"""Tables of units reduced to moments by group, on any engine that Ibis speaks to.

Sums are of what values are above a number near them, so that nothing is lost where they are far from 0.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, NamedTuple

from coord.logs.engine import Engine, number
from coord.logs.order_statistics import Key, quantiles_by
from coord.logs.unit_values import Counting, Measure

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.stats.moments import Moments
    from coord.stats.quantiles import Quantile


class Reduced(NamedTuple):
    """Groups of units. By group their number; then one mapping by group for each measure, None where a
    measure is no mean or ratio, or no quantile.

    events: units whose value is 1, for measures whose values are all 0 or 1; None for the others.
    """

    units: Mapping[Key, int]
    moments: "tuple[Mapping[Key, Moments] | None, ...]"
    quantiles: "tuple[Mapping[Key, Quantile] | None, ...]"
    events: tuple[Mapping[Key, int] | None, ...]


def reduce_units(engine: Engine, counting: Counting, keys: Sequence[str]) -> Reduced:
    """The moments or quantiles of every measure by group of `keys`. Raises CoordError."""
    table = counting.table
    asked: dict[str, Any] = {"units": table.count()}
    for place, one in enumerate(counting.measures):
        if one.metric.quantile is None:
            asked |= _sums(table, place, one, counting.origins[place])
    rows = engine.fetch(table.group_by(list(keys)).aggregate(**asked)).to_pylist()
    by_key = {tuple(row[name] for name in keys): row for row in rows}
    moments: list[dict[Key, Moments] | None] = []
    quantiles: list[dict[Key, Quantile] | None] = []
    events: list[dict[Key, int] | None] = []
    for place, one in enumerate(counting.measures):
        q = one.metric.quantile
        origin = counting.origins[place]
        quantiles.append(None if q is None else quantiles_by(engine, table, one.values[0], q, keys))
        moments.append(None if q else {key: _moments(row, place, origin) for key, row in by_key.items()})
        events.append(_events(by_key, place) if f"ones_{place}" in asked else None)
    units = {key: int(row["units"]) for key, row in by_key.items()}
    return Reduced(units, tuple(moments), tuple(quantiles), tuple(events))


def _sums(table: "ir.Table", place: int, one: Measure, origin: Sequence[float]) -> dict[str, Any]:
    """The sums that moments are made of, by name."""
    columns = [table[name] for name in (*one.values, *one.covariates)]
    off = [column - number(near) for column, near in zip(columns, origin, strict=True)]
    asked: dict[str, Any] = {f"n_{place}": columns[0].count()}
    asked |= {f"sum_{place}_{i}": each.sum() for i, each in enumerate(off)}
    for i, j in combinations_with_replacement(range(len(off)), 2):
        asked[f"product_{place}_{i}_{j}"] = (off[i] * off[j]).sum()
    if len(one.values) == 1:
        asked[f"ones_{place}"] = table.count(where=columns[0] == 1)
        asked[f"zeros_{place}"] = table.count(where=columns[0] == 0)
    return asked


def _moments(row: Mapping[str, Any], place: int, origin: Sequence[float]) -> "Moments":
    from coord.stats.moments import of_sums  # noqa: PLC0415 - only analyses need it

    size = range(len(origin))
    sums = [row[f"sum_{place}_{i}"] or 0.0 for i in size]
    products = [[row[f"product_{place}_{min(i, j)}_{max(i, j)}"] or 0.0 for j in size] for i in size]
    return of_sums(row[f"n_{place}"], origin, sums, products)


def _events(rows: Mapping[Key, Mapping[str, Any]], place: int) -> dict[Key, int] | None:
    if any(row[f"ones_{place}"] + row[f"zeros_{place}"] != row[f"n_{place}"] for row in rows.values()):
        return None
    return {key: row[f"ones_{place}"] for key, row in rows.items()}
