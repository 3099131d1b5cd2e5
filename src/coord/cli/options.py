"""Options that several commands take."""

import os
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from coord.errors import CoordError, UsageError

Root = Annotated[
    Path | None, typer.Option("--root", help="Folder that has surfaces/ (default: look upward).")
]
Today = Annotated[
    str | None, typer.Option("--today", metavar="DATE", help="Judge as of this day (default: UTC today).")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Data of the days before this one count (default: --today)."
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")]

Base = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REF", help="Compare with where the history of this revision and HEAD part."
    ),
]

_NARROWEST = 60


def find_root(given: Path | None) -> Path:
    """The folder with `surfaces/`: the given one, or the nearest upward that has surfaces/coord.yaml."""
    if given is not None:
        if not (given / "surfaces").is_dir():
            raise CoordError(f"{given} has no folder `surfaces`. Give --root the folder that has it.")
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "surfaces" / "coord.yaml").is_file():
            return folder
    raise CoordError(
        f"There is no surfaces/coord.yaml in {here} or above it. Go to your repository, or give --root DIR."
    )


def parse_today(text: str | None) -> date:
    """The day to judge on."""
    return datetime.now(UTC).date() if text is None else parse_day("--today", text)


def parse_day(option: str, text: str) -> date:
    """The day that an option names."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # 2026-W10-1 is a day as well
        raise UsageError(f"{option} is {text}, and must be a day written YYYY-MM-DD.")
    return day


def wants_color(output: Path | None) -> bool:
    """Whether styles are wanted: on a terminal, unless NO_COLOR says otherwise."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def terminal_width(output: Path | None, most: int) -> int:
    """How wide lines may be: as the terminal is, where it is narrower; the same everywhere else."""
    on_terminal = output is None and sys.stdout.isatty()
    return max(_NARROWEST, min(most, shutil.get_terminal_size().columns)) if on_terminal else most


def emit(text: str, output: Path | None) -> None:
    """Print, or write a file whole or not at all."""
    emit_parts([text], output)


def emit_parts(parts: Iterable[str], output: Path | None) -> None:
    """The same for a text that is made piece by piece."""
    if output is None:
        _print(parts)
        return
    device = output.exists() and not output.is_file()  # such as /dev/null: written to, never replaced
    temporary = output if device else output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
        if not device:
            temporary.replace(output)
    except OSError as error:
        raise CoordError(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        if not device:
            temporary.unlink(missing_ok=True)


def _print(parts: Iterable[str]) -> None:
    """Print what the terminal can show, piece by piece."""
    try:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        for part in parts:
            sys.stdout.write(part)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough; what was found still decides the exit code
        _give_up_printing()
    except OSError as error:
        _give_up_printing()
        raise CoordError(f"The output cannot be written: {error.strerror}.") from None


def _give_up_printing() -> None:
    """Let what is still waiting go nowhere, or it would fail once more at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
