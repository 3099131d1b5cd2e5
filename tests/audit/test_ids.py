"""Ids through the whole command: every byte of them decides the bucket, in every format.

The experiment holds the buckets of these very ids and nothing else, so an id that was changed on the way is
found outside of it, or with another variant.
"""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from audit.commands import put
from audit.worlds import HEADER, SPACES, Plan, World, slot
from coord.cli.main import run
from logs.files import csv_text, write, zstd

BIG = 2**53 + 1
IDS = ["007", "7", "1e5", "100000", str(BIG), str(BIG - 1), "NA", "null", "nan", "TRUE", "+1", "-0", "1.0"]
IDS += ["a,b", 'say "hi"', "two\nlines", "two\r\nlines", "tab\there", ";", " padded ", "'", "=1+1", "\u00a0"]
IDS += ["åäö", "日本", "😀", "x" * 100, "å" * 50]
UNUSABLE = ["", "x" * 101, "å" * 50 + "x"]
ARMS = {f"arm-{number}": 1 for number in range(20)}
PACKED = ["csv", "csv.gz", "csv.zst", "tsv", "parquet"]


def _plan(units: Sequence[str]) -> Plan:
    size = int(str(SPACES["user"]["buckets"]))
    held = {slot(f"{SPACES['user']['salt']}|{unit}", size) for unit in units}
    return Plan("home/test", 0, 14, {0: held}, ARMS)


def _rows(plan: Plan, units: Sequence[str]) -> list[tuple[str, ...]]:
    return [("2026-03-03T10:00:00Z", unit, "home/test", plan.arm(unit), "SE", "ios") for unit in units]


def _counts(path: Path, code: int, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["audit", "--root", str(path.parent), "--exposures", str(path), "--format", "json"]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("suffix", PACKED)
def test_ids_survive_the_whole_command(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = _plan(IDS)
    put(tmp_path, World([plan]))
    path = write(tmp_path / f"x.{suffix}", _rows(plan, [*IDS, *UNUSABLE]), HEADER)
    document = _counts(path, 0, capsys)
    counts = {cause: number for cause, number in document["counts"].items() if number}
    assert counts == {"ok": len(IDS), "unusable": 3}
    assert document["units"] == len(IDS)
    rejects = {reason: number for reason, number in document["rejects"]["counts"].items() if number}
    assert rejects == {"no_unit": 1, "unit_over_100_bytes": 2}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_a_byte_order_mark_is_no_part_of_a_name(
    pack: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit is the first column, so the mark is in front of its name."""
    plan = _plan(IDS)
    put(tmp_path, World([plan]))
    rows = [(unit, *rest) for _, unit, *rest in _rows(plan, IDS)]
    header = ("user_id", *HEADER[2:])
    text = csv_text([(*row, "2026-03-03") for row in rows], (*header, "timestamp"))
    (tmp_path / "x.csv").write_bytes(pack(b"\xef\xbb\xbf" + text.encode()))
    assert _counts(tmp_path / "x.csv", 0, capsys)["counts"]["ok"] == len(IDS)


def test_whole_numbers_of_parquet_are_their_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [7, 100_000, BIG, BIG - 1, 2**63 - 1]
    plan = _plan([str(number) for number in numbers])
    put(tmp_path, World([plan]))
    columns = list(zip(*_rows(plan, [str(number) for number in numbers]), strict=True))
    table = {name: pa.array(column) for name, column in zip(HEADER, columns, strict=True)}
    parquet.write_table(pa.table(table | {"user_id": pa.array(numbers)}), tmp_path / "x.parquet")
    assert _counts(tmp_path / "x.parquet", 0, capsys)["counts"]["ok"] == len(numbers)


@pytest.mark.parametrize("suffix", PACKED)
def test_an_id_that_was_read_as_a_number_is_found(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the tests above rest on: the changed id is judged as another unit."""
    plan = _plan(["007", "1e5", str(BIG)])
    put(tmp_path, World([plan]))
    changed = {"007": "7", "1e5": "100000.0", str(BIG): str(BIG - 1)}
    rows = [(*row[:1], changed[row[1]], *row[2:]) for row in _rows(plan, list(changed))]
    document = _counts(write(tmp_path / f"x.{suffix}", rows, HEADER), 1, capsys)
    assert document["counts"]["not_allocated"] == 3
