"""`coord assign`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, emit_parts, find_root, parse_today, wants_color
from coord.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from coord.domain.catalog import Catalog
    from coord.domain.model import Experiment


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
    like audience dimensions are the context of each unit; --context holds where there is no such column.
    """
    from coord.analysis.assigned import dimensions_of  # noqa: PLC0415 - `coord --help` does without
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415

    if (unit is None) == (units is None):
        raise UsageError("Give units with --unit ID, or a file of them with --units FILE.")
    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    known = _context(context or [], dimensions_of(tree.catalog))
    experiments = [find_experiment(tree, name) for name in dict.fromkeys(names)]
    if units is not None:
        _of_file(tree.catalog, experiments, units, day, known, output_format, output)
    else:
        _one_by_one(tree.catalog, experiments, unit or [], day, known, output_format, output)
    return 0


def _one_by_one(
    catalog: "Catalog",
    experiments: "list[Experiment]",
    units: list[str],
    day: "date",
    known: dict[str, str],
    form: Form,
    output: Path | None,
) -> None:
    from coord.allocation.trace import trace  # noqa: PLC0415
    from coord.report import assignments as report  # noqa: PLC0415

    try:
        found = [trace(catalog, one, each, day, known) for each in units for one in experiments]
    except ValueError as error:
        raise UsageError(f"{str(error).capitalize()}.") from None
    rows = [one.assignment for one in found]
    if form is Form.JSON:
        emit(report.document(rows), output)
    elif form is Form.CSV:
        emit(report.csv_text(rows), output)
    else:
        emit(report.text(found, day, color=wants_color(output)), output)


def _of_file(
    catalog: "Catalog",
    experiments: "list[Experiment]",
    file: Path,
    day: "date",
    known: dict[str, str],
    form: Form,
    output: Path | None,
) -> None:
    from coord.analysis.assigned import assigned, layout_of_units  # noqa: PLC0415
    from coord.logs.reader import Reading  # noqa: PLC0415
    from coord.report import assignments as report  # noqa: PLC0415
    from coord.report.progress import progress  # noqa: PLC0415

    columns = sorted({catalog.spaces[experiment.space].unit for experiment in experiments})
    if len(columns) > 1:
        raise UsageError(
            f"These experiments have different units ({', '.join(columns)}): ask for each apart."
        )
    reading = Reading([str(file)], layout_of_units(catalog, columns[0]))
    with progress("Assigning", reading.bytes) as advance:
        batches = assigned(catalog, experiments, reading, day, known, advance)
        counts = reading.rejects.counts
        if form is Form.JSON:
            emit_parts(report.document_parts(batches, counts), output)
        elif form is Form.CSV:
            emit_parts(report.csv_parts(batches), output)
        else:
            keys = [experiment.key for experiment in experiments]
            emit(report.summary(keys, batches, counts, color=wants_color(output)), output)


def _context(given: list[str], dimensions: list[str]) -> dict[str, str]:
    from coord.domain.spelling import suggestion  # noqa: PLC0415 - `coord --help` does without

    known: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--context is {text}, and must be written NAME=VALUE, such as country=SE.")
        if name not in dimensions:
            raise UsageError(
                f"--context is {text}, and no surface has an audience dimension {name}: "
                f"{suggestion(name, dimensions)}"
            )
        if known.setdefault(name, value) != value:
            raise UsageError(
                f"--context says that {name} is {known[name]} and that it is {value}. Give one of them."
            )
    return known
