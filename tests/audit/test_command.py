"""`coord audit` as people and programs call it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from audit.worlds import HEADER, Plan, Row, World, right_row, some
from coord.analysis import audit_judge
from coord.cli.main import run
from git_trees.repositories import Repo, hermetic
from logs.files import csv_text, write

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "audit.schema.json").read_text("utf-8"))
HOSTILE = "\x1b[2J[bold]::error::\u202e##[x]<b>"


@pytest.fixture
def world() -> World:
    chance = random.Random(1)
    return World(
        [
            Plan("home/back", 0, 14, {0: some(chance, 50)}, kind="holdback"),
            Plan("home/one", 0, 14, {0: some(chance, 300)}),
            Plan("home/two", 0, 14, {0: some(chance, 300)}, components=["shelf"]),
        ]
    )


@pytest.fixture
def root(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put(tmp_path, world)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(root: Path, world: World) -> None:
    for path, text in world.files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def rows_of(world: World, number: int) -> list[Row]:
    chance = random.Random(2)
    return [right_row(world, chance.choice(world.plans[1:]), chance) for _ in range(number)]


def logged(rows: Sequence[Row], name: str = "x.csv") -> str:
    write(Path(name), [row.cells for row in rows], HEADER)
    return name


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run(["audit", *arguments, "--format", "json"]) == code
    told = capsys.readouterr()
    assert told.err == ""
    document: dict[str, Any] = json.loads(told.out)
    Draft7Validator(SCHEMA).validate(document)
    assert sum(document["counts"].values()) == document["rows"] == sum(f["rows"] for f in document["files"])
    return document


def _text(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["audit", *arguments]) == code
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 3) -> str:
    assert run(["audit", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_a_clean_log_passes(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(rows_of(world, 50))
    document = _json(capsys, "--exposures", name)
    assert document["passed"] is True
    assert document["counts"]["ok"] == document["rows"] == 50
    assert (document["share"], document["tolerance"], document["at"]) == (0, "0%", None)
    told = _text(capsys, "--exposures", name)
    assert told.startswith("Passed: no row contradicts the files.\n50 rows, ")
    assert told.endswith("  ok  50  100%  as the files say\n")


def _planted(world: World) -> list[Row]:
    """20 rows: 4 mismatches, one unknown experiment, two rows that cannot be used."""
    rows = rows_of(world, 20)
    other = {"control": "treatment", "treatment": "control"}
    rows[3], rows[5] = (row._replace(variant=other[row.variant]) for row in (rows[3], rows[5]))
    rows[7] = rows[7]._replace(variant="blue")
    rows[8] = rows[8]._replace(seconds=-60)
    rows[11] = rows[11]._replace(experiment="home/on")
    rows[12], rows[13] = rows[12]._replace(unit=""), rows[13]._replace(seconds=None)
    return rows


def test_the_share_of_all_rows_is_held_against_the_tolerance(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown experiments and unusable rows are no mismatches, but they are rows."""
    name = logged(_planted(world))
    for tolerance, code in (("0%", 1), ("19.999999%", 1), ("20%", 0), ("100%", 0)):
        document = _json(capsys, "--exposures", name, "--tolerance", tolerance, code=code)
        assert document["passed"] is (code == 0)
        assert document["share"] == 0.2
    assert document["counts"] == {
        "ok": 13,
        "wrong_variant": 2,
        "not_allocated": 0,
        "held_back": 0,
        "not_eligible": 0,
        "outside_dates": 1,
        "unknown_variant": 1,
        "unknown_experiment": 1,
        "unusable": 2,
    }


