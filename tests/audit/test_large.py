"""A million rows, end to end, and stopped on the way."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from audit.commands import put
from audit.test_causes import _random
from audit.worlds import HEADER
from logs.files import csv_text

TIMES = 670


def _million(folder: Path) -> tuple[Path, Counter[str]]:
    """The rows of a random world, many times over."""
    world, rows = _random(3)
    put(folder, world)
    header, _, body = csv_text([row.cells for row in rows], HEADER).partition("\r\n")
    path = folder / "exposures.csv"
    path.write_text(f"{header}\r\n{body * TIMES}", "utf-8", newline="")
    return path, Counter({cause: TIMES * number for cause, number in Counter(map(world.cause, rows)).items()})


def _command(path: Path) -> list[str]:
    coord = [sys.executable, "-c", "from coord.cli.main import main; main()"]
    return [*coord, "audit", "--exposures", str(path), "--format", "json", "--rejects", "rejects.csv"]


def test_a_million_rows(tmp_path: Path) -> None:
    path, expected = _million(tmp_path)
    done = subprocess.run(_command(path), cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr == b""
    document = json.loads(done.stdout)
    assert document["rows"] == expected.total() > 1_000_000
    assert {cause: number for cause, number in document["counts"].items() if number} == expected
    with (tmp_path / "rejects.csv").open("rb") as rejects:
        assert sum(1 for _ in rejects) == expected["unusable"] + 1


def test_stopped_it_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    path, _ = _million(tmp_path)
    with subprocess.Popen(
        _command(path), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None and not list(tmp_path.glob(".rejects.csv.*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert told == said == b""
    assert sorted(one.name for one in tmp_path.iterdir()) == ["exposures.csv", "surfaces"]
