"""Order statistics in an engine: exact ones, and quantiles of groups with their errors from them."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coord.logs.engine import Engine, number

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.stats.quantiles import Quantile

Key = tuple[Any, ...]
"""The values of the columns that groups are by."""


def pooled_quantile(engine: Engine, table: "ir.Table", column: str, q: Fraction) -> float | None:
    """The order statistic ceil(M q) of the M values of a column; None where there are none."""
    from coord.stats.quantiles import rank  # noqa: PLC0415 - only analyses need it

    ordered = _ordered(table, column, ())
    values = engine.fetch(table.aggregate(values=table[column].count())).to_pylist()[0]["values"]
    if not values:
        return None
    found = engine.fetch(ordered.filter(ordered.place == rank(values, q) - 1)).to_pylist()
    return float(found[0]["value"])


def quantiles_by(
    engine: Engine, table: "ir.Table", column: str, q: Fraction, keys: Sequence[str]
) -> "dict[Key, Quantile]":
    """The q-quantile of each group of units, one value each: what `quantile_of` gives for them."""
    from coord.stats.quantiles import Quantile, Ranks, estimate, rank, ranks, standard_error  # noqa: PLC0415
    from coord.stats.reasons import Missing  # noqa: PLC0415

    ordered = engine.keep(_ordered(table, column, keys))
    sizes = {
        _key(one, keys): one["size"]
        for one in engine.fetch(ordered.group_by(list(keys)).aggregate(size=ordered.count())).to_pylist()
    }
    at = _at(engine, ordered, {(key, rank(size, q)) for key, size in sizes.items()}, keys)
    values = {key: at[key, rank(size, q)] for key, size in sizes.items()}
    ties = _ties(engine, ordered, values, keys)
    found: dict[Key, Quantile] = {}
    ends: dict[Key, Ranks] = {}
    for key, size in sizes.items():
        tied, below = ties[key]
        error = standard_error(size, size, below * (size - below) / size)
        between = error if isinstance(error, Missing) else ranks(size, q, error)
        shown = None if isinstance(error, Missing) else error
        found[key] = Quantile(values[key], Missing.QUANTILE_TIED, tied / size, shown)
        if isinstance(between, Missing):
            found[key] = found[key]._replace(estimate=between)
        else:
            ends[key] = between
    at = _at(engine, ordered, {(key, end) for key, two in ends.items() for end in two}, keys)
    for key, two in ends.items():
        of_ends = estimate(sizes[key], values[key], at[key, two.lower], at[key, two.upper])
        found[key] = found[key]._replace(estimate=of_ends)
    return found


def _ordered(table: "ir.Table", column: str, keys: Sequence[str]) -> "ir.Table":
    """The values of a column with their places from 0 in the order of their group."""
    import ibis  # noqa: PLC0415

    there = table.filter(table[column].notnull()).select(*keys, value=column)
    place = ibis.row_number().over(group_by=list(keys), order_by=there.value)
    return there.mutate(place=place)


def _key(row: Mapping[str, Any], keys: Sequence[str]) -> Key:
    return tuple(row[name] for name in keys)


def _at(
    engine: Engine, ordered: "ir.Table", wanted: Iterable[tuple[Key, int]], keys: Sequence[str]
) -> dict[tuple[Key, int], float]:
    """Order statistics by group and rank, from 1; those that other groups asked for are there as well."""
    places = sorted({each - 1 for _, each in wanted})
    if not places:
        return {}
    rows = engine.fetch(ordered.filter(ordered.place.isin(places))).to_pylist()
    return {(_key(one, keys), one["place"] + 1): one["value"] for one in rows}


def _ties(
    engine: Engine, ordered: "ir.Table", values: Mapping[Key, float], keys: Sequence[str]
) -> dict[Key, tuple[int, int]]:
    """By group, how many values equal its value, and how many are not above it."""
    if not values:
        return {}
    same = ordered.filter(ordered.value.isin([number(value) for value in sorted({*values.values()})]))
    grouped = same.group_by([*keys, "value"]).aggregate(tied=same.count(), last=same.place.max())
    rows = engine.fetch(grouped).to_pylist()
    return {
        _key(one, keys): (one["tied"], one["last"] + 1)
        for one in rows
        if one["value"] == values[_key(one, keys)]
    }
