"""`coord simulate allocation`."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from re import fullmatch
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, terminal_width, wants_color
from coord.cli.simulate_options import Seed, unknown_surface
from coord.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from coord.config.load import Tree
    from coord.domain.model import Experiment
    from coord.simulate.results import Simulated


MOST_UNITS = 10**9
"""They take some ten minutes for a few dozen experiments."""


class Form(StrEnum):
    """How a simulation is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def allocation(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SURFACE|NAME", help="Surfaces, or experiments as surface/name."),
    ] = None,
    units: Annotated[
        str,
        typer.Option(
            "--units", metavar="N|FILE", help="How many are made up, or a file with a column of units."
        ),
    ] = "100000",
    seed: Seed = 1,
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates", metavar="N", min=1, max=1000, help="How many times, with other units each."
        ),
    ] = 1,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Assign units with the real hash to everything in force on a day, and compare with the plan.

    Shares against traffic and weights, overlaps against the ledgers, isolation (exit 1 if a unit is where it
    must not be), experiments per unit. Without names: everything that is in force.
    """
    from coord.config.files import WorkingTree  # noqa: PLC0415 - `coord --help` does without
    from coord.config.load import load  # noqa: PLC0415
    from coord.report import simulated, simulated_json  # noqa: PLC0415
    from coord.report.words import WIDTH  # noqa: PLC0415

    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    chosen = _chosen(tree, names or [], day)
    number = _number(units)
    if number is not None:
        found = _made_up(tree, chosen, day, number, seed, replicates)
    elif replicates > 1:
        raise UsageError("--replicates makes up other units each time; those of a file are always the same.")
    else:
        found = _given(tree, chosen, day, Path(units))
    broken = sorted({finding.place.path for finding in tree.findings})
    if output_format is Form.JSON:
        text = simulated_json.render(found, broken)
    elif output_format is Form.CSV:
        text = simulated_json.csv_text(found)
    else:
        width = terminal_width(output, WIDTH)
        text = simulated.text(found, broken, color=wants_color(output), width=width)
    emit(text, output)
    return 1 if found.violations.number or found.leaks.number else 0


def _number(units: str) -> int | None:
    """How many units to make up; None where a file is named. Raises UsageError for what is neither."""
    if units.isdecimal() and 1 <= int(units[:20]) <= MOST_UNITS:
        return int(units)
    if fullmatch(r"[-+]?[0-9.,_]*(e[0-9]+)?", units) and not (units and Path(units).exists()):
        raise UsageError(
            f"--units is {units or 'empty'}, and must be a whole number from 1 to {MOST_UNITS},"
            " such as 100000, or a file."
        )
    return None


def _made_up(
    tree: "Tree", chosen: "list[Experiment]", day: "date", units: int, seed: int, replicates: int
) -> "Simulated":
    from coord.report.progress import progress  # noqa: PLC0415
    from coord.simulate.allocation import simulate as run  # noqa: PLC0415
    from coord.simulate.units import made_up  # noqa: PLC0415

    pieces = made_up(tree.catalog, units, seed, replicates)
    with progress("units", units * replicates) as done:
        return run(tree.catalog, chosen, pieces, day, seed=seed, replicates=replicates, progress=done)


def _given(tree: "Tree", chosen: "list[Experiment]", day: "date", path: Path) -> "Simulated":
    from coord.report.progress import progress  # noqa: PLC0415
    from coord.simulate.allocation import simulate as run  # noqa: PLC0415
    from coord.simulate.given import Given  # noqa: PLC0415

    given = Given(path, tree.catalog, chosen)
    mine = [one for one in chosen if given.randomised(tree.catalog, one)]
    with progress("bytes", given.bytes) as done:
        found = run(tree.catalog, mine, given.pieces(done), day)
    return replace(found, file=given.read([one for one in chosen if one not in mine]))


def _chosen(tree: "Tree", names: list[str], day: "date") -> "list[Experiment]":
    """The experiments that are named, and of surfaces those in force; all of them when none is."""
    from coord.allocation.assign import in_force  # noqa: PLC0415

    named, pool = [name for name in names if "/" in name], [name for name in names if "/" not in name]
    chosen = {name: find_experiment(tree, name) for name in named}
    members = list(tree.catalog.active) if not names else []
    for surface in pool:
        if surface not in tree.catalog.surfaces:
            raise unknown_surface(tree, surface, [*tree.catalog.surfaces, *tree.catalog.experiments])
        members += tree.catalog.by_surface.get(surface, ())
    running = {experiment.key: experiment for experiment in members if in_force(experiment, day)}
    return list((chosen | running or {experiment.key: experiment for experiment in members}).values())
