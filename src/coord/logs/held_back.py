"""Units that a holdback holds and all others, measured from a day on."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.domain.model import Experiment, Kind
from coord.errors import CoordError
from coord.logs.engine import Opening
from coord.logs.held_units import (
    HELD,
    HoldbackSpec,
    Known,
    OfEvents,
    OfExposures,
    event_reading,
    exposure_reading,
    known_units,
)
from coord.logs.logged import Read
from coord.logs.measure_logs import LogFiles
from coord.logs.measured import Measured
from coord.logs.moments_in_time import micros
from coord.logs.plans import sources
from coord.logs.rejects import rejected
from coord.logs.streams import streams
from coord.logs.units_from import Did, units_at
from coord.logs.units_met import Progress

EVALUATED = 28
"""Days up to the effective day that are evaluated where a holdback does not say from when."""


class HeldBack(NamedTuple):
    """What the logs have of a holdback.

    as_of: the effective day. anchor: the day from which metrics are measured, of the units `known` by then.
    unchecked: dimensions of the audience that the events do not have. first_event, events_seen: as in
    `Logged`. metrics: by name, of held units and of the rest.
    """

    exposures: Read
    events: Read
    as_of: date
    anchor: date
    known: Known
    unchecked: tuple[str, ...]
    first_event: int | None
    events_seen: Mapping[str, int]
    metrics: Mapping[str, Measured]


def holdback_spec(catalog: Catalog, holdback: Experiment, as_of: date, today: date) -> HoldbackSpec:
    """The holdback as the files have it. Raises CoordError where nobody knows whom it holds."""
    ledger, holding = catalog.ledgers.get(holdback.key), catalog.holdings.get(holdback.key)
    if ledger is None or holding is None or any(entry.migrated for entry in ledger.entries):
        why = "has no ledger" if ledger is None else "has a ledger of another system"
        raise CoordError(
            f"{holdback.key} {why}, so nobody knows which units it held. Draw one with `coord allocate`, or "
            "give a table with --units FILE whose column of variants says `held` or `rest`."
        )
    surfaces = {*holdback.surfaces}
    others = [one for one in catalog.active if one.key != holdback.key and one.kind is not Kind.HOLDBACK]
    return HoldbackSpec(
        holdback.key,
        holding.days,
        as_of,
        today,
        catalog.spaces[holdback.space],
        holding.ever,
        tuple(one for one in others if surfaces & {*one.surfaces}),
        (holdback, *(one for one in others if not surfaces & {*one.surfaces})),
        holdback.audience,
        holdback.evaluate_from,
    )


def measure_held_back(
    spec: HoldbackSpec,
    files: LogFiles,
    metrics: Sequence[Metric],
    *,
    covariates: bool = True,
    progress: Progress = lambda _: None,
    opening: Opening = streams,
) -> HeldBack:
    """What the logs have of a holdback. The events are read twice. Raises CoordError."""
    values = {source.value for one in metrics for source in sources(one) if source.value is not None}
    with opening() as engine:
        events = OfEvents(engine, spec, files, progress)
        anchor = _anchor(spec, events.as_of)
        met, did_then = exposure_reading(files, events.dimensions), event_reading(files, sorted(values))
        with rejected(files.rejects, met, did_then):
            exposures = OfExposures(engine, spec, met, events, progress)
            both = events.units.union(exposures.units)
            seen, known = known_units(engine, both, spec, min(anchor, events.as_of))
            did = Did(
                engine,
                engine.keep(units_at(seen, micros(anchor), 1 - seen[HELD])),
                did_then,
                metrics,
                Days(anchor, max(anchor, events.as_of)),
                spec.today,
                before=(anchor - spec.days.start).days,
                covariates=covariates,
                progress=progress,
            )
        found = did.measured(max(anchor, events.as_of), 2)
        return HeldBack(
            exposures=exposures.read,
            events=did.read,
            as_of=events.as_of,
            anchor=anchor,
            known=known,
            unchecked=tuple(name for name in sorted(spec.audience) if name not in events.dimensions),
            first_event=did.first,
            events_seen=did.seen,
            metrics={one.name: _told(one, found[one.name], anchor, events.as_of, spec) for one in metrics},
        )


def _anchor(spec: HoldbackSpec, as_of: date) -> date:
    if spec.evaluate_from is not None:
        return max(spec.days.start, spec.evaluate_from)
    return max(spec.days.start, as_of - timedelta(days=EVALUATED))


def _told(metric: Metric, found: Measured, anchor: date, as_of: date, spec: HoldbackSpec) -> Measured:
    """The metric, or why its window is not closed; with the days that it is of."""
    closes = anchor + timedelta(days=metric.window)
    if found.reason is None and not metric.open and closes > as_of:
        return Measured(reason=f"its window, from {anchor}, closes on {closes}, and data count until {as_of}")
    told = f"measured from {anchor} on"
    if found.covariate:
        told = f"{told}, its covariate in the days before {spec.days.start}"
    return found._replace(notes=(*found.notes, f"{told}.")) if found.reason is None else found
