"""Auditing rows of a world."""

from collections.abc import Sequence
from pathlib import Path

from audit.worlds import HEADER, Row, World
from coord.analysis.audit import ROWS, Audit, audit, layout_of
from coord.logs.reader import Reading
from logs.files import write


def audited(
    world: World,
    rows: Sequence[Row],
    folder: Path,
    *,
    suffix: str = "csv",
    parts: int = 1,
    at_once: int = ROWS,
    header: Sequence[str] = HEADER,
    unit: str | None = None,
) -> Audit:
    """The audit of rows that are written to files first; `header` names the columns that are kept."""
    folder.mkdir(exist_ok=True)
    kept = [HEADER.index(name) for name in header]
    paths = []
    for part in range(parts):
        cells = [tuple(row.cells[place] for place in kept) for row in rows[part::parts]]
        paths.append(write(folder / f"part-{part}.{suffix}", cells, header))
    return audited_files(world, paths, at_once=at_once, unit=unit)


def audited_files(
    world: World, paths: Sequence[Path], *, at_once: int = ROWS, unit: str | None = None
) -> Audit:
    """The audit of files."""
    catalog = world.tree().catalog
    reading = Reading([str(path) for path in paths], layout_of(catalog, unit))
    return audit(catalog, reading, rows=at_once)


def counts(found: Audit) -> dict[str, int]:
    return {cause.value: number for cause, number in found.counts.items() if number}
