"""The progress bar: on a terminal, after a while, and never anywhere else."""

import io
import sys

import pytest

from coord.report import progress as module
from coord.report.progress import progress


class Terminal(io.StringIO):
    """A stderr that says it is one."""

    def isatty(self) -> bool:
        return True


def show(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float) -> str:
    monkeypatch.setattr(module, "PATIENCE", patience)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with progress("units", 10) as done:
        for _ in range(5):
            done(2)
    return stream.getvalue()


def test_nothing_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert show(monkeypatch, io.StringIO(), 0) == ""


def test_nothing_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert show(monkeypatch, Terminal(), 60) == ""


def test_a_bar_that_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = show(monkeypatch, Terminal(), 0)
    assert "units" in shown
    assert "10/10" in shown
    assert shown.rstrip().endswith("\x1b[2K")  # the line is cleared
