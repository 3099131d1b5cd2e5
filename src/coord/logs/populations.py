"""Reduced groups of units as populations: every arm has its place, also one that nobody is in."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coord.logs.engine import Engine
from coord.logs.measured import Measured, Population
from coord.logs.moments_of_units import Reduced, reduce_units
from coord.logs.unit_rows import ARM
from coord.logs.unit_values import Counting

if TYPE_CHECKING:
    from ibis.expr import types as ir

Values = Mapping[str | None, tuple[int, ...]]


def population_of(engine: Engine, counting: Counting, arms: int) -> Population:
    """All units together. Raises CoordError."""
    reduced = reduce_units(engine, counting, (ARM,))
    return _population(reduced, counting, [(arm,) for arm in range(arms)])


def populations_by(
    engine: Engine, counting: Counting, arms: int, dimension: str
) -> dict[str | None, Population]:
    """The units of each value of a dimension, in the order of the values. Raises CoordError."""
    reduced = reduce_units(engine, counting, (dimension, ARM))
    values = _in_order({key[0] for key in reduced.units})
    return {value: _population(reduced, counting, [(value, arm) for arm in range(arms)]) for value in values}


def units_by(engine: Engine, units: "ir.Table", arms: int, dimension: str) -> Values:
    """How many units of each value of a dimension every arm has. Raises CoordError."""
    counted = units.group_by([dimension, ARM]).aggregate(units=units.count())
    found = {(row[dimension], row[ARM]): row["units"] for row in engine.fetch(counted).to_pylist()}
    values = _in_order({value for value, _ in found})
    return {value: tuple(found.get((value, arm), 0) for arm in range(arms)) for value in values}


def _in_order(values: set[str | None]) -> list[str | None]:
    return sorted(values, key=lambda value: (value is None, value or ""))


def _population(reduced: Reduced, counting: Counting, keys: Sequence[tuple[object, ...]]) -> Population:
    """The groups of these keys, one for each arm."""
    from coord.stats.moments import nothing  # noqa: PLC0415 - only analyses need it
    from coord.stats.quantiles import Quantile  # noqa: PLC0415
    from coord.stats.reasons import Missing  # noqa: PLC0415

    units = tuple(reduced.units.get(key, 0) for key in keys)
    metrics = {}
    for place, one in enumerate(counting.measures):
        moments, quantiles, events = reduced.moments[place], reduced.quantiles[place], reduced.events[place]
        empty = nothing(len(counting.origins[place]))
        none = Quantile(None, Missing.NO_UNITS, 0.0, None)
        metrics[one.metric.name] = Measured(
            units=units,
            moments=() if moments is None else tuple(moments.get(key, empty) for key in keys),
            quantiles=() if quantiles is None else tuple(quantiles.get(key, none) for key in keys),
            events=None if events is None else tuple(events.get(key, 0) for key in keys),
            covariate=bool(one.covariates),
            notes=counting.notes[place],
        )
    return Population(units, metrics)
