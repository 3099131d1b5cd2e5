"""The entry point: one place that turns errors into exit codes."""

import sys
from traceback import extract_tb

import typer

from coord.cli.group import CONTEXT, Commands
from coord.errors import CoordError, UsageError

_WrongUsage = typer.BadParameter.__mro__[2]  # the base of all of typer's own errors, which has no public name

app = typer.Typer(
    cls=Commands,
    name="coord",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings=CONTEXT,
    epilog="`coord COMMAND --help` says more. `coord --version` prints the version.",
)


@app.callback()
def coord() -> None:
    """Coordinate concurrent experiments from files in git."""


def main() -> None:
    """Run the command line and exit: 0 fine, 1 findings, 2 wrong usage, 3 could not run, 130 interrupted."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run the command line with these arguments (default: the process's) and return the exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except UsageError as error:
        return _fail(str(error), 2)
    except CoordError as error:
        return _fail(str(error), 3)
    except Exception as error:
        if isinstance(error, _WrongUsage):
            error.show()  # type: ignore[attr-defined]
            return int(error.exit_code)  # type: ignore[attr-defined]
        return _fail(_defect(error), 3)  # never 1, which means findings


def _defect(error: Exception) -> str:
    where = extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error} (in {where.name}, line {where.lineno})"
    return f"this is a defect of coord itself, {what}. Please report it with the files that caused it."


def _fail(message: str, code: int) -> int:
    from coord.report.visible import visible  # noqa: PLC0415 - only for a message

    sys.stderr.write(f"coord: {visible(message)}\n")
    return code
