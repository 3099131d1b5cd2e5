"""Writing survives kills, full disks and second writers: every file is wholly old or wholly new."""

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from allocation.trees import contents, ledger_path, put, tree, write
from coord.cli.main import run
from coord.config import store
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.errors import CoordError

TODAY = "2026-02-01"
NAMES = ("home/copy", "home/hero", "home/third")

# Lets the command come to the point of writing, and then writes once for every line of the module that
# writes, each time in a fresh tree and in a child that dies, without another instruction of Python's, when it
# comes to that line. Prints how many lines there were.
KILLER = """
import os, shutil, sys
from pathlib import Path
from coord.cli.main import run
from coord.config import store

template, folder, *arguments = sys.argv[1:]
write_all = store.write_all

def child(root, files, last):
    seen = 0
    def trace(frame, event, argument):
        nonlocal seen
        if frame.f_code.co_filename != store.__file__:
            return None
        if event == "line":
            seen += 1
            if seen == last:
                os._exit(9)
        return trace
    sys.settrace(trace)
    with store.exclusive(root):
        write_all(root, files)
    sys.settrace(None)
    os._exit(0)

def write_and_die(_, files):
    code, last = 9, 0
    while code == 9:
        last += 1
        root = Path(shutil.copytree(template, os.path.join(folder, str(last))))
        pid = os.fork()
        if pid == 0:
            child(root, files, last)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(2, f"{last} {code}".encode())

store.write_all = write_and_die
sys.exit(run([*arguments, "--root", template]))
"""


def _template(root: Path) -> Path:
    """Three exclusive experiments; two have ledgers that are to be drawn again."""
    write(root, tree({"hero": {}, "copy": {}, "third": {}}))
    for name, buckets in (("hero", "0:300"), ("copy", "300:600")):
        base = {"experiment": f"home/{name}", "space": "user", "version": 1, "migrated": True}
        put(root, f"home/{name}", {**base, "entries": [{"buckets": buckets}]})
    return root


def test_killed_anywhere_every_file_is_wholly_old_or_wholly_new(tmp_path: Path) -> None:
    template, arguments = _template(tmp_path / "template"), ["allocate", "--redraw", *NAMES, "--today", TODAY]
    old = contents(template)
    done = shutil.copytree(template, tmp_path / "done")
    assert run([*arguments, "--root", str(done)]) == 0
    new = contents(done)
    (tmp_path / "killed").mkdir()
    command = [sys.executable, "-c", KILLER, str(template), str(tmp_path / "killed"), *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    lines, code = map(int, told.stderr.split())
    assert code == 0
    assert lines > 30  # the lines before, between and after three renames
    assert contents(tmp_path / "killed" / str(lines)) == new
    changed = [path for path in new if old.get(path) != new[path]]
    assert len(changed) == 3
    states = set()
    for last in range(1, lines):
        root = tmp_path / "killed" / str(last)
        found = contents(root)
        left = [path for path in found if path not in new]
        assert all(Path(path).name.startswith(".") and path.endswith(".tmp") for path in left)
        for path in new:
            assert found.get(path) in {old.get(path), new[path]}, (last, path)
        states.add(tuple(found.get(path) == new[path] for path in changed))
        assert load(WorkingTree(root)).findings == []  # all that is there can be read, and leftovers are not
    assert {(False,) * 3, (True,) * 3} <= states
    assert len(states) == 4  # in the order of drawing, one after another


def test_what_a_kill_left_behind_is_in_nobodys_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, tree({"hero": {}}))
    leftover = ledger_path(root, "home/hero").with_name(".hero.yaml.1.tmp")
    leftover.parent.mkdir()
    leftover.write_text("experiment: [", "utf-8")
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--all"]) == 0
    assert run(["check", "--root", str(root), "--today", TODAY, "--fail-on", "info"]) == 0
    assert "No errors or warnings" in capsys.readouterr().out


