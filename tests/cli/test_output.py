"""Where the output goes: a pipe whose reader has gone, a disk that is full, a device."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATUS = [sys.executable, "-c", "from coord.cli.main import main; main()", "status", "--today", "2026-04-15"]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_a_full_disk_is_no_defect() -> None:
    with FULL.open("w") as full:
        found = subprocess.run(STATUS, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert found.returncode == 3
    assert found.stderr == "coord: The output cannot be written: No space left on device.\n"


def test_a_reader_that_has_gone_changes_nothing() -> None:
    process = subprocess.Popen(STATUS, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    process.stderr.close()


def test_a_device_is_written_to_and_stays() -> None:
    found = subprocess.run(
        [*STATUS, "-o", "/dev/null"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    assert not Path("/dev/null").is_file()
