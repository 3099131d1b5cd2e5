"""`coord assign` as a user calls it, on the organisation of this repository."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from coord.cli.main import run

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "assign.schema.json").read_text("utf-8"))
SHELF, HOLDBACK = "home/podcast-shelf", "home/holdback-2026-q1"
TODAY = ["--root", str(ROOT), "--today", "2026-03-10"]
ELIGIBLE = ["--context", "country=SE", "--context", "platform=ios"]


def _csv(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    assert run(["assign", *TODAY, *arguments, "--format", "csv"]) == 0
    return list(csv.DictReader(StringIO(capsys.readouterr().out)))


def test_json_is_what_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["assign", SHELF, HOLDBACK, "--unit", "user-1", "--unit", "007", *TODAY, "--format", "json"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    Draft7Validator(SCHEMA).validate(document)
    assert [(row["experiment"], row["unit"]) for row in document["assignments"]] == [
        (SHELF, "user-1"),
        (SHELF, "007"),
        (HOLDBACK, "user-1"),
        (HOLDBACK, "007"),
    ]
    assert document["assignments"][0]["reason"] == "not_eligible"
    assert document["assignments"][0]["bucket"] == 8444


def test_units_spread_over_reasons_and_variants(capsys: pytest.CaptureFixture[str]) -> None:
    units = [part for number in range(400) for part in ("--unit", f"u{number}")]
    rows = _csv(SHELF, *units, *ELIGIBLE, capsys=capsys)
    reasons = [row["reason"] for row in rows]
    assert set(reasons) == {"assigned", "not_allocated", "held_back"}
    assert 50 <= reasons.count("assigned") <= 110  # 20% of 400
    assert {row["variant"] for row in rows if row["reason"] == "assigned"} == {"control", "shelf"}
    assert {row["variant"] for row in rows if row["reason"] != "assigned"} == {""}


def test_text_tells_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assign", SHELF, "--unit", "user-1", "--context", "country=BR", *TODAY]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{SHELF}: not eligible\n")
    assert "no: country is BR, and must be one of SE, US" in shown
    assert "8444 of 10,000 in the space user" in shown
    assert "yes: from 2026-03-02 until 2026-03-30" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([SHELF], "Give units with --unit"),
        ([SHELF, "--unit", ""], "1 to 100 bytes"),
        ([SHELF, "--unit", "u", "--context", "SE"], "NAME=VALUE"),
        (["home/podcast-shelv", "--unit", "u"], "home/podcast-shelf"),
        ([SHELF, "--unit", "u", "--units", "x.csv"], "Give units with --unit"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assign", *TODAY, *arguments]) == 2
    assert said in capsys.readouterr().err
