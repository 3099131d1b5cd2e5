"""`coord init`."""

from pathlib import Path
from typing import Annotated

import typer

from coord.cli.options import emit


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where (default: here).")] = Path(),
    allocate_on_merge: Annotated[
        bool,
        typer.Option("--allocate-on-merge", help="Also a workflow that draws buckets after each merge."),
    ] = False,
    install: Annotated[
        str | None,
        typer.Option(
            metavar="REQUIREMENT", help="What CI installs (default: this coord, if pip can get it)."
        ),
    ] = None,
    github: Annotated[
        str | None,
        typer.Option(metavar="ORG", help="Whose teams own the files on GitHub (default: that of `origin`)."),
    ] = None,
) -> int:
    """Begin a new organisation: surfaces/, schemas/ for editors, workflows, owners, a pre-commit entry.

    Files that are there already stay as they are, and are named.
    """
    from coord.authoring import init as authoring  # noqa: PLC0415 - `coord --help` does without
    from coord.report.authoring import started  # noqa: PLC0415

    done = authoring.init(folder, install, allocate_on_merge=allocate_on_merge, github=github)
    emit(started(done), None)
    return 0
