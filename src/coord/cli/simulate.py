"""`coord simulate`: a group of commands, one for each kind of simulation."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.group import CONTEXT
from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, wants_color
from coord.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from coord.config.load import Tree
    from coord.domain.model import Experiment

simulate = typer.Typer(
    name="simulate",
    help="What would come of it: allocation with real hashes, a year's programme under several policies.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings=CONTEXT,
)


class Form(StrEnum):
    """How a simulation is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


Seed = Annotated[int, typer.Option("--seed", min=0, help="Makes everything random; the same gives the same.")]


@simulate.callback()
def _group() -> None:
    """What would come of it: allocation with real hashes, a year's programme under several policies."""


@simulate.command()
def allocation(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SURFACE|NAME]...", help="Surfaces, or experiments as surface/name."),
    ] = None,
    units: Annotated[
        int, typer.Option("--units", metavar="N", min=1, help="How many units are made up for a replicate.")
    ] = 100_000,
    seed: Seed = 1,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, max=1000, help="How many times, with other units each time.")
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
    from coord.report.progress import progress  # noqa: PLC0415
    from coord.simulate.allocation import simulate as run  # noqa: PLC0415
    from coord.simulate.units import made_up  # noqa: PLC0415

    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    chosen, pieces = _chosen(tree, names or [], day), made_up(tree.catalog, units, seed, replicates)
    with progress("units", units * replicates) as done:
        found = run(tree.catalog, chosen, pieces, day, seed=seed, replicates=replicates, progress=done)
    if output_format is Form.JSON:
        text = simulated_json.render(found)
    elif output_format is Form.CSV:
        text = simulated_json.csv_text(found)
    else:
        text = simulated.text(found, color=wants_color(output))
    emit(text, output)
    return 1 if found.violations.number or found.leaks.number else 0


def _chosen(tree: "Tree", names: list[str], day: "date") -> "list[Experiment]":
    """The experiments that are named, and of surfaces those in force; all of them when none is."""
    from coord.allocation.assign import in_force  # noqa: PLC0415

    named, pool = [name for name in names if "/" in name], [name for name in names if "/" not in name]
    chosen = {name: find_experiment(tree, name) for name in named}
    members = list(tree.catalog.active) if not names else []
    for surface in pool:
        if surface not in tree.catalog.surfaces:
            raise _unknown(tree, surface)
        members += tree.catalog.by_surface.get(surface, ())
    running = {experiment.key: experiment for experiment in members if in_force(experiment, day)}
    return list((chosen | running or {experiment.key: experiment for experiment in members}).values())


def _unknown(tree: "Tree", name: str) -> UsageError:
    from coord.domain.spelling import nearest  # noqa: PLC0415

    near = nearest(name, [*tree.catalog.surfaces, *tree.catalog.experiments])
    return UsageError(f"There is no surface {name}. {f'Did you mean {near}?' if near else ''}".strip())
