"""`coord plan` as people and programs call it, in real repositories."""

import json
from pathlib import Path

import pytest

from coord.cli.main import run
from git_trees.repositories import Repo, hermetic
from review.trees import BASELINE, experiment, organisation, path_of

TODAY = ("--today", "2026-03-10")


def _texts(files: dict[str, object]) -> dict[str, str | bytes | None]:
    return {path: json.dumps(value) for path, value in files.items()}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose main has one experiment that runs."""
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "repo")
    repo.commit(_texts(organisation(a={"buckets": "0:300"})))
    monkeypatch.chdir(repo.folder)
    return repo


def _plan(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["plan", *TODAY, *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_what_is_not_committed_yet(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    told = _plan(capsys, "--base", "HEAD")
    assert told.startswith(
        f"What changes since {repo.id('HEAD')[:12]}, as of 2026-03-10\n\n+ home/b  added: "
    )
    assert "\x1b" not in told


def test_a_branch_is_compared_with_where_it_began(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    base = repo.id("HEAD")
    repo.git("switch", "--quiet", "--create", "change")
    repo.commit(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    repo.git("switch", "--quiet", "main")
    repo.commit(_texts(experiment("c", start="2026-03-16", traffic="20%")))
    repo.git("switch", "--quiet", "change")
    document = json.loads(_plan(capsys, "--base", "main", "--format", "json"))
    assert document["base"] == base
    assert [change["experiment"] for change in document["changes"]] == ["home/b"]


def test_coord_end_is_told_as_ended(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(organisation(a={})[path_of("a")], indent=1)
    repo.commit({path_of("a"): text})
    assert run(["end", "home/a", *TODAY]) == 0
    capsys.readouterr()
    told = _plan(capsys, "--base", "HEAD")
    assert "x home/a  ended: A/B test by one, 30% from 2026-03-02 until 2026-03-10\n" in told
    assert told.endswith("1 ended. No unit changes variant.\nReady: no new errors or warnings.\n")


def test_what_coord_allocate_draws_is_told_as_drawn(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    assert run(["allocate", "home/b", *TODAY]) == 0
    capsys.readouterr()
    told = _plan(capsys, "--base", "HEAD")
    assert "    draws 200 buckets\n" in told
    assert "    0% home/a  from 2026-03-16 until 2026-03-30  shares home/header\n" in told


def test_each_format_to_a_file(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    beginnings = {"text": "What changes since ", "markdown": "<!-- coord-plan -->\n", "json": "{\n"}
    for form, beginning in beginnings.items():
        assert _plan(capsys, "--base", "HEAD", "--format", form, "--output", "plan.txt") == ""
        assert (repo.folder / "plan.txt").read_text("utf-8").startswith(beginning)


def test_the_exit_code_is_zero_whatever_it_says(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write({path_of("a"): None, BASELINE: "["})
    told = _plan(capsys, "--base", "HEAD")
    assert "Not ready: " in told


def test_a_repository_that_has_no_organisation_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "new")
    repo.commit({"README": "hello"})
    monkeypatch.chdir(repo.folder)
    repo.write(_texts(organisation(a={"start": "2026-03-16"})))
    told = _plan(capsys, "--base", "HEAD")
    assert "+ home/a  added" in told
    assert "  surfaces/home/surface.yaml: new\n" in told
    assert "Left out" not in told


def test_without_a_base_it_says_how_to_give_one(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan"]) == 2
    assert "give --base REF" in capsys.readouterr().err


def test_a_base_that_is_not_there(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--base", "nowhere"]) == 3
    assert "nowhere is no commit" in capsys.readouterr().err


def test_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hermetic(monkeypatch, tmp_path)
    Repo(tmp_path / "other")
    folder = tmp_path / "plain"
    for path, text in _texts(organisation()).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(str(text), "utf-8")
    monkeypatch.chdir(folder)
    assert run(["plan", "--base", "HEAD"]) == 3
    assert "git" in capsys.readouterr().err


def test_the_last_day_of_the_calendar(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="9999-12-01", end="9999-12-31")))
    assert run(["plan", "--base", "HEAD", "--today", "9999-12-31"]) == 0
    assert "+ home/b  added" in capsys.readouterr().out
