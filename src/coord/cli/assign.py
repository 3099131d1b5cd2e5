"""`coord assign`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, wants_color
from coord.errors import UsageError


class Form(StrEnum):
    """How assignments are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def assign(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Experiments, as surface/name.")],
    unit: Annotated[
        list[str] | None, typer.Option("--unit", metavar="ID", help="A unit; may be given several times.")
    ] = None,
    units: Annotated[
        Path | None,
        typer.Option("--units", metavar="FILE", help="A file with a column of units, and of dimensions."),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option("--context", metavar="NAME=VALUE", help="What is known of the units, as country=SE."),
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Which variant units get, and why: bucket, in force, eligible, held back, allocated, variant.

    With --units the unit column is the one that the experiment's space names, and columns that are called
    like audience dimensions are the context of each unit; --context holds for all.
    """
    from coord.allocation.trace import trace  # noqa: PLC0415 - `coord --help` does without
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415
    from coord.report import assignments as report  # noqa: PLC0415

    if (unit is None) == (units is None):
        raise UsageError("Give units with --unit ID, or a file of them with --units FILE.")
    day, tree, known = parse_today(today), load(WorkingTree(find_root(root))), _context(context or [])
    experiments = [find_experiment(tree, name) for name in dict.fromkeys(names)]
    try:
        found = [trace(tree.catalog, one, each, day, known) for one in experiments for each in unit or ()]
    except ValueError as error:
        raise UsageError(f"{str(error).capitalize()}.") from None
    rows = [one.assignment for one in found]
    if output_format is Form.JSON:
        text = report.document(rows, {})
    elif output_format is Form.CSV:
        text = report.csv_text(rows, heading=True)
    else:
        text = report.text(found, day, color=wants_color(output))
    emit(text, output)
    return 0


def _context(given: list[str]) -> dict[str, str]:
    known = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--context is {text}, and must be written NAME=VALUE, such as country=SE.")
        known[name] = value
    return known
