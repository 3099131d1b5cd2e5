"""Rows of logs in arrays: what they are and what was found of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.reader import Batch

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_EPOCH = date(1970, 1, 1).toordinal()

_BYTES = 1 << 28
"""Bytes of rows that are put together; a row of usual length has a hundred."""


def number_of(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The day so many days after 1970 began."""
    return date.fromordinal(number + _EPOCH)


class Gathered(NamedTuple):
    """Usable rows of one or several files: the place of each row's file, its number there, its columns.

    All the files have the same extra columns.
    """

    files: "NDArray[np.int32]"
    rows: "Numbers"
    columns: "pa.RecordBatch"
    extras: "pa.RecordBatch"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of each row.

    `units` are hashes. `experiments` and `holdbacks` are places in the judge's lists, `arms` and `assigned`
    places among the variants of the experiment: the logged one, and the one by the hash, of rows that have
    one. -1 is none. `coming`: the experiment holds the bucket, but only from a later day on. `groups` has the
    rows of each experiment that is known.
    """

    batch: Gathered
    units: "NDArray[np.uint64]"
    moments: "Numbers"
    days: "NDArray[np.int32]"
    experiments: "NDArray[np.int32]"
    arms: "NDArray[np.int16]"
    assigned: "NDArray[np.int16]"
    holdbacks: "NDArray[np.int32]"
    causes: "NDArray[np.uint8]"
    buckets: "Numbers"
    coming: "Mask"
    groups: "Sequence[tuple[int, Numbers]]"


def grouped(places: "NDArray[np.int32]") -> "Iterator[tuple[int, Numbers]]":
    """The rows of each place that is one, in ascending order."""
    import numpy as np  # noqa: PLC0415 - only columns need it

    order = np.argsort(places, kind="stable")
    ordered = places[order]
    bounds = np.flatnonzero(np.diff(ordered)) + 1
    for rows in np.split(order, bounds) if len(order) else ():
        if places[rows[0]] >= 0:
            yield int(places[rows[0]]), rows


def gathered(batches: Iterator[Batch], rows: int) -> Iterator[Gathered]:
    """The same rows, about so many at a time, or fewer where they are long."""
    waiting: list[Batch] = []
    number = size = 0
    for batch in batches:
        more = batch.columns.nbytes + batch.extras.nbytes
        full = number >= rows or size + more > _BYTES
        if waiting and (full or waiting[0].extras.schema != batch.extras.schema):
            yield _together(waiting)
            waiting, number, size = [], 0, 0
        waiting.append(batch)
        number, size = number + len(batch.rows), size + more
    if waiting:
        yield _together(waiting)


def _together(batches: list[Batch]) -> Gathered:
    import numpy as np  # noqa: PLC0415

    return Gathered(
        np.repeat([one.file for one in batches], [len(one.rows) for one in batches]).astype(np.int32),
        np.concatenate([one.rows for one in batches]),
        _joined([one.columns for one in batches]),
        _joined([one.extras for one in batches]),
    )


def _joined(batches: "list[pa.RecordBatch]") -> "pa.RecordBatch":
    import pyarrow as pa  # noqa: PLC0415

    if len(batches) == 1:
        return batches[0]
    arrays = [
        pa.concat_arrays([one.column(place) for one in batches]) for place in range(batches[0].num_columns)
    ]
    return pa.record_batch(arrays, names=batches[0].schema.names)
