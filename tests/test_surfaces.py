"""The repository's own example organisation: clean on any day until 2036, and it shows the whole format."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from coord.checks.runner import check
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.layout import COORD, EXPERIMENT, METRICS, SURFACE, FileKind, kind_of
from coord.config.load import Tree, load
from coord.domain.findings import Severity
from coord.domain.model import Experiment, Kind

ROOT: Final = Path(__file__).parents[1]
FIRST, LAST = date(2026, 1, 1), date(2036, 12, 31)
SHOWN: Final = (COORD, METRICS, SURFACE, EXPERIMENT)
NOT_SHOWN: Final = {
    "coord": {"method=group_sequential", "method=always_valid"},  # there is one default, and it is fixed
    "experiment": {"system/learns_from=all"},  # SYS003: such a system gets no causal verdict
}


@pytest.fixture(scope="module")
def tree() -> Tree:
    """The example organisation, read once."""
    return load(WorkingTree(ROOT))


def _experiments(tree: Tree) -> list[Experiment]:
    return list(tree.catalog.experiments.values())


def _days_of_change(tree: Tree) -> set[date]:
    """The day before, the day of and the day after every start, end and traffic step, drafts' included."""
    found = {step.day for experiment in _experiments(tree) for step in experiment.steps}
    for experiment in _experiments(tree):
        found |= {experiment.days.start, experiment.days.end} if experiment.days else set()
    return {day + timedelta(days=shift) for day in found for shift in (-1, 0, 1)}


def _test_days(tree: Tree) -> list[date]:
    months = {date(year, month, 1) for year in range(FIRST.year, LAST.year + 1) for month in range(1, 13)}
    return sorted(day for day in {*months, LAST, *_days_of_change(tree)} if FIRST <= day <= LAST)


def test_check_finds_nothing_on_any_day_until_2036(tree: Tree) -> None:
    """No error and no warning, and nothing is left unchecked but the budgets of undated drafts."""
    undated = {experiment.path for experiment in tree.catalog.drafts if not experiment.dated}
    days = _test_days(tree)
    assert len(days) > 250
    for day in days:
        result = check(tree, day)
        bad = [f"{f.code} {f.message}" for f in result.findings if f.severity is not Severity.INFO]
        assert not bad, f"on {day}: {bad}"
        assert {(skipped.code, skipped.path) for skipped in result.skipped} == {
            ("BUD006", path) for path in undated
        }


