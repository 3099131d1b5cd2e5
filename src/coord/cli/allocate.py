"""`coord allocate`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.names import find_experiment
from coord.cli.options import Output, Root, Today, emit, find_root, parse_today
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from datetime import date, timedelta
    from pathlib import Path

    from coord.allocation.schedule import Schedule
    from coord.config.documents import Document
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
    redraw: Annotated[bool, typer.Option("--redraw", help="Draw anew what is not in force yet.")] = False,
    start: Annotated[
        Start | None, typer.Option(help="What has no room starts on the first day that has.")
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write the outcome.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Draw buckets and write ledgers.

    Draws are made in the order of start, whatever the order of names. A ledger that matches its experiment
    and conflicts with nobody is left alone. Exit code 1: something needs --redraw. 3: no room, and nothing
    is written.
    """
    from coord.allocation.allocate import Action  # noqa: PLC0415 - `coord --help` does without
    from coord.allocation.schedule import schedule, schedule_drafts  # noqa: PLC0415
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
        catalog, move = tree.catalog, start is not None
        keys = (
            [e.key for e in catalog.active if e.days and e.days.end > day]
            if everything
            else _keys(tree, names, day)
        )
        found = schedule(catalog, keys, day, redraw=redraw, only_needed=everything, move=move)
        actions = {outcome.action for outcome in found.outcomes}
        files = _files(folder, tree, found) if Action.NO_ROOM not in actions else {}
        if not dry_run:
            write_all(folder, files)
    drafts = schedule_drafts(catalog, found, day, move=move) if dry_run and everything else []
    written = {Form.JSON: report.document, Form.TEXT: report.text}[output_format]
    emit(written([*found.outcomes, *drafts], dry_run=dry_run), output)
    if Action.NO_ROOM in actions:
        return 3
    return int(bool(actions & {Action.NEEDS_REDRAW, Action.STARTED}))


def _refuse_broken(tree: "Tree") -> None:
    """Draw only when every file could be read: one that could not may hold buckets or exclude somebody."""
    errors = {finding.place.path for finding in tree.findings}
    if errors:
        shown = ", ".join(sorted(errors)[:3])
        files = "1 file has" if len(errors) == 1 else f"{len(errors)} files have"
        raise CoordError(f"{files} errors ({shown}). Draws need all files: run `coord check`.")


def _keys(tree: "Tree", names: list[str] | None, day: "date") -> list[str]:
    for name in names or ():
        experiment = find_experiment(tree, name)
        if experiment.draft:
            raise UsageError(f"{name} is a draft, and drafts hold no buckets. Set `status: active` first.")
        if experiment.days is None or experiment.days.end <= day:
            raise UsageError(f"{name} is over; there is nothing to draw.")
    return list(dict.fromkeys(names or ()))


def _files(folder: "Path", tree: "Tree", found: "Schedule") -> dict[str, str]:
    """The texts of all new ledgers and of the experiments that moved, in the order of drawing."""
    from coord.allocation.ledger_text import ledger_text  # noqa: PLC0415

    files = {}
    for outcome in found.outcomes:
        experiment = outcome.experiment
        if experiment.key in found.moved:
            by = experiment.order[0] - tree.catalog.experiments[experiment.key].order[0]
            files[experiment.path] = _moved(folder, tree.documents[experiment.path], by)
        if outcome.ledger:
            size = tree.catalog.spaces[experiment.space].buckets
            files[outcome.ledger.path] = ledger_text(outcome.ledger, size)
    return files


def _moved(folder: "Path", document: "Document", by: "timedelta") -> str:
    """The text of an experiment's file with its days moved, and nothing else changed."""
    from coord.config.edit import with_days_moved  # noqa: PLC0415

    try:
        text = with_days_moved(document.text, document.value, by)
    except ValueError:
        raise CoordError(
            f"A day in {document.path} is not written out where it stands (an anchor or alias, perhaps), "
            f"so it cannot be moved. Move the days by {by.days} by hand. Nothing was changed."
        ) from None
    marked = (folder / document.path).read_bytes().startswith(b"\xef\xbb\xbf")
    return "\ufeff" + text if marked else text
