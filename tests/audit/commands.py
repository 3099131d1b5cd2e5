"""Running `coord audit` on a tree and logs in a folder."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from audit.worlds import HEADER, Row, World, right_row
from coord.cli.main import run
from logs.files import write

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "audit.schema.json").read_text("utf-8"))


def put(root: Path, world: World) -> None:
    for path, text in world.files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def rows_of(world: World, number: int) -> list[Row]:
    chance = random.Random(2)
    return [right_row(world, chance.choice(world.plans[1:]), chance) for _ in range(number)]


def logged(rows: Sequence[Row], name: str = "x.csv") -> str:
    write(Path(name), [row.cells for row in rows], HEADER)
    return name


def json_of(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["audit", *arguments, "--format", "json"]) == code
    told = capsys.readouterr()
    assert told.err == ""
    document: dict[str, Any] = json.loads(told.out)
    Draft7Validator(SCHEMA).validate(document)
    assert sum(document["counts"].values()) == document["rows"] == sum(f["rows"] for f in document["files"])
    return document


def text_of(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["audit", *arguments]) == code
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 3) -> str:
    assert run(["audit", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def planted(world: World) -> list[Row]:
    """20 rows: 4 mismatches, one unknown experiment, two rows that cannot be used."""
    rows = rows_of(world, 20)
    other = {"control": "treatment", "treatment": "control"}
    rows[3], rows[5] = (row._replace(variant=other[row.variant]) for row in (rows[3], rows[5]))
    rows[7] = rows[7]._replace(variant="blue")
    rows[8] = rows[8]._replace(seconds=-60)
    rows[11] = rows[11]._replace(experiment="home/on")
    rows[12], rows[13] = rows[12]._replace(unit=""), rows[13]._replace(seconds=None)
    return rows
