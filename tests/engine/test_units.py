"""Which rows are units: ids, crossovers, duplicates, unknown variants; nothing is lost without a word."""

from pathlib import Path
from random import Random

import pytest

from coord.errors import CoordError
from coord.logs.measured import Table
from coord.logs.unit_files import UnitColumns
from engine.tables import WITH_IDS, measure, metric, one, units

Row = tuple[str, str, object]

ROWS: list[Row] = [
    ("u1", "control", 1),
    ("u2", "control", 2),
    ("u2", "control", 2),
    ("u2", "control", "2.0"),
    ("u3", "control", 3),
    ("u3", "treatment", 4),
    ("u3", "control", 5),
    ("u4", "treatment", None),
    ("u4", "treatment", "NA"),
    ("u5", "treatment", 7),
    ("u5", "other", 8),
    ("007", "treatment", 9),
    ("7", "treatment", 9),
    ("u6", "third", 1),
    ("u7", "third", 1),
]


def _measure(folder: Path, rows: list[Row], parts: int = 1) -> Table:
    files = []
    for part in range(parts):
        users, variants, values = zip(*rows[part::parts], strict=True)
        files.append(units(folder / f"{part}.csv", {"user_id": users, "variant": variants, "x": values}))
    return measure(*files, metrics=[metric("x")], columns=WITH_IDS)


@pytest.mark.parametrize("seed", range(4))
def test_rows_are_units_whatever_their_order(tmp_path: Path, seed: int) -> None:
    rows = ROWS.copy()
    Random(seed).shuffle(rows)

    found = _measure(tmp_path, rows, 1 + seed % 3)

    assert found.rows == 15
    assert found.excluded == {"unknown_variant": 3, "crossover": 3, "duplicate": 3}
    assert found.crossovers == 1
    assert found.unknown_variants == (("third", 2), ("other", 1))
    assert found.population.units == (2, 4)
    moments = found.population.metrics["x"].moments
    assert [each.n for each in moments] == [2, 4]
    assert [each.mean[0] for each in moments] == [1.5, 25 / 4]


def test_rows_of_a_unit_that_differ_are_refused(tmp_path: Path) -> None:
    rows: list[Row] = [("u1", "control", 1), ("u2", "control", 5), ("u1", "control", 1), ("u1", "control", 2)]

    with pytest.raises(
        CoordError, match=r"unit u1 has 3 rows with different values \(rows 2 and 5\)"
    ) as raised:
        _measure(tmp_path, rows)
    assert str(tmp_path / "0.csv") in str(raised.value)
    assert "--exposures and --events" in str(raised.value)


def test_rows_that_differ_may_be_in_two_files(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("u1", "control", 1),
        ("u1", "control", None),
        ("u2", "control", 3),
        ("u3", "control", 3),
    ]

    with pytest.raises(CoordError, match=r"2 rows .* \(row 2, and row 2 of .*1\.csv\)"):
        _measure(tmp_path, rows, 2)


def test_a_unit_in_two_countries_is_refused(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "user_id": ["u1", "u1"],
        "variant": ["control"] * 2,
        "x": [1, 1],
        "country": ["SE", "US"],
    }
    file = units(tmp_path / "a.csv", columns)

    with pytest.raises(CoordError, match="unit u1 has 2 rows"):
        measure(file, metrics=[metric("x")], columns=WITH_IDS, dimensions=["country"])
    found = measure(file, metrics=[metric("x")], columns=WITH_IDS)
    assert found.excluded == {"duplicate": 1}


def test_columns_that_nobody_uses_may_differ(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "user_id": ["u1", "u1"],
        "variant": ["control"] * 2,
        "x": [1, 1],
        "y": ["some", "words"],
    }
    found = measure(units(tmp_path / "a.csv", columns), metrics=[metric("x"), metric("y")], columns=WITH_IDS)

    assert found.excluded == {"duplicate": 1}


def test_without_ids_every_row_is_a_unit(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", {"variant": ["control", "control", "treatment", "x"], "x": [1, 1, 1, 1]})

    found = measure(file, metrics=[metric("x")])

    assert found.crossovers is None
    assert found.population.units == (2, 1)
    assert found.excluded == {"unknown_variant": 1}


def test_ids_that_may_be_missing(tmp_path: Path) -> None:
    columns = UnitColumns("user_id", "variant", optional=True)
    without = units(tmp_path / "a.csv", {"variant": ["control"] * 2, "x": [1, 1]})
    with_ids = units(tmp_path / "b.csv", {"user_id": ["u1", "u1"], "variant": ["control"] * 2, "x": [1, 1]})

    assert measure(without, metrics=[metric("x")], columns=columns).population.units == (2, 0)
    assert measure(with_ids, metrics=[metric("x")], columns=columns).population.units == (1, 0)
    with pytest.raises(CoordError, match="no column user_id"):
        measure(with_ids, without, metrics=[metric("x")], columns=columns)
    with pytest.raises(CoordError, match="no column user_id"):
        measure(without, metrics=[metric("x")], columns=WITH_IDS)


def test_rows_that_cannot_be_read_are_counted_and_written(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(
        b"user_id,variant,x\nu1,control,1\n,control,2\nu3,,3\nu4,control,4,5\nu5,control,\xff\nu6,treatment,6\n"
    )
    rejects = tmp_path / "rejects.csv"

    found = measure(str(file), metrics=[metric("x")], columns=WITH_IDS, rejects_to=rejects)

    assert found.rows == 6
    assert found.population.units == (1, 1)
    assert found.excluded == {"wrong_number_of_fields": 1, "not_utf8": 1, "no_unit": 1, "no_variant": 1}
    assert len(rejects.read_text().splitlines()) == 5
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "rejects.csv"}


def test_refused_files_leave_no_rejects(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", {"variant": ["control"], "x": [1]})

    with pytest.raises(CoordError, match="no column user_id"):
        measure(file, metrics=[metric("x")], columns=WITH_IDS, rejects_to=tmp_path / "rejects.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("values", [[], [1], [0, 0, 0]])
def test_little_or_nothing(tmp_path: Path, values: list[object]) -> None:
    found = one(tmp_path / "a.csv", {"variant": ["control"] * len(values), "x": values}, metric("x"))

    assert found.units == (len(values), 0)
    assert [each.n for each in found.moments] == [len(values), 0]
    assert found.moments[0].products == ((0.0,),)


def test_nobody_has_a_known_variant(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", {"variant": ["A", "B", "B"], "x": [1, 2, 3]})

    found = measure(file, metrics=[metric("x")])

    assert found.population.units == (0, 0)
    assert found.unknown_variants == (("B", 2), ("A", 1))


def test_three_arms_keep_their_order(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", {"variant": ["b", "c", "b", "a", "b", "c"], "x": [1] * 6})

    assert measure(file, metrics=[metric("x")], arms=("c", "a", "b")).population.units == (2, 1, 3)