def test_the_report_reads_like_this(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told = _text(capsys, "--exposures", logged(_planted(world)), code=1)
    lines = told.splitlines()
    assert lines[0] == "Failed: 20% of the rows contradict the files, above the tolerance of 0%."
    assert lines[1].startswith("20 rows, ")
    assert lines[2] == "x.csv against the files as they are"
    for part in (
        "\n  ok                  13  65.00%  as the files say\n"
        "  wrong_variant        2  10.00%  the unit has another variant by the hash\n",
        "\nUnknown experiments  rows\n  home/on               1  did you mean home/one?\n",
        "\nRows that cannot be used  rows\n"
        "  unreadable timestamp       1  rows 15\n"
        "  no unit                    1  rows 14\n"
        "  --rejects FILE writes all of them\n",
    ):
        assert part in told
    assert max(map(len, lines)) <= 110


def test_everything_hostile_is_inert(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(world, 3)
    rows = [
        rows[0]._replace(unit=HOSTILE, variant=HOSTILE),
        rows[1]._replace(experiment=HOSTILE, country=HOSTILE),
    ]
    rows += [Row(0, HOSTILE, "home/one", "control", HOSTILE), Row(None, HOSTILE, HOSTILE, HOSTILE)]
    name = logged(rows, f"=cmd{HOSTILE.replace('/', '')}.csv")
    told = _text(capsys, "--exposures", name, code=1)
    assert not set(told) & set("\x1b\u202e")
    assert "##[" not in told
    assert run(["audit", "--exposures", name, "--format", "json"]) == 1
    told = capsys.readouterr().out
    assert told.isascii()
    assert "##" not in told
    assert json.loads(told)["unknown_experiments"][0]["name"] == HOSTILE
    assert "\x1b" not in _refused(capsys, "--exposures", f"no{HOSTILE}")


def test_rejects_are_written(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(_planted(world))
    document = _json(capsys, "--exposures", name, "--rejects", "rejects.csv", code=1)
    assert document["rejects"]["counts"]["no_unit"] == 1
    assert [(one["reason"], one["row"]) for one in document["rejects"]["first"]] == [
        ("unreadable_timestamp", 15),
        ("no_unit", 14),
    ]
    reasons = [line.split(",")[0] for line in Path("rejects.csv").read_text("utf-8").splitlines()]
    assert reasons == ["reason", "no_unit", "unreadable_timestamp"]


def test_another_revision(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hermetic(monkeypatch, root)
    repository = Repo(root)
    before = repository.commit()
    name = logged(rows_of(world, 50))
    world.plans[1].salt = "another"
    put(root, world)
    assert _json(capsys, "--exposures", name, code=1)["counts"]["wrong_variant"] > 5
    document = _json(capsys, "--exposures", name, "--at", "HEAD")
    assert document["at"] == before
    assert f"x.csv against commit {before[:12]}\n" in _text(capsys, "--exposures", name, "--at", "HEAD")
    assert "nowhere is no commit of" in _refused(capsys, "--exposures", name, "--at", "nowhere")


def test_files_with_errors_are_left_out_and_said(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    name = logged(rows_of(world, 50))
    path = Path("surfaces/home/experiments/two.yaml")
    path.write_text(path.read_text("utf-8").replace("hypothesis", "hypotheses"), "utf-8")
    document = _json(capsys, "--exposures", name)
    assert document["broken"] == [str(path)]
    assert document["unknown_experiments"][0]["hint"] == f"{path} has errors and was left out"
    told = _text(capsys, "--exposures", name)
    assert told.endswith("\n1 file has errors and is left out; `coord check` says more.\n")
    Path("surfaces/coord.yaml").write_text("spaces: 1")
    assert "surfaces/coord.yaml has errors, so no assignment can be computed" in _refused(
        capsys, "--exposures", name
    )


def test_wrong_usage(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(rows_of(world, 3))
    for tolerance in ("5", "five", "101%", "-1%", "", "1e3%", "٣%"):
        told = _refused(capsys, "--exposures", name, f"--tolerance={tolerance}", code=2)
        assert "must be a share from 0% to 100%" in told
    assert "Missing option '--exposures'" in _refused(capsys, code=2)
    assert "There is no file none.csv" in _refused(capsys, "--exposures", "none.csv")
    assert "has no folder `surfaces`" in _refused(capsys, "--exposures", name, "--root", "/")


def test_columns_as_the_organisation_names_them(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(world, 30)
    header = ("när", "who", "what", "which", "country", "platform")
    Path("x.csv").write_text(csv_text([row.cells for row in rows], header), "utf-8", newline="")
    assert "x.csv has no column timestamp" in _refused(capsys, "--exposures", "x.csv")
    world.logs = {"exposures": {"timestamp": "när", "experiment": "what", "variant": "which"}}
    put(root, world)
    assert "has no column user_id (the unit)" in _refused(capsys, "--exposures", "x.csv")
    assert _json(capsys, "--exposures", "x.csv", "--unit-column", "who")["unit_column"] == "who"
    world.logs = {"exposures": {**world.logs["exposures"], "unit": "who"}}
    put(root, world)
    assert _json(capsys, "--exposures", "x.csv")["counts"]["ok"] == 30


def test_several_files(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = _planted(world)
    one, two = logged(rows[:10], "a.csv"), logged(rows[10:], "b.parquet")
    document = _json(capsys, "--exposures", one, "--exposures", two, code=1)
    assert [(file["path"], file["rows"]) for file in document["files"]] == [("a.csv", 10), ("b.parquet", 10)]
    assert [(e["file"], e["row"]) for e in document["examples"] if e["cause"] == "unknown_experiment"] == [
        ("b.parquet", 2)
    ]
    assert document["counts"] == _json(capsys, "--exposures", "[ab].*", code=1)["counts"]
    told = _text(capsys, "--exposures", one, "--exposures", two, code=1)
    assert "2 files against the files as they are\n" in told
    assert "a.csv:5" in told
    assert "b.parquet:3" in told


def test_no_rows(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told = _text(capsys, "--exposures", logged([]))
    assert told.startswith("There are no rows to audit.\n0 rows, 0 units\nx.csv")
    assert _json(capsys, "--exposures", "x.csv")["first"] is None


def test_interrupted_it_leaves_nothing(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    name = logged(rows_of(world, 3))
    monkeypatch.setattr(audit_judge.Judge, "judge", interrupted)
    assert run(["audit", "--exposures", name, "--rejects", "rejects.csv"]) == 130
    assert sorted(path.name for path in root.iterdir()) == ["surfaces", "x.csv"]


def test_output_goes_to_a_file(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "--exposures", logged(rows_of(world, 3)), "--output", "out.txt") == ""
    assert Path("out.txt").read_text("utf-8").startswith("Passed: ")


def test_colours_are_for_terminals(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = logged(_planted(world))
    plain = _text(capsys, "--exposures", name, code=1)
    monkeypatch.setattr("coord.cli.audit.wants_color", lambda output: True)
    styled = _text(capsys, "--exposures", name, code=1)
    assert "\x1b[" in styled
    assert "\x1b[" not in plain


@pytest.mark.parametrize("command", [["check"], ["--help"], ["audit", "--help"]])
def test_only_what_reads_logs_loads_their_libraries(root: Path, command: list[str]) -> None:
    code = (
        "import sys; from coord.cli.main import run; run(sys.argv[1:]); "
        "sys.exit(len({'numpy', 'pyarrow', 'duckdb', 'pandas'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_schema_closes_nothing_and_describes_everything() -> None:
    def nodes(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            yield node
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from nodes(inner)

    Draft7Validator.check_schema(SCHEMA)
    described = [p for n in nodes(SCHEMA) for p in n.get("properties", {}).values() if isinstance(p, dict)]
    assert len(described) > 50
    assert all("description" in node for node in described)
    assert all(set(n["required"]) == set(n["properties"]) for n in nodes(SCHEMA) if "required" in n)
    assert not any(node.get("additionalProperties") is False for node in nodes(SCHEMA))
