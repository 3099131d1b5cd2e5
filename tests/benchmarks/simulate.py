"""Times `coord simulate`, 30 experiments in force: `python tests/benchmarks/simulate.py [UNITS]`.

Whole processes with their peak memory: made-up units, and the same number from a CSV file.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from organisation import write

COUNTRIES = ("SE", "US", "BR", "NO")
_CHUNK = 100_000


def _measure(what: str, command: list[str], folder: Path) -> None:
    """Print wall-clock time, CPU time and peak memory of a process."""
    begin = time.perf_counter()
    with (folder / "out.txt").open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    wall, cpu = time.perf_counter() - begin, usage.ru_utime + usage.ru_stime
    peak, code = usage.ru_maxrss / 1e6, os.waitstatus_to_exitcode(status)
    print(f"{what}: {wall:.1f} s, CPU {cpu:.1f} s, {peak:.2f} GB, exit {code}")


def _write_units(path: Path, number: int) -> None:
    random_ = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id,country\n")
        for begin in range(0, number, _CHUNK):
            rows = range(begin, min(begin + _CHUNK, number))
            file.writelines(
                f"{uuid.UUID(int=random_.getrandbits(128))},{COUNTRIES[row % len(COUNTRIES)]}\n"
                for row in rows
            )


def main() -> None:
    """Print a line for each kind of units."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, 60, 10_000)
        command = ["coord", "simulate", "allocation", "--today", "2026-03-10", "--units"]
        _measure(f"{units:,} made-up units, 30 experiments", [*command, str(units)], folder)
        _write_units(folder / "units.csv", units)
        size = (folder / "units.csv").stat().st_size / 1e9
        _measure(f"{units:,} units of a file of {size:.2f} GB", [*command, "units.csv"], folder)
        program = ["coord", "simulate", "program", "--arrivals", "520", "--teams", "58", "--days", "14"]
        _measure("a programme of 520 a year, 100 times", program, folder)


if __name__ == "__main__":
    main()
