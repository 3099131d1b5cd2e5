"""What a database does not let us do is told in a sentence, the password never; nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.logs.database_address import AtDatabase
from databases.cluster import Cluster
from engine_logs.alike import TODAY, organisation

pytestmark = pytest.mark.postgres

ROWS = {
    "met": (
        "timestamp timestamp, user_id text, experiment text, variant text",
        "2025-03-02",
        "exp_a",
        "control",
    ),
    "did": ("timestamp timestamp, user_id text, metric text, value float8", "2025-03-29", "click", "1"),
}
SECRET = "p%2Fw+d%40x"


@pytest.fixture
def root(postgres: Cluster, tmp_path: Path) -> Path:
    for name, (columns, at, *rest) in ROWS.items():
        postgres.load(name, columns, [(at, f"u{i}", *rest) for i in range(20)])
    return organisation(tmp_path)


def _command(root: Path, url: str, exposures: str = "met", events: str = "did") -> list[str]:
    named = ["--exposures", exposures, "--events", events, "--engine", url]
    return ["analyze", "shop/button", *named, "--root", str(root), "--today", TODAY]


def _told(capsys: pytest.CaptureFixture[str], command: list[str], code: int = 3) -> str:
    assert run(command) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("coord: ")
    assert shown.err.count("\n") == 1
    assert "Traceback" not in shown.err
    assert "defect" not in shown.err
    return shown.err


def test_tables_that_are_not_there(postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    postgres.run("DROP SCHEMA IF EXISTS logs CASCADE", "CREATE SCHEMA logs", "CREATE TABLE logs.did (x int)")
    for named, told in (
        ("mett", "There is no table mett in the database. Did you mean met?"),
        ("MET", "There is no table MET in the database. Did you mean met?"),
        ("logs.dids", "There is no table logs.dids in the database. Did you mean logs.did?"),
        ("nowhere.met", "There is no table nowhere.met in the database."),
        ("a.b.c.d", "a.b.c.d is no name of a table. Write `table`, or `schema.table`"),
        ("\x1bx", "There is no table \\x1bx in the database."),
        ('met"; drop table met; --', 'There is no table met"; drop table met; -- in the database.'),
    ):
        assert told in _told(capsys, _command(root, postgres.url(), named))
    assert postgres.run("SELECT count(*) FROM met") == [(20,)]


def test_files_are_no_tables(postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for named in ("met.csv", "logs/met", "met*"):
        told = _told(capsys, _command(root, postgres.url(), named), 2)
        assert f"{named} is a file, and with --engine and an address tables of that database" in told


def test_rights(postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To read the tables, and to make temporary ones; more is not needed."""
    postgres.run(
        "DROP DATABASE IF EXISTS small",
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        "CREATE DATABASE small",
        "REVOKE ALL ON DATABASE small FROM public",
        "GRANT CONNECT ON DATABASE small TO reader",
    )
    told = _told(capsys, _command(root, postgres.url("reader", "small")))
    assert "No temporary table can be made in the database" in told
    assert 'permission denied to create temporary tables in database "small"' in told

    told = _told(capsys, _command(root, postgres.url("reader")))
    assert "The database does not let you read the rows: permission denied for table met" in told or (
        "does not let you aggregate the rows: permission denied for table met" in told
    )
    postgres.run("REVOKE CREATE ON SCHEMA public FROM public", "GRANT SELECT ON met, did TO reader")
    assert run([*_command(root, postgres.url("reader")), "--format", "json"]) == 0


def test_a_password_is_not_shown(postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    postgres.run(
        "DROP ROLE IF EXISTS known",
        "CREATE ROLE known LOGIN PASSWORD 'p/w+d@x'",
        "GRANT SELECT ON met, did TO known",
    )
    assert run([*_command(root, postgres.url("known", password=SECRET)), "--format", "json"]) == 0
    capsys.readouterr()

    told = _told(capsys, _command(root, postgres.url("known", password=SECRET + "no")))
    assert "No connection to postgres://known@/postgres: " in told
    assert "password authentication failed" in told
    told += _told(capsys, _command(root, postgres.url("known", "p%2Fw+d%40x", SECRET)))
    told += _told(capsys, _command(root, postgres.url("known", password=SECRET), "none"))
    told += _told(capsys, _command(root, f"{postgres.url('known')}&password={SECRET}", "none"))
    for form in (SECRET, "p/w+d@x", "p/w d@x", "w+d"):
        assert form not in told


def test_a_database_that_is_not_there(
    postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, _command(root, postgres.url(database="nothing")))
    assert "No connection to postgres://owner@/nothing: " in told
    assert 'database "nothing" does not exist' in told
    told = _told(capsys, _command(root, "postgres://owner@127.0.0.1:1/postgres"))
    assert "No connection to postgres://owner@127.0.0.1:1/postgres: " in told
    assert "Check the address, and that the database is up" in told


def test_a_query_that_fails(postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    postgres.run(
        "DROP VIEW IF EXISTS broken",
        "CREATE VIEW broken AS SELECT timestamp, user_id, metric, 1 / (value - 1) AS value FROM did",
    )
    told = _told(capsys, _command(root, postgres.url(), events="broken"))
    assert "The database could not aggregate the rows (DivisionByZero): division by zero." in told
    postgres.run("DROP VIEW broken")
    assert postgres.left() == []


_ENDED = """
import os, signal, sys
from coord.cli.main import run
from coord.logs.database_postgres import Postgres

def ended(self, expression):
    {what}
    return kept(self, expression)

kept, Postgres.keep = Postgres.keep, ended
sys.exit(run(sys.argv[1:]))
"""
_SLOWLY = "import threading; threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start(); "
_SLOWLY += "self._driver.execute('SELECT pg_sleep(60)')"
_KILLED = "import psycopg; psycopg.connect({url!r}).execute('SELECT pg_terminate_backend(%s)', "
_KILLED += "(self._driver.info.backend_pid,))"


@pytest.mark.parametrize(
    ("what", "code", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", 130, ""),
        (_SLOWLY, 130, ""),
        (_KILLED, 3, "coord: The database ended the connection: "),
    ],
)
def test_an_end_in_between_leaves_nothing(
    postgres: Cluster, root: Path, what: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _ENDED.format(what=what.format(url=postgres.url())),
            *_command(root, postgres.url()),
        ],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=50,
    )

    assert (done.returncode, done.stdout, done.stderr[: len(told)]) == (code, "", told)
    assert done.stderr.count("\n") == bool(told)
    assert postgres.left() == []
    running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coord'"
    assert postgres.run("SELECT pg_sleep(0.2)", running) == [(0,)]


def test_what_nobody_committed_and_what_comes_later_is_not_seen(postgres: Cluster, root: Path) -> None:
    """The tables are as they were at the beginning, whoever writes to them in the meantime."""
    with AtDatabase(postgres.url())() as engine:
        table = engine.table("met")
        assert engine.fetch(table.aggregate(n=table.count())).to_pylist() == [{"n": 20}]
        postgres.run("INSERT INTO met SELECT * FROM met")
        assert engine.fetch(table.aggregate(n=table.count())).to_pylist() == [{"n": 20}]


def test_a_holdback_is_read_from_files(
    postgres: Cluster, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "surfaces/shop/experiments/button.yaml"
    text = path.read_text("utf-8").replace("kind: ab_test", "kind: holdback").partition("variants:")[0]
    path.write_text(
        text.replace("components: [page]\n", "traffic: 10%\n").replace("traffic: 100%\n", ""), "utf-8"
    )
    assert "The logs of a holdback are read as files" in _told(capsys, _command(root, postgres.url()), 2)
