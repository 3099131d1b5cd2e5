"""Rows that cannot be used, values that are no numbers, texts and types: as they are of files."""

import csv
from pathlib import Path
from typing import Any

import pytest

from coord.domain.metrics import Source
from coord.errors import CoordError
from coord.logs.database_address import AtDatabase
from coord.logs.logged import Logged
from coord.logs.measure_logs import LogFiles, measure_logs
from databases.cluster import Cluster
from engine_logs.alike import plain, same
from engine_logs.small import EVENT, EXPOSURE, LATE, SPEC, event, exposure
from engine_logs.worlds import metric
from logs.files import write

pytestmark = pytest.mark.postgres

LONG = "ö" * 51
SPENT = metric("spent", Source("buy", "sum", "value"))
PAGES = metric("pages", Source("buy", "count_distinct", "value"))
BOUGHT = metric("bought", Source("buy", "any"))
METRICS = (SPENT, BOUGHT)
KINDS = {"exposures": "timestamp timestamp, user_id text, experiment text, variant text"}
KINDS["events"] = 'timestamp timestamptz, user_id text, event text COLLATE "en-x-icu", value {}'
MET = [exposure("a"), exposure("b", variant="one"), exposure("c"), exposure("d", variant="one")]


def _in_database(
    postgres: Cluster, exposures: Any, events: Any, value: str = "double precision", **more: Any
) -> Logged:
    nothing = {"": None}
    postgres.load("exposures", KINDS["exposures"], exposures)
    rows = [[nothing.get(cell, cell) for cell in row] for row in events]
    postgres.load("events", KINDS["events"].format(value), rows)
    named = LogFiles(["exposures"], ["events"], "user_id", **more)
    return measure_logs(SPEC, named, METRICS, opening=AtDatabase(postgres.url()))


def _in_files(folder: Path, exposures: Any, events: Any, **more: Any) -> Logged:
    first, second = folder / "exposures.csv", folder / "events.csv"
    write(first, [[cell or "" for cell in row] for row in exposures], EXPOSURE)
    write(second, [[cell or "" for cell in row] for row in events], EVENT)
    return measure_logs(SPEC, LogFiles([str(first)], [str(second)], "user_id", **more), METRICS)


def _alike(ours: Logged, theirs: Logged) -> int:
    """How many numbers are equal. Rows of tables have no numbers, so the first rejects are not told."""
    read = ("exposures", "events")
    a, b = (
        one._replace(
            exposed=None,  # type: ignore[arg-type]
            assigned=None,
            **{name: getattr(one, name)._replace(first_rejects=()) for name in read},
        )
        for one in (ours, theirs)
    )
    assert a == b
    day, found = ours.as_of, 0
    assert ours.exposed.units == theirs.exposed.units
    for name, series in ours.exposed.metrics.items():
        mine, other = series.at(day), theirs.exposed.metrics[name].at(day)
        assert bool(mine.reason) == bool(other.reason)
        found += 0 if mine.reason else same(plain(mine), plain(other), name)
    return found


def _written(path: Path) -> list[tuple[str, str]]:
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    return sorted((row["reason"], row["user_id"]) for row in rows)


def test_rows_that_cannot_be_used_are_counted_and_written(postgres: Cluster, tmp_path: Path) -> None:
    exposures = [
        *MET,
        exposure("e", at="infinity"),
        exposure("f", at="0044-03-15T10:00:00 BC"),
        (None, "g", "home/demo", "one"),
        exposure(""),
        (MET[0][0], None, "home/demo", "one"),
        exposure(LONG),
        exposure("ö" * 50),
        (MET[0][0], "h", None, "one"),
        (MET[0][0], "i", "", "one"),
        exposure("j", variant=""),
        exposure("k", variant="stranger"),
        *[(MET[0][0], f"l{i}", "home/other", "one") for i in range(3)],
        (MET[0][0], "", "home/other", "one"),
        (MET[0][0], "m", "home/third", ""),
    ]
    events = [
        LATE,
        *(
            event(unit, value=value)
            for unit, value in (("a", "1.5"), ("b", ""), ("c", "0.1"), ("nobody", "7"))
        ),
        event("b", at="-infinity"),
        event("a", at="2026-03-02T12:00:00.000001+02"),
        event(LONG),
        event(""),
        event("a", name=""),
        ("2026-03-02T12:00:00Z", "a", None, "1"),
        event("c", at="9999-12-31T00:00:00Z"),
    ]
    written = {}
    for name in ("files", "tables"):
        (tmp_path / name).mkdir()
        to = tmp_path / name / "rejects"
        if name == "files":
            ours = _in_files(tmp_path, exposures, events, rejects=to)
        else:
            theirs = _in_database(postgres, exposures, events, "numeric", rejects=to)
        written[name] = _written(to)

    assert _alike(ours, theirs) > 5
    assert theirs.exposures.rejects == {
        "unreadable_timestamp": 3,
        "no_unit": 3,
        "unit_over_100_bytes": 1,
        "no_experiment": 2,
        "no_variant": 2,
    }
    assert theirs.events.rejects == {
        "unreadable_timestamp": 1,
        "no_unit": 1,
        "unit_over_100_bytes": 1,
        "no_event": 2,
    }
    assert theirs.other_experiments == (("home/other", 3),)
    assert written["files"] == written["tables"]
    assert len(written["tables"]) == 11 + 5
    assert postgres.left() == []


