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
    folder, handle = root / "surfaces", -1
    try:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        if handle >= 0:
            os.close(handle)
        raise CoordError(f"{folder} cannot be locked: {error.strerror}.") from None
    try:
        yield
    finally:
        os.close(handle)


def write_all(root: Path, files: Mapping[str, str]) -> None:
    """Write every file, or none when one cannot be written.

    All are written beside their places and flushed to disk before the first is renamed; when one cannot be
    renamed, those before it get their old text back. A kill between two renames leaves the first ones new
    and the others old, in the order given; each is whole.
    """
    targets = [root / path for path in files]
    replaced: list[tuple[Path, bytes | None]] = []
    try:
        for target, text in zip(targets, files.values(), strict=True):
            _write(_beside(target), text.encode())
        for target in targets:
            before = target.read_bytes() if target.exists() else None
            _beside(target).replace(target)
            replaced.append((target, before))
            _flush_folder(target.parent)
    except OSError as error:
        stuck = [target for target, before in reversed(replaced) if not _undo(target, before)]
        left = f"{len(stuck)} files stay changed: {stuck[0]}." if stuck else "Nothing was changed."
        raise CoordError(f"{error.filename} cannot be written: {error.strerror}. {left}") from None
    finally:
        for target in targets:
            _discard(_beside(target))


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _undo(target: Path, before: bytes | None) -> bool:
    """Put the old file back; whether that was possible."""
    try:
        if before is None:
            target.unlink()
        else:
            _write(_beside(target), before)
            _beside(target).replace(target)
        _flush_folder(target.parent)
    except OSError:
        return False
    return True


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # a folder that cannot be written to any more keeps it; readers ignore it
        return


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
