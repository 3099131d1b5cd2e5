"""Writing files so that a reader, or a kill, finds the old or the new one, and one writer at a time."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from coord.errors import CoordError


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Wait until nobody else writes below `surfaces/`, and keep others out meanwhile.

    The folder itself is locked, so that nothing is left behind, however the process ends.
    """
    handle = os.open(root / "surfaces", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_all(root: Path, files: Mapping[str, str]) -> None:
    """Write every file, or none when one cannot be written.

    All are written beside their places and flushed to disk before the first is renamed. A kill between two
    renames leaves the first ones new and the others old, in the order given; each is whole.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, text in files.items():
            written.append(_write_beside(root / path, text))
        for temporary, target in written:
            temporary.replace(target)
            _flush_folder(target.parent)
    except OSError as error:
        raise CoordError(
            f"{error.filename} cannot be written: {error.strerror}. Nothing was changed."
        ) from None
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


def _write_beside(target: Path, text: str) -> tuple[Path, Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return temporary, target


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
