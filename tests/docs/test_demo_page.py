"""docs/demo.md, from top to bottom, as a reader types it, in a demo that is made once."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.demo.tour import TOUR

PAGE = Path(__file__).parents[2] / "docs/demo.md"
LEFT_OUT = "…"


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Every command, with the lines that are shown under it."""
    for block in re.findall(r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for command, shown in re.findall(
            r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.MULTILINE
        ):
            yield command.replace("\\\n", " "), shown.splitlines()


def _places(shown: list[str], told: list[str]) -> list[int]:
    """Where each line that is shown is in what was told, in order; fails for one that is not there."""
    found = [-1]
    for line in shown:
        if line != LEFT_OUT:
            assert line in told[found[-1] + 1 :], f"{line}\n\nis not in\n\n{chr(10).join(told)}"
            found.append(told.index(line, found[-1] + 1))
    return found


def test_every_step_shows_what_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines that are shown follow each other, except where `…` stands for some that are left out."""
    monkeypatch.chdir(tmp_path)
    for command, shown in _commands():
        program, *arguments = shlex.split(command)
        if program == "cd":
            monkeypatch.chdir(arguments[0])
            continue
        assert program == "coord"
        assert run(arguments) == 0, command
        told = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        places = _places(shown, told)
        if shown:
            gaps = sum(after - before > 1 for before, after in pairwise([*places, len(told)]))
            assert gaps == shown.count(LEFT_OUT), f"$ {command}\n{chr(10).join(told)}"


def test_the_page_goes_where_the_tour_goes() -> None:
    """With some stops more, in the same order."""
    commands = iter([shlex.split(command) for command, _ in _commands()])
    for stop in TOUR:
        assert shlex.split(stop.command) in commands, stop.command
