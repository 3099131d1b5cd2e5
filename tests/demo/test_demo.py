"""`coord demo`: what it writes, and where it does not."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.demo.logs import EVENTS, EXPOSURES
from coord.demo.people import FIRST, TODAY
from coord.demo.tour import TOUR
from demo.worlds import files_of, in_json, rows_of


def test_every_run_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"}
    code = "from coord.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", code, "demo", str(tmp_path)], env=elsewhere, check=True)
    first, second = files_of(folder), files_of(tmp_path)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert sum(map(len, first.values())) < 8_000_000


@pytest.mark.parametrize("today", [str(TODAY), "2031-01-01"])
def test_nothing_is_said_against_its_files(
    inside: Path, today: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = in_json(capsys, "check", "--today", today, "--replay")
    assert (found["counts"]["error"], found["counts"]["warning"]) == (0, 0)
    assert found["not_replayable"] == []


def test_its_buckets_are_what_coord_allocate_draws(folder: Path, tmp_path: Path) -> None:
    there = files_of(folder)
    ledgers = {path for path in there if "/allocations/" in path}
    assert len(ledgers) == 9
    for path in there.keys() - ledgers:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(there[path])
    assert run(["allocate", "--all", "--root", str(tmp_path), "--today", str(FIRST)]) == 0
    assert files_of(tmp_path) == there


def test_every_logged_assignment_is_that_of_the_files(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = in_json(capsys, "audit", "--exposures", EXPOSURES)
    assert {cause for cause, number in found["counts"].items() if number} == {"ok"}
    assert found["rows"] > 20_000


def test_logs_end_the_day_before_its_today(folder: Path) -> None:
    days = {row["timestamp"][:10] for row in rows_of(folder / EVENTS)}
    assert (min(days), max(days)) == (str(FIRST), "2026-06-02")
    assert len(days) == (TODAY - FIRST).days


def test_it_says_what_to_try_and_that_works(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", str(tmp_path / "a b")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert f"  cd '{tmp_path}/a b'" in told
    assert [line.strip() for line in told if line.startswith("  coord ")] == [one.command for one in TOUR]
    quick = [one.command for one in TOUR if "analyze" not in one.command]  # those are run above and in docs
    for command in quick:
        assert run(shlex.split(command)[1:]) == 0


def test_it_writes_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full" / "deep").mkdir(parents=True)
    (tmp_path / "full" / "deep" / "notes.txt").write_text("mine")
    for place, why in (
        ("full", "has files, such as deep/notes.txt"),
        ("full/deep/notes.txt", "is not a folder"),
    ):
        assert run(["demo", str(tmp_path / place)]) == 2
        assert why in capsys.readouterr().err
    assert list(files_of(tmp_path)) == ["full/deep/notes.txt"]


def test_where_it_cannot_be_written_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["demo", str(tmp_path / "file" / "demo")]) == 3
    assert "Nothing was changed" in capsys.readouterr().err
    assert list(files_of(tmp_path)) == ["file"]


def test_an_empty_folder_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "surfaces" / "home").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert run(["demo", "."]) == 0
    assert "  cd " not in capsys.readouterr().out
    assert (tmp_path / EXPOSURES).is_file()