@pytest.mark.parametrize("kind", ["double precision", "numeric", "real"])
def test_values_that_are_no_numbers(postgres: Cluster, tmp_path: Path, kind: str) -> None:
    events = [event("a", "0.1"), event("b", "NaN"), event("c", "inf"), event("nobody", "-inf"), LATE]

    theirs = _in_database(postgres, MET, events, kind)

    assert _alike(_in_files(tmp_path, MET, events), theirs) > 0
    assert theirs.exposed.metrics["spent"].at(theirs.as_of).reason == (
        "2 value values are not finite numbers in events buy of its units; look into events"
    )


@pytest.mark.parametrize("kind", ["double precision", "numeric", "real", "numeric(10, 2)"])
def test_values_of_any_type(postgres: Cluster, tmp_path: Path, kind: str) -> None:
    events = [event(unit, value) for unit, value in (("a", "0.1"), ("b", "1677.25"), ("c", ""), ("d", "-3"))]
    events.append(LATE)

    assert _alike(_in_files(tmp_path, MET, events), _in_database(postgres, MET, events, kind)) > 5


@pytest.mark.parametrize("kind", ["bigint", "smallint", "boolean"])
def test_values_that_are_whole(postgres: Cluster, tmp_path: Path, kind: str) -> None:
    events = [event("a", "1"), event("b", "0"), event("c", ""), event("a", "1"), LATE]

    assert _alike(_in_files(tmp_path, MET, events), _in_database(postgres, MET, events, kind)) > 5


def test_ids_are_told_apart_by_their_bytes(postgres: Cluster, tmp_path: Path) -> None:
    """Whatever the collation of a column is, and whatever is in an id."""
    ids = ("a", "A", "á", "a ", 'it\'s "q" \\ %s; --', "line\nend", "\\.", ",", "NULL", "null", "\x1b[31m")
    postgres.run(
        "CREATE COLLATION IF NOT EXISTS careless (provider = icu, locale = 'und-u-ks-level1', "
        "deterministic = false)"
    )
    exposures = [exposure(unit, variant=("control", "one")[i % 2]) for i, unit in enumerate(ids)]
    events = [*(event(unit, value=str(i)) for i, unit in enumerate(ids)), LATE]
    ours = _in_files(tmp_path, exposures, events)
    postgres.load("exposures", KINDS["exposures"].replace("id text", "id text COLLATE careless"), exposures)
    postgres.load(
        "events",
        KINDS["events"].format("int").replace("user_id text", "user_id text COLLATE careless"),
        events,
    )

    theirs = measure_logs(
        SPEC, LogFiles(["exposures"], ["events"], "user_id"), METRICS, opening=AtDatabase(postgres.url())
    )

    assert _alike(ours, theirs) > 5
    assert theirs.units == len(ids)


