"""What units did in windows of days around their first exposure: the aggregates of events, one row per unit.

Expressions over events (`event_stream` says which columns) and units (`exposed`), for any engine that Ibis
speaks to. Windows are half-open, to the microsecond.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.event_stream import AT, EVENT, UNIT, number_column, text_column
from coord.logs.exposed import FIRST
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    from ibis.expr import types as ir

KEY, SINCE = "key", "since"
"""What units are told apart by, and microseconds from their first exposure to an event."""


class Aggregate(NamedTuple):
    """An aggregate of a unit's events with a name, in days [first, upto) from its first exposure.

    event: the place of the name. value: the column that is aggregated. until: events from this moment on are
    left out (microseconds since 1970; None: none are).
    """

    event: int
    aggregate: str
    value: str | None
    first: int
    upto: int
    until: int | None = None


def matched(events: "ir.Table", units: "ir.Table", aggregates: Sequence[Aggregate]) -> "ir.Table":
    """The events of units that lie in some window: the unit's key, the time since its first exposure."""
    first, upto = (min(one.first for one in aggregates), max(one.upto for one in aggregates))
    known = units.select(KEY, FIRST, unit_of_units=UNIT)
    joined = events.join(known, events[UNIT] == known.unit_of_units)
    moment = {AT: joined[AT]} if any(one.until is not None for one in aggregates) else {}
    values = [name for name in events.columns if name not in {UNIT, AT, EVENT}]
    found = joined.select(
        joined[KEY], joined[EVENT], *values, **{SINCE: joined[AT] - joined[FIRST]}, **moment
    )
    return found.filter((found[SINCE] >= first * DAY) & (found[SINCE] < upto * DAY))


def in_window(rows: "ir.Table", one: Aggregate) -> "ir.BooleanValue":
    """Which matched events an aggregate is of."""
    since = rows[SINCE]
    inside = (rows[EVENT] == one.event) & (since >= one.first * DAY) & (since < one.upto * DAY)
    return inside if one.until is None else inside & (rows[AT] < one.until)


def unit_values(units: "ir.Table", rows: "ir.Table", aggregates: Mapping[str, Aggregate]) -> "ir.Table":
    """Every unit, without its id, with its aggregates by name: doubles, null where it has no such events."""
    asked = {name: _aggregated(rows, one) for name, one in aggregates.items()}
    found = rows.group_by(KEY).aggregate(**asked).rename(key_of_values=KEY)
    joined = units.left_join(found, units[KEY] == found.key_of_values)
    kept = [name for name in units.columns if name != UNIT]
    return joined.select(*kept, **{name: joined[name] for name in asked})


def _aggregated(rows: "ir.Table", one: Aggregate) -> "ir.Value":
    where = in_window(rows, one)
    if one.aggregate in {"count", "any"}:
        number = rows.count(where=where)
        found = number if one.aggregate == "count" else (number > 0).cast("int64")
        return found.nullif(0).cast("float64")
    if one.aggregate == "count_distinct":
        return rows[text_column(one.value or "")].nunique(where=where).nullif(0).cast("float64")
    value = rows[number_column(one.value or "")]
    return getattr(value, one.aggregate)(where=where)


def repeated(rows: "ir.Table", part: int, parts: int) -> "ir.Table":
    """How many matched events of some units are exactly like another one, which is not counted itself.

    Of so many parts of all units, one: with whole numbers for keys, the memory is a part as well.
    """
    some = rows.filter(rows[KEY] % parts == part)
    grouped = some.group_by(some.columns).aggregate(times=some.count())
    more = grouped.filter(grouped.times > 1)
    return more.aggregate(more=(more.times - 1).sum())
