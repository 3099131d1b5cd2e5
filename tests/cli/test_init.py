"""`coord init` as people call it."""

import shlex
from pathlib import Path

import pytest

from coord.cli.main import run
from git_trees.repositories import Repo, hermetic


def test_it_says_what_it_wrote_and_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my org"
    assert run(["init", str(folder), "--install", "coord==1.0", "--allocate-on-merge"]) == 0
    told = capsys.readouterr()
    for part in ("surfaces/coord.yaml ", ".github/workflows/coord.yml ", "coord-allocate.yml ", "6 schemas"):
        assert part in told.out
    assert f"Next: cd '{folder}' && coord check\n" in told.out
    assert "local folder" not in told.out
    assert told.err == ""
    assert run(["check", "--root", str(folder)]) == 0


def test_here_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitattributes").write_text("*.png binary\n")
    assert run(["init", "--install", ""]) == 0
    shown = capsys.readouterr().out
    assert "Next: coord check\n      coord new experiment home/first-test\n" in shown
    assert "Say where CI can install it from, in\n  .github/workflows/coord.yml\n" in shown
    assert "Left as it is, and not as this version writes it: .gitattributes\n" in shown
    assert "    surfaces/**/allocations/*.yaml linguist-generated\n" in shown
    assert run(["init", "--install", ""]) == 0
    again = capsys.readouterr().out
    assert again.startswith("Nothing was written to .")
    assert "first-test" not in again


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_owners_are_asked_for_when_github_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "my org", "--install", "coord==1.0"]) == 0
    asked = "coord init 'my org' --github ORG"
    assert (
        f"Without .github/CODEOWNERS, as no organisation on GitHub is known: {asked}\n"
        in capsys.readouterr().out
    )
    assert run([*shlex.split(asked)[1:-1], "acme"]) == 0
    assert "  .github/CODEOWNERS                    which team reviews what\n" in capsys.readouterr().out
    assert run(["init", "my org", "--github", "a b"]) == 2
    assert '"a b" is no organisation on GitHub' in capsys.readouterr().err


def test_lines_that_owners_may_lack_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "CODEOWNERS").write_text("# ours\n/.github/ @acme/product\n\n/docs @acme/words\n")
    assert run(["init", str(tmp_path), "--install", "coord==1.0", "--github", "acme"]) == 0
    shown = capsys.readouterr().out
    assert "Left as it is, and not as this version writes it: CODEOWNERS\n  It may need:\n" in shown
    assert "    /surfaces/home/*.yaml   @acme/product\n" in shown
    assert "    /.github/" not in shown
    assert not (tmp_path / ".github/CODEOWNERS").exists()


def test_a_folder_inside_a_repository_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub looks for workflows at the top only."""
    hermetic(monkeypatch, tmp_path)
    Repo(tmp_path / "big")
    assert run(["init", str(tmp_path / "big"), "--install", "coord==1.0"]) == 0
    assert "the top of the repository" not in capsys.readouterr().out
    assert (
        run(["init", str(tmp_path / "big/tools/coord"), "--install", "coord==1.0", "--allocate-on-merge"])
        == 0
    )
    below, _, above = capsys.readouterr().out.partition(
        f"Wrote to {tmp_path / 'big'}, the top of the repository"
    )
    assert "  .gitattributes " in below
    assert "  .github/workflows/coord-allocate.yml " in above
