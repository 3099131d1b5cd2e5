"""Whatever the files hold: a check answers, the same each time, with places that exist and inert text."""

import json
import os
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coord.checks.runner import check
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.report import concise, github, json_report, text
from hostile.mutations import broken_bytes, broken_values, json_values
from hostile.outputs import assert_document, assert_inert
from hostile.rich import rich

EXAMPLES = int(os.environ.get("COORD_EXAMPLES", "300"))
thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
quick = settings(thorough, max_examples=max(1, EXAMPLES // 3))

ALL = tuple(sorted(rich()))
HOME = tuple(path for path in ALL if "/home/" in path)
todays = st.sampled_from(("2026-03-01", "2026-03-05", "2026-04-01", "2027-01-01", "0001-01-01", "9999-12-31"))


def _check(files: dict[str, str] | dict[str, bytes], today: str) -> dict[str, Any]:
    """The document of a check, after everything that must hold of any check."""
    data = {
        path: content.encode() if isinstance(content, str) else content for path, content in files.items()
    }
    day = date.fromisoformat(today)
    result = check(load(MemoryFiles(data)), day)
    written = json_report.render(result)
    again = json_report.render(check(load(MemoryFiles(dict(reversed(data.items())))), day))
    assert written == again, "the same files, another answer"
    document = assert_document(written)
    _assert_places(document, data)
    assert_inert("json", written)
    assert_inert("text", text.render(result, infos=True, with_statistics=True, color=False))
    assert_inert("concise", concise.render(result, infos=True, with_statistics=True))
    assert_inert("github", github.render(result, infos=True))
    return document


def _assert_places(document: dict[str, Any], data: dict[str, bytes]) -> None:
    """Every place is in a file that there is, on a line that it has."""
    for finding in document["findings"]:
        for place in (finding["location"], *(side["location"] for side in finding["related"])):
            if place["path"] not in data:
                assert (place["line"], place["column"]) == (1, 1), finding
                continue
            lines = (
                data[place["path"]].decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
            )
            assert place["line"] <= lines.count("\n") + 1, finding
            assert place["column"] <= len(lines.split("\n")[place["line"] - 1]) + 1, finding


def _conflict_on_search(document: dict[str, Any]) -> bool:
    return any((f["code"], f["experiment"]) == ("BKT001", "search/right") for f in document["findings"])


def test_the_rich_tree_is_valid() -> None:
    document = _check(rich(), "2026-03-01")
    assert not [f for f in document["findings"] if f["code"].startswith(("SYN", "REF"))]
    assert len({f["code"] for f in document["findings"]}) > 5
    assert _conflict_on_search(document)


@thorough
@given(broken_bytes(ALL), todays)
def test_mutated_bytes(files: dict[str, bytes], today: str) -> None:
    _check(files, today)


@thorough
@given(broken_bytes(HOME))
def test_what_is_broken_at_home_hides_nothing_on_search(files: dict[str, bytes]) -> None:
    assert _conflict_on_search(_check(files, "2026-03-01"))


@thorough
@given(broken_values(ALL), todays)
def test_mutated_values(files: dict[str, str], today: str) -> None:
    _check(files, today)


@quick
@given(broken_values(HOME, most=2))
def test_what_is_wrong_at_home_hides_nothing_on_search(files: dict[str, str]) -> None:
    assert _conflict_on_search(_check(files, "2026-03-01"))


@quick
@given(st.sampled_from(ALL), json_values)
def test_any_json_as_any_file(path: str, value: Any) -> None:
    _check({**rich(), path: json.dumps(value, ensure_ascii=False)}, "2026-03-01")


@quick
@given(st.sampled_from(ALL), st.one_of(st.text(), st.binary()))
def test_any_text_as_any_file(path: str, content: str | bytes) -> None:
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    files: dict[str, bytes] = {name: held.encode() for name, held in rich().items()}
    _check({**files, path: content}, "2026-03-01")


@quick
@given(st.permutations(ALL), st.integers(1, 4))
def test_files_in_the_place_of_others(order: list[str], moved: int) -> None:
    files = rich()
    _check({**files, **{order[i]: files[order[i + 1]] for i in range(moved)}}, "2026-03-01")


figures = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**20), 10**20),
    st.sampled_from((0, 1, 1e-320, 1e-200, 1e-100, 1e100, 1e154, 1e200, 1e308, 10**60, 10**399, -(10**399))),
)


@quick
@given(figures, figures, figures)
def test_any_measured_figures(mean: float, std: float, daily: float) -> None:
    measured = {"mean": mean, "std": std}
    baseline = {
        "surface": "home",
        "daily_units": daily,
        "metrics": dict.fromkeys(("minutes_played", "crashes", "latency"), measured),
    }
    files = {**rich(), "surfaces/home/baseline.yaml": json.dumps(baseline)}
    assert _conflict_on_search(_check(files, "2026-03-01"))


@pytest.mark.parametrize("path", ALL)
def test_every_file_can_be_missing(path: str) -> None:
    files = rich()
    del files[path]
    document = _check(files, "2026-03-01")
    assert _conflict_on_search(document) or "search" in path or path == "surfaces/coord.yaml"
