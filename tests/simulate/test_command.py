"""`coord simulate` from outside: arguments, exit codes, formats, files of units, interruption."""

import csv
import gzip
import json
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from pyarrow import parquet

from coord.cli.main import run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "two-teams"


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def out(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["simulate", *arguments]) == code
    return capsys.readouterr().out


def err(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    assert run(["simulate", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_the_group_lists_its_commands_and_has_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "allocation" in shown
    assert "program" in shown
    assert "decision" not in shown
    assert "decision" in err(capsys, "decision")
    assert run(["simulate"]) == 2


def test_help_loads_no_numbers_library() -> None:
    script = (
        "import sys\nfrom coord.cli.main import run\nassert run({}) == 0\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    for arguments in (["simulate", "--help"], ["simulate", "program", "--help"], ["--help"]):
        command = [sys.executable, "-c", script.format(arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        loaded = set(done.stderr.splitlines())
        assert loaded.isdisjoint({"numpy", "pyarrow", "yaml", "duckdb", "mmh3"})


def test_everything_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(
        out(capsys, "allocation", "--today", "2026-03-10", "--units", "20000", "--format", "json")
    )
    results = document["results"]
    assert document["today"] == "2026-03-10"
    assert "share/home/ranker-v8" in results
    assert results["isolation_violations"]["value"] == results["holdback_leaks"]["value"] == 0
    for name, value in results.items():
        if name.startswith("share/") and value["se"]:
            assert abs(value["value"] - value["planned"]) < 5 * value["se"], name


def test_surfaces_and_experiments_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--today", "2026-03-10", "--units", "1000", "--format", "json")
    home = json.loads(out(capsys, "allocation", "home", *options))
    assert "share/home/podcast-shelf" in home["results"]
    assert "share/player/smart-shuffle" not in home["results"]
    assert home["not_in_force"] == []
    named = json.loads(out(capsys, "allocation", "home/hero-video", "player", *options))
    assert named["not_in_force"] == ["home/hero-video"]
    assert "share/player/smart-shuffle" in named["results"]


def test_conflicting_ledgers_are_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    shown = out(
        capsys, "allocation", "--root", str(EXAMPLE), "--today", "2026-03-20", "--units", "5000", code=1
    )
    assert "home/new-releases and home/podcast-shelf: " in shown


def test_replicates_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    options = (
        "--today",
        "2026-03-10",
        "--units",
        "500",
        "--replicates",
        "4",
        "--seed",
        "9",
        "--format",
        "csv",
    )
    rows = list(csv.DictReader(out(capsys, "allocation", "home", *options).splitlines()))
    assert next(row["planned"] for row in rows if row["name"] == "share/home/ranker-v8") == "0.4"


IDS = ["007", "1e5", "9007199254740993", "NA", 'a, "comma"\nnewline', "ключ,42", "u" * 100]
NUMBERS = [str(number) for number in range(3000)]


def write_units(path: Path, ids: list[str]) -> None:
    """A file of units in SE on ios, by the ending of its name."""
    if path.suffix == ".parquet":
        table = pa.table({"user_id": ids, "country": ["SE"] * len(ids), "platform": ["ios"] * len(ids)})
        parquet.write_table(table, path)
        return
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([["country", "user_id", "platform"], *(["SE", one, "ios"] for one in ids)])
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_units_of_a_file(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids, path = [*IDS, *NUMBERS], tmp_path / f"units.{kind}"
    write_units(path, [*ids, "", "u" * 101, "007"])
    options = ("--today", "2026-03-10", "--format", "json")
    document = json.loads(out(capsys, "allocation", "home", "--units", str(path), *options))
    assert document["units"] == len(ids) + 1
    assert document["seed"] is None
    assert document["repeated"] == 1
    assert {key: value for key, value in document["rejects"].items() if value} == {
        "no_unit": 1,
        "unit_over_100_bytes": 1,
    }
    shares = document["results"]["share/home/podcast-shelf"]
    assert abs(shares["value"] - 0.2) < 5 * shares["se"]  # everybody is eligible
    assert document["results"]["per_unit"]["value"] > 0.5


def test_a_file_without_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "units.csv"
    options = ("allocation", "home", "--today", "2026-03-10", "--units", str(path))
    assert "There is no file" in err(capsys, *options, code=3)
    path.write_text("usr_id\nx\n")
    assert "did you mean usr_id?" in err(capsys, *options, code=3)
    path.write_text("user_id\n\n\n")
    assert "no row that can be used" in err(capsys, *options, code=3)
    path.write_text("user_id\nx\n")
    assert "--replicates" in err(capsys, *options, "--replicates", "2")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("allocation", "hom"), "Did you mean home?"),
        (("allocation", "home/podcast-shel"), "Did you mean home/podcast-shelf?"),
        *((("allocation", "--units", n), f"--units is {n}, ") for n in ("0", "-5", "1e6", "1,000", "9" * 30)),
        (("allocation", "--units", ""), "--units is empty"),
        (("allocation", "--replicates", "0"), "--replicates"),
        (("allocation", "--today", "tomorrow"), "--today"),
        (("program", "hom"), "Did you mean home?"),
        (("program", "podcast-shelf"), "There is no surface podcast-shelf."),
        (
            ("program", "home/podcast-shelf"),
            "home/podcast-shelf is an experiment, and a year is a surface's.",
        ),
        (("program", "--traffic", "0.2"), "--traffic is 0.2"),
        (("program", "--traffic", ""), "--traffic is "),
        (("program", "--traffic", "0.09%"), "--traffic is 0.09%"),
        (("program", "--traffic", "0%"), "--traffic is 0%"),
        (("program", "--traffic", "101%"), "--traffic is 101%"),
        (("program", "home", "--traffic", "95%"), "a component has room for 90%"),
        (("program", "--exclusive", "half"), "--exclusive is half"),
        (("program", "--days", "0"), "--days"),
        (("program", "--arrivals", "1e9"), "--arrivals"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told in err(capsys, *arguments)


def test_a_file_may_be_called_like_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("1e6").write_text("user_id\nx\n")
    options = ("--root", str(ROOT), "--today", "2026-03-10", "--units", "1e6")
    assert "1 unit, of the column user_id" in out(capsys, "allocation", "home", *options)


def test_files_with_errors_are_left_out_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(EXAMPLE / "surfaces", tmp_path / "surfaces")
    options = ("--root", str(tmp_path), "--today", "2026-03-20")
    broken = tmp_path / "surfaces/home/experiments/new-releases.yaml"
    broken.write_text("experiment: [")
    shown = out(capsys, "allocation", *options, "--units", "100")
    assert "1 file has errors and is left out" in shown
    assert "home/new-releases" not in shown
    (tmp_path / "surfaces/home/surface.yaml").write_text("surface: [")
    for command in ("allocation", "program"):
        assert "home/surface.yaml has errors" in err(capsys, command, "home", *options, code=3)


def test_a_programme_in_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("program", "--arrivals", "60", "--components", "3", "--replicates", "2")
    assert "A year's programme, made up 2 times with seed 1" in out(capsys, *options)
    assert "reuse/finished" in json.loads(out(capsys, *options, "--format", "json"))["results"]
    assert out(capsys, *options, "--format", "csv").startswith("name,value,se\nproposed,")
    picture = tmp_path / "plot.svg"
    assert out(capsys, *options, "--format", "svg", "--output", str(picture)) == ""
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_a_programme_of_a_surface_is_fitted_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    shown = out(capsys, "program", "home", "--today", "2026-11-21", "--replicates", "2")
    assert "fitted: to the 10 A/B tests of home" in shown
    assert "home/shelf-ranking is the busiest component" in shown


def test_a_programme_needs_no_organisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = out(capsys, "program", "--replicates", "2")
    assert "default: there is no organisation here to fit to" in shown
    assert "no folder" in err(capsys, "program", "--root", str(tmp_path), code=3)
    assert "surfaces/coord.yaml" in err(capsys, "program", "home", code=3)
    assert "surfaces/coord.yaml" in err(capsys, "allocation", code=3)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interruption_ends_it(tmp_path: Path) -> None:
    program = shutil.which("coord") or "coord"
    output = tmp_path / "out.json"
    command = [program, "simulate", "allocation", "--today", "2026-03-10", "--units", "1000000000"]
    command += ["--format", "json", "--output", str(output)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == b""
    assert list(tmp_path.iterdir()) == []