@pytest.mark.parametrize("day", ["2026-01-01", "2026-11-20", "2036-12-31"])
def test_the_command_exits_0_without_a_warning(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--root", str(ROOT), "--today", day, "--fail-on", "warning"]) == 0
    assert "No errors or warnings" in capsys.readouterr().out


def test_it_is_no_toy(tree: Tree) -> None:
    experiments = _experiments(tree)
    assert len(tree.catalog.surfaces) >= 4
    assert len(tree.documents["surfaces/coord.yaml"].value["teams"]) >= 12
    assert len(tree.documents["surfaces/metrics.yaml"].value["metrics"]) >= 12
    assert len(experiments) >= 30
    assert not tree.broken
    kinds = Counter(experiment.kind for experiment in experiments if not experiment.draft)
    assert all(kinds[kind] >= 3 for kind in Kind)
    assert {experiment.dated for experiment in tree.catalog.drafts} == {True, False}
    sizes = {len(e.variants) for e in experiments if e.kind is Kind.AB_TEST}
    assert sizes == {2, 3, 4}
    assert {len(e.variants) for e in experiments if e.kind is Kind.ROLLOUT} == {1, 2}


def test_every_state_is_there_in_the_autumn_of_2026(tree: Tree) -> None:
    today = date(2026, 11, 20)
    days = [experiment.days for experiment in tree.catalog.active if experiment.days]
    assert len(days) == len(tree.catalog.active)
    states = Counter("over" if d.end <= today else "running" if d.start <= today else "to come" for d in days)
    assert states["over"] >= 10
    assert states["running"] >= 5
    assert states["to come"] >= 2


def test_every_team_and_every_metric_is_used(tree: Tree) -> None:
    values = {path: document.value for path, document in tree.documents.items()}
    owners = {value["owner"] for value in values.values() if "owner" in value}
    assert owners == {*values["surfaces/coord.yaml"]["teams"]}
    used = {
        entry["metric"]
        for path, value in values.items()
        if kind_of(path) in {SURFACE, EXPERIMENT}
        for role in value.get("metrics", {}).values()
        for entry in role
    }
    assert used == {*values["surfaces/metrics.yaml"]["metrics"]}


def test_the_waiver_covers_a_real_overlap(tree: Tree) -> None:
    waived = [f for f in check(tree, date(2026, 6, 1)).findings if "waived" in f.data]
    assert [(f.code, f.experiment) for f in waived] == [("BKT001", "player/queue-swipe")]
    assert waived[0].buckets


def test_disjoint_audiences_share_buckets_of_one_component(tree: Tree) -> None:
    nordics = tree.catalog.experiments["home/ranker-v9-nordics"]
    americas = tree.catalog.experiments["home/ranker-v9-americas"]
    assert {*nordics.components} & {*americas.components}
    assert nordics.traffic + americas.traffic > 1
    assert tree.catalog.holdings[nordics.key].ever & tree.catalog.holdings[americas.key].ever


def test_every_file_people_write_names_its_schema(tree: Tree) -> None:
    for path in tree.documents:
        kind = kind_of(path)
        if kind is None or kind not in SHOWN:
            continue
        first = (ROOT / path).read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith("# yaml-language-server: $schema=../"), path
        named = (ROOT / path).parent / first.partition("$schema=")[2]
        assert named.resolve() == (ROOT / "schemas" / f"{kind.name}.schema.json").resolve(), path


def _shown(schema: dict[str, Any], root: dict[str, Any], where: str, value: Any, found: set[str]) -> None:
    """Collect the properties and enumerated values that a document uses, as `definition/property`."""
    if "$ref" in schema:
        where = schema["$ref"].rpartition("/")[2]
        schema = root["definitions"][where]
    if value in schema.get("enum", ()):
        found.add(f"{where}={value}")
    if isinstance(value, list):
        for item in value:
            _shown(schema.get("items", {}), root, where, item, found)
    elif isinstance(value, dict):
        for key, item in value.items():
            known = schema.get("properties", {})
            found |= {f"{where}/{key}"} if key in known else set()
            inside = f"{where}/{key}" if key in known else where
            more = schema.get("additionalProperties", {})
            _shown(known.get(key, more if isinstance(more, dict) else {}), root, inside, item, found)


def _declared(schema: dict[str, Any], where: str) -> Iterator[str]:
    """Every property and enumerated value of a part of a schema, named as `_shown` names them."""
    yield from (f"{where}={value}" for value in schema.get("enum", ()))
    for key, inner in schema.get("properties", {}).items():
        yield f"{where}/{key}"
        yield from _declared(inner, f"{where}/{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _declared(schema[key], where)


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.name)
def test_the_example_shows_the_whole_format(tree: Tree, kind: FileKind) -> None:
    """Every key and every enumerated value of the schema occurs in some file, at its own place."""
    schema = json.loads((ROOT / "schemas" / f"{kind.name}.schema.json").read_text(encoding="utf-8"))
    found: set[str] = set()
    for path, document in tree.documents.items():
        if kind_of(path) is kind:
            _shown(schema, schema, kind.name, document.value, found)
    declared = {*_declared(schema, kind.name)}
    for name, definition in schema["definitions"].items():
        declared |= {*_declared(definition, name)}
    assert len(declared) > 10
    assert sorted(declared - found) == sorted(NOT_SHOWN.get(kind.name, ()))
