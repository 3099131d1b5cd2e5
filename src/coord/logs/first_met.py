"""Units when they are met for the first time, and what they did from then on.

With exposures a unit is met with its first exposure to one of some experiments. Without, it is met with its
first event of a period, which begins when the events go back as far as covariates look.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.domain.model import Experiment
from coord.logs.columns import event_layout, exposure_layout
from coord.logs.engine import Store
from coord.logs.exposed import FIRST
from coord.logs.logged import Read
from coord.logs.measure_logs import LogFiles
from coord.logs.measured import Measured
from coord.logs.meetings_logged import Of
from coord.logs.moments_in_time import day_at, micros
from coord.logs.plans import sources
from coord.logs.reader import Reading
from coord.logs.rejects import rejected
from coord.logs.sightings import AT, UNIT, Sightings
from coord.logs.streams import streams
from coord.logs.timestamps import DAY
from coord.logs.units_did import complete_day
from coord.logs.units_from import Did, units_at
from coord.logs.units_met import Progress, read_of

if TYPE_CHECKING:
    from ibis.expr import types as ir

_MET, _SINCE = "is_met", "since"


class FirstMet(NamedTuple):
    """What logs have of units that are met.

    exposures: what was read; None without. excluded: their rows that meet nobody, by reason.
    met: rows by experiment, in the order in which they were asked for.
    days: the measured period, of complete days. units: met for the first time in it.
    as_of: the day until which events are complete. events_seen: as in `Logged`.
    metrics: by name, of one arm, of the units whose window is closed by then.
    """

    exposures: Read | None
    events: Read
    excluded: Mapping[str, int]
    met: tuple[int, ...]
    days: Days
    units: int
    as_of: date
    events_seen: Mapping[str, int]
    metrics: Mapping[str, Measured]


class _Meeting(NamedTuple):
    """Units with the moment when they were met, and the complete days of the logs that say so."""

    units: "ir.Table"
    days: Days
    exposures: Read | None
    excluded: Mapping[str, int]
    met: tuple[int, ...]


def measure_first_met(
    experiments: Sequence[Experiment],
    files: LogFiles,
    metrics: Sequence[Metric],
    as_of: date,
    today: date,
    progress: Progress = lambda _: None,
) -> FirstMet:
    """Units that met one of the experiments; without exposures those of the events, which are read 3 times.

    as_of: what is logged from the beginning of this day on is not looked at. today: as in `LogSpec`. Windows
    of metrics are closed ones, also of those that are open elsewhere. Raises CoordError.
    """
    closed = [one._replace(open=False) for one in metrics]
    values = {source.value for one in metrics for source in sources(one) if source.value is not None}
    events = _event_reading(files, sorted(values))
    named = files.columns.exposures
    layout = exposure_layout(named, named.unit or files.unit)
    exposures = Reading(files.exposures, layout) if files.exposures else None
    with streams() as engine, rejected(files.rejects, *([exposures] if exposures else []), events):
        if exposures:
            found = _exposures(engine, experiments, exposures, as_of, today, progress)
        else:
            lookback = max((one.covariate or 0 for one in metrics), default=0)
            found = _events(engine, files, lookback, as_of, today, progress)
        units = engine.keep(units_at(found.units, found.units[_SINCE], 0))
        start = found.days.start
        span = Days(start, max(start, as_of))
        did = Did(engine, units, events, closed, span, today, progress=progress)
        upto = max(start, min(as_of, complete_day(did.last, start, today)))
        inside = (units[FIRST] >= micros(start)) & (units[FIRST] < micros(found.days.end))
        number = engine.fetch(units.aggregate(number=units.count(where=inside))).to_pylist()[0]["number"]
        return FirstMet(
            found.exposures,
            did.read,
            found.excluded,
            found.met,
            found.days,
            int(number or 0),
            upto,
            did.seen,
            did.measured(upto, 1),
        )


def _exposures(
    engine: Store,
    experiments: Sequence[Experiment],
    reading: Reading,
    as_of: date,
    today: date,
    progress: Progress,
) -> _Meeting:
    of = Of(experiments)
    stream = Sightings(reading, {_MET: of}, micros(today) + DAY)
    units = engine.keep_stream(
        stream.schema, stream.batches(progress), lambda rows: _first(rows.filter(rows[_MET]), as_of)
    )
    read = read_of(reading)
    excluded = {**read.rejects, "outside_dates": of.outside, "other_experiment": of.others}
    excluded = {reason: number for reason, number in excluded.items() if number}
    return _Meeting(units, _days(stream, 0, as_of, today), read, excluded, tuple(of.met.tolist()))


def _events(
    engine: Store, files: LogFiles, lookback: int, as_of: date, today: date, progress: Progress
) -> _Meeting:
    stream = Sightings(_event_reading(files), {}, micros(today) + DAY)
    engine.keep_stream(
        stream.schema, stream.batches(progress), lambda rows: rows.aggregate(rows=rows.count())
    )
    days = _days(stream, lookback, as_of, today)
    since = micros(days.start)
    again = Sightings(_event_reading(files), {}, micros(today) + DAY)
    units = engine.keep_stream(
        again.schema,
        again.batches(progress),
        lambda rows: _first(rows.filter(rows[AT] >= since), as_of),
    )
    return _Meeting(units, days, None, {}, ())


def _first(rows: "ir.Table", as_of: date) -> "ir.Table":
    """Units with their first row, of those before a day."""
    early = rows.filter(rows[AT] < micros(as_of))
    return early.group_by(UNIT).aggregate(**{_SINCE: early[AT].min()})


def _days(stream: Sightings, lookback: int, as_of: date, today: date) -> Days:
    """The complete days of rows, from the first on or some days later; none without any row."""
    if stream.first is None:
        return Days(as_of, as_of)
    start = day_at(stream.first // DAY) + timedelta(days=lookback)
    return Days(start, max(start, min(as_of, complete_day(stream.last, start, today))))


def _event_reading(files: LogFiles, extras: Sequence[str] = ()) -> Reading:
    named = files.columns.events
    return Reading(files.events, event_layout(named, named.unit or files.unit, extras))
