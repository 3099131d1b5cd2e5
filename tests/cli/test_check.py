"""`coord check` as people and CI call it: exit codes, options, where output goes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coord.cli.main import run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "two-teams"
DAY = ["--today", "2026-03-10"]


@pytest.fixture(autouse=True)
def _in_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)


def test_an_error_exits_1_and_names_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *DAY]) == 1
    shown = capsys.readouterr().out
    assert "surfaces/home/experiments/new-releases.yaml:11:13" in shown
    assert "surfaces/home/experiments/podcast-shelf.yaml:11:13" in shown
    assert "\x1b" not in shown


def test_the_root_is_found_from_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLE / "surfaces" / "home" / "experiments")
    assert run(["check", *DAY]) == 1
    assert "surfaces/home/experiments/new-releases.yaml:11:13" in capsys.readouterr().out


def test_without_a_tree_it_could_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 3
    told = capsys.readouterr()
    assert "no surfaces/coord.yaml" in told.err
    assert told.out == ""
    assert run(["check", "--root", str(tmp_path)]) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--today", "2026-02-30"], "YYYY-MM-DD"),
        (["--today", "tomorrow"], "YYYY-MM-DD"),
        (["--select", "XYZ"], "No rule's code starts with XYZ"),
        (["--format", "xml"], "xml"),
        (["--fail-on", "never"], "never"),
        (["no/such/path"], "no/such/path does not exist"),
        (["/"], "is not below"),
        (["--format", "json", "--statistics"], "--statistics goes with"),
        (["--bogus"], "--bogus"),
    ],
)
def test_wrong_usage_exits_2_and_says_what(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_codes_are_selected_and_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *DAY, "--ignore", "BKT"]) == 0
    assert run(["check", *DAY, "--select", "BUD,LIF"]) == 0
    assert run(["check", *DAY, "--select", "BKT006"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("info[BKT006]") == 2  # infos are shown to who asks for them
    assert run(["check", *DAY, "--select", "bkt001", "--ignore", "BKT0"]) == 0


def test_fail_on_sets_the_bound(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *DAY, "--ignore", "BKT001", "--fail-on", "info"]) == 1
    assert run(["check", *DAY, "--ignore", "BKT001", "--fail-on", "warning"]) == 0
    assert "2 infos not shown" in capsys.readouterr().out


def test_a_path_narrows_to_what_touches_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *DAY, "surfaces/home/experiments/podcast-shelf.yaml"]) == 1  # a related place
    assert run(["check", *DAY, "surfaces/home/allocations"]) == 0
    assert run(["check", *DAY, "surfaces"]) == 1
    assert run(["check", *DAY, "."]) == 1
    capsys.readouterr()


def test_statistics_count_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "concise"):
        assert run(["check", *DAY, "--statistics", "--format", form]) == 1
        assert "     2  BKT006\n     1  BKT001\n" in capsys.readouterr().out


def test_output_goes_to_a_file_whole_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "findings.json"
    assert run(["check", *DAY, "--format", "json", "--output", str(target)]) == 1
    assert json.loads(target.read_text("utf-8"))["format"] == "coord.check/1"
    assert [path.name for path in tmp_path.iterdir()] == ["findings.json"]
    assert run(["check", *DAY, "--output", str(tmp_path / "none" / "x")]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "cannot be written" in told.err


def test_the_same_files_give_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", *DAY, "--format", "json"])
    once = capsys.readouterr().out
    run(["check", *DAY, "--format", "json"])
    assert capsys.readouterr().out == once


def _process(*arguments: str, **options: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", "from coord.cli.main import main; main()", *arguments]
    return subprocess.Popen(command, cwd=EXAMPLE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_goes_away_changes_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    process = _process("check", *DAY, stdout=write)
    os.close(write)
    _, errors = process.communicate(timeout=30)
    assert errors == b""
    assert process.returncode == 1


def test_an_interrupt_exits_130_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "coord_slow.py").write_text(
        "import time, coord.config.load as load\n"
        "def wait(files):\n    print('reading', flush=True)\n    time.sleep(60)\n"
        "load.load = wait\n"
        "from coord.cli.main import main\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "coord_slow.py"), "check"],
        cwd=EXAMPLE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"reading\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == b""


def test_a_defect_is_not_taken_for_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(files: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("coord.config.load.load", fail)
    assert run(["check"]) == 3
    assert "defect of coord itself, ZeroDivisionError: oops" in capsys.readouterr().err
