"""`coord init` as people call it."""

from pathlib import Path

import pytest

from coord.cli.main import run


def test_it_says_what_it_wrote_and_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my org"
    assert run(["init", str(folder), "--install", "coord==1.0", "--allocate-on-merge"]) == 0
    told = capsys.readouterr()
    for part in ("surfaces/coord.yaml ", ".github/workflows/coord.yml ", "coord-allocate.yml ", "6 schemas"):
        assert part in told.out
    assert f"Next: cd '{folder}' && coord check\n" in told.out
    assert "Set COORD" not in told.out
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
    assert "Set COORD in the workflow" in shown
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
