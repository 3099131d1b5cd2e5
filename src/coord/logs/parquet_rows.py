"""Reading Parquet: ids as the text that CSV would have, moments as they are stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coord.errors import CoordError
from coord.logs.block import Block
from coord.logs.columns import Layout, Use, places
from coord.logs.parquet_types import moments_of, refusal, texts_of
from coord.logs.source import open_file, unreadable
from coord.logs.utf8 import MARK

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyarrow import parquet

_ROWS = 1 << 16


class ParquetFile:
    """A Parquet file whose schema has been read: `header` are the names of its top-level columns.

    `places` are those of the wanted columns, and `done` is about how many of its bytes were read.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        """Read the schema. Raises CoordError when it lacks a column, or has one that cannot be used."""
        self.path, self.done = path, 0
        with _parquet(path) as (_, schema):
            self._schema = schema
        self.header = [str(name) for name in schema.names]
        self.places = places(str(path), self.header, layout)
        self._times = {self.places[one.role] for one in layout.wanted if one.use is Use.TIME}
        needed = {self.places[one.role] for one in layout.wanted}
        for place in self.places.values():
            value = layout.values and place not in needed
            why = refusal(schema.field(place).type, time=place in self._times, value=value)
            if why:
                raise CoordError(f"The column {self.header[place]} of {path} {why}")

    def blocks(self, *, whole: bool = False) -> Iterator[Block]:
        """Every row: the wanted columns as texts or moments, and all as they are where `whole` is asked for.

        Raises CoordError.
        """
        import numpy as np  # noqa: PLC0415 - only logs need it

        used = sorted({*self.places.values()})
        names = None if whole else [self.header[place] for place in used]
        with _parquet(self.path) as (file, schema):
            if not schema.equals(self._schema):
                raise unreadable(self.path, "it was changed while it was read")
            rows, total, size = 0, file.metadata.num_rows, self.path.stat().st_size
            for batch in file.iter_batches(batch_size=_ROWS, columns=names):
                numbers = np.arange(rows + 1, rows + 1 + batch.num_rows)
                rows += batch.num_rows
                self.done = size * rows // total
                arrays = {place: batch.column(place if whole else used.index(place)) for place in used}
                yield _block(numbers, arrays, self._times, batch.columns if whole else ())
            if rows != total:
                raise unreadable(self.path, f"it should have {total:,} rows and has {rows:,}")


@contextmanager
def _parquet(path: Path) -> "Iterator[tuple[parquet.ParquetFile, pa.Schema]]":
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    with open_file(path) as opened:
        try:
            file = parquet.ParquetFile(opened.raw)
            yield file, file.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(path, error) from None


def _block(
    numbers: "NDArray[np.int64]", raw: "dict[int, pa.Array]", times: set[int], whole: "Sequence[pa.Array]"
) -> Block:
    import numpy as np  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    dirty, arrays = np.zeros(len(numbers), np.bool_), {}
    for place, array in raw.items():
        moments = moments_of(array) if place in times else None
        arrays[place] = texts_of(array) if moments is None else moments
        if moments is None:
            marks = compute.match_substring(arrays[place], MARK).fill_null(False)
            dirty |= marks.to_numpy(zero_copy_only=False)
    return Block(numbers, arrays, dirty if dirty.any() else None, whole=whole)
