"""`coord check` with the formats of GitHub as a workflow calls it: the step summary, where paths start."""

import json
import shutil
from pathlib import Path

import pytest

from coord.cli.main import run
from git_trees.repositories import Repo, hermetic

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "two-teams"
DAY = ["--today", "2026-03-10"]
PLACE = "surfaces/home/experiments/new-releases.yaml"


@pytest.fixture(autouse=True)
def _no_runner_of_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hermetic(monkeypatch, tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in no repository, with a copy of the example in `tree`, which is the working directory."""
    shutil.copytree(EXAMPLE, tmp_path / "tree")
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path


def test_the_step_summary_gets_the_markdown(
    outside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = outside / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run(["check", "--format", "markdown", *DAY]) == 1
    markdown = capsys.readouterr().out
    assert f"`{PLACE}:11:13`" in markdown
    assert not summary.exists()
    for written in (markdown, f"{markdown}\n{markdown}"):
        assert run(["check", "--format", "github", *DAY]) == 1
        assert summary.read_text("utf-8") == written
    assert capsys.readouterr().out.startswith(f"::error file={PLACE},line=11,col=13,")


@pytest.mark.parametrize("taken", [2**20 - 9_000, 2**20 - 1_000])
def test_the_step_summary_stays_within_what_github_takes(
    outside: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    summary = outside / "summary.md"
    summary.write_bytes(b"x" * taken)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run(["check", "--format", "github", *DAY]) == 1
    assert summary.stat().st_size <= 2**20
    assert (summary.stat().st_size > taken) is (taken == 2**20 - 9_000)


def test_what_has_no_place_in_a_summary_is_listed(
    outside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = outside / "tree" / "surfaces" / "home" / "experiments"
    for number in range(12):
        (home / f"broken-{number}.yaml").write_text("experiment: [\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(outside / "no" / "such" / "folder"))
    assert run(["check", "--format", "github", *DAY]) == 1
    shown = capsys.readouterr()
    assert "more of level error are not annotated (GitHub shows 10):\n  surfaces/home/" in shown.out
    assert not shown.err
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(outside / "summary.md"))
    assert run(["check", "--format", "github", *DAY]) == 1
    assert "are not annotated (GitHub shows 10): see the step summary.\n" in capsys.readouterr().out


def test_sarif_is_written_whole_and_the_exit_code_stays(outside: Path) -> None:
    assert run(["check", "--format", "sarif", "--output", "coord.sarif", *DAY]) == 1
    document = json.loads((outside / "tree" / "coord.sarif").read_text("utf-8"))
    results = document["runs"][0]["results"]
    assert {found["ruleId"] for found in results} >= {"BKT001"}
    places = [found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for found in results]
    assert PLACE in places


def test_paths_start_at_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Repo(tmp_path)
    shutil.copytree(EXAMPLE, tmp_path / "my tools" / "coord")
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--root", "my tools/coord", "--format", "github", *DAY]) == 1
    assert capsys.readouterr().out.startswith(f"::error file=my tools/coord/{PLACE},")
    assert run(["check", "--root", "my tools/coord", "--format", "sarif", *DAY]) == 1
    assert f'"uri": "my%20tools/coord/{PLACE}"' in capsys.readouterr().out
