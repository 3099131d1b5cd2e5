"""An organisation with a table of units, and `coord analyze` on it, for tests of the command."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from coord.cli.main import run
from logs.files import csv_text

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "analysis.schema.json").read_text("utf-8"))
AFTER = "2026-04-15"
NAMES = ("user_id", "variant", "channel", "spend", "before", "clicks", "views", "crashed")

COORD = "spaces:\n  user: {unit: user_id, salt: analyze-shop-1, buckets: 1000}\nteams: [product]\n"
SURFACE = "surface: shop\ntitle: Shop\nowner: product\nspace: user\ncomponents: {page: The page}\n"
METRICS = """\
metrics:
  spend:
    {event: order, value: amount, aggregate: sum, window: 14d, direction: increase, covariate_column: before}
  rate:
    ratio:
      numerator: {event: click, aggregate: count, column: clicks}
      denominator: {event: view, aggregate: count, column: views}
    window: 14d
    direction: increase
  big:
    {event: order, value: amount, aggregate: sum, quantile: 90%, window: 7d, direction: increase,
      column: spend, covariate_column: before}
  crashes: {event: crash, aggregate: any, window: 14d, direction: decrease, column: crashed}
  events_p90: {event: order, value: amount, quantile: 90%, window: 14d, direction: increase}
"""
TEST = """\
experiment: {name}
surface: shop
kind: ab_test
title: A larger button
owner: product
hypothesis: It sells.
status: active
start: 2026-03-02
end: 2026-03-30
traffic: 100%
components: [page]
variants:
  - {{name: control, logged_as: old}}
  - {{name: large}}
metrics:
  success: [{{metric: spend, mde: 5%}}, {{metric: rate, mde: 5%}}]
  guardrail: [{{metric: crashes, margin: 50%}}, {{metric: big, margin: 20%}}]
"""


def rows() -> list[dict[str, str]]:
    """400 units: the larger button sells more, and crashes for fewer."""
    draw, rows = random.Random(3), []
    for number in range(400):
        large = number % 2
        before = draw.randrange(50, 150)
        spend = before + draw.randrange(40) + 25 * large
        clicks = sum(draw.random() < 0.3 for _ in range(20))
        crashed = draw.random() < (0.2 if large else 0.4)
        row = [f"u{number:03}", ("old", "large")[large], ("web", "app")[number // 2 % 2]]
        rows.append(
            dict(zip(NAMES, [*row, *map(str, (spend, before, clicks, 20, int(crashed)))], strict=True))
        )
    return rows


ROWS = rows()


def organisation(folder: Path) -> None:
    """An organisation with one experiment, and its table in `units.csv`."""
    for path, text in (
        ("coord.yaml", COORD),
        ("metrics.yaml", METRICS),
        ("shop/surface.yaml", SURFACE),
        ("shop/experiments/button.yaml", TEST.format(name="button")),
    ):
        file = folder / "surfaces" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    write(str(folder / "units.csv"), ROWS)


def write(path: str, rows: Sequence[Mapping[str, str]], names: Sequence[str] = NAMES) -> None:
    """Write a table as CSV."""
    Path(path).write_text(csv_text([[row[name] for name in names] for row in rows], names), "utf-8")


def changed(path: str, **values: str) -> None:
    """The table with other values in its sixth row."""
    rows = [dict(row) for row in ROWS]
    rows[4].update(values)
    write(path, rows)


def experiment(name: str, *changes: tuple[str, str]) -> None:
    """Another experiment like `shop/button`, with other texts in its file."""
    file = TEST.format(name=name)
    for old, new in changes:
        assert old in file
        file = file.replace(old, new)
    Path(f"surfaces/shop/experiments/{name}.yaml").write_text(file, "utf-8")


def analyze(*arguments: str, name: str = "shop/button", today: str = AFTER) -> int:
    """The exit code of `coord analyze`, after the end of the experiment."""
    return run(["analyze", name, "--today", today, *arguments])


def text(capsys: pytest.CaptureFixture[str], *arguments: str, **more: str) -> str:
    """What it prints when all is well."""
    assert analyze(*arguments, **more) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, **more: str) -> dict[str, Any]:
    """Its JSON, which is as the schema says."""
    document: dict[str, Any] = json.loads(text(capsys, *arguments, "--format", "json", **more))
    Draft7Validator(SCHEMA).validate(document)
    return document


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int, **more: str) -> str:
    """What it says when it refuses; it prints nothing then."""
    assert analyze(*arguments, **more) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("coord: ")
    assert "defect" not in told.err
    return told.err


def metric(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One metric of the JSON."""
    (found,) = (one for one in document["metrics"] if one["metric"] == name)
    return dict(found)


def mean(name: str, variant: str) -> float:
    """The mean of a column of the table, in one arm."""
    values = [float(row[name]) for row in ROWS if row["variant"] == variant]
    return sum(values) / len(values)
