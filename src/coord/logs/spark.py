"""Spark as the engine: the same expressions on many processors, or many machines.

Rows come from the readers of this package as everywhere, so that rejects and counts are the same. They are
written to Parquet files in a folder of their own, which Spark reads; what it keeps it writes there, so
that it is computed once, whatever becomes of a machine.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from coord.errors import CoordError
from coord.logs.spark_files import Writing, full
from coord.logs.spark_session import session

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

_SHOWN = 300


class Spark:
    """A session of Spark, and a folder for its tables. A `Store`."""

    def __init__(self, running: "SparkSession", folder: str) -> None:
        """The folder is one that Spark's machines have as well."""
        from py4j.protocol import Py4JError, Py4JJavaError  # noqa: PLC0415 - only this engine needs it
        from pyspark.errors import PySparkException  # noqa: PLC0415

        self._session, self._folder = running, Path(folder)
        self._errors = (PySparkException, Py4JError, OSError)
        self._answers = (PySparkException, Py4JJavaError)  # any other: there is nobody who answers
        self._names = (f"kept{i}" for i in count())
        self._open: dict[str, Writing] = {}

    def create(self, columns: Mapping[str, str]) -> "tuple[ir.Table, pa.Schema]":
        """A table without rows; see `Tables`."""
        import ibis  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        name = next(self._names)
        schema = pa.schema({key: pa.type_for_alias(kind) for key, kind in columns.items()})
        self._open[name] = Writing(self._folder / name, schema)
        return ibis.table(dict(columns), name=name), schema

    def append(self, table: "ir.Table", rows: "pa.Table") -> None:
        """More rows for a table that nothing was computed of yet. Raises CoordError."""
        for batch in rows.to_batches():
            self._open[table.get_name()].write(batch)

    def keep_stream(
        self,
        schema: "pa.Schema",
        batches: "Iterable[pa.RecordBatch]",
        shape: "Callable[[ir.Table], ir.Table]",
    ) -> "ir.Table":
        """What an expression makes of rows, as a table; see `Store`. Raises CoordError."""
        import ibis  # noqa: PLC0415

        name = next(self._names)
        writing = self._open[name] = Writing(self._folder / name, schema)
        for batch in batches:
            writing.write(batch)
        arrived = ibis.table(ibis.Schema.from_pyarrow(schema), name=name)
        kept = self.keep(shape(arrived))
        self.forget(arrived)
        return kept

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression. Raises CoordError."""
        self._finish()
        try:
            found: pa.Table = self._session.sql(_sql(expression)).toArrow()
        except self._errors as error:
            raise self._failed(error) from None
        return found

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The rows of an expression as a table. Raises CoordError."""
        import ibis  # noqa: PLC0415

        self._finish()
        name = next(self._names)
        try:
            rows = self._session.sql(_sql(expression))
            rows.write.parquet(_address(self._folder / name))
            self._read(name, rows.schema)
        except self._errors as error:
            raise self._failed(error) from None
        return ibis.table(expression.schema(), name=name)

    def forget(self, table: "ir.Table") -> None:
        """Give back the space of a table."""
        name = table.get_name()
        with suppress(*self._errors):
            self._session.catalog.dropTempView(name)
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _finish(self) -> None:
        """Have Spark read what was written so far."""
        while self._open:
            name, writing = self._open.popitem()
            writing.close()
            try:
                self._read(name, None)
            except self._errors as error:
                raise self._failed(error) from None

    def _read(self, name: str, schema: "StructType | None") -> None:
        reader = self._session.read if schema is None else self._session.read.schema(schema)
        reader.parquet(_address(self._folder / name)).createOrReplaceTempView(name)

    def _failed(self, error: Exception) -> CoordError:
        told = " ".join(str(error).split())
        if "No space left" in told:
            return full(self._folder)
        if "OutOfMemoryError" in told or not isinstance(error, self._answers):
            return CoordError(
                "Spark ended while it aggregated the rows, most likely for want of memory. Give it more with "
                "`spark.driver.memory` in spark-defaults.conf, or leave --engine out: DuckDB needs 1.2 GB."
            )
        return CoordError(f"Spark could not aggregate the rows ({type(error).__name__}): {told[:_SHOWN]}")


@contextmanager
def spark() -> Iterator[Spark]:
    """Spark with a folder of its own; both are gone afterwards. Raises CoordError where it does not start."""
    kept = TemporaryDirectory(prefix="coord-", ignore_cleanup_errors=True)
    with kept as folder, session(folder) as running:
        yield Spark(running, folder)


def _address(path: Path) -> str:
    """Of a file of the machine, whatever file system Spark would look at otherwise."""
    return f"file://{path.resolve()}"


def _sql(expression: "ir.Table") -> str:
    """The expression for Spark, in which a count with a condition is 0 of nothing, as it is elsewhere."""
    import ibis  # noqa: PLC0415
    from ibis.expr import operations as ops  # noqa: PLC0415

    def counted(node: Any, values: Any) -> Any:
        found = node.__recreate__(values) if values else node
        if isinstance(found, ops.CountStar) and found.where is not None:
            one, none = ibis.literal(1, "int64").op(), ibis.null("int64").op()
            return ops.Count(ops.IfElse(found.where, one, none))
        return found

    return str(ibis.to_sql(expression.op().replace(counted).to_expr(), dialect="pyspark", pretty=False))
