"""Changing days in a file that people wrote: only these characters change, comments and layout stay."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from coord.config.yaml_reader import find_marks
from coord.domain.dates import parse_day
from coord.domain.findings import Pointer

_DAY = re.compile(r"[\"']?([0-9]{4}-[0-9]{2}-[0-9]{2})")


def with_day(text: str, pointer: Pointer, day: date) -> str:
    """The text with the day at a pointer replaced."""
    return _replace(text, {find_marks(text)[pointer].value: day})


def with_days_moved(text: str, value: Mapping[str, Any], by: timedelta) -> str:
    """The text of an experiment with start, end, traffic steps and looks moved by some days."""
    marks = find_marks(text)
    days = {marks[pointer].value: parse_day(day) + by for pointer, day in _days(value)}
    if isinstance(value.get("traffic"), dict):
        for step in value["traffic"]:
            offset = marks["traffic", step].key
            if offset is not None:
                days[offset] = parse_day(step) + by
    return _replace(text, days)


def _days(value: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for name in ("start", "end", "evaluate_from"):
        if name in value:
            yield (name,), value[name]
    for number, look in enumerate(value.get("analysis", {}).get("looks", ())):
        yield ("analysis", "looks", number), look


def _replace(text: str, days: Mapping[int, date]) -> str:
    """The text with the days at these offsets replaced, from the last to the first."""
    for offset, day in sorted(days.items(), reverse=True):
        found = _DAY.match(text, offset)
        if not found:
            raise ValueError(f"no day at offset {offset}")
        text = text[: found.start(1)] + day.isoformat() + text[found.end(1) :]
    return text
