"""Times a review on an organisation with two years behind it: `python tests/benchmarks/reviews.py [RUNS]`.

520 experiments, ten every two weeks, each for six weeks: thirty run at once, most are over, some are to come.
Every one has its drawn ledger and its commit. The work tree then changes five files. `coord check` alone, and
with `--base HEAD~5`, and `coord plan` with that, run in turn, as whole processes; printed are medians, and of
the ratios to the plain check the median over the turns. A comparison may cost half a check more, not above.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from organisation import COORD, EXPERIMENT, METRICS, SURFACE

EXPERIMENTS, BUCKETS, AT_ONCE = 520, 10_000, 10
START = date(2024, 3, 4)
TWO_WEEKS, LENGTH = timedelta(weeks=2), timedelta(weeks=6)
TODAY = START + 46 * TWO_WEEKS
COMPONENTS = ("header", "shelf", "footer", "menu", "player")
MOST = 1.5
SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "HOME": os.devnull,
}


def experiment(number: int) -> tuple[str, str, str]:
    """Its surface, its name, and its file. On a component the next one starts while one still runs."""
    turn, place = divmod(number, AT_ONCE)
    component = COMPONENTS[place % 5]
    surface = f"surface-{2 * (turn % 2) + place // 5}"
    name, start = f"{component}-{turn:02}", START + turn * TWO_WEEKS
    text = EXPERIMENT.format(name=name, surface=surface, start=start, end=start + LENGTH, component=component)
    return surface, name, text


def _commits(folder: Path) -> Iterator[dict[str, str]]:
    """The files of each commit; ledgers are drawn as if that had been done before the first start."""
    files = {"surfaces/coord.yaml": COORD.format(buckets=BUCKETS), "surfaces/metrics.yaml": METRICS}
    surfaces = (f"surface-{number}" for number in range(4))
    files |= {f"surfaces/{name}/surface.yaml": SURFACE.format(name=name) for name in surfaces}
    yield files
    made = [experiment(number) for number in range(EXPERIMENTS)]
    _write(folder, files | {_path(surface, name): text for surface, name, text in made})
    _run(folder, "coord", "allocate", "--all", "--today", str(START - TWO_WEEKS))
    for surface, name, text in made:
        ledger = _path(surface, name).replace("experiments", "allocations")
        yield {_path(surface, name): text, ledger: (folder / ledger).read_text("utf-8")}


def write(folder: Path) -> None:
    """The repository, and the change of five files in its work tree."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "fast-import", "--quiet", stdin="".join(_stream(folder)).encode())
    _git(folder, "reset", "--quiet", "--hard", "main")
    for number, old, new in (
        (EXPERIMENTS - 1, "It gets better", "It gets much better"),  # to come
        (445, "owner: two", "owner: three"),  # running
        (100, "metrics:", "outcome: {decision: shipped}\nmetrics:"),  # over
    ):
        surface, name, text = experiment(number)
        _write(folder, {_path(surface, name): text.replace(old, new, 1)})
    surface, name, text = experiment(EXPERIMENTS - 2)  # one more beside it, with its ledger
    more = text.replace(f"experiment: {name}", f"experiment: {name}-more")
    _write(folder, {_path(surface, f"{name}-more"): more})
    _run(folder, "coord", "allocate", f"{surface}/{name}-more", "--today", str(TODAY))
    changed = _git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    if len(changed) != 5:
        raise AssertionError(changed)


def _path(surface: str, name: str) -> str:
    return f"surfaces/{surface}/experiments/{name}.yaml"


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def _stream(folder: Path) -> Iterator[str]:
    """The commits as `git fast-import` reads them."""
    for number, files in enumerate(_commits(folder)):
        yield f"commit refs/heads/main\ncommitter a <a@example.org> {1_700_000_000 + number} +0000\ndata 0\n"
        for path, text in files.items():
            yield f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=True,
        env=os.environ | SETTINGS,
    )
    return done.stdout.decode()


def _environment(folder: Path) -> dict[str, str]:
    """Variables of a command: nobody's settings, and compiled modules are kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | SETTINGS | {"PYTHONPYCACHEPREFIX": str(folder / ".git" / "pycache")}


def _run(folder: Path, *command: str) -> float:
    """Seconds that a command takes; it must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True, env=_environment(folder))
    return time.perf_counter() - begin


def measure(folder: Path, runs: int) -> dict[str, list[float]]:
    """The times of each command, one after the other in every turn; the first turn is not counted."""
    today = ("--today", TODAY.isoformat())
    base = ("--base", "HEAD~5")
    commands = {
        "coord check": ("coord", "check", *today),
        "coord check --base": ("coord", "check", *base, *today),
        "coord plan --base": ("coord", "plan", *base, *today),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            took = _run(folder, *command)
            if turn:
                times[name].append(took)
    return times


def main() -> None:
    """Print the medians and the ratios; exit with 1 when one is too large."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
        times = measure(Path(name), runs)
    plain, too_slow = times["coord check"], False
    for command, took in times.items():
        ratio = statistics.median(one / other for one, other in zip(took, plain, strict=True))
        too_slow |= ratio > MOST
        print(f"{command:20} {statistics.median(took):7.3f} s   {ratio:5.2f} times the plain check")
    sys.exit(int(too_slow))


if __name__ == "__main__":
    main()
