"""Times the hash of a column of ids against a loop over mmh3: `python tests/benchmarks/hashing.py [IDS]`.

CPU time of one thread, the median of 9 rounds in which everything is measured in turn; ratios say how many
times faster than the loop. Ids are random UUIDs as texts.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", ARROW_IO_THREADS="1")

import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial

import mmh3
import pyarrow as pa

from coord.allocation.columns import column, from_arrow
from coord.allocation.hashing import hashes

ROUNDS = 9
PREFIXES = ("MegaSalt-acme|", "MegaSalt-tonika-users|", "home/podcast-shelf|")


def _loop(prefix: str, ids: list[str]) -> list[int]:
    return [mmh3.hash64(prefix + u, 0, x64arch=True, signed=False)[0] for u in ids]


def _from_list(prefix: str, ids: list[str]) -> object:
    return hashes(prefix, column(ids))


def _from_arrow(prefix: str, array: pa.StringArray) -> object:
    return hashes(prefix, from_arrow(array))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> None:
    """Print a line for each prefix."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    pa.set_cpu_count(1)
    random_ = random.Random(1)
    ids = [str(uuid.UUID(int=random_.getrandbits(128), version=4)) for _ in range(number)]
    array, ready = pa.array(ids, pa.string()), column(ids)
    for prefix in PREFIXES:
        works: dict[str, Callable[[], object]] = {
            "mmh3 loop": partial(_loop, prefix, ids),
            "from a list": partial(_from_list, prefix, ids),
            "from Arrow": partial(_from_arrow, prefix, array),
            "a column": partial(hashes, prefix, ready),
        }
        assert hashes(prefix, ready).tolist() == _loop(prefix, ids)
        taken = {name: [0.0] * ROUNDS for name in works}
        for round_ in range(ROUNDS):
            for name, work in works.items():
                taken[name][round_] = _seconds(work)
        loop = statistics.median(taken["mmh3 loop"])
        figures = ", ".join(
            f"{name} {median * 1000:.0f} ms ({loop / median:.1f} x)"
            for name, median in ((name, statistics.median(times)) for name, times in taken.items())
        )
        print(f"{number:,} ids, prefix of {len(prefix)}: {figures}")


if __name__ == "__main__":
    main()
