"""Quantiles over the events of units: exact order statistics, with the error that clusters of values have."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from coord.logs.engine import Engine, number

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.stats.quantiles import Quantile

GROUP, VALUE, PLACE = "group", "value", "place"


def quantiles_of_events(engine: Engine, values: "ir.Table", unit: str, q: Fraction) -> "dict[int, Quantile]":
    """The q-quantile of each GROUP of values (VALUE, no null), of which those of one `unit` are a cluster.

    It is what `quantile_of` gives for them. Raises CoordError.
    """
    import ibis  # noqa: PLC0415 - only analyses need it

    from coord.stats.quantiles import Quantile, estimate, rank, ranks, standard_error  # noqa: PLC0415
    from coord.stats.reasons import Missing  # noqa: PLC0415

    place = ibis.row_number().over(group_by=GROUP, order_by=values[VALUE])
    ordered = engine.keep(values.select(GROUP, unit, VALUE, **{PLACE: place}))
    counted = ordered.group_by(GROUP).aggregate(size=ordered.count())
    sizes = {int(row[GROUP]): int(row["size"]) for row in engine.fetch(counted).to_pylist()}
    at = _at(engine, ordered, {group: (rank(size, q),) for group, size in sizes.items()})
    found, ends = {}, {}
    for group, (units, below, tied, squares) in _spread(engine, ordered, unit, sizes, at).items():
        del below
        value, size = at[group][0], sizes[group]
        error = standard_error(units, size, squares)
        if isinstance(error, Missing):
            found[group] = Quantile(value, error, tied / size, None)
            continue
        two = ranks(size, q, error)
        missing = two if isinstance(two, Missing) else Missing.QUANTILE_TIED
        found[group] = Quantile(value, missing, tied / size, error)
        if not isinstance(two, Missing):
            ends[group] = (units, two)
    between = _at(engine, ordered, {group: (two.lower, two.upper) for group, (_, two) in ends.items()})
    for group, (units, _) in ends.items():
        of_ends = estimate(units, at[group][0], between[group][0], between[group][1])
        found[group] = found[group]._replace(estimate=of_ends)
    return found


def _at(
    engine: Engine, ordered: "ir.Table", wanted: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[float, ...]]:
    """Of each group the order statistics of ranks, from 1."""
    places = sorted({each - 1 for ranks in wanted.values() for each in ranks})
    if not places:
        return {}
    rows = engine.fetch(ordered.filter(ordered[PLACE].isin(places)).drop(*_others(ordered))).to_pylist()
    values = {(int(row[GROUP]), int(row[PLACE])): float(row[VALUE]) for row in rows}
    return {group: tuple(values[group, each - 1] for each in ranks) for group, ranks in wanted.items()}


def _others(ordered: "ir.Table") -> list[str]:
    return [name for name in ordered.columns if name not in {GROUP, VALUE, PLACE}]


def _spread(
    engine: Engine,
    ordered: "ir.Table",
    unit: str,
    sizes: Mapping[int, int],
    at: Mapping[int, tuple[float, ...]],
) -> dict[int, tuple[int, int, int, float]]:
    """Of each group its units, the values up to its quantile, those equal to it, and the sum over units of
    (b - k B/M)^2: k are the unit's values, b those up to the quantile, B and M the group's.
    """
    import ibis  # noqa: PLC0415

    if not sizes:
        return {}
    group = ordered[GROUP]
    most = ibis.cases(*((group == one, number(value)) for one, (value,) in at.items()))
    with_most = ordered.mutate(most=most)
    by_group = with_most.group_by(GROUP).aggregate(
        below=with_most.count(where=with_most[VALUE] <= with_most.most),
        tied=with_most.count(where=with_most[VALUE] == with_most.most),
    )
    totals = {int(row[GROUP]): row for row in engine.fetch(by_group).to_pylist()}
    units = with_most.group_by([GROUP, unit]).aggregate(
        k=with_most.count(), b=with_most.count(where=with_most[VALUE] <= with_most.most)
    )
    share = ibis.cases(
        *((units[GROUP] == one, number(totals[one]["below"] / size)) for one, size in sizes.items())
    )
    off = units.b - share * units.k
    squares = units.mutate(square=off * off)
    spread = squares.group_by(GROUP).aggregate(units=squares.count(), squares=squares.square.sum())
    return {
        int(row[GROUP]): (
            int(row["units"]),
            int(totals[int(row[GROUP])]["below"]),
            int(totals[int(row[GROUP])]["tied"]),
            float(row["squares"]),
        )
        for row in engine.fetch(spread).to_pylist()
    }