def test_days_are_moments(postgres: Cluster, tmp_path: Path) -> None:
    """As in Parquet: a day is its midnight."""
    exposures = [(at[:10], *rest) for at, *rest in MET]
    events = [(at[:10], *rest) for at, *rest in (event("a"), event("b", at="2026-03-01T00:00:00Z"), LATE)]
    ours = _in_files(tmp_path, exposures, events)
    postgres.load("exposures", KINDS["exposures"].replace("timestamp timestamp", "timestamp date"), exposures)
    postgres.load("events", "timestamp date, user_id text, event text, value int", events)
    named = LogFiles(["exposures"], ["events"], "user_id")

    assert _alike(ours, measure_logs(SPEC, named, METRICS, opening=AtDatabase(postgres.url()))) > 5


@pytest.mark.parametrize(
    ("what", "columns", "told"),
    [
        (
            "exposures",
            KINDS["exposures"].replace("user_id text", "user_id bigint"),
            "The column user_id of the table exposures is of type int64, and must be text. Make a view with "
            r"`CAST\(user_id AS text\)`, and name that\.",
        ),
        (
            "exposures",
            KINDS["exposures"].replace("timestamp timestamp", "timestamp bigint"),
            r"timestamp of the table exposures is of type int64, and must have moments.*AS timestamp\)`",
        ),
        (
            "events",
            KINDS["events"].format("text"),
            "The column value of the table events is of type string, and must have numbers. Make a view with",
        ),
        (
            "exposures",
            KINDS["exposures"].replace("user_id", "user_ids"),
            r"The table exposures has no column user_id \(the unit; did you mean user_ids\?\); the exposures "
            r"need it\. Its columns are: timestamp, user_ids, experiment, variant\. Make a view that calls "
            r"them so, or say in surfaces/coord\.yaml what they are called \(logs\.exposures\.unit\)\.",
        ),
    ],
)
def test_columns_of_other_types_are_refused(postgres: Cluster, what: str, columns: str, told: str) -> None:
    kinds = {**KINDS, "events": KINDS["events"].format("int"), what: columns}
    for name in ("exposures", "events"):
        postgres.load(name, kinds[name], [])
    if what == "events":
        postgres.run("INSERT INTO exposures VALUES ('2026-03-02', 'a', 'home/demo', 'control')")

    with pytest.raises(CoordError, match=told):
        measure_logs(
            SPEC, LogFiles(["exposures"], ["events"], "user_id"), METRICS, opening=AtDatabase(postgres.url())
        )


def test_a_column_that_is_not_there_costs_its_metric(postgres: Cluster) -> None:
    postgres.load("exposures", KINDS["exposures"], MET)
    postgres.load("events", "timestamp timestamp, user_id text, event text, valeu int", [event("a"), LATE])
    named = LogFiles(["exposures"], ["events"], "user_id")

    found = measure_logs(SPEC, named, METRICS, opening=AtDatabase(postgres.url()))

    reason = found.exposed.metrics["spent"].at(found.as_of).reason
    assert reason == "events has no column value (did you mean valeu?)"
    assert found.exposed.metrics["bought"].at(found.as_of).reason is None


def test_different_values_of_whole_numbers_are_counted(postgres: Cluster, tmp_path: Path) -> None:
    events = [event("a", "1"), event("a", "2"), event("a", "2"), event("b", "7"), event("b", ""), LATE]
    write(tmp_path / "x.csv", MET, EXPOSURE)
    write(tmp_path / "e.csv", events, EVENT)
    postgres.load("exposures", KINDS["exposures"], MET)
    postgres.load("events", KINDS["events"].format("int"), [[x or None for x in row] for row in events])
    files = LogFiles([str(tmp_path / "x.csv")], [str(tmp_path / "e.csv")], "user_id")
    tables = LogFiles(["exposures"], ["events"], "user_id")

    ours = measure_logs(SPEC, files, (PAGES, SPENT))
    theirs = measure_logs(SPEC, tables, (PAGES, SPENT), opening=AtDatabase(postgres.url()))

    assert _alike(ours, theirs) > 5


def test_nothing_of_the_experiment(postgres: Cluster) -> None:
    with pytest.raises(
        CoordError, match=r"exposures have none of home/demo\. They are of home/demos\. Did you"
    ):
        _in_database(postgres, [("2026-03-02", "a", "home/demos", "one")], [LATE])
    with pytest.raises(CoordError, match=r"None of the 1 exposures can be used: no_unit 1\. Correct"):
        _in_database(postgres, [exposure("")], [LATE])
    with pytest.raises(CoordError, match="The exposures have columns and no rows"):
        _in_database(postgres, [], [LATE])
