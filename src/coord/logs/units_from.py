"""What units did from a moment of theirs on: the metrics of a table of units, from events.

An experiment's units come in with their first exposure (`units_met`); here are those of anything else.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.logs import windows
from coord.logs.cohorts import cohorts
from coord.logs.engine import Store
from coord.logs.event_stream import EventStream
from coord.logs.exposed import CROSSED, ENTRY, FIRST, FIRST_ARM
from coord.logs.logged import LogSpec
from coord.logs.measured import Measured
from coord.logs.moments_in_time import micros
from coord.logs.placed import ASSIGNED
from coord.logs.plans import Plans, plans_for
from coord.logs.reader import Reading
from coord.logs.sightings import UNIT
from coord.logs.timestamps import DAY
from coord.logs.units_did import NO_WINDOW, lacks_of, without_wrong
from coord.logs.units_met import Progress, read_of
from coord.logs.windows import KEY

if TYPE_CHECKING:
    from ibis.expr import types as ir


def units_at(seen: "ir.Table", first: "ir.IntegerValue | int", arm: "ir.IntegerValue | int") -> "ir.Table":
    """A table of units with the columns that windows and cohorts need; it must be kept before it is used.

    first: the moment from which windows are counted. arm: the place of the unit's arm.
    """
    import ibis  # noqa: PLC0415 - only analyses need it

    moment = ibis.literal(first, "int64") if isinstance(first, int) else first
    place = ibis.literal(arm, "int64") if isinstance(arm, int) else arm.cast("int64")
    return seen.select(
        UNIT,
        **{FIRST: moment, FIRST_ARM: place, ENTRY: (moment + (DAY - 1)) // DAY},
        **{CROSSED: ibis.literal(value=False), ASSIGNED: ibis.literal(-1, "int64")},
        **{KEY: ibis.row_number().cast("int32")},
    )


class Did:
    """What units did: `rows` are their events in the engine, `plans` what is made of them.

    read: as in `Logged`; so are first, last, seen, of the events.
    """

    def __init__(
        self,
        engine: Store,
        units: "ir.Table",
        reading: Reading,
        metrics: Sequence[Metric],
        span: Days,
        today: date,
        *,
        before: int = 0,
        covariates: bool = True,
        progress: Progress = lambda _: None,
    ) -> None:
        """Read the events.

        units: as `units_at` has them. span: from the day of the first window to the day from which on events
        are not looked at. before: covariates are of the days up to so many days before a unit's moment.
        """
        until = micros(span.end)
        plans = plans_for(metrics, lacks_of(reading), 1, until, covariates=covariates)
        plans = _moved(plans._replace(monitoring=()), before)
        asked = [*plans.aggregates.values(), *(one.events for one in plans.metrics if one.events)]
        since = micros(span.start) + min((one.first for one in asked), default=0) * DAY
        stream = EventStream(reading, plans.asked, since, until, micros(today) + DAY)
        self.rows = engine.keep_stream(
            stream.schema,
            stream.batches(progress),
            lambda events: windows.matched(events, units, asked or [NO_WINDOW]),
        )
        self.read, self._engine, self._units = read_of(reading), engine, units
        self.first, self.last, self.seen = stream.first, stream.last, dict(stream.seen)
        self.plans = without_wrong(engine, self.rows, stream, plans)

    def measured(self, as_of: date, arms: int) -> Mapping[str, Measured]:
        """Every metric, of the units whose window is closed when a day begins, by arm."""
        units, spec = self._units, LogSpec("", ("",) * arms, Days(as_of, as_of), as_of, as_of)
        if self.plans.aggregates:
            units = self._engine.keep(windows.unit_values(units, self.rows, self.plans.aggregates))
        found = cohorts(self._engine, units, self.rows, self.plans, [as_of], spec).exposed.metrics
        return {name: series.at(as_of) for name, series in found.items()}


def _moved(plans: Plans, before: int) -> Plans:
    """The plans without what nothing is made of, their covariates moved back by some days."""
    used = {name for one in plans.metrics for name in (*one.values, *one.covariates)}
    aggregates = {
        name: one._replace(first=one.first - before, upto=-before) if one.upto <= 0 else one
        for name, one in plans.aggregates.items()
        if name in used
    }
    return plans._replace(aggregates=aggregates)
