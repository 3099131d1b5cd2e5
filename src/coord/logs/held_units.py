"""Who was known when a holdback's evaluation begins, and whom it holds, as exposures and events show it.

Who is known, and who is eligible, is read from what held units and others have alike. Exposures of
experiments that the holdback keeps its units out of are of the others alone: they make nobody known once it
has started.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.audience import EVERYBODY, Audience
from coord.domain.buckets import Buckets
from coord.domain.dates import Days
from coord.domain.model import Experiment, Space
from coord.logs.columns import event_layout, exposure_layout
from coord.logs.engine import Store
from coord.logs.measure_logs import LogFiles
from coord.logs.meetings_logged import Of
from coord.logs.moments_in_time import micros
from coord.logs.reader import Batch, Reading
from coord.logs.sightings import AT, UNIT, Sightings, dimensions_of, is_eligible, is_held, never
from coord.logs.timestamps import DAY
from coord.logs.units_did import complete_day
from coord.logs.units_met import Progress, read_of

if TYPE_CHECKING:
    import numpy as np
    from ibis.expr import types as ir
    from numpy.typing import NDArray

HELD = "is_held"
"""The column that says whether a unit is held: 1 or 0."""

_ELIGIBLE, _COUNTS, _LEAK = "is_eligible", "counts", "is_leak"
_SEEN, _KNOWN, _FITS, _LEAKS = "seen", "known", "fits", "leaks"


class HoldbackSpec(NamedTuple):
    """A holdback as logs have it.

    days: [start, end). held: its buckets. evaluate_from: None for the default. as_of: what is logged from the
    beginning of this day on is not looked at. today: as in `LogSpec`. kept_out: experiments that its units
    should meet none of; neutral: the others that are known, and the holdback itself.
    """

    key: str
    days: Days
    as_of: date
    today: date
    space: Space
    held: Buckets
    kept_out: tuple[Experiment, ...]
    neutral: tuple[Experiment, ...]
    audience: Audience = EVERYBODY
    evaluate_from: date | None = None


def event_reading(files: LogFiles, extras: Sequence[str]) -> Reading:
    """The events that are to be read, with these columns besides."""
    named = files.columns.events
    return Reading(files.events, event_layout(named, named.unit or files.unit, extras))


class OfEvents:
    """Units as the events show them. as_of: the effective day. dimensions: those that can be checked."""

    def __init__(self, engine: Store, spec: HoldbackSpec, files: LogFiles, progress: Progress) -> None:
        reading = event_reading(files, sorted(spec.audience))
        self.dimensions = dimensions_of(reading, sorted(spec.audience))
        checked = {name: spec.audience[name] for name in self.dimensions}
        marks = {HELD: is_held(spec.space, spec.held), _ELIGIBLE: is_eligible(checked)}
        stream = Sightings(reading, marks, micros(spec.today) + DAY)
        self.units = engine.keep_stream(stream.schema, stream.batches(progress), _of_events)
        limit = min(spec.as_of, spec.days.end, complete_day(stream.last, spec.days.start, spec.today))
        self.as_of = max(spec.days.start, limit)


def _of_events(rows: "ir.Table") -> "ir.Table":
    import ibis  # noqa: PLC0415 - only analyses need it

    found = rows.group_by(UNIT).aggregate(
        **{_SEEN: rows[AT].min(), _KNOWN: rows[AT].min(), _FITS: rows[AT].min(where=rows[_ELIGIBLE])},
        **{HELD: rows[HELD].cast("int64").max()},
    )
    return found.mutate(**{_LEAKS: ibis.literal(0, "int64")})


def exposure_reading(files: LogFiles, extras: Sequence[str]) -> Reading:
    """The exposures that are to be read, with these columns besides."""
    named = files.columns.exposures
    return Reading(files.exposures, exposure_layout(named, named.unit or files.unit, extras))


class OfExposures:
    """Units as the exposures show them."""

    def __init__(
        self, engine: Store, spec: HoldbackSpec, reading: Reading, events: OfEvents, progress: Progress
    ) -> None:
        extras = events.dimensions
        checked = {name: spec.audience[name] for name in extras}
        whole = dimensions_of(reading, extras) == extras
        leaks, neutral = Of(spec.kept_out), Of(spec.neutral)
        start, until = micros(spec.days.start), micros(events.as_of)

        def leak(batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":
            return leaks(batch, at) & (at >= start) & (at < until)

        def counts(batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":
            found: NDArray[np.bool_] = (at < start) | (neutral.named(batch) >= 0)
            return found

        marks = {HELD: is_held(spec.space, spec.held), _COUNTS: counts, _LEAK: leak}
        marks[_ELIGIBLE] = is_eligible(checked) if whole else never
        stream = Sightings(reading, marks, micros(spec.today) + DAY)
        self.units = engine.keep_stream(stream.schema, stream.batches(progress), _of_exposures)
        self.read = read_of(reading)


def _of_exposures(rows: "ir.Table") -> "ir.Table":
    counts, fits = rows[_COUNTS], rows[_COUNTS] & rows[_ELIGIBLE]
    return rows.group_by(UNIT).aggregate(
        **{_SEEN: rows[AT].min(), _KNOWN: rows[AT].min(where=counts), _FITS: rows[AT].min(where=fits)},
        **{HELD: rows[HELD].cast("int64").max(), _LEAKS: rows.count(where=rows[_LEAK])},
    )


class Known(NamedTuple):
    """How many units there are; two numbers are of held units and of the rest.

    units: known by the day, and eligible. early: those of them that were known when the holdback began.
    not_eligible: known by then, and not of the audience. only_exposed: seen by then only in exposures that
    held units cannot have. leaks: held units with exposures of experiments that they are kept out of, and
    these exposures.
    """

    units: tuple[int, int]
    early: tuple[int, int]
    not_eligible: int
    only_exposed: int
    leaks: tuple[int, int]


def known_units(engine: Store, seen: "ir.Table", spec: HoldbackSpec, day: date) -> "tuple[ir.Table, Known]":
    """The units that were known by a day and are eligible, and how many there are of which."""
    each = seen.group_by(UNIT).aggregate(
        **{name: seen[name].min() for name in (_SEEN, _KNOWN, _FITS)},
        **{HELD: seen[HELD].max(), _LEAKS: seen[_LEAKS].sum()},
    )
    table = engine.keep(each)
    by, start = micros(day), micros(spec.days.start)
    known, fits = ((table[name] < by).fill_null(False) for name in (_KNOWN, _FITS))
    early = fits & (table[_KNOWN] < start)
    held, leaky = table[HELD] == 1, fits & (table[_LEAKS] > 0)
    row = engine.fetch(
        table.aggregate(
            held=table.count(where=fits & held),
            rest=table.count(where=fits & ~held),
            held_early=table.count(where=early & held),
            rest_early=table.count(where=early & ~held),
            not_eligible=table.count(where=known & ~fits),
            only_exposed=table.count(where=~known & (table[_SEEN] < by)),
            leaking=table.count(where=leaky & held),
            leaks=table[_LEAKS].sum(where=leaky & held),
        )
    ).to_pylist()[0]
    number = {name: int(value or 0) for name, value in row.items()}
    return table.filter(fits), Known(
        units=(number["held"], number["rest"]),
        early=(number["held_early"], number["rest_early"]),
        not_eligible=number["not_eligible"],
        only_exposed=number["only_exposed"],
        leaks=(number["leaking"], number["leaks"]),
    )
