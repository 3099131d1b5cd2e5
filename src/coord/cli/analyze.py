"""`coord analyze`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.analyze_checks import (
    check_experiment,
    check_files,
    check_inputs,
    check_started,
    check_written,
)
from coord.cli.analyze_holdback import analyse_logs, plan_for
from coord.cli.analyze_inputs import Inputs, read_logs, read_units
from coord.cli.engines import DUCKDB, Engine
from coord.cli.names import find_experiment
from coord.cli.options import (
    AsOf,
    Output,
    Root,
    Today,
    emit,
    find_root,
    parse_day,
    parse_today,
    terminal_width,
    wants_color,
)
from coord.errors import CoordError

if TYPE_CHECKING:
    from coord.analysis.results import Analysis
    from coord.history.repository import Repository

_WIDEST = 120


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


def analyze(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment, as surface/name.")],
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--units",
            metavar="FILE",
            help="A table with one row per unit: CSV (plain, gz, zst) or Parquet, or a quoted pattern.",
        ),
    ] = None,
    exposures: Annotated[
        list[str] | None,
        typer.Option("--exposures", metavar="FILE", help="Logs: who met which variant, and when; likewise."),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option("--events", metavar="FILE", help="Logs: what units did, and when; likewise."),
    ] = None,
    variant_column: Annotated[
        str | None,
        typer.Option(
            "--variant-column", metavar="NAME", help="The column of the variant (default: variant)."
        ),
    ] = None,
    unit_column: Annotated[
        str | None,
        typer.Option("--unit-column", metavar="NAME", help="The column of the unit, if there is one."),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(
            "--segment", metavar="DIMENSION", help="Also for each value of this column: exploratory."
        ),
    ] = None,
    covariates: Annotated[
        Switch, typer.Option("--covariates", help="Whether covariates reduce the variance.")
    ] = Switch.ON,
    as_of: AsOf = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Write the rows that cannot be used.")
    ] = None,
    engine: Engine = DUCKDB,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """What an experiment did, whether the data can be trusted, and what to do: ship, end, continue or abort.

    From logs (exposures and events), as metrics.yaml defines the metrics; or from a table with one row per
    unit, in whose columns the metrics are (`column`, `covariate_column`).

    Exit code 0 whatever is recommended.
    """
    from coord.analysis import log_analysis, unit_analysis  # noqa: PLC0415 - `coord --help` does without
    from coord.analysis.at_start import at_start  # noqa: PLC0415
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415

    inputs = Inputs(
        units=units or (),
        exposures=exposures or (),
        events=events or (),
        unit_column=unit_column,
        variant_column=variant_column,
        segment=segment,
        covariates=covariates is Switch.ON,
        rejects=rejects,
        engine=engine,
    )
    check_inputs(inputs)
    folder, day = find_root(root), parse_today(today)
    upto = day if as_of is None else min(day, parse_day("--as-of", as_of))
    tree = load(WorkingTree(folder))
    check_files(tree)
    catalog, experiment = tree.catalog, find_experiment(tree, name)
    check_experiment(experiment)
    check_written(inputs, output)
    repository = _repository(folder)
    commit = repository.commit("HEAD") if repository else None
    plan = plan_for(catalog, experiment, at_start(repository, experiment))
    check_started(plan, upto)
    if inputs.units:
        table = read_units(catalog, plan, inputs)
        found = unit_analysis.analyse(plan, table, upto, commit=commit, dimension=segment)
    elif (of_holdback := analyse_logs(catalog, plan, inputs, upto, day, commit)) is not None:
        found = of_holdback
    else:
        logged = read_logs(catalog, plan, inputs, upto, day)
        placed = logged.assigned is not None
        found = log_analysis.analyse(plan, logged, placed=placed, commit=commit, dimension=segment)
    emit(_render(found, output_format, output), output)
    return 0


def _repository(folder: Path) -> "Repository | None":
    """The repository that the files belong to, if they do and it has a commit."""
    from coord.history.repository import Repository  # noqa: PLC0415

    try:
        found = Repository.around(folder)
        found.commit("HEAD")
    except CoordError:
        return None
    return found


def _render(found: "Analysis", form: Form, output: Path | None) -> str:
    if form is Form.JSON:
        from coord.report import analysis_json  # noqa: PLC0415

        return analysis_json.render(found)
    if form is Form.CSV:
        from coord.report import analysis_csv  # noqa: PLC0415

        return analysis_csv.render(found)
    if form is Form.MARKDOWN:
        from coord.report import analysis_markdown  # noqa: PLC0415

        return analysis_markdown.render(found)
    from coord.report import analysis_text  # noqa: PLC0415

    return analysis_text.render(found, color=wants_color(output), width=terminal_width(output, _WIDEST))
