"""`coord allocate`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import Root, Today, emit, find_root, parse_today
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from coord.allocation.schedule import Schedule
    from coord.config.load import Tree


class Form(StrEnum):
    """How the outcome is written."""

    TEXT = "text"
    JSON = "json"


class Start(StrEnum):
    """Where a start may be moved to."""

    EARLIEST = "earliest"


def allocate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Experiments, as surface/name.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every active experiment that is not over.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be drawn (with --all: for dated drafts too).")
    ] = False,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Draw ledgers that have not started anew.")
    ] = False,
    start: Annotated[
        Start | None, typer.Option(help="What has no room starts on the first day that has.")
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write the outcome.")] = Form.TEXT,
) -> int:
    """Draw buckets and write ledgers.

    Draws are made in the order of start, whatever the order of names. A ledger that matches its experiment
    and conflicts with nobody is left alone. Exit code 1: something needs --redraw. 3: no room, and nothing
    is written.
    """
    from coord.allocation.allocate import Action  # noqa: PLC0415 - `coord --help` does without
    from coord.allocation.schedule import as_active, schedule  # noqa: PLC0415
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415
    from coord.config.store import exclusive, write_all  # noqa: PLC0415
    from coord.report import allocation as report  # noqa: PLC0415

    if bool(names) == everything:
        raise UsageError("Name the experiments to draw, or give --all.")
    folder, day = find_root(root), parse_today(today)
    with exclusive(folder):
        tree = load(WorkingTree(folder))
        _refuse_broken(tree)
        catalog = as_active(tree.catalog) if dry_run and everything else tree.catalog
        keys = (
            [e.key for e in catalog.active if e.days and e.days.end > day]
            if everything
            else _keys(tree, names, day)
        )
        found = schedule(catalog, keys, day, redraw=redraw, only_needed=everything, move=start is not None)
        actions = {outcome.action for outcome in found.outcomes}
        if not dry_run and Action.NO_ROOM not in actions:
            write_all(folder, _files(tree, found))
    written = {Form.JSON: report.document, Form.TEXT: report.text}[output_format]
    emit(written(found.outcomes, dry_run=dry_run), None)
    if Action.NO_ROOM in actions:
        return 3
    return int(bool(actions & {Action.NEEDS_REDRAW, Action.STARTED}))


def _refuse_broken(tree: "Tree") -> None:
    """Draw only when every file could be read: one that could not may hold buckets or exclude somebody."""
    errors = {finding.place.path for finding in tree.findings}
    if errors:
        shown = ", ".join(sorted(errors)[:3])
        raise CoordError(
            f"{len(errors)} files have errors ({shown}). Draws need all of them: run `coord check`."
        )


def _keys(tree: "Tree", names: list[str] | None, day: "date") -> list[str]:
    for name in names or ():
        experiment = tree.catalog.experiments.get(name)
        if experiment is None:
            raise UsageError(f"There is no experiment {name}. Experiments are named surface/name.")
        if experiment.draft:
            raise UsageError(f"{name} is a draft, and drafts hold no buckets. Set `status: active` first.")
        if experiment.days is None or experiment.days.end <= day:
            raise UsageError(f"{name} is over; there is nothing to draw.")
    return list(dict.fromkeys(names or ()))


def _files(tree: "Tree", found: "Schedule") -> dict[str, str]:
    """The texts of all new ledgers and of the experiments that moved, in the order of drawing."""
    from coord.allocation.ledger_text import ledger_text  # noqa: PLC0415
    from coord.config.edit import with_days_moved  # noqa: PLC0415

    files = {}
    for outcome in found.outcomes:
        experiment = outcome.experiment
        if experiment.key in found.moved:
            document, before = tree.documents[experiment.path], tree.catalog.experiments[experiment.key]
            by = experiment.order[0] - before.order[0]
            files[experiment.path] = with_days_moved(document.text, document.value, by)
        if outcome.ledger:
            size = tree.catalog.spaces[experiment.space].buckets
            files[outcome.ledger.path] = ledger_text(outcome.ledger, size)
    return files
