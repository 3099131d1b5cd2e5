"""Times exposures and events: `python tests/benchmarks/measure_engine.py [UNITS] [EVENTS] [RUNS] [WAY...]`.

Defaults: a million units, ten million events (0.7 GB of CSV), three runs, by_hand and by_coord. Whole
processes, the median of RUNS after one that is not counted (of one run all is counted): what coord finds, by
DuckDB or with by_spark by Spark, and a query for DuckDB written by hand that aggregates the same files to the
same moments by arm and day, in its own window and in that of one day, without a check of anything. Wall and
processor time, and the most memory that was resident: of Spark its own process as well.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

from coord.domain.dates import Days
from coord.domain.metrics import Metric, Source

if TYPE_CHECKING:
    from coord.logs.engine import Opening

DAYS = Days(date(2026, 3, 2), date(2026, 4, 27))
_EVENTS = ("play", "open", "click", "impression", "start")
_SHARES = (0.2, 0.2, 0.1, 0.3, 0.2)
_ROWS = 1_000_000

METRICS = (
    Metric("minutes", 0, 7, False, False, 14, "zero", Source("play", "sum", "value")),
    Metric("ctr", 0, 7, False, False, 14, "zero", Source("click", "count"), Source("impression", "count")),
    Metric("retained", 7, 14, False, False, None, "zero", Source("open", "any")),
)

_DAY = 86_400_000_000
_BY_HAND = """
create table units as
  select user_id, row_number() over ()::int as key, variant as arm, epoch_us(first) as first from (
    select user_id, min(variant) as variant, min(timestamp) as first, max(variant) as other
    from read_csv('{folder}/exposures.csv', header = true, auto_detect = false, delim = ',', quote = '',
      columns = {{timestamp: 'TIMESTAMP', user_id: 'VARCHAR', experiment: 'VARCHAR', variant: 'VARCHAR'}})
    where experiment = 'home/demo' and timestamp >= '2026-03-02' and timestamp < '2026-04-27'
    group by user_id)
  where variant = other;
create table found as
  select key, {values} from (
    select key, event, value, epoch_us(timestamp) - first as since
    from read_csv('{folder}/events.csv', header = true, auto_detect = false, delim = ',', quote = '',
      columns = {{timestamp: 'TIMESTAMP', user_id: 'VARCHAR', event: 'VARCHAR', value: 'DOUBLE'}}) e
    join units u on e.user_id = u.user_id where event in ('play', 'open', 'click', 'impression'))
  group by key;
create table moments as
  select arm, (first + {day} - 1) // {day} as entry, count(*), {moments}
  from units left join found on units.key = found.key group by arm, entry;
