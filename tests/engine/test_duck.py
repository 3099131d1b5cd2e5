"""The engine keeps to itself: bounds, no files, no extensions, and nothing left behind."""

import subprocess
import sys
from pathlib import Path

import duckdb
import ibis
import pytest

from coord.logs import duck as module
from coord.logs.duck import Duck, duck, memory
from engine.tables import units


def _setting(engine: Duck, name: str) -> str:
    found = engine._connection.execute(f"SELECT current_setting('{name}')").fetchall()
    return str(found[0][0])


def test_bounds() -> None:
    with duck() as engine:
        folder = Path(engine._folder)
        assert folder.is_dir()
        assert memory() <= 2 * 10**9
        assert _setting(engine, "autoload_known_extensions") == "False"
        assert _setting(engine, "enable_external_access") == "False"
        assert Path(_setting(engine, "temp_directory")) == folder
        assert "B" in _setting(engine, "max_temp_directory_size")
    assert not folder.exists()


@pytest.mark.parametrize(
    "query", ["SELECT * FROM read_csv('{file}')", "COPY (SELECT 1) TO '{file}'", "INSTALL httpfs"]
)
def test_reads_and_writes_nothing(tmp_path: Path, query: str) -> None:
    file = units(tmp_path / "a.csv", {"x": [1]})

    with duck() as engine, pytest.raises(duckdb.Error, match=r"[Dd]isabled|not allowed|Permission"):
        engine._connection.execute(query.format(file=file))


def test_settings_stay() -> None:
    with duck() as engine, pytest.raises(duckdb.Error, match="locked"):
        engine._connection.execute("SET memory_limit = '100GB'")


def test_more_than_fits_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two million ids in 60 MB: what does not fit goes to the folder, and the result is the same."""
    monkeypatch.setattr(module, "memory", lambda: 60 * 10**6)
    with duck() as engine:
        rows = engine._connection.sql(
            "SELECT 'unit' || range AS unit, range::DOUBLE AS x FROM range(2000000)"
        )
        rows.create("given")
        given = ibis.table({"unit": "string", "x": "float64"}, name="given")
        kept = engine.keep(given.group_by("unit").aggregate(x=given.x.sum()))
        found = engine.fetch(kept.aggregate(n=kept.count(), x=kept.x.sum())).to_pylist()

    assert found == [{"n": 2_000_000, "x": 1_999_999_000_000.0}]


_INTERRUPTED = """
import os, signal, sys
from coord.logs.unit_files import UnitColumns
from coord.logs.unit_table import measure_units
from engine.tables import metric

def interrupt(_):
    print(*[name for name in os.listdir(sys.argv[2]) if name.startswith("coord-")], flush=True)
    os.kill(os.getpid(), signal.SIGINT)

measure_units([sys.argv[1]], UnitColumns(None, "variant"), [metric("x")], ["control"], progress=interrupt)
"""


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setenv("TMPDIR", str(spill))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    file = units(tmp_path / "a.csv", {"variant": ["control"], "x": [1]})

    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, file, str(spill)], capture_output=True, text=True, check=False
    )

    assert "KeyboardInterrupt" in done.stderr
    assert done.stdout.startswith("coord-")
    assert list(spill.iterdir()) == []


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = "{'ibis', 'duckdb', 'pyarrow', 'numpy', 'pandas', 'scipy'}"
    code = f"import sys, coord.logs.unit_table; print({heavy} & {{*sys.modules}})"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"
