"""`coord simulate`: a group of commands, one for each kind of simulation."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from re import fullmatch
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.group import CONTEXT
from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, wants_color
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    from coord.config.load import Tree
    from coord.domain.model import Experiment
    from coord.simulate.results import Simulated

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


class Picture(StrEnum):
    """How a programme is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    SVG = "svg"


Seed = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", min=0, help="What is random follows from it: the same gives the same."
    ),
]


@simulate.callback()
def _group() -> None:
    """What would come of it: allocation with real hashes, a year's programme under several policies."""


@simulate.command(short_help="Real hashes against the plan: shares, overlaps, isolation.")
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

    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    chosen = _chosen(tree, names or [], day)
    if units.isdecimal():
        found = _made_up(tree, chosen, day, int(units), seed, replicates)
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
        text = simulated.text(found, broken, color=wants_color(output))
    emit(text, output)
    return 1 if found.violations.number or found.leaks.number else 0


def _made_up(
    tree: "Tree", chosen: "list[Experiment]", day: "date", units: int, seed: int, replicates: int
) -> "Simulated":
    from coord.report.progress import progress  # noqa: PLC0415
    from coord.simulate.allocation import simulate as run  # noqa: PLC0415
    from coord.simulate.units import made_up  # noqa: PLC0415

    if units < 1:
        raise UsageError("--units is 0, and must be at least 1.")
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
            raise _unknown(tree, surface)
        members += tree.catalog.by_surface.get(surface, ())
    running = {experiment.key: experiment for experiment in members if in_force(experiment, day)}
    return list((chosen | running or {experiment.key: experiment for experiment in members}).values())


def _unknown(tree: "Tree", name: str) -> UsageError:
    from coord.domain.spelling import nearest  # noqa: PLC0415

    near = nearest(name, [*tree.catalog.surfaces, *tree.catalog.experiments])
    return UsageError(f"There is no surface {name}. {f'Did you mean {near}?' if near else ''}".strip())


@simulate.command(short_help="A year of experiments, one at a time up to all at once.")
def program(
    surface: Annotated[
        str | None, typer.Argument(metavar="SURFACE", help="Whose year (default: all surfaces as one).")
    ] = None,
    arrivals: Annotated[
        float | None, typer.Option("--arrivals", metavar="N", min=1, max=5000, help="Proposed in a year.")
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=365, help="How long each runs.")
    ] = None,
    traffic: Annotated[
        str | None, typer.Option("--traffic", metavar="SHARE", help="What each takes, such as 20%.")
    ] = None,
    components: Annotated[
        int | None,
        typer.Option(
            "--components", metavar="N", min=1, max=1000, help="Parts of the surface; each touches one."
        ),
    ] = None,
    exclusive: Annotated[
        str, typer.Option("--exclusive", metavar="SHARE", help="Share that touches a component at all.")
    ] = "100%",
    teams: Annotated[
        int | None,
        typer.Option(
            "--teams", metavar="N", min=1, max=1000, help="A team runs one at a time (default: no limit)."
        ),
    ] = None,
    seed: Seed = 1,
    replicates: Annotated[
        int, typer.Option("--replicates", metavar="N", min=1, max=10_000, help="How many years are made up.")
    ] = 100,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Picture, typer.Option("--format", help="How to write it.")] = Picture.TEXT,
    output: Output = None,
) -> int:
    """Run a year's experiments under four policies: finished, waiting, how full, power lost.

    One at a time, contiguous ranges, bucket reuse, everything at once. What is not given is fitted to the A/B
    tests of the year before, where there are enough of them; the output says what is from where.
    """
    from coord.report import simulated_program, simulated_program_json, simulated_svg  # noqa: PLC0415
    from coord.report.progress import progress  # noqa: PLC0415
    from coord.simulate.fitting import Asked, fit  # noqa: PLC0415
    from coord.simulate.program import run  # noqa: PLC0415

    day, tree = parse_today(today), _tree(root, surface)
    share, rest = (
        _share("--traffic", traffic) if traffic else None,
        _share("--exclusive", exclusive, zero=True),
    )
    fitted = fit(
        Asked(arrivals, days, share, components, rest, teams), tree.catalog if tree else None, surface, day
    )
    if share is not None and share > fitted.setting.room:
        raise UsageError(
            f"--traffic is {traffic}, and a component has room for {float(fitted.setting.room):.0%}."
        )
    levels = fitted.decision
    with progress("years", replicates) as done:
        found = run(
            fitted.setting,
            seed,
            replicates,
            alpha=float(levels.alpha),
            power=float(levels.power),
            progress=done,
        )
    if output_format is Picture.JSON:
        text = simulated_program_json.render(found, fitted)
    elif output_format is Picture.CSV:
        text = simulated_program_json.csv_text(found)
    elif output_format is Picture.SVG:
        text = simulated_svg.svg(found, fitted)
    else:
        text = simulated_program.text(found, fitted, color=wants_color(output))
    emit(text, output)
    return 0


def _tree(root: Path | None, surface: str | None) -> "Tree | None":
    """The organisation; None where there is none and none is asked for."""
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415

    try:
        folder = find_root(root)
    except CoordError:
        if root is not None or surface is not None:
            raise
        return None
    tree = load(WorkingTree(folder))
    if surface is not None and surface not in tree.catalog.surfaces:
        raise _unknown(tree, surface)
    return tree if tree.catalog.surfaces else None


def _share(option: str, text: str, *, zero: bool = False) -> "Fraction":
    """A share as files write it. Raises UsageError."""
    from coord.domain.shares import WHOLE, parse_share  # noqa: PLC0415

    if fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", text):
        share = parse_share(text)
        if (zero or share) and share <= WHOLE:
            return share
    raise UsageError(f"{option} is {text}, and must be a share of up to 100%, such as 20%.")