def _start(root: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", "from coord.cli.main import main; main()", "allocate", *arguments]
    return subprocess.Popen(
        [*command, "--root", str(root), "--today", TODAY], stdout=subprocess.PIPE, text=True
    )


def _together(root: Path, *calls: tuple[str, ...]) -> list[tuple[int, str]]:
    """Run the calls as processes that all want to write at the same moment."""
    handle = os.open(root / "surfaces", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    before = contents(root)
    processes = [_start(root, *call) for call in calls]
    time.sleep(1)
    assert [process.poll() for process in processes] == [None] * len(calls)  # they wait
    assert contents(root) == before
    os.close(handle)
    return [(process.communicate(timeout=60)[0], process.returncode)[::-1] for process in processes]


def test_two_processes_in_one_tree_draw_one_after_the_other(tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(3)]
    files = tree({name: {"start": f"2026-03-{16 + n}"} for n, name in enumerate(names)})
    alone, shared = write(tmp_path / "alone", files), write(tmp_path / "shared", files)
    process = _start(alone, "--all")
    process.communicate(timeout=60)
    assert process.returncode == 0
    outcomes = _together(shared, ("--all",), ("--all",))
    assert [code for code, _ in outcomes] == [0, 0]
    assert sorted(text.splitlines()[-1] for _, text in outcomes) == [
        "0 ledgers written.",
        "3 ledgers written.",
    ]
    assert contents(shared) == contents(alone)


def test_two_processes_with_different_names_never_draw_the_same_buckets(tmp_path: Path) -> None:
    root = write(tmp_path, tree({"one": {"traffic": "50%"}, "two": {"traffic": "50%"}}))
    outcomes = _together(root, ("home/one",), ("home/two",))
    assert [code for code, _ in outcomes] == [0, 0]
    assert run(["check", "--root", str(root), "--today", TODAY, "--replay"]) == 0


def _failing_replace(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the n-th rename fail, as in a folder that has become read-only."""
    genuine, calls = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == number:
            raise OSError(errno.EROFS, "Read-only file system", str(target))
        return genuine(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_when_one_file_cannot_be_replaced_all_stay_as_they_were(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = _template(tmp_path)
    before = contents(root)
    _failing_replace(monkeypatch, number)
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--redraw", *NAMES]) == 3
    told = capsys.readouterr()
    assert "cannot be written: Read-only file system. Nothing was changed." in told.err
    assert told.out == ""
    assert contents(root) == before


def test_when_the_disk_is_full_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _template(tmp_path)
    before, calls = contents(root), 0

    def fsync(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--redraw", *NAMES]) == 3
    assert contents(root) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = _template(tmp_path)
    before, folder = contents(root), root / "surfaces/home/allocations"
    folder.chmod(0o555)
    try:
        assert run(["allocate", "--root", str(root), "--today", TODAY, "--redraw", *NAMES]) == 3
    finally:
        folder.chmod(0o755)
    assert "cannot be written: Permission denied. Nothing was changed." in capsys.readouterr().err
    assert contents(root) == before


def test_what_cannot_be_undone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"surfaces/a": "old a", "surfaces/b": "old b"})
    genuine, calls = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(errno.EROFS, "Read-only file system", str(target))
        return genuine(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(CoordError, match=r"cannot be written: .* stay changed: .*surfaces/a"):
        store.write_all(tmp_path, {"surfaces/a": "new a", "surfaces/b": "new b"})
    assert contents(tmp_path) == {"surfaces/a": b"new a", "surfaces/b": b"old b"}


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(CoordError, match="cannot be locked: No such file"), store.exclusive(tmp_path):
        raise AssertionError("nobody is let in")


def test_the_output_names_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = _template(tmp_path)
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--format", "json", *NAMES]) == 0
    actions = {row["experiment"]: row["action"] for row in json.loads(capsys.readouterr().out)["outcomes"]}
    assert actions == {"home/copy": "kept", "home/hero": "kept", "home/third": "drawn"}
    assert ledger_path(root, "home/third").exists()
