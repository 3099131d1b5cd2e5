"""Rows that come and go: batches that DuckDB aggregates while they are read, never held as a whole."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from coord.logs.duck import Duck, _sql

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

_ARRIVING = "arriving"


class Streams(Duck):
    """A DuckDB that also takes streams of rows."""

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
    """A DuckDB with a folder of its own for what does not fit into memory; both are gone afterwards."""
    with TemporaryDirectory(prefix="coord-", ignore_cleanup_errors=True) as folder:
        engine = Streams(folder)
        try:
            yield engine
        finally:
            engine.close()
