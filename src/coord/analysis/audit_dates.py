"""Rows outside an experiment's days, in words."""

from datetime import datetime, timedelta

from coord.analysis.audit_rows import number_of
from coord.analysis.audit_tally import Outside
from coord.domain.model import Experiment
from coord.logs.timestamps import DAY, SECOND

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - everything is in UTC
_HOUR = 3600 * SECOND
_ZONES = 14 * _HOUR
"""No place on earth has a time further from UTC."""


def moment_words(moment: int) -> str:
    """A moment, given in microseconds since 1970, to the second."""
    return (_EPOCH + timedelta(seconds=moment // SECOND)).isoformat(" ", "seconds")


def outside_words(one: Experiment, outside: Outside) -> str:
    """How many rows are before the start or after the end, and how far."""
    if one.draft or one.days is None:
        return "it is a draft, and is never in force"
    start, end = number_of(one.days.start) * DAY, number_of(one.days.end) * DAY
    told, furthest = [], 0
    if outside.early:
        first = moment_words(outside.first)
        told.append(f"{_rows(outside.early)} before its start {one.days.start}, the first at {first}")
        furthest = start - outside.first
    if outside.late:
        last = moment_words(outside.last)
        told.append(f"{_rows(outside.late)} after its end {one.days.end}, the last at {last}")
        furthest = max(furthest, outside.last - end)
    text = " and ".join(told)
    if furthest <= _ZONES:
        hours = -(-furthest // _HOUR) or 1
        near = f"all within {hours} hour{'' if hours == 1 else 's'}"
        text += f"; {near}, as with local times instead of UTC, or a switch that was not made at midnight UTC"
    return text


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"
