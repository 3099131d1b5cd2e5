"""`coord end`."""

from datetime import date
from typing import Annotated

import typer

from coord.cli.options import Root, Today, emit, find_root, parse_today
from coord.errors import UsageError


def end(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment, as surface/name.")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="First day after it (default: today).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change.")] = False,
    root: Root = None,
    today: Today = None,
) -> int:
    """Stop an experiment: move its `end` to today, or to a later day.

    Only the day changes; comments and layout stay as they are. The buckets are free from then on.
    """
    from coord.authoring import end as authoring  # noqa: PLC0415 - `coord --help` does without
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415
    from coord.config.store import exclusive, write_all  # noqa: PLC0415
    from coord.report.authoring import ended  # noqa: PLC0415

    folder, day = find_root(root), parse_today(today)
    last = _day(on) if on is not None else day
    with exclusive(folder):
        files = WorkingTree(folder)
        tree = load(files)
        found = authoring.end(tree, name, last, day)
        text = authoring.edited(folder, tree, found)
        findings = authoring.consequences(files, found, text, day)
        if found.changed and not dry_run:
            write_all(folder, {found.path: text})
    emit(ended(found, findings, dry_run=dry_run), None)
    return 0


def _day(text: str) -> date:
    try:
        return parse_today(text)
    except UsageError:
        raise UsageError(f"--on is {text}, and must be a day written YYYY-MM-DD.") from None
