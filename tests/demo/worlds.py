"""The demo on disk, and what is read off its logs without any of coord's own analysis."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coord.cli.main import run
from coord.demo.logs import EVENTS, EXPOSURES
from coord.demo.people import TODAY

LOGS = ("--exposures", EXPOSURES, "--events", EVENTS, "--today", str(TODAY))
_WEEK = timedelta(days=7)


class Met(NamedTuple):
    """A row of exposures."""

    at: datetime
    variant: str
    platform: str


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def met(folder: Path, experiment: str) -> dict[str, Met]:
    """Who met an experiment."""
    return {
        row["user_id"]: Met(datetime.fromisoformat(row["timestamp"]), row["variant"], row["platform"])
        for row in rows_of(folder / EXPOSURES)
        if row["experiment"] == experiment
    }


def minutes_after(folder: Path, begin: dict[str, datetime]) -> dict[str, float]:
    """The minutes that each user plays in the week from a moment."""
    played: dict[str, float] = defaultdict(float)
    for row in rows_of(folder / EVENTS):
        since = begin.get(row["user_id"])
        if (
            since
            and row["event"] == "play"
            and since <= datetime.fromisoformat(row["timestamp"]) < since + _WEEK
        ):
            played[row["user_id"]] += float(row["minutes"])
    return {user: played[user] for user in begin}


def in_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command that succeeds says in JSON."""
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)
