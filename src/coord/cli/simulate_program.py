"""`coord simulate program`."""

from enum import StrEnum
from pathlib import Path
from re import fullmatch
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, terminal_width, wants_color
from coord.cli.simulate_options import Seed, unknown_surface
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    from coord.config.load import Tree


class Picture(StrEnum):
    """How a programme is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    SVG = "svg"


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
    from coord.report.words import WIDTH  # noqa: PLC0415
    from coord.simulate.fitting import Asked, fit  # noqa: PLC0415
    from coord.simulate.program import run  # noqa: PLC0415

    day, tree = parse_today(today), _tree(root, surface)
    share, rest = traffic if traffic is None else _traffic(traffic), _exclusive(exclusive)
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
        width = terminal_width(output, WIDTH)
        text = simulated_program.text(found, fitted, color=wants_color(output), width=width)
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
        home = surface.partition("/")[0]
        if surface in tree.catalog.experiments:
            raise UsageError(f"{surface} is an experiment, and a year is a surface's. Give {home}.")
        raise unknown_surface(tree, surface, tree.catalog.surfaces)
    return tree if tree.catalog.surfaces else None


def _traffic(text: str) -> "Fraction":
    """What an experiment takes: at least a bucket of the simulated space. Raises UsageError."""
    share = _share(text)
    if share is None or share * 1000 < 1:
        raise UsageError(f"--traffic is {text}, and must be a share from 0.1% to 100%, such as 20%.")
    return share


def _exclusive(text: str) -> "Fraction":
    share = _share(text)
    if share is None:
        raise UsageError(f"--exclusive is {text}, and must be a share of up to 100%, such as 75%.")
    return share


def _share(text: str) -> "Fraction | None":
    """A share as files write it; None where it is none, or more than there is."""
    from coord.domain.shares import WHOLE, parse_share  # noqa: PLC0415

    share = parse_share(text) if fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", text) else None
    return share if share is not None and share <= WHOLE else None
