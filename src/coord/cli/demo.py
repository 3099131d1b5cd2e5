"""`coord demo`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import emit

if TYPE_CHECKING:
    from coord.demo.make import Made


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where: a new or an empty folder.")],
) -> int:
    """Write an organisation with logs to try everything on; the same files every time.

    One of its experiments ships, one does harm, one has lost part of its logs, one is too small, one was
    looked at too early, one is a holdback, and two get in each other's way.
    """
    from coord.demo.make import make  # noqa: PLC0415 - `coord --help` does without
    from coord.demo.organisation import organisation  # noqa: PLC0415
    from coord.report.progress import progress  # noqa: PLC0415

    made = organisation()
    with progress("Making logs", len(made.catalog.experiments)) as advance:
        done = make(folder, made, advance)
    emit(_told(done), None)
    return 0


def _told(made: "Made") -> str:
    """What was written, and what to try there."""
    from coord.demo.people import TODAY, USERS  # noqa: PLC0415
    from coord.demo.tour import TOUR  # noqa: PLC0415
    from coord.report.visible import visible  # noqa: PLC0415

    where = visible(str(made.folder))
    lines = [
        f"Wrote to {where}: {made.experiments} experiments on {made.surfaces} surfaces, and logs of "
        f"{USERS:,} users ({made.bytes / 1e6:.1f} MB).",
        f"Its today is {TODAY}. Try:",
        *([] if where == "." else [f"  cd {shlex.quote(where)}"]),
    ]
    for stop in TOUR:
        lines += [f"  {stop.command}", f"      {stop.shows}"]
    return "".join(f"{line}\n" for line in lines)
