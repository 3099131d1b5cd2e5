"""The default engine: DuckDB in this process, within bounds of memory and disk, and on its own.

It looks at no files, loads no extensions, reads no settings and speaks to nobody: rows are handed to it.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from coord.errors import CoordError

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

_MOST_MEMORY = 75 * 10**7
"""With it a whole analysis stays below 1.2 GB; what does not fit is written to files, which costs little."""
_MEGABYTE = 10**6


class Duck:
    """A DuckDB that keeps tables until it is closed. An `Engine`."""

    def __init__(self, folder: str, *settings: str) -> None:
        """Start it; what does not fit into memory goes to files in the folder, up to half of what is free.

        settings: further ones, as SET has them.
        """
        import duckdb  # noqa: PLC0415 - only analyses need it

        self._error, self._folder, self._names = duckdb.Error, folder, (f"kept{i}" for i in count())
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{memory() // _MEGABYTE}MB",
                "temp_directory": folder,
                "max_temp_directory_size": f"{shutil.disk_usage(folder).free // 2 // _MEGABYTE}MB",
                "threads": str(os.cpu_count() or 1),
                "preserve_insertion_order": "false",
                "autoload_known_extensions": "false",
                "autoinstall_known_extensions": "false",
                "allow_community_extensions": "false",
                "allow_persistent_secrets": "false",
                "python_enable_replacements": "false",
            },
        )
        for setting in (*settings, "enable_external_access = false", "lock_configuration = true"):
            self._connection.execute(f"SET {setting}")

    def close(self) -> None:
        """Give everything back."""
        self._connection.close()

    def create(self, columns: Mapping[str, str]) -> "tuple[ir.Table, pa.Schema]":
        """A table without rows, with these columns and types, and the schema of what is appended to it.

        Types have one name to Arrow and to Ibis: string, int32, int64, float64.
        """
        import ibis  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        name, schema = (
            next(self._names),
            pa.schema({key: pa.type_for_alias(kind) for key, kind in columns.items()}),
        )
        self._with(pa.Table.from_batches([], schema), f'CREATE TABLE "{name}" AS')
        return ibis.table(dict(columns), name=name), schema

    def append(self, table: "ir.Table", rows: "pa.Table") -> None:
        """More rows for a table that was made here. Raises CoordError."""
        self._with(rows, f'INSERT INTO "{table.get_name()}"')

    def _with(self, rows: "pa.Table", statement: str) -> None:
        self._connection.register("arriving", rows)
        try:
            self._connection.execute(f"{statement} FROM arriving")
        except self._error as error:
            raise self._failed(error) from None
        finally:
            self._connection.unregister("arriving")

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        """The rows of an expression. Raises CoordError."""
        try:
            found: pa.Table = self._connection.sql(_sql(expression)).to_arrow_table()
        except self._error as error:
            raise self._failed(error) from None
        return found

    def keep(self, expression: "ir.Table") -> "ir.Table":
        """The rows of an expression as a table. Raises CoordError."""
        import ibis  # noqa: PLC0415

        name = next(self._names)
        try:
            self._connection.execute(f'CREATE TABLE "{name}" AS {_sql(expression)}')
        except self._error as error:
            raise self._failed(error) from None
        return ibis.table(expression.schema(), name=name)

    def _failed(self, error: Exception) -> CoordError:
        kind = type(error).__name__
        if kind in {"OutOfMemoryException", "IOException"}:
            return CoordError(
                f"The rows need more than {memory() // _MEGABYTE:,} MB of memory and half of what is free in "
                f"{self._folder}. Free space there, or set TMPDIR to a folder with more."
            )
        return CoordError(f"The rows could not be aggregated ({kind}): {' '.join(str(error).split())}")


def spill_folder() -> "TemporaryDirectory[str]":
    """A folder for what does not fit into memory, gone afterwards."""
    return TemporaryDirectory(prefix="coord-", ignore_cleanup_errors=True)


@contextmanager
def duck() -> Iterator[Duck]:
    """A DuckDB with a folder of its own; both are gone afterwards."""
    with spill_folder() as folder, closing(Duck(folder)) as engine:
        yield engine


def memory() -> int:
    """How many bytes of memory DuckDB may take: half of what there is, at most 0.75 GB."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not every system tells
        return _MOST_MEMORY
    return min(_MOST_MEMORY, there // 2)


def _sql(expression: "ir.Table") -> str:
    import ibis  # noqa: PLC0415

    return str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
