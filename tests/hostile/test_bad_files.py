"""Every kind of broken or hostile file is one located finding, and the rest of the tree is still checked."""

import os
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from hostile import cases_names, cases_text, cases_values, cases_yaml
from hostile.outputs import FORMATS, assert_answers, write
from hostile.trees import Case, Expected, changed, healthy
from support import check_files

CASES = [*cases_text.CASES, *cases_yaml.CASES, *cases_values.CASES, *cases_names.CASES]

Found = tuple[str, str, int, int]


def _reading(document: dict[str, Any]) -> list[Found]:
    """Where the findings about what files say are, as (code, path, line, column)."""
    found = {
        (f["code"], f["location"]["path"], f["location"]["line"], f["location"]["column"])
        for f in document["findings"]
        if f["code"].startswith(("SYN", "REF"))
    }
    return sorted(found)


def _errors(document: dict[str, Any]) -> list[tuple[str, str]]:
    found = (f for f in document["findings"] if f["severity"] == "error")
    return sorted((f["code"], f["message"]) for f in found)


@cache
def _healthy_errors() -> tuple[tuple[str, str], ...]:
    return tuple(_errors(check_files(healthy())))


def _matches(expected: Expected, found: Found) -> bool:
    code, path, line, column = found
    return (
        (expected.code, expected.path) == (code, path)
        and expected.line in {None, line}
        and expected.column in {None, column}
    )


def _with_formats() -> list[tuple[Case, tuple[str, ...]]]:
    """The other cases, each with one format in turn; with all of them in a long run."""
    cases = [case for case in CASES if case not in cases_names.QUOTED]
    turns = cycle((form,) for form in FORMATS)
    return [(case, FORMATS if "COORD_EXAMPLES" in os.environ else next(turns)) for case in cases]


def _id(value: Any) -> str:
    return value.id if isinstance(value, Case) else "+".join(value)


def test_the_healthy_tree_has_nothing_but_its_conflict() -> None:
    assert [code for code, _ in _healthy_errors()] == ["BKT001"]


def test_every_case_is_another_one() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 300


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_found_where_it_stands_and_the_rest_is_checked(case: Case) -> None:
    document = check_files(changed(case.files))
    found = _reading(document)
    assert len(found) == len(case.expected), found
    for expected, actual in zip(sorted(case.expected, key=_place), found, strict=True):
        assert _matches(expected, actual), f"{actual}, and expected {expected}"
    if not case.spoils or not case.expected:
        assert set(_healthy_errors()) <= set(_errors(document)), "the conflict on search is not reported"


def _place(expected: Expected) -> Found:
    return expected.code, expected.path, expected.line or 0, expected.column or 0


@pytest.mark.parametrize("case", cases_names.QUOTED, ids=lambda case: case.id)
def test_every_format_is_inert(case: Case, tmp_path: Path) -> None:
    write(tmp_path, changed(case.files))
    assert_answers(tmp_path)


@pytest.mark.parametrize(("case", "formats"), _with_formats(), ids=_id)
def test_the_command_answers(case: Case, formats: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, changed(case.files))
    assert_answers(tmp_path, formats)
