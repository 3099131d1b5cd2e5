"""Ids are text, and survive every format."""

import csv
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from coord.errors import CoordError
from logs.files import FORMATS, NAMES, read, write

KNOWN = ["007", "1e5", "9007199254740993", "NA", "null", "None", "nan", "-0", "+1", "0x1F", "TRUE", "1_000"]
KNOWN += [
    "a,b",
    'say "hi"',
    "two\nlines",
    "two\r\nlines",
    " padded ",
    "åäö",
    "日本",
    "😀",
    "=1+1",
    "'",
    "x" * 100,
    "\u00a0",
]

ids = st.text(st.characters(codec="utf-8", exclude_characters="\ufdd0"), min_size=1, max_size=100)
usable = ids.filter(lambda text: len(text.encode()) <= 100)


def _rows(units: list[str]) -> list[tuple[str, ...]]:
    return [("2026-03-02", unit, "e", "v") for unit in units]


@pytest.mark.parametrize("suffix", FORMATS)
def test_known_traps_survive(suffix: str, tmp_path: Path) -> None:
    found = read(write(tmp_path / f"x.{suffix}", _rows(KNOWN)))
    assert [row[2] for row in found.rows] == KNOWN
    assert found.rejects == {}


@given(st.lists(usable, max_size=20))
@settings(max_examples=60)
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, units: list[str]) -> None:
    folder = tmp_path_factory.mktemp("ids")
    for suffix in FORMATS:
        found = read(write(folder / f"x.{suffix}", _rows(units)))
        assert [row[2] for row in found.rows] == units, suffix
        assert found.total == len(units)


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_id_and_ids_over_100_bytes_are_rejected(suffix: str, tmp_path: Path) -> None:
    units = ["", "x" * 100, "x" * 101, "å" * 50, "å" * 51, "u"]
    found = read(write(tmp_path / f"x.{suffix}", _rows(units)))
    assert [row[2] for row in found.rows] == ["x" * 100, "å" * 50, "u"]
    assert found.rejects == {"no_unit": 1, "unit_over_100_bytes": 2}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([7, 2**63 - 1, -1, None]), ["7", "9223372036854775807", "-1"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([9007199254740993], pa.decimal128(38, 0)), ["9007199254740993"]),
        (pa.array([b"\xc3\xa5", b"007", None]), ["å", "007"]),
        (pa.array([b"0123456789abcdef"], pa.binary(16)), ["0123456789abcdef"]),
        (pa.array(["a", None, "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (
            pa.array([UUID(int=1).bytes, None], pa.uuid()),
            ["00000000-0000-0000-0000-000000000001"],
        ),
    ],
    ids=str,
)
def test_columns_of_other_types_are_texts(column: pa.Array, expected: list[str], tmp_path: Path) -> None:
    found = read(_parquet(tmp_path, user_id=column))
    assert [row[2] for row in found.rows] == expected
    assert found.rejects == ({"no_unit": 1} if column.null_count else {})


def test_bytes_that_are_no_text_are_rejected(tmp_path: Path) -> None:
    path = _parquet(tmp_path, user_id=pa.array([b"\xff\x00", b"ok"]))
    found = read(path)
    assert [row[2] for row in found.rows] == ["ok"]
    assert found.rejects == {"not_utf8": 1}


def test_rejected_rows_of_parquet_are_written_as_text(tmp_path: Path) -> None:
    units = pa.array([b"\xff\x00", "åäö".encode(), b"007", None])
    when = pa.array(["2026-03-02", "soon", "", "2026-03-02"])
    path = _parquet(tmp_path, user_id=units, timestamp=when)
    read(path, rejects=tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as file:
        written = [(row["reason"], row["row"], row["user_id"]) for row in csv.DictReader(file)]
    assert written == [
        ("not_utf8", "1", "\\xff\x00"),
        ("unreadable_timestamp", "2", "åäö"),
        ("unreadable_timestamp", "3", "007"),
        ("no_unit", "4", ""),
    ]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([1e5]), r"holds numbers with decimals \(double\), in which 1e5 cannot be told from 100000"),
        (pa.array([1.5], pa.float32()), r"holds numbers with decimals \(float\)"),
        (pa.array([1], pa.decimal128(10, 2)), r"holds numbers with decimals \(decimal128\(10, 2\)\)"),
        (pa.array([["a"]]), "holds list<element: string>, and must hold one value in each row"),
        (pa.array([1], pa.duration("s")), r"holds duration\[s\], and must hold text"),
    ],
    ids=str,
)
def test_ids_that_cannot_be_known_are_refused(column: pa.Array, said: str, tmp_path: Path) -> None:
    with pytest.raises(CoordError, match=rf"The column user_id of .*x\.parquet {said}"):
        read(_parquet(tmp_path, user_id=column))


def _parquet(folder: Path, **columns: pa.Array) -> Path:
    """A file with these columns, and others that are right."""
    number = len(next(iter(columns.values())))
    right = dict(zip(NAMES, ("2026-03-02", "u", "e", "v"), strict=True))
    every = {name: columns.get(name, pa.array([value] * number)) for name, value in right.items()}
    parquet.write_table(pa.table(every), folder / "x.parquet")
    return folder / "x.parquet"


def _moments(folder: Path, column: pa.Array) -> list[int]:
    return [row[1] for row in read(_parquet(folder, timestamp=column)).rows]


def test_stored_moments_are_in_utc(tmp_path: Path) -> None:
    second = 1_772_446_500
    for unit, factor in (("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)):
        for zone in (None, "UTC", "America/New_York"):
            column = pa.array([second * factor], pa.int64()).cast(pa.timestamp(unit, zone))
            assert _moments(tmp_path, column) == [second * 10**6], column.type
    assert _moments(tmp_path, pa.array([20_514], pa.date32())) == [20_514 * 86_400 * 10**6]
    assert _moments(tmp_path, pa.array([second])) == [second * 10**6]
    assert _moments(tmp_path, pa.array([second * 1000])) == [second * 10**6]
    assert _moments(tmp_path, pa.array(["2026-03-02T10:15:00Z"]).dictionary_encode()) == [second * 10**6]


def test_moments_that_are_none_are_rejected(tmp_path: Path) -> None:
    columns = [
        pa.array([None, 10**6, 10**12], pa.timestamp("s")),
        pa.array([None, 20_260_302, 2**62]),
        pa.array(["", "soon", None]),
        pa.array([None, None, None], pa.null()),
    ]
    for column, good in zip(columns, (1, 0, 0, 0), strict=True):
        found = read(_parquet(tmp_path, timestamp=column))
        assert len(found.rows) == good, column.type
        assert found.rejects == {"unreadable_timestamp": 3 - good}
    with pytest.raises(CoordError, match="holds bool, and must hold moments"):
        read(_parquet(tmp_path, timestamp=pa.array([True])))
