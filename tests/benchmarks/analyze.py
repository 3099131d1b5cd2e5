"""Times the reading of tables with one row per unit: `python tests/benchmarks/analyze.py [RUNS]`.

Whole processes, the median of RUNS (default 5) after one that is not counted: 64,000 units without ids and
three metrics, a million with ids and six columns, as CSV and as Parquet; with the most memory each took.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

_MEASURE = """
import sys
from coord.domain.metrics import Metric, Source
from coord.logs.unit_files import UnitColumns
from coord.logs.unit_table import measure_units

def mean(name, covariate=None):
    return Metric(name, 0, 7, False, False, None, "zero", Source("e", "sum", covariate_column=covariate))

metrics = [mean("rev", "pre"), mean("conv"), mean("imp")]
columns = UnitColumns("user_id", "variant", optional=True)
measure_units([sys.argv[1]], columns, metrics, ["control", "treatment"])
"""


def _table(units: int, *, ids: bool) -> pa.Table:
    random = np.random.default_rng(1)
    columns = {
        "user_id": np.char.add("u", np.arange(units).astype(str)),
        "variant": np.where(random.random(units) < 0.5, "control", "treatment"),
        "rev": random.lognormal(2, 1, units).round(4),
        "pre": random.lognormal(2, 1, units).round(4),
        "conv": (random.random(units) < 0.1).astype(int),
        "imp": random.poisson(8, units),
    }
    return pa.table(columns if ids else {name: each for name, each in columns.items() if name != "user_id"})


def _run(file: Path) -> tuple[float, int]:
    """Seconds of a whole process, and the most memory it took in MB."""
    begin = time.perf_counter()
    process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", _MEASURE, str(file)])
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{file.name} could not be measured")
    return time.perf_counter() - begin, used.ru_maxrss // 1024


def main() -> None:
    """Print a table of medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = _table(64_000, ids=False), _table(1_000_000, ids=True)
        csv.write_csv(small, folder / "64k.csv")
        csv.write_csv(large, folder / "1M.csv")
        parquet.write_table(large, folder / "1M.parquet")
        for file in ("64k.csv", "1M.csv", "1M.parquet"):
            found = [_run(folder / file) for _ in range(runs + 1)][1:]
            seconds = statistics.median(took for took, _ in found)
            print(f"{file:12} {seconds:6.2f} s  {max(memory for _, memory in found):6,} MB")


if __name__ == "__main__":
    main()
