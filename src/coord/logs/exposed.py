"""From exposures to units: which exposures are valid, and the first valid one of every unit.

Expressions over exposures (`exposure_stream` says which columns), for any engine that Ibis speaks to. Moments
are whole microseconds since 1970.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coord.domain.audience import Audience
from coord.logs.exposure_stream import ARM, AT, UNIT, dimension
from coord.logs.logged import LogSpec
from coord.logs.moments_in_time import micros
from coord.logs.placed import ASSIGNED, HELD_FROM, kept_from
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    from ibis.expr import types as ir

REASON, VALID = "reason", "valid"
REASONS = ("outside_dates", "after_as_of", "not_eligible", "held_back", "not_allocated", "before_ramp")
"""Why an exposure is not valid, in the order in which they apply."""

FIRST, FIRST_ARM, ENTRY, ROWS, CROSSED = "first", "first_arm", "entry", "rows", "crossed"
"""Columns of units: the moment of the first valid exposure, the arm then, the first midnight not before it in
days since 1970, how many valid exposures there are, and whether they are of several arms."""

_ARMS = 1024


def judged(exposures: "ir.Table", spec: LogSpec, dimensions: Sequence[str]) -> "ir.Table":
    """The exposures with a reason each. `dimensions` are the ones that there are as columns."""
    import ibis  # noqa: PLC0415 - only analyses need it

    at, held = exposures[AT], exposures[HELD_FROM]
    start, end = micros(spec.days.start), micros(spec.days.end)
    eligible = _is_in(exposures, spec.audience, dimensions)
    reason = ibis.cases(
        ((at < start) | (at >= end), "outside_dates"),
        (at >= micros(spec.as_of), "after_as_of"),
        (~eligible, "not_eligible"),
        (_held_back(exposures, spec, dimensions), "held_back"),
        (held.isnull(), "not_allocated"),
        (at < held, "before_ramp"),
        else_=VALID,
    )
    return exposures.mutate(**{REASON: reason})


def _is_in(exposures: "ir.Table", audience: Audience, dimensions: Sequence[str]) -> "ir.BooleanValue":
    """Which exposures are of an audience, as far as they say."""
    import ibis  # noqa: PLC0415

    found = ibis.literal(value=True)
    for name, values in sorted(audience.items()):
        if name in dimensions:
            found &= exposures[dimension(name)].isin(sorted(values)) if values else ibis.literal(value=False)
    return found


def _held_back(exposures: "ir.Table", spec: LogSpec, dimensions: Sequence[str]) -> "ir.BooleanValue":
    """Which exposures are of units that a holdback should have kept out."""
    import ibis  # noqa: PLC0415

    found = ibis.literal(value=False)
    for number, keeper in enumerate(spec.placement.keepers if spec.placement else ()):
        if any(name not in dimensions for name in keeper.audience):
            continue  # nobody knows whom it keeps out
        at, since = exposures[AT], exposures[kept_from(number)]
        runs = (at >= micros(keeper.days.start)) & (at < micros(keeper.days.end))
        has = since.notnull() & (at >= since.fill_null(0))
        found |= runs & has & _is_in(exposures, keeper.audience, dimensions)
    return found


def units_of(exposed: "ir.Table", dimensions: Sequence[str]) -> "ir.Table":
    """The units of judged exposures, with what they met first; nothing depends on the order of rows."""
    valid = exposed.filter(exposed[REASON] == VALID).drop(REASON)
    arm = valid[ARM].cast("int64")
    first_by_arm = (valid[AT] * _ARMS + arm).min()
    units = valid.group_by(UNIT).aggregate(
        **{FIRST: valid[AT].min(), FIRST_ARM: first_by_arm, ROWS: valid.count()},
        lowest=arm.min(),
        highest=arm.max(),
        **{ASSIGNED: valid[ASSIGNED].min().cast("int64")},
    )
    units = units.mutate(
        **{FIRST_ARM: units[FIRST_ARM] - units[FIRST] * _ARMS, ENTRY: (units[FIRST] + (DAY - 1)) // DAY},
        **{CROSSED: units.lowest != units.highest},
    ).drop("lowest", "highest")
    return _with_dimensions(units, valid, dimensions) if dimensions else units


def _with_dimensions(units: "ir.Table", valid: "ir.Table", dimensions: Sequence[str]) -> "ir.Table":
    """The units with the values of their first exposure; of several at that moment, the first by value."""
    firsts = units.select(UNIT, FIRST)
    there = valid.join(firsts, [valid[UNIT] == firsts[UNIT], valid[AT] == firsts[FIRST]], how="semi")
    values: Mapping[str, ir.Value] = {dimension(name): there[dimension(name)].min() for name in dimensions}
    found = there.group_by(UNIT).aggregate(**values).rename(unit_of_dimensions=UNIT)
    joined = units.join(found, units[UNIT] == found.unit_of_dimensions)
    return joined.select(*units.columns, *values)


def duplicates(exposures: "ir.Table") -> "ir.Table":
    """How many exposures are exactly like another one, which is not counted itself."""
    return _repeated(exposures, telling(exposures))


def telling(exposures: "ir.Table") -> list[str]:
    """The columns in which exposures that are exactly alike are the same: those that come from the files."""
    return [name for name in exposures.columns if name in {UNIT, AT, ARM} or name.startswith("of_")]


def _repeated(rows: "ir.Table", columns: Sequence[str]) -> "ir.Table":
    grouped = rows.group_by(list(columns)).aggregate(times=rows.count())
    more = grouped.filter(grouped.times > 1)
    return more.aggregate(more=(more.times - 1).sum())
