"""Workflows and actions, this repository's and those that `coord init` writes: what no review may miss.

Their schemas are checked by `.ci/run workflows`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from coord.authoring.init import ACTION, ALLOCATE, CHECK, init

ROOT = Path(__file__).parents[2]
_FILES = [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob(".github/actions/*/action.yml")]


@pytest.fixture(
    params=[*(path.relative_to(ROOT).as_posix() for path in _FILES), f"new/{CHECK}", f"new/{ALLOCATE}"]
)
def text(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each file; `new/` are those of a new organisation, whose requirement is hostile."""
    path: str = request.param
    if not path.startswith("new/"):
        return (ROOT / path).read_text("utf-8")
    init(tmp_path / "new", "coord==1.0 ${{ github.head_ref }} $(id)", allocate_on_merge=True)
    return (tmp_path / path).read_text("utf-8")


def _jobs(text: str) -> list[dict[str, Any]]:
    """The jobs of a workflow, or an action as if it were one."""
    found = yaml.safe_load(text)
    return list(found["jobs"].values()) if "jobs" in found else [found["runs"]]


def _steps(text: str) -> Iterator[dict[str, Any]]:
    for job in _jobs(text):
        yield from job["steps"]


def test_no_script_has_an_expression(text: str) -> None:
    """What a script takes from an event comes as a variable: its text never becomes part of the script."""
    scripts = [step["run"] for step in _steps(text) if "run" in step]
    assert scripts or "./.github/actions/coord" in text  # which has the scripts
    assert not [script for script in scripts if "${{" in script]


def test_every_action_is_pinned_or_our_own(text: str) -> None:
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == sum("uses" in step for step in _steps(text)) > 0
    for action in used:
        assert re.fullmatch(
            r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/actions/coord", action
        )


def test_one_action_is_at_one_version_everywhere(tmp_path: Path) -> None:
    init(tmp_path, "coord==1.0", allocate_on_merge=True)
    files = [*_FILES, *tmp_path.glob(".github/**/*.yml")]
    pins = {pin for path in files for pin in re.findall(r"uses: (\S+@\S+ # \S+)", path.read_text("utf-8"))}
    assert len(files) > len(_FILES)
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins), (
        "bring the templates of coord init up to date"
    )


def test_nothing_is_permitted_but_by_a_job(text: str) -> None:
    if "jobs" not in yaml.safe_load(text):
        return
    assert yaml.safe_load(text)["permissions"] == {}
    allowed = {"contents", "pull-requests", "security-events"}
    for job in _jobs(text):
        assert set(job["permissions"]) <= allowed
        assert "timeout-minutes" in job
    checkouts = [step for step in _steps(text) if step.get("uses", "").startswith("actions/checkout@")]
    writes = any(job["permissions"]["contents"] == "write" for job in _jobs(text))
    assert writes or all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_code_of_a_pull_request_never_gets_the_rights_of_main(text: str) -> None:
    assert "pull_request_target" not in text
    assert "workflow_run" not in text


def test_the_check_runs_where_changes_meet(tmp_path: Path) -> None:
    init(tmp_path, "coord==1.0", allocate_on_merge=True)
    check = yaml.safe_load((tmp_path / CHECK).read_text("utf-8"))
    assert check[True] == {"pull_request": None, "merge_group": None, "push": {"branches": ["main"]}}  # `on`
    [job] = check["jobs"].values()
    assert job["permissions"] == {"contents": "read", "pull-requests": "write", "security-events": "write"}
    depth = job["steps"][0]["with"]["fetch-depth"]
    assert depth == "${{ github.event_name == 'pull_request' && 2 || 0 }}"  # 0 is false: it must come last
    assert job["steps"][1] == {"uses": "./.github/actions/coord", "with": {"install": "coord==1.0"}}
    assert (tmp_path / ACTION).read_bytes() == (ROOT / ACTION).read_bytes()


def test_this_repository_checks_itself_in_the_same_way(tmp_path: Path) -> None:
    init(tmp_path, ".", allocate_on_merge=False)
    [theirs] = yaml.safe_load((tmp_path / CHECK).read_text("utf-8"))["jobs"].values()
    ours = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["surfaces"]
    assert {**ours, "name": None} == {**theirs, "name": None}
