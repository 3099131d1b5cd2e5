"""From what a unit has to what counts: missing values, caps and covariates, the same for all arms.

Caps that are quantiles, and the mean that a unit without covariate has, are of all arms together.
"""

from collections.abc import Sequence
from math import floor, isfinite, log2
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.metrics import Cap, Metric
from coord.logs.engine import Engine, number
from coord.logs.order_statistics import pooled_quantile

if TYPE_CHECKING:
    from ibis.expr import types as ir

_FEW = 0.05
"""Units without covariate, as a share, of which nothing is said."""

_SMALLEST = -1000
"""The exponent of the smallest step between numbers near a mean."""


class Measure(NamedTuple):
    """A metric and the columns of a table of units that it is in.

    values: (x), or (N, D) of a ratio: doubles, null where the unit has none.
    covariates: likewise from before the exposure; empty where there are none.
    """

    metric: Metric
    values: tuple[str, ...]
    covariates: tuple[str, ...] = ()


class Counting(NamedTuple):
    """Measures whose columns hold what counts: in all of them, or in none where the unit does not count.

    origins: for each measure numbers near its columns: their means over all arms.
    notes: for each measure what a reader should know.
    """

    table: "ir.Table"
    measures: tuple[Measure, ...]
    origins: tuple[tuple[float, ...], ...]
    notes: tuple[tuple[str, ...], ...]


def counting_values(
    engine: Engine, units: "ir.Table", measures: Sequence[Measure], keys: Sequence[str]
) -> Counting:
    """What of the units' values counts. `keys` are the other columns that are kept. Raises CoordError."""
    named = tuple(
        one._replace(values=_names(i, "x", one.values), covariates=_names(i, "c", one.covariates))
        for i, one in enumerate(measures)
    )
    present: dict[str, ir.Value] = {}
    for one, new in zip(measures, named, strict=True):
        present |= _present(units, one, new)
    table = units.select(*keys, **present)
    table = _capped(engine, table, named)
    means = _means(engine, table, named)
    filled = {
        name: table[one.values[0]]
        .isnull()
        .ifelse(_nothing(), table[name].fill_null(number(means[name].mean)))
        for one in named
        for name in one.covariates
        if means[name].n
    }
    kept = tuple(one if _has(one, means) else one._replace(covariates=()) for one in named)
    origins = tuple(tuple(means[name].near for name in (*one.values, *one.covariates)) for one in kept)
    notes = tuple(_notes(one, means) for one in named)
    return Counting(table.mutate(**filled) if filled else table, kept, origins, notes)


def _names(place: int, kind: str, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{kind}{place}_{number}" for number in range(len(columns)))


def _present(units: "ir.Table", one: Measure, new: Measure) -> "dict[str, ir.Value]":
    """Values with their zeros, and covariates where all of the unit's are there."""
    values = [units[name] for name in one.values]
    if one.metric.missing == "zero":
        values = [value.fill_null(0.0) for value in values]
    values = _together(values, [])
    covariates = _together([units[name] for name in one.covariates], values[:1])
    found = (*zip(new.values, values, strict=True), *zip(new.covariates, covariates, strict=True))
    return dict(found)


def _together(columns: "list[ir.Value]", others: "list[ir.Value]") -> "list[ir.Value]":
    """The columns, null where one of them or of the others is."""
    found = []
    for column in columns:
        absent = [each for each in (*columns, *others) if each is not column]
        for each in absent:
            column = each.isnull().ifelse(_nothing(), column)  # noqa: PLW2901
        found.append(column)
    return found


def _nothing() -> "ir.Value":
    import ibis  # noqa: PLC0415

    return ibis.null("float64")


def _capped(engine: Engine, table: "ir.Table", measures: Sequence[Measure]) -> "ir.Table":
    """The table with every value and covariate at most its cap."""
    capped = {}
    for one in measures:
        sources = [one.metric.source, one.metric.denominator or one.metric.source]
        for columns in (one.values, one.covariates):
            for name, source in zip(columns, sources, strict=False):
                most = None if source.cap is None else _cap(engine, table, name, source.cap)
                if most is not None:
                    capped[name] = (table[name] > number(most)).ifelse(number(most), table[name])
    return table.mutate(**capped) if capped else table


def _cap(engine: Engine, table: "ir.Table", column: str, cap: Cap) -> float | None:
    if cap.quantile is not None:
        return pooled_quantile(engine, table, column, cap.quantile)
    return cap.value


class _Column(NamedTuple):
    """What a column has: how many values, their mean (0 of none), and a number near it."""

    n: int
    mean: float
    near: float


def _means(engine: Engine, table: "ir.Table", measures: Sequence[Measure]) -> dict[str, _Column]:
    columns = [name for one in measures for name in (*one.values, *one.covariates)]
    if not columns:
        return {}
    asked: dict[str, ir.Value] = {}
    for name in columns:
        column = table[name]
        asked |= {f"n_{name}": column.count(), f"mean_{name}": column.mean()}
        asked |= {f"least_{name}": column.min(), f"most_{name}": column.max()}
    row = engine.fetch(table.aggregate(**asked)).to_pylist()[0]
    found = {}
    for name in columns:
        mean, least, most = (row[f"{what}_{name}"] or 0.0 for what in ("mean", "least", "most"))
        found[name] = _Column(row[f"n_{name}"], mean, _near(mean, most - least))
    return found


def _near(mean: float, spread: float) -> float:
    """A number near the mean in few bits: what values are above it, and sums of that, are mostly exact.

    It is a multiple of a power of 2 that is about a 4096th of the spread, for whole numbers thus often whole.
    """
    if not (isfinite(mean) and isfinite(spread) and spread > 0):
        return mean
    step = 2.0 ** max(_SMALLEST, floor(log2(spread)) - 12)
    return round(mean / step) * step if abs(mean) < step * 2**52 else mean


def _has(one: Measure, means: dict[str, _Column]) -> bool:
    return bool(one.covariates) and means[one.covariates[0]].n > 0


def _notes(one: Measure, means: dict[str, _Column]) -> tuple[str, ...]:
    """What is to be said of covariates that units do not have."""
    if not one.covariates:
        return ()
    units, there = means[one.values[0]].n, means[one.covariates[0]].n
    if units and not there:
        return ("Not adjusted for its covariate: no unit has one.",)
    without = units - there
    if without <= _FEW * units:
        return ()
    return (
        f"{without:,} of {units:,} units ({without / units:.1%}) have no covariate, and count with the "
        "mean of the others, so that it takes less off the variance than it could.",
    )
