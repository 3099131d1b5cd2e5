"""Tables with one row per unit in a database: as files of the same rows, but for the numbers of rows."""

from pathlib import Path
from typing import Any

import pytest

from coord.domain.metrics import Source
from coord.errors import CoordError
from coord.logs.database_address import AtDatabase
from coord.logs.measured import Table
from coord.logs.unit_files import UnitColumns
from coord.logs.unit_table import measure_units
from databases.cluster import Cluster
from engine_logs.alike import plain, same
from engine_logs.worlds import metric
from logs.files import write

pytestmark = pytest.mark.postgres

NAMES = ("user_id", "variant", "spend", "before", "country")
KINDS = "user_id text, variant text, spend {}, before bigint, country text"
COLUMNS = UnitColumns("user_id", "variant", optional=True)
METRICS = (
    metric("spend", Source("buy", "sum", "value", column="spend", covariate_column="before"), covariate=7),
    metric("most", Source("buy", "max", "value", column="before"), missing="drop"),
)
ROWS = [(f"u{i}", ("old", "new")[i % 2], f"{i / 10}", str(i), ("SE", "", "US")[i % 3]) for i in range(120)]


def _of_table(postgres: Cluster, rows: Any, kind: str = "float8", **more: Any) -> Table:
    postgres.load(
        "units", KINDS.format(kind), [[None if cell == "" else cell for cell in row] for row in rows]
    )
    opening = AtDatabase(postgres.url())
    more = {"dimensions": ["country"], **more}
    return measure_units(["units"], COLUMNS, METRICS, ("old", "new"), opening=opening, **more)


def _of_file(folder: Path, rows: Any, **more: Any) -> Table:
    path = write(folder / "units.csv", rows, NAMES)
    more = {"dimensions": ["country"], **more}
    return measure_units([str(path)], COLUMNS, METRICS, ("old", "new"), **more)


def test_a_table_is_as_a_file(postgres: Cluster, tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("", "old", "1", "2", "SE"),
        ("x", "", "1", "2", "SE"),
        ("y", "other", "1", "", ""),
        ROWS[0],
    ]
    rows += [("u1", "old", "7", "7", "US"), ("ö" * 51, "new", "1", "2", "SE")]
    ours = _of_file(tmp_path, rows, segment="country", rejects_to=tmp_path / "a.csv")
    theirs = _of_table(postgres, rows, segment="country", rejects_to=tmp_path / "b.csv")

    assert ours._replace(population=None, segments={}) == theirs._replace(population=None, segments={})  # type: ignore[arg-type]
    assert same(plain(ours.population), plain(theirs.population)) > 10
    assert ours.segments.keys() == theirs.segments.keys()
    for value in ours.segments:
        assert same(plain(ours.segments[value]), plain(theirs.segments[value])) > 10
    a, b = ((tmp_path / name).read_text("utf-8").splitlines() for name in ("a.csv", "b.csv"))
    assert a[0] == b[0]
    without_place = [{line.split(",")[0] + line.split(",", 3)[3] for line in lines[1:]} for lines in (a, b)]
    assert without_place[0] == without_place[1]
    assert all(",units,," in line for line in b[1:])
    assert len(b) == 4
    assert postgres.left() == []


def test_values_that_are_no_numbers(postgres: Cluster) -> None:
    rows = [*ROWS, ("x", "old", "NaN", "1", "SE"), ("y", "new", "inf", "1", "SE")]
    found = _of_table(postgres, rows).population.metrics
    reason = found["spend"].reason or ""
    assert reason.startswith("2 values of spend are not finite numbers, the first `")
    assert "row" not in reason
    assert found["most"].reason is None


@pytest.mark.parametrize(
    ("rows", "kind", "more", "told"),
    [
        (
            [*ROWS, ("u1", "new", "99", "1", "SE")],
            "float8",
            {},
            "^units is no table of one row per unit: unit u1 has 2 rows with different values. Aggregate",
        ),
        (ROWS, "text", {}, "The column spend of the table units is of type string, and must have numbers"),
        (
            ROWS,
            "float8",
            {"segment": "contry"},
            r"the table has no column contry \(did you mean country\?\)\. Its columns are: user_id, ",
        ),
        (
            ROWS,
            "float8",
            {"segment": "spend"},
            "column spend of the table units is of type float64, and must",
        ),
    ],
)
def test_what_is_refused(postgres: Cluster, rows: Any, kind: str, more: Any, told: str) -> None:
    with pytest.raises(CoordError, match=told):
        _of_table(postgres, rows, kind, **more)


def test_units_without_ids(postgres: Cluster, tmp_path: Path) -> None:
    postgres.load("units", "variant text, spend real, before int", [row[1:4] for row in ROWS])
    path = write(tmp_path / "units.csv", [row[1:4] for row in ROWS], NAMES[1:4])
    opening = AtDatabase(postgres.url())
    ours = measure_units([str(path)], COLUMNS, METRICS, ("old", "new"))
    theirs = measure_units(["units"], COLUMNS, METRICS, ("old", "new"), opening=opening)

    assert theirs.crossovers is None
    assert same(plain(ours), plain(theirs)) > 10
