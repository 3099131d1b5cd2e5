"""Writing the demo into a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from coord.config.store import write_all
from coord.demo.logs import logs
from coord.demo.organisation import Organisation
from coord.errors import CoordError, UsageError


class Made(NamedTuple):
    """What was written: how many experiments and surfaces, and the bytes of all files."""

    folder: Path
    experiments: int
    surfaces: int
    bytes: int


def make(folder: Path, made: Organisation, advance: Callable[[int], None] = lambda _: None) -> Made:
    """Write the organisation and its logs, all or nothing, the same bytes on every day.

    advance: called for each experiment that is done. Raises UsageError for a folder that has files, and
    CoordError where it cannot be written.
    """
    _refuse_full(folder)
    texts = {**logs(made.catalog, advance=advance), **made.texts}
    write_all(folder, texts)
    size = sum(len(text.encode()) for text in texts.values())
    return Made(folder, len(made.catalog.experiments), len(made.catalog.surfaces), size)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Give a new one for the demo.")
    try:
        there = next((place for place in folder.rglob("*") if place.is_symlink() or not place.is_dir()), None)
    except OSError as error:
        raise CoordError(f"{folder} cannot be read: {error.strerror}.") from None
    if there is not None:
        raise UsageError(
            f"{folder} has files, such as {there.relative_to(folder)}, and the demo is written over nothing. "
            "Give a new or an empty folder."
        )
