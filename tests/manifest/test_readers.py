"""Both readers of a manifest give every unit what `coord assign` gives it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from coord.allocation.assign import assign
from coord.allocation.manifest import manifest
from coord.config.files import Files, MemoryFiles, WorkingTree
from coord.config.load import load
from coord.domain.catalog import Catalog
from coord.report.manifest import render
from manifest.generated import FIRST, organisation
from manifest.readers import (
    FOLDER,
    LETTERS,
    Group,
    ask_coord,
    ask_javascript,
    ask_python,
    python_reader,
    run_node,
    units,
)

ROOT = Path(__file__).parents[2]
CONTEXTS: tuple[dict[str, str], ...] = (
    {"country": "SE", "platform": "ios", "plan": "premium", "model": "mini"},
    {"country": "US", "platform": "android"},
    {"country": "Åland"},
    {},
)
DAYS = (0, 9, 26)


class Case(NamedTuple):
    """A catalogue, the day its manifest is of, and what is asked: 100,000 units on several days."""

    catalog: Catalog
    today: date
    groups: tuple[Group, ...]
    expected: dict[str, str]

    @property
    def text(self) -> str:
        """The manifest."""
        return render(manifest(self.catalog, self.today))


def _case(files: Files, today: date, seed: int) -> Case:
    catalog = load(files).catalog
    ids = units(seed, 100_000)
    asked = [(today + timedelta(days=days), context) for days in DAYS for context in CONTEXTS]
    groups = tuple(
        Group(day, context, ids[place :: len(asked)]) for place, (day, context) in enumerate(asked)
    )
    served = [one.experiment.key for one in manifest(catalog, today).experiments]
    others = [key for key in sorted(catalog.experiments) if key not in served]  # over, or drafts
    return Case(catalog, today, groups, ask_coord(catalog, served + others[:3], groups))


@cache
def cases() -> dict[str, Case]:
    return {
        "generated": _case(MemoryFiles(organisation(1, 36)), FIRST, 1),
        "example": _case(WorkingTree(ROOT), date(2026, 6, 8), 2),
    }


Ask = Callable[[str, Sequence[str], Sequence[Group]], dict[str, str]]


@pytest.mark.parametrize("ask", [ask_python, pytest.param(ask_javascript, marks=pytest.mark.node)])
@pytest.mark.parametrize("name", ["generated", "example"])
def test_readers_answer_as_coord_does(name: str, ask: Ask) -> None:
    case = cases()[name]
    answers = ask(case.text, list(case.expected), case.groups)
    different = [key for key in case.expected if answers[key] != case.expected[key]]
    assert different == []
    seen = set("".join(answers.values()))
    assert seen >= set("rebaAB"), "every reason and several variants are among the answers"


def test_the_answers_compared_with_are_those_of_single_units() -> None:
    for case in cases().values():
        asked = [(unit, group) for group in case.groups for unit in group.units]
        for key, letters in case.expected.items():
            experiment = case.catalog.experiments[key]
            for place in range(0, len(asked), 4999):
                unit, group = asked[place]
                found = assign(case.catalog, experiment, unit, group.day, group.context)
                arms = [variant.name for variant in experiment.variants]
                letter = chr(65 + arms.index(found.variant)) if found.variant else LETTERS[found.reason]
                assert letters[place] == letter


BAD_UNITS = ("", "x" * 101, "é" * 51, "\ud800", "a\udc00b")


def _bad_manifests() -> list[str]:
    good = cases()["example"].text
    changes = (
        ("coord.manifest/1", "coord.manifest/2"),
        ('"seed": 0', '"seed": 1'),
        ('"shift": 4', '"shift": 0'),
    )
    assert all(good.count(old) == 1 for old, _ in changes)
    return [good.replace(old, new) for old, new in changes]


def test_the_python_reader_refuses_what_it_must_not_guess() -> None:
    module = python_reader()
    for text in _bad_manifests():
        with pytest.raises(ValueError, match=r"no manifest of format coord\.manifest/1"):
            module.Manifest(text)
    reader = module.Manifest(cases()["example"].text)
    for unit in BAD_UNITS:
        with pytest.raises(ValueError, match=r"1 to 100 bytes|surrogates not allowed"):
            reader.assign("home/podcast-shelf", unit)


@pytest.mark.node
def test_the_javascript_reader_refuses_what_it_must_not_guess(tmp_path: Path) -> None:
    script = tmp_path / "refusing.mjs"
    script.write_text(REFUSING.replace("READER", str(FOLDER / "assign.mjs")), "utf-8")
    given = {"bad": _bad_manifests(), "good": cases()["example"].text, "units": [*BAD_UNITS, 7, None]}
    assert json.loads(run_node(script, stdin=json.dumps(given))) == [
        *["this is no manifest of format coord.manifest/1"] * 3,
        *["a unit is text of 1 to 100 bytes"] * (len(BAD_UNITS) + 2),
    ]


REFUSING = """
import { readFileSync } from "node:fs";
import { Manifest } from "READER";
const { bad, good, units } = JSON.parse(readFileSync(0, "utf-8"));
const reader = new Manifest(good);
const attempts = bad.map((text) => () => new Manifest(text));
attempts.push(...units.map((unit) => () => reader.assign("home/podcast-shelf", unit)));
const message = (attempt) => { try { attempt(); } catch (error) { return error.message; } };
process.stdout.write(JSON.stringify(attempts.map((attempt) => message(attempt) ?? "accepted")));
"""


def test_without_a_day_it_is_that_of_utc() -> None:
    case = cases()["example"]
    reader = python_reader().Manifest(case.text)
    today = datetime.now(UTC).date()
    for one in reader.experiments.values():
        one["start"], one["end"] = today.isoformat(), (today + timedelta(days=2)).isoformat()
    running = {reader.assign(name, "user-1").reason for name in reader.experiments}
    assert "not_running" not in running
    assert reader.assign("home/podcast-shelf-that-never-was", "user-1").reason == "not_running"
