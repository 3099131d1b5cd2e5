"""Units that a file names, to simulate with."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coord.allocation.columns import from_arrow
from coord.allocation.hashing import hashes
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment
from coord.errors import CoordError
from coord.logs.columns import unit_layout
from coord.logs.reader import Reading
from coord.simulate.results import FileUnits
from coord.simulate.units import Batch, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Given:
    """The units of a file, and the values of its columns that are called like audience dimensions."""

    def __init__(self, path: Path, catalog: Catalog, experiments: Collection[Experiment]) -> None:
        """Find the column that most of the experiments randomise. Raises CoordError when it has none."""
        dimensions = {name for surface in catalog.surfaces.values() for name in surface.dimensions}
        self.path = path
        self.reading, self.unit = _open(path, _units(catalog, experiments), sorted(dimensions))
        self._hashes: list[NDArray[np.uint64]] = []

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return self.reading.bytes

    def read(self, left_out: Collection[Experiment]) -> FileUnits:
        """What was read, after all of it was. Raises CoordError when that is nothing."""
        rejects = dict(self.reading.rejects.counts)
        if not self._hashes:
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in rejects.items() if number)
            raise CoordError(f"{self.path} has no row that can be used{f': {reasons}' if reasons else ''}.")
        every = np.concatenate(self._hashes)
        every.sort()
        repeated = int(np.count_nonzero(every[1:] == every[:-1]))
        return FileUnits(self.unit, repeated, rejects, tuple(one.key for one in left_out))

    def randomised(self, catalog: Catalog, experiment: Experiment) -> bool:
        """Whether an experiment randomises these units."""
        return catalog.spaces[experiment.space].unit == self.unit

    def pieces(self, progress: Callable[[int], None]) -> Iterator[Piece]:
        """All usable rows; `progress` hears of more bytes."""
        for rows in self.reading.batches(progress):
            units = from_arrow(rows.columns["unit"])
            self._hashes.append(hashes("", units))
            batch = Batch(units, dict(zip(rows.extras.schema.names, rows.extras.columns, strict=True)))
            yield Piece(0, partial(_same, batch))


def _same(batch: Batch) -> Batch:
    return batch


def _units(catalog: Catalog, experiments: Collection[Experiment]) -> list[str]:
    """What the experiments randomise, most of them first."""
    found = [catalog.spaces[one.space].unit for one in experiments]
    known = found or [space.unit for space in catalog.spaces.values()]
    return sorted(dict.fromkeys(known), key=lambda unit: -known.count(unit))


def _open(path: Path, units: list[str], dimensions: list[str]) -> tuple[Reading, str]:
    """The file, with the first of the columns that it has."""
    failure: CoordError | None = None
    for unit in units:
        try:
            return Reading([str(path)], unit_layout(unit, dimensions)), unit
        except CoordError as error:
            failure = failure or error
    raise failure or CoordError(f"{path} cannot be read: there is no space, so no unit.")
