"""Tables of a database with one row per unit, and what opens them or files of the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coord.domain.spelling import nearest
from coord.logs.columns import _SHOWN, Layout, Use, Wanted
from coord.logs.database import Database
from coord.logs.database_address import AtDatabase
from coord.logs.engine import Tables
from coord.logs.readable import UnitReadable
from coord.logs.rejects import rejected
from coord.logs.table_columns import double_of, number_refusal, text_refusal
from coord.logs.table_reading import TableReading
from coord.logs.unit_files import UnitColumns, UnitFiles

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.logs.table_source import Source


class UnitTables(TableReading):
    """Tables with one row per unit; the extras are values, numbers, and dimensions, texts."""

    def __init__(
        self,
        engine: Database,
        named: Sequence[str],
        columns: UnitColumns,
        values: Sequence[str],
        dimensions: Sequence[str],
    ) -> None:
        """Look at the tables; they must have a variant, and a unit if one is named. Raises CoordError."""
        there = any(columns.unit in engine.table(name).columns for name in named)
        self.with_ids = columns.unit is not None and (there or not columns.optional)
        unit = (Wanted("unit", columns.unit or "", Use.UNIT),) if self.with_ids else ()
        variant = Wanted("variant", columns.variant, Use.LABEL)
        self._values, self._dimensions = {*values}, {*dimensions}
        extras = tuple(dict.fromkeys((*values, *dimensions)))
        super().__init__(engine, named, Layout("units", (*unit, variant), extras))

    def has(self, column: str) -> bool:
        """Whether every table has this extra column."""
        return all(column in file.extras for file in self.files)

    def columns_without(self, column: str) -> str:
        """The columns of the first table that does not have this extra column, as a list for people."""
        header = self._without(column).header
        more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
        return ", ".join(header[:_SHOWN]) + more

    def lacks(self, column: str) -> str:
        """What to say of an extra column that some table does not have."""
        source = self._without(column)
        where = "the table" if len(self.files) == 1 else source.name
        folded = {name.strip().casefold(): name for name in reversed(source.header)}
        near = folded.get(column.casefold()) or nearest(column, source.header)
        return f"{where} has no column {column}{f' (did you mean {near}?)' if near else ''}"

    def _without(self, column: str) -> "Source":
        return next(one for one in self.sources if column not in one.extras)

    def _extra(self, source: "Source", name: str) -> "ir.Value":
        if name not in self._values:
            return super()._extra(source, name)
        if name in self._dimensions:
            source.check(name, text_refusal)
        source.check(name, number_refusal)
        return double_of(source.column(name))


@contextmanager
def opened(
    named: Sequence[str],
    columns: UnitColumns,
    values: Sequence[str],
    dimensions: Sequence[str],
    rejects_to: Path | None,
    opening: Callable[[], AbstractContextManager[Tables]],
) -> Iterator[tuple[UnitReadable, Tables]]:
    """Files or tables of units, looked at, and the engine. Raises CoordError."""
    if isinstance(opening, AtDatabase):
        with opening() as engine:
            tables = UnitTables(engine, named, columns, values, dimensions)
            with rejected(rejects_to, tables):
                yield tables, engine
    else:
        files = UnitFiles(named, columns, (*values, *dimensions))
        with rejected(rejects_to, files), opening() as other:
            yield files, other
