"""The JSON of a plan keeps to its schema, whatever the trees are, and says what the plan says."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from coord.config.files import MemoryFiles
from coord.config.load import Base, Tree, load
from coord.report import plan_json, plan_markdown, plan_text
from coord.review.plan import plan
from hostile.cases_names import QUOTED
from hostile.cases_text import CASES as TEXTS
from hostile.outputs import assert_inert
from hostile.rich import rich
from hostile.trees import Case, healthy
from hostile.trees import changed as with_case
from oracle.files import to_files
from oracle.organisations import organisations
from oracle.shapes import Organisation
from review.trees import (
    BASE,
    BASELINE,
    SURFACE,
    Files,
    changed,
    experiment,
    ledger_of,
    path_of,
    planned,
    read,
    without,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "plan.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema_rs.Draft7Validator(SCHEMA)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def _valid(text: str) -> dict[str, Any]:
    assert text.isascii()
    assert_inert("json", text)
    document: dict[str, Any] = json.loads(text, parse_constant=_refuse)
    VALIDATOR.validate(document)
    return document


def _json(base: Files, head: Files) -> dict[str, Any]:
    return _valid(plan_json.render(planned(base, head)))


def test_everything_that_a_plan_says() -> None:
    idea = experiment("idea", status="draft", start="2026-03-16", end="2026-04-13", traffic="60%")
    base = changed(BASE, SURFACE, budget={"concurrent": 5}) | idea | experiment("x", components=["shelf"])
    head = changed(base, path_of("a"), traffic="20%") | {path_of("x"): "["}
    head |= experiment("b", start="2026-03-16", traffic="50%", buckets="300:800")
    document = _json(base, changed(head, SURFACE, title="Another", budget=None))
    assert list(document) == [
        *("format", "base", "behind", "today", "changes", "budgets", "drafts", "files", "left_out"),
        *("findings", "waived", "new_findings"),
    ]
    assert (document["format"], document["base"], document["today"]) == (
        "coord.plan/1",
        "0" * 40,
        "2026-03-10",
    )
    first, second = document["changes"]
    assert {name: value for name, value in first.items() if name not in {"fields", "meets"}} == {
        "experiment": "home/a",
        "action": "changed",
        "type": "forbidden",
        "buckets": 100,
        "units": 800,
        "drawn": 0,
        "freed": 0,
    }
    (field,) = first["fields"]
    assert field["reason"].startswith("30% are in it")
    assert (field["field"], field["type"], field["rule"]) == ("traffic", "forbidden", "CHG002")
    assert (field["before"], field["after"]) == ("30% from 2026-03-02", "20% from 2026-03-02")
    assert second["meets"] == [
        {
            "experiment": "home/a",
            "days": {"from": "2026-03-16", "to": "2026-03-30"},
            "share": "0%",
            "buckets": 0,
            "exact": True,
            "exclusive": True,
            "reasons": [{"kind": "component", "what": "home/header"}],
            "disjoint_audience": False,
            "waived": False,
        }
    ]
    limits = {(one["component"] or one["surface"], one["limit"]): one for one in document["budgets"]}
    gone = limits["home", "concurrent"]
    assert (gone["allowed"], gone["allowed_before"], gone["after"]) == (None, "5", None)
    tests = limits["home/header", "component"]
    assert (tests["before"]["used"], tests["after"]["used"], tests["after"]["day"]) == (
        "30%",
        "70%",
        "2026-03-16",
    )
    assert tests["after"]["contributors"][1] == {"experiment": "home/b", "used": "50%"}
    assert document["drafts"] == [
        {"experiment": "home/idea", "fits": False, "reason": document["drafts"][0]["reason"]}
    ]
    assert [one["pointer"] for one in document["files"]] == ["/title", "/budget"]
    assert document["left_out"] == [{"path": path_of("x"), "side": "after", "reason": "it could not be read"}]
    assert document["new_findings"]["error"] >= 2


def test_new_findings_with_place_and_advice() -> None:
    old = BASE | experiment("old", start="2026-03-20", components=["shelf"], end="2026-03-19")
    head = old | experiment("b", start="2026-03-16", traffic="80%")
    document = _json(old, head)
    found = document["findings"]
    assert [one["code"] for one in found] == ["BKT002", "BUD001"]  # LIF002 of the other was there before
    assert found[0]["location"] == {"path": path_of("b"), "line": 1, "column": 16}
    assert found[1]["severity"] == "error"
    assert found[1]["message"].startswith("home/header is over budget from 2026-03-16")
    assert found[1]["why"] == "experiments on one component need disjoint units"
    assert found[1]["hint"].startswith("70% is the most that fits for home/b then")
    assert document["new_findings"] == {"error": 2, "warning": 0, "info": 0}
    assert document["waived"] == []


def test_in_a_file_that_is_gone_there_is_no_line() -> None:
    (gone,) = _json(BASE, without(BASE, path_of("a"), ledger_of("a")))["findings"]
    assert (gone["code"], gone["experiment"]) == ("CHG005", "home/a")
    assert gone["location"] == {"path": path_of("a"), "line": None, "column": None}


def test_what_a_change_waives_itself() -> None:
    waiver = {
        "rule": "BKT001",
        "experiment": "home/b",
        "with": "home/a",
        "reason": "x",
        "until": "2026-04-01",
    }
    head = BASE | experiment("b", start="2026-03-16", buckets="200:500")
    document = _json(BASE, changed(head, SURFACE, waivers=[waiver]))
    (waived,) = document["waived"]
    assert {name: waived[name] for name in ("code", "severity", "experiment", "reason", "until")} == {
        "code": "BKT001",
        "severity": "error",
        "experiment": "home/b",
        "reason": "x",
        "until": "2026-04-01",
    }
    assert waived["message"].startswith("home/b and home/a share 100 buckets")
    (info,) = (one for one in document["findings"] if one["code"] == "BKT001")
    assert info == {name: waived[name] for name in info} | {"severity": "info"}


def test_how_far_the_branch_compared_with_has_gone_on() -> None:
    made = planned(BASE, BASE)
    assert plan_json.plan_document(made)["behind"] == 0
    behind = plan(read(BASE), Base("0" * 40, read(BASE), 3), made.today)
    assert _valid(plan_json.render(behind))["behind"] == 3


def test_units_are_null_where_they_are_not_known() -> None:
    base = without(BASE, BASELINE)
    (change,) = _json(base, changed(base, path_of("a"), traffic="20%"))["changes"]
    assert (change["buckets"], change["units"]) == (100, None)


@pytest.mark.parametrize(
    "head",
    [
        {},
        without(BASE, path_of("a"), ledger_of("a")),
        without(BASE, SURFACE),
        BASE | experiment("b", kind="holdback", components=None, variants=None, traffic="5%"),
        changed(BASE, path_of("a"), status="draft", start=None, end=None, traffic=None),
    ],
    ids=["empty", "removed", "no surface", "holdback", "draft"],
)
def test_both_ways_keep_to_the_schema(head: Files) -> None:
    _json(BASE, head)
    _json(head, BASE)


@settings(max_examples=40)
@given(organisations(), organisations())
def test_random_organisations_keep_to_the_schema(one: Organisation, other: Organisation) -> None:
    before, after = _tree(to_files(one)), _tree(to_files(other))
    _all_formats(before, after, one.today)


def _tree(files: Mapping[str, str | bytes]) -> Tree:
    return load(
        MemoryFiles({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})
    )


def _all_formats(before: Tree, after: Tree, today: date = date(2026, 3, 1)) -> None:
    """Each format answers, and inertly."""
    made = plan(after, Base("0" * 40, before), today)
    _valid(plan_json.render(made))
    assert_inert("text", plan_text.render(made, color=False))
    told = plan_markdown.render(made)
    assert_inert("markdown", told)
    assert len(told) <= 65_536


HEALTHY = _tree(healthy())
LARGE = 100_000
"""Cases of larger files are about reading, which is the same here."""


@pytest.mark.parametrize("case", [*QUOTED, *TEXTS], ids=lambda case: ascii(case.id)[:60])
def test_hostile_trees_are_inert_in_every_format(case: Case) -> None:
    files = with_case(case.files)
    if max(map(len, files.values())) < LARGE:
        after = _tree(files)
        _all_formats(HEALTHY, after)
        _all_formats(after, HEALTHY)


def test_a_rich_tree_in_every_format() -> None:
    one = _tree(rich())
    for other in (HEALTHY, _tree({})):
        for today in (date(2026, 3, 1), date(2026, 3, 15), date.max, date.min):
            _all_formats(one, other, today)
            _all_formats(other, one, today)
