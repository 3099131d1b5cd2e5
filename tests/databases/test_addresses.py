"""Addresses of databases: what they lead to, and what of them is told. Nothing here needs a database."""

import re
import sys
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.errors import CoordError, UsageError
from coord.logs.database_address import AtDatabase
from engine_logs.alike import TODAY, organisation


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("duckdb:///x.db", "files are computed by DuckDB. Export its tables"),
        ("spark://host:7077", "Spark is --engine spark, and reads files"),
        ("sqlite:///x.db", "it takes a value that is no number for none"),
        ("mysql://u@h/db", "it takes `A` for `a`"),
        ("redis://host/1", "There is no database redis:// for --engine. Known are "),
        ("postgres://u:12?3@host/db", "The address postgres://… of --engine cannot be read."),
        ("postgres://u:1/2@host/db", "cannot be read. Write SCHEME://USER@HOST:PORT/DATABASE"),
        ("postgres://u:1#2@host/db", "with special characters of the user and the password as in %40 for @"),
        ("postgres://host:12x/db", "cannot be read"),
        ("postgres://[::1/db", "cannot be read"),
    ],
)
def test_addresses_that_lead_nowhere(address: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)) as error:
        AtDatabase(address)
    assert not any(part in str(error.value) for part in ("12", "1/2", "1#2"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgres://ana:s3cret@host:5433/logs?sslmode=require", "postgres://ana@host:5433/logs"),
        ("postgresql:///logs?host=/run", "postgresql:///logs"),
        ("snowflake://ana:s3cret@account/db/schema?warehouse=w", "snowflake://ana@account/db/schema"),
        ("POSTGRES://s3cret:s3cret@s3cret/s3cret", "postgres://***@***/***"),
    ],
)
def test_what_is_shown_of_an_address(address: str, shown: str) -> None:
    assert AtDatabase(address).shown == shown


def test_what_is_hidden() -> None:
    at = AtDatabase("postgres://ana:a%20b%2Bc@host/db?access_token=t0+ken&sslpassword=other&sslmode=require")
    assert at.hidden("a b+c a%20b%2Bc t0+ken t0 ken other require") == "*** *** *** *** *** require"


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("psycopg", "oracledb"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(CoordError, match=r"postgres://a@h/d needs packages.*pip install 'coord\[postgres\]'"):
        AtDatabase("postgres://a:b@h/d")().__enter__()
    with pytest.raises(CoordError, match=r"oracle://a@h/d needs.*pip install 'ibis-framework\[oracle\]'"):
        AtDatabase("oracle://a:b@h/d")().__enter__()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return organisation(tmp_path)


@pytest.mark.parametrize(
    ("engine", "exposures", "told"),
    [
        (
            "postgress",
            "x.csv",
            "There is no engine postgress. Give duckdb, spark, or the address of a database",
        ),
        ("postgres:ana:s3cret@host", "x.csv", "There is no such engine. Give duckdb"),
        (
            "duckdb",
            "postgres://ana:s3cret@host/db",
            "postgres://… is the address of a database, and files are",
        ),
        ("spark", "postgresql://ana:s3cret@host/db", "give the address with --engine, and name the tables"),
        (
            "postgres://ana:s3cret@host/db",
            "x.csv",
            "x.csv is a file, and with --engine and an address tables",
        ),
    ],
)
def test_engines_and_data_that_do_not_go_together(
    root: Path, engine: str, exposures: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--exposures", exposures, "--events", exposures, "--engine", engine]
    assert run(["analyze", "shop/button", *named, "--root", str(root), "--today", TODAY]) == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert "s3cret" not in shown


def test_a_baseline_is_measured_from_files(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline", "shop", "--events", "postgres://ana:s3cret@host/db", "--root", str(root)]) == 2
    shown = capsys.readouterr().err
    assert "files are named here" in shown
    assert "s3cret" not in shown
