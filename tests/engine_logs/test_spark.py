"""Spark as the engine: what it finds is what DuckDB finds, nothing is said and nothing is left behind."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import ibis
import pytest

from coord.cli.main import run
from coord.errors import CoordError
from coord.logs.measure_logs import measure_logs
from coord.logs.spark import Spark, spark
from engine_logs.alike import QUANTILES, TODAY, cases, compare, organisation, same
from engine_logs.worlds import METRICS, files, world
from holdback.worlds import logs

pytestmark = pytest.mark.filterwarnings("ignore")  # what Spark's side warns of is not ours

REPOSITORY = Path(__file__).resolve().parents[2]
SOME = ("spent", "pooled", "price", "pages", "per_view")
CONFIGURATION = """\
spark.master local[2]
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
spark.sql.shuffle.partitions 2
"""
"""Spark's own: what is small is done sooner so."""


def _without(what: str) -> None:
    """Skip, or fail where COORD_REQUIRE asks for Spark."""
    reason = f"there is no {what}: `pip install 'coord[spark]'`, and Java 17 or 21"
    if "spark" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def needed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What Spark needs, and its configuration."""
    if find_spec("pyspark") is None:
        _without("pyspark")
    if shutil.which("java") is None:
        _without("Java")
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "spark-defaults.conf").write_text(CONFIGURATION, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        yield


@pytest.fixture(scope="module")
def engine(needed: None) -> Iterator[Spark]:
    """One session for several tests, as it takes seconds to start."""
    with spark() as started:
        assert started._session.sparkContext.master == "local[2]"  # its own configuration holds
        yield started


class _Started:
    """Opens an engine that is running already, and leaves it running."""

    def __init__(self, engine: Spark) -> None:
        self._engine = engine

    def __call__(self) -> "_Started":
        return self

    def __enter__(self) -> Spark:
        return self._engine

    def __exit__(self, *_: object) -> None:
        return None


def _logs(root: Path, engine: str) -> list[str]:
    exposures, events = (str(cases() / f"events_{name}.csv") for name in ("exposures", "events"))
    named = ["--exposures", exposures, "--events", events, "--engine", engine]
    return ["analyze", "shop/button", *named, "--root", str(root), "--today", TODAY]


@pytest.mark.spark
@pytest.mark.cases
def test_the_command_finds_the_same_and_leaves_nothing(
    needed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, spill = organisation(tmp_path / "root"), tmp_path / "spill"
    spill.mkdir()
    command = [sys.executable, "-c", "import sys; from coord.cli.main import main; main()"]
    done = subprocess.run(
        [*command, *_logs(root, "spark"), "--format", "json"],
        cwd=root,
        env={**os.environ, "TMPDIR": str(spill)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [*spill.iterdir()] == []
    assert [path.name for path in root.iterdir()] == ["surfaces"]
    assert run([*_logs(root, "duckdb"), "--format", "json"]) == 0
    ours = json.loads(capsys.readouterr().out)
    assert same(ours, json.loads(done.stdout)) > 50


@pytest.mark.spark
@pytest.mark.cases
def test_a_table_of_units(
    engine: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With units in two variants, rows that repeat one, and variants that nobody knows."""
    root, table = organisation(tmp_path), tmp_path / "units.csv"
    header, *rows = (cases() / "users_ab.csv").read_text("utf-8").splitlines()
    rows += [rows[0], rows[1].replace(",control,", ",treatment,"), rows[2].replace(",control,", ",other,")]
    table.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    monkeypatch.setattr("coord.logs.spark.spark", _Started(engine))
    named = ["--units", str(table), "--unit-column", "user", "--segment", "b"]
    found = []
    for name in ("duckdb", "spark"):
        arguments = ["analyze", "shop/button", *named, "--root", str(root), "--today", TODAY]
        assert run([*arguments, "--engine", name, "--format", "json"]) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert found[0]["excluded"]["crossover"]
    assert found[0]["excluded"]["duplicate"]
    assert same(*found) > 50


