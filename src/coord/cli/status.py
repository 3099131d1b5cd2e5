"""`coord status`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import Output, Root, Today, emit, find_root, parse_today, wants_color
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.config.load import Tree


class Form(StrEnum):
    """How the status is written."""

    TEXT = "text"
    JSON = "json"


def status(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[SURFACE|NAME]", help="A surface, or an experiment as surface/name."),
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Show what runs, what comes, and how full each component is; or all about one experiment."""
    from coord.config.files import WorkingTree  # noqa: PLC0415 - `coord --help` does without
    from coord.config.load import load  # noqa: PLC0415
    from coord.report import status as report  # noqa: PLC0415
    from coord.report import status_experiment, status_json  # noqa: PLC0415
    from coord.status.experiment import experiment_status  # noqa: PLC0415
    from coord.status.surface import surface_status  # noqa: PLC0415

    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    catalog, color = tree.catalog, wants_color(output)
    broken, as_json = sorted({finding.place.path for finding in tree.findings}), output_format is Form.JSON
    if name is not None and name in catalog.experiments:
        one = experiment_status(catalog, catalog.experiments[name], day)
        as_text = status_experiment.render(one, broken, color=color)
        emit(status_json.render_experiment(one, broken) if as_json else as_text, output)
        return 0
    if name is not None and name not in catalog.surfaces:
        raise _unknown(tree, name)
    chosen = sorted(catalog.surfaces) if name is None else [name]
    found = [surface_status(catalog, catalog.surfaces[surface], day) for surface in chosen]
    titles = {surface: _title(tree, surface) for surface in chosen}
    as_text = report.render(found, titles, day, broken, detailed=name is not None, color=color)
    emit(status_json.render_surfaces(found, titles, day, broken) if as_json else as_text, output)
    return 0


def _title(tree: "Tree", surface: str) -> str:
    """The title of a surface, which no rule needs."""
    return str(tree.documents[tree.catalog.surfaces[surface].path].value["title"])


def _unknown(tree: "Tree", name: str) -> CoordError:
    """What to say of a name that is nobody's: its file has errors, or it is misspelt."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    from coord.config.files import ROOT_FILE  # noqa: PLC0415
    from coord.report.visible import visible  # noqa: PLC0415

    surface, _, own = name.partition("/")
    path = f"surfaces/{surface}/experiments/{own}.yaml" if own else f"surfaces/{surface}/surface.yaml"
    if path in tree.broken:
        return CoordError(f"{visible(path)} has errors, so there is no status of it. Run `coord check`.")
    if ROOT_FILE in tree.broken:
        return CoordError(f"{ROOT_FILE} has errors, so nothing is known. Run `coord check`.")
    known = [*tree.catalog.surfaces, *tree.catalog.experiments]
    near = [key for key in known if key.endswith(f"/{name}")] or get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; experiments are named surface/name."
    return UsageError(visible(f"There is no {'experiment' if own else 'surface'} {name}{hint}"))
