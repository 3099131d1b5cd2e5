"""`coord new` by options and at a terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coord.cli.main import run

DAY = ["--today", "2026-03-01"]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An organisation, which is the current directory."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "--install", ""]) == 0
    capsys.readouterr()
    return tmp_path


def _set(*items: str) -> list[str]:
    return [word for item in items for word in ("--set", item)]


def test_init_new_allocate_check(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way of a newcomer, without a terminal."""
    assert run(["new", "surface", "search", *DAY, *_set("components=results,box")]) == 0
    assert "coord new experiment search/NAME" in capsys.readouterr().out
    items = _set("status=active", "hypothesis=h", "start=2026-03-09", "end=2026-03-23", "traffic=20%")
    assert run(["new", "experiment", "search/order", *DAY, *items, *_set("components=results")]) == 0
    assert capsys.readouterr().out.endswith("coord allocate search/order\n")
    assert run(["new", "experiment", "home/idea", *DAY]) == 0
    assert (
        "complete it, set `status: active`, then\n      coord allocate home/idea" in capsys.readouterr().out
    )
    assert run(["allocate", "search/order", *DAY]) == 0
    assert run(["check", *DAY, "--select", "SYN,REF,BKT"]) == 0


def test_what_check_would_say_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    items = _set("status=active", "hypothesis=h", "start=2026-03-09", "end=2026-03-11", "traffic=20%")
    assert run(["new", "experiment", "home/x", *DAY, *items]) == 0
    told = capsys.readouterr().out
    assert "coord check says of it:\n  error LIF002: " in told
    assert "Next: correct that, then coord allocate home/x\n" in told


def test_a_dry_run_prints_the_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "experiment", "home/x", "--dry-run", *DAY]) == 0
    assert "\nexperiment: x\nsurface: home\nkind: ab_test " in capsys.readouterr().out
    assert not (root / "surfaces/home/experiments").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["metric", "x"], "metric"),
        (["surface"], "NAME"),
        (["surface", "../x"], '"../x" is no name of a surface'),
        (["experiment", "home/x\n"], r'"home/x\n" is no name'),
        (["experiment", "x"], "surface/name"),
        (["surface", "home"], "is there already"),
        (
            ["experiment", "home/x", "--set", "status=active"],
            "hypothesis, start, end and traffic are missing",
        ),
        (["experiment", "home/x", "--set", "traffic=20"], "percent string"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(
    root: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(root.rglob("*"))
    assert run(["new", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert sorted(root.rglob("*")) == before


def test_a_broken_tree_exits_3(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "surfaces/coord.yaml").write_text("[")
    assert run(["new", "surface", "search"]) == 3
    assert "run `coord check surfaces/coord.yaml`" in capsys.readouterr().err


class Terminal:
    """A `coord` that runs on a terminal of its own."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.main, side = pty.openpty()
        command = [sys.executable, "-c", "from coord.cli.main import main; main()", *arguments, *DAY]
        self.process = subprocess.Popen(
            command, cwd=root, stdin=side, stdout=side, stderr=side, start_new_session=True
        )
        os.close(side)
        self.seen = ""

    def answer(self, question: str, text: str) -> None:
        """Wait for a question that was not asked before, and type."""
        self.wait(question)
        os.write(self.main, f"{text}\n".encode())

    def wait(self, question: str) -> None:
        begin, deadline = len(self.seen), time.monotonic() + 20
        while question not in self.seen[begin:]:
            assert time.monotonic() < deadline, f"{question} was not asked: {self.seen}"
            self._read()

    def _read(self) -> bool:
        if not select.select([self.main], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.main, 4096)
        except OSError:  # the other side is closed
            return False
        self.seen += data.decode()
        return bool(data)

    def interrupt(self) -> None:
        """Ctrl-C; again where it came just before Python began to wait, which does not see it then."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            again = time.monotonic() + 4
            while time.monotonic() < again:
                if not self._read() or self.process.poll() is not None:
                    return

    def close(self) -> int:
        """Read on until it ends."""
        deadline = time.monotonic() + 20
        while self._read() and (self.process.poll() is None or time.monotonic() < deadline - 19):
            assert time.monotonic() < deadline, self.seen
        os.close(self.main)
        return self.process.wait(timeout=20)


def test_a_terminal_is_asked_and_wrong_answers_are_asked_again(root: Path) -> None:
    terminal = Terminal(root, "new", "experiment", "home/x", "--set", "title=Mine")
    terminal.answer("Kind [ab_test]: ", "abtest")
    terminal.answer("must be one of ab_test", "")
    terminal.answer("Status", "active")  # there is one team, so the owner is not asked for
    terminal.answer("Hypothesis", "It is: better")
    terminal.answer("Components", "headr")
    terminal.answer("did you mean header?", "header,content")
    terminal.answer("Variants", "off,on")
    terminal.answer("First day [2026-03-02]: ", "2026-02-30")
    terminal.answer("not a day of the calendar", "")
    terminal.answer("First day after [2026-03-16]: ", "")
    terminal.answer("Traffic", "20%")
    assert terminal.close() == 0
    assert "coord allocate home/x" in terminal.seen
    text = (root / "surfaces/home/experiments/x.yaml").read_text("utf-8")
    for line in (
        "title: Mine",
        'hypothesis: "It is: better"',
        "components: [header, content]",
        '  - {name: "off"}',
    ):
        assert line in text
    assert run(["check", *DAY, "--select", "SYN,REF"]) == 0


def test_a_surface_on_a_terminal(root: Path) -> None:
    terminal = Terminal(root, "new", "surface", "search")
    terminal.answer("Title [Search]: ", "")
    terminal.answer("Components", "box, results")
    assert terminal.close() == 0
    assert "  box: What belongs to box" in (root / "surfaces/search/surface.yaml").read_text("utf-8")


def test_an_interrupt_exits_130_and_writes_nothing(root: Path) -> None:
    terminal = Terminal(root, "new", "experiment", "home/x")
    terminal.answer("Kind", "rollout")
    terminal.wait("Title")
    terminal.interrupt()
    assert terminal.close() == 130
    assert "Traceback" not in terminal.seen
    assert not (root / "surfaces/home/experiments").exists()
