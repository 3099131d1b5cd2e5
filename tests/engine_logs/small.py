"""Logs of a few rows, written by hand."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.logs.logged import Logged, LogSpec
from coord.logs.measure_logs import LogFiles, measure_logs
from logs.files import write

DAYS = Days(date(2026, 3, 1), date(2026, 3, 15))
SPEC = LogSpec("home/demo", ("control", "one"), DAYS, date(2026, 3, 20), date(2026, 3, 20))
EXPOSURE = ("timestamp", "user_id", "experiment", "variant")
EVENT = ("timestamp", "user_id", "event", "value")


def exposure(unit: str, at: str = "2026-03-02T10:00:00Z", variant: str = "control") -> tuple[str, ...]:
    return at, unit, "home/demo", variant


def event(
    unit: str, value: str = "1", at: str = "2026-03-02T12:00:00Z", name: str = "buy"
) -> tuple[str, ...]:
    return at, unit, name, value


LATE = event("nobody", at="2026-03-19T23:00:00Z", name="other")
"""An event that shows that all days of the experiment are logged."""


def measured(
    folder: Path,
    exposures: Sequence[Sequence[str]],
    events: Sequence[Sequence[str]],
    metrics: Sequence[Metric],
    spec: LogSpec = SPEC,
    **more: Any,
) -> Logged:
    first, second = folder / "exposures.csv", folder / "events.csv"
    write(first, exposures, EXPOSURE)
    write(second, events, EVENT)
    return measure_logs(spec, LogFiles([str(first)], [str(second)], "user_id"), metrics, **more)
