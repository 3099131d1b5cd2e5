"""Reading files with one row per unit: columns of numbers may be stored as numbers, unlike ids."""

from collections.abc import Sequence
from typing import NamedTuple

from coord.domain.spelling import nearest
from coord.errors import CoordError
from coord.logs.columns import Layout, Use, Wanted, extra_key, places
from coord.logs.parquet_rows import ParquetFile
from coord.logs.parquet_types import refusal
from coord.logs.reader import FileRead, Reading
from coord.logs.rejects import Rejects

_SHOWN = 20


class UnitColumns(NamedTuple):
    """What the columns of a table of units are called; `unit` is None where units have no ids.

    optional: units have no ids where no file has the column `unit`; else that is an error.
    """

    unit: str | None
    variant: str
    optional: bool = False


class UnitFiles(Reading):
    """Files with one row per unit; the extras are dimensions, and numbers as text."""

    def __init__(
        self,
        named: Sequence[str],
        columns: UnitColumns,
        extras: Sequence[str],
    ) -> None:
        """Look at the files; they must have a variant, and a unit if one is named. Raises CoordError."""
        variant = Wanted("variant", columns.variant, Use.LABEL)
        super().__init__(named, Layout("units", (variant,)))
        self._find(variant, columns, tuple(dict.fromkeys(extras)))

    def _find(self, variant: Wanted, columns: UnitColumns, extras: tuple[str, ...]) -> None:
        """Find the ids and the extras. The files were looked at without, as numbers are no ids."""
        there = columns.unit is not None and any(columns.unit in one.header for one in self._readers)
        self.with_ids = columns.unit is not None and (there or not columns.optional)
        unit = (Wanted("unit", columns.unit or "", Use.UNIT),) if self.with_ids else ()
        self.layout = Layout("units", (*unit, variant), extras)
        self.rejects = Rejects(self.layout)
        for number, reader in enumerate(self._readers):
            path = str(reader.path)
            reader.places = places(path, reader.header, self.layout)
            found = tuple(name for name in extras if extra_key(name) in reader.places)
            self.files[number] = FileRead(path, found)
            if isinstance(reader, ParquetFile):
                _check(reader, [columns.unit or ""] if self.with_ids else [], found)

    def has(self, column: str) -> bool:
        """Whether every file has this extra column."""
        return all(column in file.extras for file in self.files)

    def columns_without(self, column: str) -> str:
        """The columns of the first file that does not have this extra column, as a list for people."""
        number = next(i for i, file in enumerate(self.files) if column not in file.extras)
        header = self._readers[number].header
        more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
        return ", ".join(name or '""' for name in header[:_SHOWN]) + more

    def lacks(self, column: str) -> str:
        """What to say of an extra column that some file does not have."""
        number = next(i for i, file in enumerate(self.files) if column not in file.extras)
        where = "the file" if len(self.files) == 1 else self.files[number].path
        header = self._readers[number].header
        folded = {name.strip().casefold(): name for name in reversed(header)}
        near = folded.get(column.casefold()) or nearest(column, header)
        return f"{where} has no column {column}{f' (did you mean {near}?)' if near else ''}"


def _check(reader: ParquetFile, ids: Sequence[str], extras: Sequence[str]) -> None:
    """Raises CoordError for ids that are no text, and for an extra column with lists or structures in it."""
    from pyarrow import types  # noqa: PLC0415 - only logs need it

    for name in (*ids, *extras):
        kind = reader._schema.field(reader.header.index(name)).type
        inner = kind.value_type if types.is_dictionary(kind) else kind
        why = refusal(kind, time=False) if name in ids or types.is_nested(inner) else None
        if why:
            raise CoordError(f"The column {name} of {reader.path} {why}")
