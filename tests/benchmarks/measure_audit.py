"""Times `coord audit` on exposures of several sizes: `measure_audit.py [MILLIONS]...`.

By default 2.5 and 10 million rows of 50 experiments, as CSV, packed CSV and Parquet: the time and the peak of
memory of the whole process. Where others use the machine, the time of processors says more. Every row is
right, so the audit must pass.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from organisation import write
from pyarrow import compute, csv, parquet

from coord.allocation.assign_many import buckets_of, mask, variants_of
from coord.allocation.columns import from_arrow
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.domain.catalog import Catalog

UNITS = 2_000_000
AT_ONCE = 1 << 19
BUCKETS = 10_000


def tables(catalog: Catalog, rows: int) -> Iterator[pa.Table]:
    """Rows that are right, in tables; each of random units that are in random experiments on random days."""
    random = np.random.default_rng(1)
    keys = sorted(catalog.experiments)
    while rows:
        parts = [_part(catalog, key, random) for key in keys]
        table = pa.concat_tables(parts)
        table = table.take(pa.array(random.permutation(len(table))[:rows])).combine_chunks()
        rows -= len(table)
        yield table


def _part(catalog: Catalog, key: str, random: np.random.Generator) -> pa.Table:
    """About a fiftieth of a table: one experiment."""
    one = catalog.experiments[key]
    assert one.days is not None
    tried = pa.array([f"user-{n}" for n in random.integers(0, UNITS, AT_ONCE // 9).tolist()])
    held = mask(catalog.holdings[key].ever, BUCKETS)
    units = tried.filter(pa.array(held[buckets_of(catalog.spaces["user"], from_arrow(tried))]))
    begin = (one.days.start.toordinal() - 719_163) * 86_400
    seconds = begin + random.integers(0, one.days.length * 86_400, len(units))
    return pa.table(
        {
            "timestamp": compute.strftime(pa.array(seconds, pa.timestamp("s")), format="%Y-%m-%dT%H:%M:%SZ"),
            "user_id": units,
            "experiment": pa.repeat(key, len(units)),
            "variant": pa.array([v.name for v in one.variants]).take(
                pa.array(variants_of(one, from_arrow(units)))
            ),
            "country": pa.array(["SE", "US"]).take(pa.array(random.integers(0, 2, len(units)))),
        }
    )


def write_rows(catalog: Catalog, rows: int, folder: Path) -> list[Path]:
    """The same rows as CSV, packed CSV and Parquet."""
    paths = [folder / f"exposures-{rows}.{suffix}" for suffix in ("csv", "csv.gz", "parquet")]
    first = next(tables(catalog, 1))
    options = csv.WriteOptions(quoting_style="none")
    with (
        csv.CSVWriter(paths[0], first.schema, write_options=options) as plain,
        pa.CompressedOutputStream(paths[1], "gzip") as packed,
        csv.CSVWriter(packed, first.schema, write_options=options) as packing,
        parquet.ParquetWriter(paths[2], first.schema) as columns,
    ):
        for table in tables(catalog, rows):
            for writer in (plain, packing, columns):
                writer.write_table(table)
    return paths


def measured(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Seconds, those of processors, and the peak of memory in MB, of a process that must exit with 0."""
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, {**os.environ, "PWD": str(folder)})
    _, status, used = os.wait4(process, 0)
    took = time.perf_counter() - begin
    assert os.waitstatus_to_exitcode(status) == 0, command
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print a table."""
    millions = [float(text) for text in sys.argv[1:]] or [2.5, 10]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, 50, BUCKETS)
        catalog = load(WorkingTree(folder)).catalog
        for rows in (round(1_000_000 * number) for number in millions):
            for path in write_rows(catalog, rows, folder):
                command = ["coord", "audit", "--root", str(folder), "--exposures", str(path)]
                took, busy, memory = measured([*command, "--output", os.devnull], folder)
                suffix = "".join(path.suffixes)
                times = f"{took:8.2f} s ({busy:.1f} s of processors)"
                print(f"coord audit {rows:>11,} rows {suffix:<9}{times} {memory:8,.0f} MB")
                path.unlink()


if __name__ == "__main__":
    main()
