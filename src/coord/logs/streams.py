"""Rows that come and go: batches that DuckDB aggregates while they are read, never held as a whole."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from coord.logs.duck import Duck, _sql, spill_folder

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from ibis.expr import types as ir
    from numpy.typing import NDArray

_ARRIVING = "arriving"

_COMPARED = 1 << 22
"""Rows that are looked at together for such as are alike: their hashes are all in memory then."""

_AS_WRITTEN = "disabled_optimizers = 'join_order,build_side_probe_side'"
"""Joins keep their right side in memory, the units. DuckDB takes a stream for one row, and would keep it."""


class Streams(Duck):
    """A DuckDB that also takes streams of rows."""

    def __init__(self, folder: str) -> None:
        """Start it, as `Duck` does."""
        super().__init__(folder, _AS_WRITTEN)

    def keep_stream(
        self,
        schema: "pa.Schema",
        batches: "Iterable[pa.RecordBatch]",
        shape: "Callable[[ir.Table], ir.Table]",
    ) -> "ir.Table":
        """What an expression makes of rows, as a table; the rows themselves are read once and not kept.

        Raises CoordError, also what the batches raise while they are made.
        """
        import ibis  # noqa: PLC0415 - only analyses need it
        import pyarrow as pa  # noqa: PLC0415

        kept = _Kept(batches)
        expression = shape(ibis.table(ibis.Schema.from_pyarrow(schema), name=_ARRIVING))
        name = next(self._names)
        self._connection.register(_ARRIVING, pa.RecordBatchReader.from_batches(schema, kept))
        try:
            self._connection.execute(f'CREATE TABLE "{name}" AS {_sql(expression)}')
        except self._error as error:
            raise kept.error or self._failed(error) from None
        finally:
            self._connection.unregister(_ARRIVING)
        return ibis.table(expression.schema(), name=name)

    def repeated(self, table: "ir.Table", columns: Sequence[str]) -> int:
        """How many rows of a kept table are like another one in these columns, which is not counted itself.

        Rows that are alike have one hash, so only those are compared whose hash others have as well.
        Raises CoordError.
        """
        name, listed = table.get_name(), ", ".join(f'"{column}"' for column in columns)
        try:
            counted = self._connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()  # noqa: S608 - ours
            parts = max(1, counted[0][0] // _COMPARED)
            return sum(self._repeated(name, listed, f"hash({listed}) % {parts} = {i}") for i in range(parts))
        except self._error as error:
            raise self._failed(error) from None

    def _repeated(self, name: str, listed: str, part: str) -> int:
        """The same of some rows, which have all that are like them."""
        import pyarrow as pa  # noqa: PLC0415

        found = self._connection.sql(f'SELECT hash({listed}) AS hash FROM "{name}" WHERE {part}')  # noqa: S608
        again = pa.table({"hash": _repeated_numbers(found.to_arrow_table()["hash"].to_numpy())})
        if not len(again):
            return 0
        self._connection.register(_ARRIVING, again)
        try:
            counted = self._connection.execute(
                f'SELECT sum(times - 1) FROM (SELECT count(*) AS times FROM "{name}" WHERE {part} AND '  # noqa: S608
                f"hash({listed}) IN (SELECT hash FROM {_ARRIVING}) GROUP BY {listed})"
            ).fetchall()
        finally:
            self._connection.unregister(_ARRIVING)
        return int(counted[0][0] or 0)

    def forget(self, table: "ir.Table") -> None:
        """Give back the memory of a table that was kept here, and is not needed any more."""
        self._connection.execute(f'DROP TABLE "{table.get_name()}"')


def _repeated_numbers(numbers: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
    """The numbers that are there more than once."""
    import numpy as np  # noqa: PLC0415

    def repeated(part: "NDArray[np.uint64]") -> "NDArray[np.uint64]":
        ordered = np.sort(part)
        return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])

    parts = os.cpu_count() or 1
    with ThreadPoolExecutor(parts) as pool:
        found = pool.map(lambda part: repeated(numbers[numbers % parts == part]), range(parts))
        return np.concatenate([*found])


class _Kept:
    """Batches, and what was raised while they were made: DuckDB passes on only the words of it."""

    def __init__(self, batches: "Iterable[pa.RecordBatch]") -> None:
        self._batches = batches
        self.error: BaseException | None = None

    def __iter__(self) -> "Iterator[pa.RecordBatch]":
        try:
            yield from self._batches
        except BaseException as error:
            self.error = error
            raise


@contextmanager
def streams() -> Iterator[Streams]:
    """A DuckDB for streams with a folder of its own; both are gone afterwards."""
    with spill_folder() as folder, closing(Streams(folder)) as engine:
        yield engine
