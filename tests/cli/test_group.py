"""The group of commands: help without loading what commands need."""

import subprocess
import sys

import pytest

from coord import __version__
from coord.cli.main import run

HEAVY = ("yaml", "jsonschema_rs", "mmh3", "pydantic", "numpy", "pandas", "scipy", "duckdb", "rich.console")


def _imported(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines())


def test_help_loads_nothing_that_it_does_not_need() -> None:
    loaded = _imported("from coord.cli.main import run\nassert run(['--help']) == 0")
    assert loaded.isdisjoint(HEAVY)
    assert "typer" in loaded


def test_check_loads_no_numbers_library() -> None:
    loaded = _imported("from coord.cli.main import run\nrun(['check', '--root', 'docs/examples/two-teams'])")
    assert "yaml" in loaded
    assert loaded.isdisjoint({"numpy", "pandas", "scipy", "duckdb", "ibis"})


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"coord {__version__}\n"


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chekc"]) == 2
    assert "chekc" in capsys.readouterr().err


def test_without_a_command_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    told = capsys.readouterr()
    assert "Commands:" in told.out + told.err


def test_a_command_explains_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in (
        "--format",
        "--select",
        "--ignore",
        "--fail-on",
        "--statistics",
        "--today",
        "--root",
        "--output",
    ):
        assert option in shown
