"""Layouts: exposures, events and tables of units, as coord.yaml names their columns."""

from pathlib import Path

import pytest

from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.domain.model import DEFAULT_LOGS, EventColumns, ExposureColumns, Logs
from coord.errors import CoordError
from coord.logs.columns import event_layout, exposure_layout, unit_layout
from logs.files import read, write

COORD = "spaces: {user: {unit: user_id, salt: s, buckets: 100}}\nteams: []\n"


def _logs(text: str) -> Logs:
    return load(MemoryFiles({"surfaces/coord.yaml": (COORD + text).encode()})).catalog.logs


def test_names_of_columns_come_from_coord_yaml() -> None:
    assert _logs("") == DEFAULT_LOGS == Logs(ExposureColumns(), EventColumns())
    assert _logs("logs: {exposures: {unit: uid, variant: arm}}") == Logs(
        ExposureColumns("timestamp", "uid", "experiment", "arm"), EventColumns()
    )
    assert _logs("logs: {events: {timestamp: ts, event: name}}").events == EventColumns("ts", None, "name")
    assert load(MemoryFiles({})).catalog.logs == DEFAULT_LOGS


def test_events_with_their_values(tmp_path: Path) -> None:
    rows = [
        ("2026-03-02", "u", "play", "3.50"),
        ("2026-03-02", "u", "play", ""),
        ("2026-03-02", "u", "", "1"),
    ]
    path = write(tmp_path / "x.csv", rows, ("timestamp", "user_id", "event", "minutes"))
    found = read(path, layout=event_layout(EventColumns(), "user_id", ("minutes", "ms")))
    assert [row[2:] for row in found.rows] == [("u", "play", "3.50"), ("u", "play", None)]
    assert found.rejects == {"no_event": 1}


def test_a_table_of_units(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [("u1", "SE"), ("", "US"), ("u2", "")], ("device_id", "country"))
    found = read(path, layout=unit_layout("device_id", ("country",)))
    assert found.rows == [(2, "u1", "SE"), (4, "u2", None)]
    assert found.rejects == {"no_unit": 1}
    with pytest.raises(CoordError, match=r"no column user_id \(the unit; did you mean") as refused:
        read(write(tmp_path / "y.csv", [("u",)], ("user-id",)), layout=unit_layout("user_id"))
    assert "coord.yaml" not in str(refused.value)


def test_one_column_may_play_two_roles(tmp_path: Path) -> None:
    """A dimension that is called like a role, or like the column of one."""
    for suffix in ("csv", "parquet"):
        rows = [("2026-03-02", "u", "e", "v")]
        path = write(tmp_path / f"x.{suffix}", rows)
        layout = exposure_layout(ExposureColumns(), "user_id", ("variant", "user_id", "unit"))
        assert read(path, layout=layout).rows[0][2:] == ("u", "e", "v", "v", "u")
