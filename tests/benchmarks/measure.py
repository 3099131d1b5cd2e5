"""Times check and allocate on organisations of several sizes: `python tests/benchmarks/measure.py [RUNS]`.

Whole processes, the median of RUNS (default 5) after one that is not counted. Where check-jsonschema is
installed it validates the same files by their schemas, in turn with `coord check`.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from organisation import write

SCHEMAS = Path(__file__).parents[2] / "schemas"
SIZES = ((1, 10_000), (1_000, 10_000), (10_000, 10_000), (100, 1_000_000))
DRAWS = ((1, 10_000), (30, 10_000), (1, 1_000_000))


def _median(commands: list[list[str]], runs: int, folder: Path, *, anew: str | None = None) -> float:
    """The median of the whole processes; files that match `anew` are deleted before each run."""
    times = []
    for run in range(runs + 1):
        for path in folder.glob(anew) if anew else ():
            path.unlink()
        begin = time.perf_counter()
        for command in commands:
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        if run:
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _check_jsonschema(folder: Path) -> list[list[str]]:
    kinds = {
        "experiment": "*/experiments/*.yaml",
        "allocation": "*/allocations/*.yaml",
        "surface": "*/surface.yaml",
    }
    return [
        ["check-jsonschema", "--schemafile", str(SCHEMAS / f"{kind}.schema.json")]
        + [str(path) for path in (folder / "surfaces").glob(pattern)]
        for kind, pattern in kinds.items()
    ]


def main() -> None:
    """Print a table of medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    here = Path.cwd()
    base = _median([[sys.executable, "-c", "import typer, rich"]], runs, here)
    print(f"import typer, rich                          {base:8.3f} s")
    print(f"coord --help                                {_median([['coord', '--help']], runs, here):8.3f} s")
    for experiments, buckets in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, experiments, buckets)
            took = _median([["coord", "check", "--today", "2026-03-01"]], runs, folder)
            print(f"coord check {experiments:>7,} experiments {buckets:>9,} buckets {took:8.3f} s")
            if experiments == 1_000 and shutil.which("check-jsonschema"):
                took = _median(_check_jsonschema(folder), runs, folder)
                print(f"  check-jsonschema on the same files        {took:8.3f} s")
    for experiments, buckets in DRAWS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, experiments, buckets)
            command = ["coord", "allocate", "--all", "--today", "2026-03-01"]
            took = _median([command], runs, folder, anew="surfaces/*/allocations/*.yaml")
            print(f"coord allocate --all {experiments:>7,} experiments {buckets:>9,} buckets {took:8.3f} s")


if __name__ == "__main__":
    main()