@pytest.mark.spark
@pytest.mark.parametrize("seed", [8])
def test_a_random_world(engine: Spark, tmp_path: Path, seed: int) -> None:
    one = world(seed)
    one = one._replace(spec=one.spec._replace(segment="country"))
    named = files(tmp_path, one, seed)
    metrics = (*(each for each in METRICS if each.name in SOME), *QUANTILES)
    looks = [one.spec.days.start.replace(day=7)]

    ours = measure_logs(one.spec, named, metrics, looks=looks)
    theirs = measure_logs(one.spec, named, metrics, looks=looks, opening=_Started(engine))

    assert compare(one, ours, theirs) > 100


@pytest.mark.spark
def test_a_holdback(
    engine: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = logs(2, units=200, evaluate_from=21).put(tmp_path)
    monkeypatch.setattr("coord.logs.spark.spark", _Started(engine))
    found = []
    for name in ("duckdb", "spark"):
        assert run(["analyze", "home/back", *arguments, "--engine", name, "--format", "json"]) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert sum(found[0]["units"].values()) > 100
    assert same(*found) > 50


@pytest.mark.spark
def test_what_spark_cannot_do_is_told_in_a_sentence(engine: Spark, capfd: pytest.CaptureFixture[str]) -> None:
    unknown = ibis.table({"x": "int64"}, name="nowhere")

    with pytest.raises(CoordError, match=r"Spark could not aggregate the rows .*nowhere"):
        engine.fetch(unknown)

    assert capfd.readouterr().err == ""


@pytest.mark.spark
def test_a_count_of_nothing_is_zero(engine: Spark) -> None:
    table, _ = engine.create({"x": "float64"})

    found = engine.fetch(table.aggregate(n=table.count(where=table.x > 1), sum=table.x.sum()))

    assert found.to_pylist() == [{"n": 0, "sum": None}]


_ENDED = """
import os, signal, sys
from coord.cli.main import run
from coord.logs.spark import Spark

def ended(self, expression):
    os.kill({process}, {signal})
    return fetched(self, expression)

fetched, Spark.fetch = Spark.fetch, ended
sys.exit(run(sys.argv[1:]))
"""
_SPARK = "self._session.sparkContext._gateway.proc.pid"


@pytest.mark.spark
@pytest.mark.cases
@pytest.mark.parametrize(
    ("process", "by", "code", "told"),
    [
        ("os.getpid()", "signal.SIGINT", 130, ""),
        (
            _SPARK,
            "signal.SIGKILL",
            3,
            "coord: Spark ended while it aggregated the rows, most likely for want",
        ),
    ],
)
def test_an_end_in_between_leaves_nothing(
    needed: None, tmp_path: Path, process: str, by: str, code: int, told: str
) -> None:
    root, spill = organisation(tmp_path / "root"), tmp_path / "spill"
    spill.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _ENDED.format(process=process, signal=by), *_logs(root, "spark")],
        env={**os.environ, "TMPDIR": str(spill)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr[: len(told)]) == (code, "", told)
    assert done.stderr.count("\n") == bool(told)
    assert [*spill.iterdir()] == []


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coord.logs.spark_session.find_spec", lambda name: name)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CoordError, match=r"needs Java 17 or 21, and there is no program `java`\. Install it"):
        spark().__enter__()

    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    with pytest.raises(CoordError, match=r"JAVA_HOME is .*jdk, and there is no .*java"):
        spark().__enter__()


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coord.logs.spark_session.find_spec", lambda name: None)

    with pytest.raises(CoordError, match=r"needs pyspark and pandas.*pip install 'coord\[spark\]'"):
        spark().__enter__()


def test_a_server_of_spark_connect_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coord.logs.spark_session.find_spec", lambda name: name)
    monkeypatch.setenv("SPARK_REMOTE", "sc://somewhere")

    with pytest.raises(CoordError, match="SPARK_REMOTE names a server of Spark Connect"):
        spark().__enter__()
