"""PostgreSQL as the engine: what it finds is what DuckDB finds of the same rows; nothing is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.logs.database_address import AtDatabase
from coord.logs.measure_logs import measure_logs
from databases.cluster import Cluster
from databases.tables import from_csv, logs_of
from engine_logs.alike import QUANTILES, TODAY, cases, compare, organisation, same
from engine_logs.worlds import METRICS, files, world

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("seed", [8, 21, 34])
def test_a_random_world(postgres: Cluster, tmp_path: Path, seed: int) -> None:
    one = world(seed)
    one = one._replace(spec=one.spec._replace(segment="country"))
    metrics, looks = (*METRICS, *QUANTILES), [one.spec.days.start.replace(day=7)]

    ours = measure_logs(one.spec, files(tmp_path, one, seed), metrics, looks=looks)
    opening = AtDatabase(postgres.url())
    theirs = measure_logs(one.spec, logs_of(postgres, one), metrics, looks=looks, opening=opening)

    assert compare(one, ours, theirs) > 100
    assert theirs.events.rows == len(one.events)
    assert postgres.left() == []


def _logs(root: Path, engine: str, exposures: str, events: str) -> list[str]:
    named = ["--exposures", exposures, "--events", events, "--engine", engine]
    about = ["--segment", "city", "--root", str(root), "--today", TODAY, "--format", "json"]
    return ["analyze", "shop/button", *named, *about]


@pytest.mark.cases
def test_the_command_finds_the_same_and_says_nothing(
    postgres: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = organisation(tmp_path / "root")
    events, exposures = cases() / "events_events.csv", tmp_path / "exposures.csv"
    header, *rows = (cases() / "events_exposures.csv").read_text("utf-8").splitlines()
    lines = [f"{header},city", *(f"{row},{('Aa', 'ab', '')[i % 3]}" for i, row in enumerate(rows))]
    exposures.write_text("\n".join(lines) + "\n", "utf-8")
    from_csv(postgres, exposures, "met", {"timestamp": "timestamp"})
    from_csv(postgres, events, "did", {"timestamp": "timestamptz", "value": "double precision"})
    command = [sys.executable, "-c", "import sys; from coord.cli.main import main; main()"]

    done = subprocess.run(
        [*command, *_logs(root, postgres.url(), "met", "public.did")],
        cwd=root,
        env={**os.environ, "PGTZ": "America/New_York"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in root.iterdir()] == ["surfaces"]
    assert postgres.left() == []
    assert len(json.loads(done.stdout)["segments"]) > 0
    assert run(_logs(root, "duckdb", str(exposures), str(events))) == 0
    assert same(json.loads(capsys.readouterr().out), json.loads(done.stdout)) > 50


@pytest.mark.cases
def test_a_table_of_units(postgres: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With units in two variants, rows that repeat one, and variants that nobody knows."""
    root, path = organisation(tmp_path), tmp_path / "units.csv"
    header, *rows = (cases() / "users_ab.csv").read_text("utf-8").splitlines()
    rows += [rows[0], rows[1].replace(",control,", ",treatment,"), rows[2].replace(",control,", ",other,")]
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    numbers = dict.fromkeys(("rev", "clk", "imp", "sess"), "double precision")
    from_csv(postgres, path, "units", {**numbers, "conv": "boolean"})
    found = []
    for engine, named in (("duckdb", str(path)), (postgres.url(), "units")):
        arguments = ["--units", named, "--unit-column", "user", "--segment", "b", "--engine", engine]
        command = ["analyze", "shop/button", *arguments, "--root", str(root), "--today", TODAY]
        assert run([*command, "--format", "json"]) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert found[0]["excluded"]["crossover"]
    assert found[0]["excluded"]["duplicate"]
    assert same(*found) > 50
