"""Units as rows of logs show them: who was seen, when, and what is true of each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from coord.allocation.assign_many import buckets_of, eligible_of, mask
from coord.allocation.columns import from_arrow
from coord.domain.audience import Audience
from coord.domain.buckets import Buckets
from coord.domain.model import Space
from coord.logs.reader import Batch, Reading

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Mark = Callable[[Batch, "NDArray[np.int64]"], "NDArray[np.bool_]"]
"""What is true of each row of a batch; the moments of the rows are in microseconds since 1970."""

UNIT, AT = "unit", "at"


class Sightings:
    """Rows of exposures or of events. What was found so far:

    first, last: moments of the first row, and of the last before `known_until`; None without any.
    """

    def __init__(self, reading: Reading, marks: Mapping[str, Mark], known_until: int) -> None:
        """Take files that are to be read, and what is to be known of each row, by name."""
        self._reading, self._marks, self._known_until = reading, marks, known_until
        self.first: int | None = None
        self.last: int | None = None

    @property
    def schema(self) -> "pa.Schema":
        """The columns: unit, moment, and a truth value for each mark."""
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        return pa.schema(
            [(UNIT, pa.string()), (AT, pa.int64()), *((name, pa.bool_()) for name in self._marks)]
        )

    def batches(self, progress: Callable[[int], None]) -> "Iterator[pa.RecordBatch]":
        """Every row that can be used. Raises CoordError."""
        import pyarrow as pa  # noqa: PLC0415

        for read in self._reading.batches(progress):
            at = read.columns["timestamp"].cast(pa.int64()).to_numpy()
            self._note(at)
            marks = [pa.array(mark(read, at)) for mark in self._marks.values()]
            yield pa.record_batch([read.columns["unit"], pa.array(at), *marks], schema=self.schema)

    def _note(self, at: "NDArray[np.int64]") -> None:
        known = at[at < self._known_until]
        if not len(known):
            return
        first, last = int(known.min()), int(known.max())
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


def dimensions_of(reading: Reading, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that all files have as a column."""
    return tuple(name for name in names if all(name in file.extras for file in reading.files))


def is_held(space: Space, held: Buckets) -> Mark:
    """Whether the row's unit is in one of these buckets."""
    by_bucket = mask(held, space.buckets)

    def marked(batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":  # noqa: ARG001
        return by_bucket[buckets_of(space, from_arrow(batch.columns["unit"]))]

    return marked


def is_eligible(audience: Audience) -> Mark:
    """Whether the row says values of all these dimensions that are in the audience; files must have them."""

    def marked(batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        contexts = {name: batch.extras[name] for name in audience}
        return eligible_of(audience, contexts, len(at))

    return marked


def never(batch: Batch, at: "NDArray[np.int64]") -> "NDArray[np.bool_]":  # noqa: ARG001
    """True of no row."""
    import numpy as np  # noqa: PLC0415

    return np.zeros(len(at), np.bool_)
