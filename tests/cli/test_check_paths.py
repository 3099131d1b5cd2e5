"""`coord check PATH`: what is left out is counted, and a path that is not there is explained."""

import json
import shutil
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.cli.options import find_root

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "two-teams"
DAY = ["--today", "2026-03-10"]
ALLOCATIONS = "surfaces/home/allocations"
SHELF = "surfaces/home/experiments/podcast-shelf.yaml"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, which is the working directory."""
    shutil.copytree(EXAMPLE, tmp_path / "tree")
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def _out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    run(["check", *DAY, *arguments])
    return capsys.readouterr().out


def test_what_lies_elsewhere_is_counted(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = _out(capsys, ALLOCATIONS).splitlines()
    assert told[-1] == "1 error elsewhere not shown (`coord check` without a path shows all)."
    assert "elsewhere" not in _out(capsys, SHELF)  # a related place is there
    assert "elsewhere" not in _out(capsys)
    assert "elsewhere" not in _out(capsys, ALLOCATIONS, "--ignore", "BKT001")
    infos = _out(capsys, SHELF, "--fail-on", "info").splitlines()
    assert infos[-1].startswith("2 infos elsewhere not shown")


def test_it_is_muted_and_in_the_text_alone(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("coord.cli.check.wants_color", lambda output: True)
    assert "\x1b[2m1 error elsewhere not shown" in _out(capsys, ALLOCATIONS)
    assert "elsewhere" not in _out(capsys, ALLOCATIONS, "--format", "concise")
    assert json.loads(_out(capsys, ALLOCATIONS, "--format", "json"))["counts"]["error"] == 0


@pytest.mark.parametrize(
    ("below", "path", "said"),
    [
        ("", "home/podcast-shelf", f"it is the name of an experiment: run `coord check {SHELF}`"),
        ("", "home", "it is the name of a surface: run `coord check surfaces/home`"),
        ("", "coord.yaml", "paths start at the working directory: run `coord check surfaces/coord.yaml`"),
        (
            "surfaces/home",
            "surfaces/home/experiments",
            "paths start at the working directory: run `coord check experiments`",
        ),
        ("surfaces", "home/podcast-shelf", "run `coord check home/experiments/podcast-shelf.yaml`"),
    ],
)
def test_what_is_meant_is_named_with_its_command(
    below: str,
    path: str,
    said: str,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tree / below)
    assert run(["check", *DAY, path]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"coord: {path} does not exist; ")
    assert said in told
    command = told.split("`")[1]
    assert run([*command.split()[1:], *DAY]) in {0, 1}


def test_the_root_that_was_given_goes_with_the_command(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree.parent / "my tree").mkdir()
    shutil.copytree(tree / "surfaces", tree.parent / "my tree" / "surfaces")
    monkeypatch.chdir(tree.parent)
    assert run(["check", *DAY, "--root", "my tree", "home"]) == 2
    assert "run `coord check 'my tree/surfaces/home' --root 'my tree'`" in capsys.readouterr().err


def test_a_path_of_another_tree_is_not_taken_for_one_of_the_root(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tree / "surfaces", tree / "other" / "surfaces")
    assert run(["check", *DAY, "--root", "other", ALLOCATIONS]) == 2
    told = capsys.readouterr().err
    assert f"{ALLOCATIONS} is not below other" in told
    assert f"paths start at the working directory: run `coord check other/{ALLOCATIONS} --root other`" in told


@pytest.mark.parametrize("path", ["no/such", "../nothing", "a/b/c", "\x1b[2J", "surfaces/none"])
def test_nothing_is_made_up(path: str, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_root(None) == tree
    assert run(["check", *DAY, path]) == 2
    told = capsys.readouterr().err
    assert "does not exist.\n" in told
    assert "\x1b" not in told
