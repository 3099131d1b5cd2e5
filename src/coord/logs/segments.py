"""The units of an experiment split by a dimension: every value's units for themselves, in one pass."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from coord.logs.cohorts import cohorts
from coord.logs.engine import Engine
from coord.logs.exposed import CROSSED, FIRST_ARM
from coord.logs.exposure_stream import dimension
from coord.logs.logged import LogSpec
from coord.logs.measured import Measured, Population
from coord.logs.placed import ASSIGNED
from coord.logs.plans import Plans
from coord.logs.unit_refusals import check_segments

if TYPE_CHECKING:
    from ibis.expr import types as ir


def check_values(engine: Engine, units: "ir.Table", name: str) -> None:
    """Raise CoordError when units met the experiment with too many values of a dimension."""
    counted = units.aggregate(values=units[dimension(name)].nunique())
    check_segments(name, int(engine.fetch(counted).to_pylist()[0]["values"]))


def segments(
    engine: Engine, units: "ir.Table", rows: "ir.Table", plans: Plans, as_of: date, spec: LogSpec
) -> Mapping[str | None, Population]:
    """By value of `spec.segment` (None: it had none) the units that met a variant, without crossovers.

    units, rows: as `cohorts` has them. A unit has the value of its first exposure. Caps that are quantiles,
    and the mean that a unit without covariate has, are of all units together, as they are without segments.
    """
    if spec.segment is None:
        return {}
    there = units.filter(~units[CROSSED])
    column = there[dimension(spec.segment)]
    found = engine.fetch(there.select(value=column).distinct()).to_pylist()
    values = sorted(row["value"] for row in found)
    if not values:
        return {}
    split = _split(there, column, values, len(spec.arms))
    arms = len(spec.arms) * len(values)
    of_all = spec._replace(arms=("",) * arms, placement=None)
    measured = cohorts(engine, split, rows, plans._replace(monitoring=()), [as_of], of_all).exposed
    counted = [sum(units[arm] for units in measured.units.values()) for arm in range(arms)]
    known = {name: series.at(as_of) for name, series in measured.metrics.items()}
    parts = {value: slice(len(spec.arms) * i, len(spec.arms) * (i + 1)) for i, value in enumerate(values)}
    return {
        value or None: Population(
            tuple(counted[part]), {name: _part(one, part) for name, one in known.items()}
        )
        for value, part in parts.items()
    }


def _split(units: "ir.Table", column: "ir.Value", values: "list[str]", arms: int) -> "ir.Table":
    """The units, whose arms are counted on from segment to segment: each segment has arms of its own."""
    import ibis  # noqa: PLC0415 - only analyses need it

    branches = [(column == value, ibis.literal(place, "int64")) for place, value in enumerate(values)]
    place = ibis.cases(*branches, else_=ibis.literal(0, "int64"))
    nowhere = ibis.literal(-1, "int64")
    return units.mutate(**{FIRST_ARM: place * arms + units[FIRST_ARM], ASSIGNED: nowhere})


def _part(measured: Measured, part: slice) -> Measured:
    """What is measured, of some arms."""
    return measured._replace(
        units=measured.units[part],
        moments=measured.moments[part],
        quantiles=measured.quantiles[part],
        events=None if measured.events is None else measured.events[part],
    )