"""


def _query(folder: Path) -> str:
    def window(event: str, first: int, upto: int) -> str:
        return f"event = '{event}' and since >= {first * _DAY} and since < {upto * _DAY}"

    values, moments = {}, []
    for upto in (7, 1):
        values[f"minutes{upto}"] = f"sum(value) filter ({window('play', 0, upto)})"
        values[f"click{upto}"] = f"count(*) filter ({window('click', 0, upto)})"
        values[f"seen{upto}"] = f"count(*) filter ({window('impression', 0, upto)})"
    values["minutes_before"] = f"sum(value) filter ({window('play', -14, 0)})"
    values["click_before"] = f"count(*) filter ({window('click', -14, 0)})"
    values["seen_before"] = f"count(*) filter ({window('impression', -14, 0)})"
    values["retained"] = f"(count(*) filter ({window('open', 7, 14)}) > 0)::int"
    values["opened"] = f"(count(*) filter ({window('open', 0, 1)}) > 0)::int"
    for upto in (7, 1):
        groups = (
            [f"minutes{upto}", "minutes_before"],
            [f"click{upto}", f"seen{upto}", "click_before", "seen_before"],
        )
        for group in (*groups, ["retained"] if upto == 7 else ["opened"]):
            columns = [f"coalesce({name}, 0)::double" for name in group]
            moments += [f"sum({one})" for one in columns]
            moments += [f"sum({a} * {b})" for i, a in enumerate(columns) for b in columns[i:]]
    named = ", ".join(f"{what} as {name}" for name, what in values.items())
    return _BY_HAND.format(folder=folder, values=named, day=_DAY, moments=", ".join(moments))


def by_hand(folder: Path) -> None:
    """The same moments by a query."""
    import duckdb  # noqa: PLC0415 - each process has what it needs

    with tempfile.TemporaryDirectory() as spill:
        connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": spill})
        connection.execute("set preserve_insertion_order = false")
        connection.execute(_query(folder))
        print(connection.sql("select count(*) from moments").fetchall())


def by_coord(folder: Path) -> None:
    """All that an analysis needs of the logs."""
    from coord.logs.streams import streams  # noqa: PLC0415

    _measure(folder, streams)


def by_spark(folder: Path) -> None:
    """The same with Spark."""
    from coord.logs.spark import spark  # noqa: PLC0415

    _measure(folder, spark)


def _measure(folder: Path, opening: "Opening") -> None:
    from coord.logs.logged import LogSpec  # noqa: PLC0415
    from coord.logs.measure_logs import LogFiles, measure_logs  # noqa: PLC0415

    spec = LogSpec("home/demo", ("control", "treatment"), DAYS, DAYS.end, DAYS.end)
    files = LogFiles([str(folder / "exposures.csv")], [str(folder / "events.csv")], "user_id")
    found = measure_logs(spec, files, METRICS, opening=opening)
    for name, series in found.exposed.metrics.items():
        measured = series.at(found.as_of)
        print(name, measured.units, [moments.mean for moments in measured.moments])


def write(folder: Path, units: int, events: int) -> None:
    """Files of logs: ids of 36 characters, rows in no order."""
    draw = np.random.default_rng(1)
    ids = _ids(draw, units)
    start = np.datetime64("2026-03-02T00:00:00", "s")
    options = csv.WriteOptions(quoting_style="none")
    names = ["timestamp", "user_id", "experiment", "variant"]
    with _opened(folder / "exposures.csv", names, options) as file:
        arms = pa.array(np.where(draw.random(units) < 0.5, "control", "treatment"))
        experiments = pa.array(["home/demo"] * units)
        columns = [
            _times(draw, start, 28, units),
            ids.take(pa.array(draw.permutation(units))),
            experiments,
            arms,
        ]
        file.write(pa.table(columns, names=names))
    names = ["timestamp", "user_id", "event", "value"]
    with _opened(folder / "events.csv", names, options) as file:
        for begin in range(0, events, _ROWS):
            rows = min(_ROWS, events - begin)
            kinds = draw.choice(len(_EVENTS), rows, p=_SHARES)
            valued = np.isin(kinds, (0, 4))
            values = np.where(valued, np.char.mod("%.2f", draw.exponential(30, rows)), "")
            columns = [
                _times(draw, start - np.timedelta64(14 * 86400, "s"), 49, rows),
                ids.take(pa.array(draw.integers(0, units, rows))),
                pa.array(np.array(_EVENTS)[kinds]),
                pa.array(values),
            ]
            file.write(pa.table(columns, names=names))


def _opened(path: Path, names: list[str], options: csv.WriteOptions) -> csv.CSVWriter:
    file = path.open("wb")
    file.write(",".join(names).encode() + b"\n")
    options.include_header = False
    return csv.CSVWriter(file, pa.schema([(name, pa.string()) for name in names]), write_options=options)


def _ids(draw: np.random.Generator, number: int) -> pa.Array:
    texts = draw.bytes(16 * number).hex()
    cut = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    places = range(0, 32 * number, 32)
    return pa.array(["-".join(texts[at + a : at + b] for a, b in cut) for at in places])


def _times(draw: np.random.Generator, start: np.datetime64, days: int, number: int) -> pa.Array:
    moments = start + draw.integers(0, days * 86400, number).astype("timedelta64[s]")
    return pa.array(np.char.add(np.datetime_as_string(moments, unit="s"), "Z"))


def _most_memory() -> float:
    """The most memory in MB that was resident of this process, and of processes that it waited for."""
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1e3


def _timed(folder: Path, which: str, runs: int) -> tuple[float, float, float]:
    """The medians of wall time and processor time in seconds, and the most memory in MB."""
    walls, processors, memory = [], [], 0.0
    for run in range(1 if runs == 1 else runs + 1):
        begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, __file__, which, str(folder)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if run or runs == 1:
            walls.append(time.perf_counter() - begin)
            processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            memory = max(memory, float(told.splitlines()[-1]))
    return statistics.median(walls), statistics.median(processors), memory


def _compare(folder: Path, runs: int, ways: Sequence[str]) -> None:
    for which in ways:
        wall, processor, memory = _timed(folder, which, runs)
        print(f"{which:9} {wall:7.2f} s  processor {processor:7.2f} s  memory {memory:6.0f} MB", flush=True)


WAYS = {"by_hand": by_hand, "by_coord": by_coord, "by_spark": by_spark}


def main() -> None:
    """Print a line for each way."""
    given = sys.argv[1:]
    if given and given[0] in WAYS:
        WAYS[given[0]](Path(given[1]))
        print(_most_memory())
        return
    ways = [one for one in given if one in WAYS]
    numbers = [one for one in given if one not in WAYS]
    defaults = ("1000000", "10000000", "3")
    units, events, runs = (int(one) for one in (*numbers, *defaults[len(numbers) :]))
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), units, events)
        _compare(Path(name), runs, ways or ["by_hand", "by_coord"])


if __name__ == "__main__":
    main()
