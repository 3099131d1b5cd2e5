"""Logs and tables of units as tables of PostgreSQL, with the same rows as files have."""

import csv
from pathlib import Path

from coord.logs.measure_logs import LogFiles
from databases.cluster import Cluster
from engine_logs.worlds import World, iso

EXPOSURES = (
    'timestamp timestamp, user_id text COLLATE "en-x-icu", experiment text, variant varchar(30), '
    'country text COLLATE "en-x-icu"'
)
EVENTS = (
    'timestamp timestamptz, user_id varchar(200), event text COLLATE "en-x-icu", value numeric, page text'
)


def logs_of(postgres: Cluster, one: World) -> LogFiles:
    """A world's logs, the events in a table and a view of a schema."""
    postgres.run("DROP SCHEMA IF EXISTS raw CASCADE", "CREATE SCHEMA raw")
    exposures = [(iso(row.at), *row[1:]) for row in one.exposures]
    events = [(iso(at), unit, name, value or None, page) for at, unit, name, value, page in one.events]
    half = len(events) // 2
    postgres.load("exposures", EXPOSURES, exposures)
    postgres.load("events", EVENTS, events[:half])
    postgres.load("raw.kept", EVENTS, events[half:])
    postgres.run('CREATE VIEW raw."Events" AS SELECT * FROM raw.kept')
    return LogFiles(["exposures"], ["events", "raw.Events"], "user_id")


def from_csv(postgres: Cluster, path: Path, name: str, kinds: dict[str, str]) -> str:
    """A table with the columns of a CSV file, of these types; other columns are text. Empty is null."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = ", ".join(f'"{column}" {kinds.get(column, "text")}' for column in header)
    return postgres.load(name, columns, [[cell or None for cell in row] for row in rows])
