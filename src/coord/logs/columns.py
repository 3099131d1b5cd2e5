"""Which columns of an exported file are wanted, what they are called, and what is said when they are missing.

A caller names roles (`timestamp`, `unit`, `experiment`) and the columns that play them; everything that is
handed out goes by role.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from coord.domain.model import EventColumns, ExposureColumns, Space
from coord.domain.spelling import nearest
from coord.errors import CoordError

DEFAULT_UNIT = "user_id"

_SHOWN = 20
"""Columns of a file that a message lists."""


class Use(StrEnum):
    """What a column is read as."""

    TIME = "time"  # a moment in UTC
    UNIT = "unit"  # an id: text of 1 to 100 bytes
    LABEL = "label"  # text that is not empty
    TEXT = "text"  # any text; an empty one is null


class Wanted(NamedTuple):
    """A column that must be there. `setting` is where its name can be changed, for messages."""

    role: str
    column: str
    use: Use
    setting: str | None = None


class Layout(NamedTuple):
    """What is read of a file: `what` it has, the columns that must be there, and those brought if they are.

    Extras are text, and go by their own names. Roles and extras may name one column twice. `values`: extras
    may be numbers with decimals, as none of them is an id.
    """

    what: str
    wanted: tuple[Wanted, ...]
    extras: tuple[str, ...] = ()
    values: bool = False


def exposure_layout(columns: ExposureColumns, unit: str, extras: Sequence[str] = ()) -> Layout:
    """Exposures: who met which variant of which experiment, and when."""
    wanted = (
        _wanted("exposures", "timestamp", columns.timestamp, Use.TIME),
        _wanted("exposures", "unit", unit, Use.UNIT),
        _wanted("exposures", "experiment", columns.experiment, Use.LABEL),
        _wanted("exposures", "variant", columns.variant, Use.LABEL),
    )
    return Layout("exposures", wanted, tuple(extras))


def event_layout(columns: EventColumns, unit: str, extras: Sequence[str] = ()) -> Layout:
    """Events: who did what, and when; the extras are their values."""
    wanted = (
        _wanted("events", "timestamp", columns.timestamp, Use.TIME),
        _wanted("events", "unit", unit, Use.UNIT),
        _wanted("events", "event", columns.event, Use.LABEL),
    )
    return Layout("events", wanted, tuple(extras), values=True)


def unit_layout(unit: str, extras: Sequence[str] = ()) -> Layout:
    """A table of units; the extras are what is known of them."""
    return Layout("units", (Wanted("unit", unit, Use.UNIT),), tuple(extras))


def _wanted(what: str, role: str, column: str, use: Use) -> Wanted:
    return Wanted(role, column, use, f"logs.{what}.{role}")


def unit_column(named: str | None, spaces: Collection[Space]) -> str:
    """The column of units: the one coord.yaml names, or the unit of the only space there is, or `user_id`."""
    if named is not None:
        return named
    units = {space.unit for space in spaces}
    return units.pop() if len(units) == 1 else DEFAULT_UNIT


def places(path: str, header: Sequence[str], layout: Layout) -> dict[str, int]:
    """The place of every wanted column and of the extras that are there, by role and by name.

    Raises CoordError when one is missing or there twice.
    """
    missing = [one for one in layout.wanted if one.column not in header]
    if missing:
        raise CoordError(_missing(path, header, layout, missing))
    found = {one.role: header.index(one.column) for one in layout.wanted}
    extras = {extra_key(name): header.index(name) for name in layout.extras if name in header}
    for place in (*found.values(), *extras.values()):
        number = header.count(header[place])
        if number > 1:
            raise CoordError(
                f"{path} has {number} columns called {header[place]}, so it is not clear which is meant. "
                "Rename or drop all but one in the export."
            )
    return found | extras


def extra_key(name: str) -> str:
    """How an extra column is told from a role that has its name."""
    return f"+{name}"


def _missing(path: str, header: Sequence[str], layout: Layout, missing: Sequence[Wanted]) -> str:
    named = " and ".join(f"no column {_with_hint(one, header)}" for one in missing)
    them, meant = ("it", "which column it is") if len(missing) == 1 else ("them", "what it calls them")
    more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
    there = ", ".join(name or '""' for name in header[:_SHOWN])
    settings = [one.setting for one in missing if one.setting]
    where = f", or say in surfaces/coord.yaml {meant} ({', '.join(settings)})" if settings else ""
    return (
        f"{path} has {named}; the {layout.what} need {them}. Its columns are: {there}{more}. "
        f"Have the first line name the columns{where}."
    )


def _with_hint(one: Wanted, header: Sequence[str]) -> str:
    folded = {name.strip().casefold(): name for name in reversed(header)}
    near = folded.get(one.column.casefold()) or nearest(one.column, header)
    notes = [] if one.role == one.column else [f"the {one.role}"]
    notes += [f"did you mean {near}?"] if near else []
    return f"{one.column} ({'; '.join(notes)})" if notes else one.column
