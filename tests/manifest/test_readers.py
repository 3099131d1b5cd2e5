"""Both readers of a manifest give every unit what `coord assign` gives it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
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
CONTEXTS = (
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


def _refused() -> Iterator[tuple[str, str]]:
    good = cases()["example"].text
    yield good.replace("coord.manifest/1", "coord.manifest/2"), "alice"
    yield good.replace('"seed": 0', '"seed": 1'), "alice"
    for unit in ("", "x" * 101, "é" * 51, "\ud800", "a\udc00b"):
        yield good, unit


def test_the_python_reader_refuses_what_it_must_not_guess() -> None:
    module = python_reader()
    for text, unit in _refused():
        with pytest.raises(ValueError, match=r"format coord\.manifest/1|1 to 100 bytes|surrogates"):
            module.Manifest(text).assign("home/podcast-shelf", unit)


@pytest.mark.node
def test_the_javascript_reader_refuses_what_it_must_not_guess() -> None:
    pass
