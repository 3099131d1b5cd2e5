"""`coord audit` as people and programs call it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from audit.commands import SCHEMA, json_of, logged, planted, put, refused, rows_of, text_of
from audit.worlds import World
from coord.analysis import audit_judge
from coord.cli.main import run
from git_trees.repositories import Repo, hermetic
from logs.files import csv_text


def test_a_clean_log_passes(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(rows_of(world, 50))
    document = json_of(capsys, "--exposures", name)
    assert document["passed"] is True
    assert document["counts"]["ok"] == document["rows"] == 50
    assert (document["share"], document["tolerance"], document["at"]) == (0, "0%", None)
    told = text_of(capsys, "--exposures", name)
    assert told.startswith("Passed: no row contradicts the files.\n50 rows, ")
    assert told.endswith("  ok  50  100%  as the files say\n")


def test_the_share_of_all_rows_is_held_against_the_tolerance(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown experiments and unusable rows are no mismatches, but they are rows."""
    name = logged(planted(world))
    for tolerance, code in (("0%", 1), ("19.999999%", 1), ("20%", 0), ("100%", 0)):
        document = json_of(capsys, "--exposures", name, "--tolerance", tolerance, code=code)
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


def test_rejects_are_written(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(planted(world))
    document = json_of(capsys, "--exposures", name, "--rejects", "rejects.csv", code=1)
    assert document["rejects"]["counts"]["no_unit"] == 1
    assert [(one["reason"], one["row"]) for one in document["rejects"]["first"]] == [
        ("unreadable_timestamp", 15),
        ("no_unit", 14),
    ]
    assert "  --rejects FILE writes all of them\n" in text_of(capsys, "--exposures", name, code=1)
    told = text_of(capsys, "--exposures", name, "--rejects", "rejects.csv", code=1)
    assert "  all of them are in rejects.csv\n" in told
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
    assert json_of(capsys, "--exposures", name, code=1)["counts"]["wrong_variant"] > 5
    document = json_of(capsys, "--exposures", name, "--at", "HEAD")
    assert document["at"] == before
    assert f"x.csv against commit {before[:12]}\n" in text_of(capsys, "--exposures", name, "--at", "HEAD")
    assert "nowhere is no commit of" in refused(capsys, "--exposures", name, "--at", "nowhere")


def test_files_with_errors_are_left_out_and_said(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    name = logged(rows_of(world, 50))
    path = Path("surfaces/home/experiments/two.yaml")
    path.write_text(path.read_text("utf-8").replace("hypothesis", "hypotheses"), "utf-8")
    document = json_of(capsys, "--exposures", name)
    assert document["broken"] == [str(path)]
    assert document["unknown_experiments"][0]["hint"] == f"{path} has errors and was left out"
    told = text_of(capsys, "--exposures", name)
    assert told.endswith("\n1 file has errors and is left out; `coord check` says more.\n")
    Path("surfaces/coord.yaml").write_text("spaces: 1")
    assert "surfaces/coord.yaml has errors, so no assignment can be computed" in refused(
        capsys, "--exposures", name
    )


def test_wrong_usage(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = logged(rows_of(world, 3))
    for tolerance in ("5", "five", "101%", "-1%", "", "1e3%", "٣%"):
        told = refused(capsys, "--exposures", name, f"--tolerance={tolerance}", code=2)
        assert "must be a share from 0% to 100%" in told
    assert "Missing option '--exposures'" in refused(capsys, code=2)
    assert "There is no file none.csv" in refused(capsys, "--exposures", "none.csv")
    assert "has no folder `surfaces`" in refused(capsys, "--exposures", name, "--root", "/")
    told = refused(capsys, "--exposures", name, "--unit-column", "userid")
    assert "no column userid (the unit; did you mean user_id?); the exposures need it. Its columns" in told
    assert told.endswith("Have the first line name the columns.\n")


def test_nothing_that_is_read_is_written_over(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    name = logged(rows_of(world, 3))
    before = Path(name).read_bytes()
    Path("link.csv").symlink_to(name)
    for output in (name, f"./{name}", str(root / name), "link.csv"):
        told = refused(capsys, "--exposures", name, "--output", output, code=2)
        assert "is one of the files that are read. Give --output another name." in told
    told = refused(capsys, "--exposures", name, "--rejects", "link.csv", code=2)
    assert "is one of the files that are read. Give --rejects another name." in told
    told = refused(capsys, "--exposures", name, "--output", "a.csv", "--rejects", "a.csv", code=2)
    assert "--output and --rejects are both a.csv" in told
    assert Path(name).read_bytes() == before
    assert sorted(path.name for path in root.iterdir()) == ["link.csv", "surfaces", name]
    assert text_of(capsys, "--exposures", name, "--output", "/dev/null", "--rejects", "/dev/null") == ""


def test_columns_as_the_organisation_names_them(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(world, 30)
    header = ("när", "who", "what", "which", "country", "platform")
    Path("x.csv").write_text(csv_text([row.cells for row in rows], header), "utf-8", newline="")
    assert "x.csv has no column timestamp" in refused(capsys, "--exposures", "x.csv")
    world.logs = {"exposures": {"timestamp": "när", "experiment": "what", "variant": "which"}}
    put(root, world)
    assert "has no column user_id (the unit)" in refused(capsys, "--exposures", "x.csv")
    assert json_of(capsys, "--exposures", "x.csv", "--unit-column", "who")["unit_column"] == "who"
    world.logs = {"exposures": {**world.logs["exposures"], "unit": "who"}}
    put(root, world)
    assert json_of(capsys, "--exposures", "x.csv")["counts"]["ok"] == 30


def test_several_files(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = planted(world)
    one, two = logged(rows[:10], "a.csv"), logged(rows[10:], "b.parquet")
    document = json_of(capsys, "--exposures", one, "--exposures", two, code=1)
    assert [(file["path"], file["rows"]) for file in document["files"]] == [("a.csv", 10), ("b.parquet", 10)]
    assert [(e["file"], e["row"]) for e in document["examples"] if e["cause"] == "unknown_experiment"] == [
        ("b.parquet", 2)
    ]
    assert document["counts"] == json_of(capsys, "--exposures", "[ab].*", code=1)["counts"]
    told = text_of(capsys, "--exposures", one, "--exposures", two, code=1)
    assert "2 files against the files as they are\n" in told
    assert "a.csv:5" in told
    assert "b.parquet:3" in told


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
    assert text_of(capsys, "--exposures", logged(rows_of(world, 3)), "--output", "out.txt") == ""
    assert Path("out.txt").read_text("utf-8").startswith("Passed: ")


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
