"""`coord baseline`: the file it writes, what it says, and what it refuses."""

import json
from pathlib import Path

import pytest

from baseline.worlds import Logs, logs
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.config.schemas import schema_errors
from coord.config.yaml_reader import read_yaml

ONE = logs(1)
FILE = "surfaces/home/baseline.yaml"


def said(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert run(["baseline", "home", *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int = 3) -> str:
    assert run(["baseline", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_what_is_printed_is_the_file_with_remarks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, ONE.put(tmp_path))
    _, value = read_yaml(told.encode())
    assert list(schema_errors("baseline", value)) == []
    assert not (tmp_path / FILE).exists()
    assert "Write it to surfaces/home/baseline.yaml with --write." in told
    assert "# Not measured: long: no unit's window of 60 days is closed by 2026-04-04." in told
    remarks = " ".join(line.lstrip("# ") for line in told.splitlines() if line.startswith("#"))
    assert "met its experiments for the first time in 30 complete days from 2026-03-02" in remarks
    assert "Left out of" in remarks
    assert max(map(len, told.splitlines())) <= 100


def test_it_is_written_and_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    (tmp_path / FILE).write_text("surface: home\ndaily_units: 1\n", "utf-8")
    told = said(capsys, [*arguments, "--write"])
    assert "Wrote surfaces/home/baseline.yaml." in told
    text = (tmp_path / FILE).read_text("utf-8")
    assert told.startswith(text)
    assert text.startswith("# yaml-language-server: $schema=../../schemas/baseline.schema.json\n")
    tree = load(WorkingTree(tmp_path))
    assert not tree.findings
    found = json.loads(said(capsys, [*arguments, "--format", "json"]))
    read = tree.catalog.baselines["home"]
    assert read.daily_units == pytest.approx(found["daily_units"], rel=1e-5)
    for metric in found["metrics"]:
        figures = read.figures[metric["metric"]]
        assert figures.mean == pytest.approx(metric["mean"], rel=1e-5)
        assert figures.std == pytest.approx(metric["std"], rel=1e-5)
        assert float(figures.variance_reduction) == (metric["variance_reduction"] or 0)
    assert sorted(path.name for path in (tmp_path / "surfaces" / "home").iterdir()) == [
        *("allocations", "baseline.yaml", "experiments", "surface.yaml")
    ]


def test_check_uses_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An experiment to come that is sized for a change much smaller than these units can show."""
    arguments = ONE.put(tmp_path)
    path = tmp_path / "surfaces" / "home" / "experiments" / "other.yaml"
    value = json.loads(path.read_text("utf-8")) | {
        "metrics": {"success": [{"metric": "week", "mde": "0.1%"}]}
    }
    path.write_text(json.dumps(value), "utf-8")
    check = ["check", "--root", str(tmp_path), "--today", "2026-03-01", "--format", "concise"]
    run(check)
    assert "MET005" not in capsys.readouterr().out
    said(capsys, [*arguments, "--write"])
    run(check)
    assert "MET005" in capsys.readouterr().out


def test_what_logs_say_is_inert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Logs(ONE.world, ONE.exposures, [e._replace(minutes="\x1b[31m\n::error::") for e in ONE.events])
    arguments = one.put(tmp_path)
    told = said(capsys, [*arguments, "--write"])
    assert "\x1b" not in told
    assert "\\x1b[31m" in told
    assert not any(line.startswith("::") for line in told.splitlines())
    _, value = read_yaml(told.encode())
    assert {*value["metrics"]} == {"ctr", "week"}
    assert "error" not in (tmp_path / FILE).read_text("utf-8")
    document = said(capsys, [*arguments, "--format", "json"])
    assert "\x1b" not in document


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    assert "did you mean home?" in refused(capsys, ["hom", *arguments], 2)
    assert "--events" in refused(capsys, ["home", *arguments[:2]], 2)
    over = ["home", *arguments, "--output", arguments[3]]
    assert "is one of the files that are read" in refused(capsys, over, 2)
    assert "YYYY-MM-DD" in refused(capsys, ["home", *arguments, "--as-of", "soon"], 2)


def test_logs_of_other_surfaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Logs(ONE.world, [x for x in ONE.exposures if x.experiment == "tv/else"], ONE.events)
    told = refused(capsys, ["home", *one.put(tmp_path), "--write"])
    assert "no row of an experiment of home (home/test, the other) on its days" in told
    assert "logged_as" in told
    assert not (tmp_path / FILE).exists()


def test_too_few_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Logs(ONE.world, ONE.exposures[:0], [e for e in ONE.events if 0 <= e.at < 9 * 86_400])
    assert "no complete day to measure" in refused(capsys, ["home", *one.put(tmp_path)[2:]])
    empty = Logs(ONE.world, [], [])
    assert "no complete day to measure" in refused(capsys, ["home", *empty.put(tmp_path)[2:]])


def test_files_with_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    (tmp_path / "surfaces" / "home" / "surface.yaml").write_text("surface: [", "utf-8")
    assert "surfaces/home/surface.yaml has errors" in refused(capsys, ["home", *arguments])


def test_the_same_answer_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    first = said(capsys, [*arguments, "--format", "json"])
    with (tmp_path / "events.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = file.readlines()
    (tmp_path / "events.csv").write_text(header + "".join(sorted(rows)), "utf-8", newline="")
    assert said(capsys, [*arguments, "--format", "json"]) == first
