"""Exposures by experiment: which of them are of experiments that the files know, on their days."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coord.domain.model import Experiment
from coord.logs.moments_in_time import micros
from coord.logs.reader import Batch
from coord.logs.timestamps import FIRST

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Of:
    """Whether rows of exposures are of one of some experiments, and on its days. What was found so far:

    met: rows of each experiment on its days, by its place. outside: rows outside of them. others: all others.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        """Take experiments; those without days have no rows on them."""
        import numpy as np  # noqa: PLC0415 - only logs need it

        self._names = [one.logged_as for one in experiments]
        starts = [micros(one.days.start) if one.days else FIRST for one in experiments]
        ends = [micros(one.days.end) if one.days else FIRST for one in experiments]
        self._starts, self._ends = np.array([*starts, 0], np.int64), np.array([*ends, 0], np.int64)
        self.met = np.zeros(len(experiments), np.int64)
        self.outside = self.others = 0

    def named(self, batch: Batch) -> "NDArray[np.int64]":
        """The place of each row's experiment; -1 for others."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import compute  # noqa: PLC0415

        known = pa.array(self._names, pa.string())
        places = compute.index_in(batch.columns["experiment"], value_set=known).fill_null(-1)
        return np.asarray(places.to_numpy(zero_copy_only=False), np.int64)

    def __call__(self, batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Whether each row is."""
        import numpy as np  # noqa: PLC0415

        places = self.named(batch)
        known = places >= 0
        found: NDArray[np.bool_] = known & (at >= self._starts[places]) & (at < self._ends[places])
        self.met += np.bincount(places[found], minlength=len(self.met))
        self.others += int(np.count_nonzero(~known))
        self.outside += int(np.count_nonzero(known & ~found))
        return found
