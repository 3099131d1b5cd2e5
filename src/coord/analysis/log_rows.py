"""What the rows of logs are good for: whether there is anything to analyse, and what to know of the rest."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Check, Status
from coord.errors import CoordError
from coord.logs.logged import Logged, Read
from coord.logs.measured import Population
from coord.logs.unit_refusals import cut

_NAMED = 5
_MICROS = 1_000_000

_SOME = 20
"""Units from which on it is no chance that not one of them did anything."""

_REPEATED = 100
"""One in so many events is repeated: fewer may be two in one moment, more are a file that is there twice."""

_NO_LOSS = {"other_experiment", "after_as_of", "repeat", "crossover"}
"""Reasons of exposures that are as they should be, or say something of their units."""


def check_rows(plan: AnalysisPlan, logged: Logged) -> None:
    """Raise CoordError for logs of which no row is of use: no answer could be told from "it did nothing"."""
    if plan.asked:
        _check_events(plan, logged)
    if not logged.units and not logged.crossovers:
        _check_exposures(plan, logged)


def _check_events(plan: AnalysisPlan, logged: Logged) -> None:
    events, key = logged.events, plan.experiment.key
    if not events.rows:
        raise CoordError("The events have columns and no rows. Was the export interrupted?")
    if events.rows == sum(events.rejects.values()):
        nothing = f"None of the {events.rows:,} rows of the events can be used"
        raise CoordError(f"{nothing}: {_reasons(events)}. Correct the export.")
    last = None if logged.last_event is None else _day(logged.last_event)
    if last is not None and last < plan.days.start:
        raise CoordError(
            f"The events end on {last}, before {key} starts on {plan.days.start}, so nothing is known of "
            "what its units did. Export the events of later days as well."
        )


def _check_exposures(plan: AnalysisPlan, logged: Logged) -> None:
    lost = {reason: rows for reason, rows in logged.excluded.items() if rows and reason not in _NO_LOSS}
    if not lost or logged.excluded.get("after_as_of"):
        return
    nobody = f"None of the {sum(lost.values()):,} exposures that may be of {plan.experiment.key} can be used"
    told = f"{nobody}: {_counts(lost)}."
    if not logged.unknown_variants:
        raise CoordError(f"{told} Run `coord audit` on them: it says of each why, and what would fit.")
    there = ", ".join(f"`{cut(name)}` ({number:,})" for name, number in logged.unknown_variants[:_NAMED])
    more = ", …" if len(logged.unknown_variants) > _NAMED else ""
    wanted = ", ".join(f"`{cut(variant.logged_as)}`" for variant in plan.experiment.variants)
    raise CoordError(
        f"{told} Their variants are {there}{more}, and those of the experiment {wanted}. Say with "
        "`logged_as` in the experiment what the logs call each variant."
    )


def row_checks(logged: Logged, latest: Population) -> Iterator[Check]:
    """Rows that cannot be used, that are there twice, or are of nobody; nothing where there are none."""
    yield from _unusable("exposures", logged.exposures)
    yield from _unusable("events", logged.events)
    yield from _duplicates(logged)
    yield from _strangers(logged, latest)


def _unusable(what: str, read: Read) -> Iterator[Check]:
    rows = sum(read.rejects.values())
    if rows:
        told = f"{rows:,} of {read.rows:,} {what} cannot be used: {_reasons(read)}"
        yield Check(f"{what}_rows", Status.WARN, None, told)


def _duplicates(logged: Logged) -> Iterator[Check]:
    rows, seen = logged.duplicates[1], sum(logged.events_seen.values())
    if rows and rows * _REPEATED >= seen:
        told = f"{rows:,} events of its units repeat another one exactly, and count like any other"
        yield Check("duplicates", Status.WARN, None, f"{told}: was something exported twice?")


def _strangers(logged: Logged, latest: Population) -> Iterator[Check]:
    """Whether the units of the experiment did anything at all."""
    known = [one for one in latest.metrics.values() if one.units and one.reason is None]
    units = max((sum(one.units) for one in known), default=0)
    did = any(arm.n and any(arm.mean) for one in known for arm in one.moments)
    did = did or any(arm.value for one in known for arm in one.quantiles)
    seen = sum(logged.events_seen.values())
    if units >= _SOME and seen and not did:
        told = (
            f"none of the {seen:,} events that metrics ask for is of one of its {units:,} units in its window"
        )
        yield Check("event_units", Status.WARN, None, f"{told}: are units called the same in both files?")


def _reasons(read: Read) -> str:
    """Why rows cannot be used, how many, and where the first is."""
    first = {one.reason: one for one in reversed(read.first_rejects)}
    where = {
        reason: f" (the first is row {first[reason].row:,} of {first[reason].file})"
        if reason in first
        else ""
        for reason in read.rejects
    }
    return ", ".join(
        f"{_words(reason)} {rows:,}{where[reason]}" for reason, rows in read.rejects.items() if rows
    )


def _counts(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{_words(reason)} {number:,}" for reason, number in rows.items())


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment // _MICROS, UTC).date()
