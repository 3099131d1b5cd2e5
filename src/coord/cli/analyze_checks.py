"""What `coord analyze` refuses before it reads any data: what does not go together, or has no answer yet."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from coord.cli.engines import check_named, is_database
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.analysis.plan import AnalysisPlan
    from coord.cli.analyze_inputs import Inputs
    from coord.config.load import Tree
    from coord.domain.model import Experiment
    from coord.logs.measured import Table

_MOST_NAMED = 5


def check_inputs(inputs: "Inputs") -> None:
    """Raise UsageError for files that do not go together."""
    logs = bool(inputs.exposures or inputs.events)
    if inputs.units and logs:
        raise UsageError(
            "--units is a table with one row per unit, --exposures and --events are logs. Give either."
        )
    if not inputs.units and not logs:
        raise UsageError(
            "Nothing to analyse is named. Give logs with --exposures FILE --events FILE, or a table with one "
            "row per unit with --units FILE."
        )
    if logs and not (inputs.exposures and inputs.events):
        lacking = "--events" if inputs.exposures else "--exposures"
        raise UsageError(f"Give {lacking} FILE as well: exposures say who met what, events what they did.")
    check_named(inputs.engine, [*inputs.units, *inputs.exposures, *inputs.events])
    if logs and inputs.variant_column:
        raise UsageError("--variant-column is for --units; of logs coord.yaml names it, in logs.exposures.")


def check_written(inputs: "Inputs", output: Path | None) -> None:
    """Raise UsageError for a file to write that is one of those that are read, or written twice."""
    from coord.logs.places import find_files  # noqa: PLC0415 - `coord --help` does without

    named = [("--output", output), ("--rejects", inputs.rejects)]
    written = {option: path for option, path in named if path is not None and not _device(path)}
    if not written:
        return
    named_files = [] if is_database(inputs.engine) else [*inputs.units, *inputs.exposures, *inputs.events]
    read = {path.resolve() for path in find_files(named_files)}
    for option, path in written.items():
        if path.resolve() in read:
            raise UsageError(f"{path} is one of the files that are read. Give {option} another name.")
    if len(written) > len({path.resolve() for path in written.values()}):
        raise UsageError(f"--output and --rejects are both {output}. Give one of them another name.")


def _device(path: Path) -> bool:
    """Whether it is written to and never replaced, such as /dev/null."""
    return path.exists() and not path.is_file()


def check_files(tree: "Tree") -> None:
    """Raise CoordError for files that every experiment rests on and that cannot be used."""
    from coord.config.files import ROOT_FILE  # noqa: PLC0415
    from coord.config.layout import METRICS  # noqa: PLC0415

    for path, (kind, _) in tree.broken.items():
        if path == ROOT_FILE:
            raise CoordError(
                f"{path} has errors, so nothing is known of spaces and teams. Run `coord check`."
            )
        if kind is METRICS:
            raise CoordError(f"{path} has errors, so nothing is known of any metric. Run `coord check`.")


def check_experiment(experiment: "Experiment") -> None:
    """Raise CoordError for what has no arms to compare, or has never run."""
    if experiment.draft:
        raise CoordError(
            f"{experiment.key} is a draft: it has run for nobody, so there is nothing that it did. If it did "
            "run, give it its dates and `status: active`."
        )
    if experiment.variants and not experiment.ranges:  # a holdback has none, and compares held with not held
        raise CoordError(
            f"{experiment.key} has adaptive weights, so no arm has a share that it should have, and nothing "
            "can be compared. Run `coord explain SYS001`."
        )


def check_started(plan: "AnalysisPlan", upto: date) -> None:
    """Raise CoordError for an experiment that nobody can have met by that day."""
    if upto < plan.days.start:
        raise CoordError(
            f"{plan.experiment.key} starts on {plan.days.start}, and data count until {upto}: nobody had met "
            "it, so what the files say of then is not what it did. Correct its dates, --as-of or --today."
        )


def check_columns(unit: str | None, variant: str, segment: str | None) -> None:
    """Raise UsageError for a column of a table of units that was given two meanings."""
    if unit == variant:
        raise UsageError(
            f"{variant} is given as the column of the unit and of the variant. Name two columns."
        )
    if segment == variant:
        raise UsageError(
            f"--segment {segment} is the column of the variant, so each part would have one arm and nothing "
            "to compare it with. Split by what units were before: a country, a channel."
        )


def check_somebody(table: "Table", files: Sequence[str], column: str, experiment: "Experiment") -> None:
    """Raise CoordError for files of which no row is a unit of an arm; `column` is that of the variant."""
    from coord.domain.model import Kind  # noqa: PLC0415
    from coord.logs.unit_refusals import cut  # noqa: PLC0415

    if any(table.population.units):
        return
    where = ", ".join(files)
    if not table.rows:
        raise CoordError(
            f"{where} has columns and no rows, so there is nothing to analyse. Was the export interrupted?"
        )
    nobody = f"None of the {table.rows:,} rows of {where}"
    if not table.unknown_variants:
        told = ", ".join(f"{reason} {rows:,}" for reason, rows in table.excluded.items())
        raise CoordError(f"{nobody} can be used: {told}. Correct the export; --rejects FILE has the rows.")
    there = ", ".join(f"`{cut(name)}` ({rows:,})" for name, rows in table.unknown_variants[:_MOST_NAMED])
    more = ", …" if len(table.unknown_variants) > _MOST_NAMED else ""
    wanted = ", ".join(f"`{cut(variant.logged_as)}`" for variant in experiment.variants)
    rename = "say with `logged_as` in the experiment what the file calls each variant"
    if experiment.kind is Kind.HOLDBACK:
        rename = "call the units of the file so"
    raise CoordError(
        f"{nobody} is in a variant of the experiment: the column {column} has {there}{more}, and the "
        f"variants are {wanted}. Name the right column with --variant-column, or {rename}."
    )
