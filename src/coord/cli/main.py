"""The entry point: one place that turns errors into exit codes."""

import sys
from traceback import extract_tb

import typer
from click.exceptions import Abort, ClickException, Exit

from coord import __version__
from coord.cli import check
from coord.errors import CoordError, UsageError

app = typer.Typer(
    name="coord",
    help="Coordinate concurrent experiments from files in git.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(check.check)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"coord {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Coordinate concurrent experiments from files in git."""


def main() -> None:
    """Run the command line and exit: 0 fine, 1 findings, 2 wrong usage, 3 could not run, 130 interrupted."""
    sys.exit(_run())


def _run() -> int:
    try:
        return int(app(standalone_mode=False) or 0)
    except Exit as error:
        return error.exit_code
    except ClickException as error:
        error.show()
        return error.exit_code
    except (Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)
    except UsageError as error:
        return _fail(str(error), 2)
    except CoordError as error:
        return _fail(str(error), 3)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, and Python would say so once more at exit
        return 0
    except Exception as error:  # a defect must not look like a finding (exit 1)
        where = extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return _fail(f"a defect of coord itself: {what}. Please report it with the files that caused it.", 3)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"coord: {message}\n")
    return code
