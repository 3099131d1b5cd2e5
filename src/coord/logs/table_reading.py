"""Rows of tables of a database, read in batches as those of files are: what can be used, and what cannot.

The database says why a row cannot be used, and counts them all; only rows of use are fetched. Rows of a table
have no numbers, so they have 0.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coord.errors import CoordError
from coord.logs.block import Block
from coord.logs.columns import Layout
from coord.logs.database import Database
from coord.logs.reader import Batch, FileRead, _record_batch
from coord.logs.rejects import Rejects, RejectsFile
from coord.logs.table_columns import text_of, text_refusal
from coord.logs.table_source import REASON, Source, sources

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir

_MOST_NAMES = 1000
"""Names of other experiments that are told apart."""


class TableReading:
    """Tables that are read, once. A `Readable`."""

    def __init__(self, engine: Database, named: Sequence[str], layout: Layout) -> None:
        """Look at the tables and see that they have what is wanted. Raises CoordError."""
        self.layout, self.rejects = layout, Rejects(layout)
        self._engine = engine
        self.sources = sources(engine, named, layout)
        self.files = [FileRead(one.name, one.extras) for one in self.sources]
        self._whole: RejectsFile | None = None

    @property
    def names(self) -> list[str]:
        """The columns of all tables."""
        return [name for one in self.sources for name in one.header]

    def reads(self, path: Path) -> bool:  # noqa: ARG002
        """No file is a table."""
        return False

    def write_to(self, file: RejectsFile) -> None:
        """Write the rows that are rejected, whole; see `rejected`."""
        self._whole = file

    @property
    def rows(self) -> int:
        """How many rows were read so far, rejected ones included."""
        return sum(file.rows for file in self.files)

    def lacks(self, column: str) -> str | None:
        """Which table does not have a column, and what was meant; None when all have it."""
        return next(filter(None, (one.lacks(column) for one in self.sources)), None)

    def batches(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Batch]:
        """The rows that can be used, table by table; `progress` hears of more rows. Raises CoordError."""
        for number, source in enumerate(self.sources):
            expected, fetched = self._count(number, source), 0
            for batch in self._engine.rows(self._wanted(source)):
                fetched += batch.num_rows
                progress(batch.num_rows)
                yield self._batch(number, source, batch)
            self._check(source, expected, fetched)
            self._write(source)

    def _check(self, source: Source, expected: int, fetched: int) -> None:
        if fetched == expected:
            return
        if self._engine.consistent:
            raise AssertionError(f"{source.name}: {expected} rows can be used, and {fetched} were")
        raise CoordError(
            f"The table {source.name} was changed while it was read: it had {expected:,} rows of use, and "
            f"then {fetched:,}. Run it again when nobody writes to it, or give a copy."
        )

    def _count(self, number: int, source: Source) -> int:
        """Count all rows of a table; gives how many can be used."""
        rows = source.table.select(**{REASON: source.reason()})
        counted = rows.group_by(REASON).aggregate(rows=rows.count())
        found = {row[REASON]: int(row["rows"]) for row in self._engine.fetch(counted).to_pylist()}
        self.note(number, found)
        return found.get(None, 0)

    def note(self, number: int, found: Mapping[str | None, int]) -> None:
        """Take the numbers of a table's rows by reason, None for those of use."""
        self.rejects.counts.update({reason: rows for reason, rows in found.items() if reason is not None})
        self.files[number] = self.files[number]._replace(rows=sum(found.values()))

    def _wanted(self, source: Source) -> "ir.Table":
        """The rows of use: what plays a role by role, extras by their names."""
        usable = source.reason().isnull()
        columns: dict[str, ir.Value] = {}
        for one in self.layout.wanted:
            timed = one.role == "timestamp"
            columns[f"role_{one.role}"] = source.at() if timed else source.text(one.role)
        columns |= {f"extra_{name}": self._extra(source, name) for name in source.extras}
        return source.table.filter(usable & self._ours(source)).select(**columns)

    def _ours(self, source: Source) -> "ir.BooleanValue":  # noqa: ARG002
        """Which rows are fetched of those of use."""
        import ibis  # noqa: PLC0415 - only analyses need it

        return ibis.literal(value=True)

    def _extra(self, source: Source, name: str) -> "ir.Value":
        source.check(name, text_refusal)
        return text_of(source.column(name))

    def _batch(self, number: int, source: Source, fetched: "pa.RecordBatch") -> Batch:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        columns = {one.role: fetched.column(f"role_{one.role}") for one in self.layout.wanted}
        if "timestamp" in columns:
            columns["timestamp"] = columns["timestamp"].view(pa.timestamp("us"))
        extras = {name: fetched.column(f"extra_{name}") for name in source.extras}
        rows = np.zeros(fetched.num_rows, np.int64)
        return Batch(number, rows, pa.record_batch(columns), _record_batch(extras))

    def _write(self, source: Source) -> None:
        """Write the rows of a table that cannot be used, where that is asked for."""
        import numpy as np  # noqa: PLC0415

        if self._whole is None:
            return
        named = {f"c{i}": value for i, value in enumerate(source.whole().values())}
        rows = source.table.select(**{REASON: source.reason()}, **named)
        for batch in self._engine.rows(rows.filter(rows[REASON].notnull())):
            block = Block(np.zeros(batch.num_rows, np.int64), {}, None, whole=batch.columns[1:])
            self._whole.add_block(source.name, source.header, block, batch.column(REASON).to_pylist())


class ExposureTables(TableReading):
    """Exposures of one experiment; those of others are only counted: `other_rows`, `others` by name."""

    def __init__(
        self,
        engine: Database,
        named: Sequence[str],
        layout: Layout,
        experiment: str,
    ) -> None:
        """Look at the tables. Raises CoordError."""
        super().__init__(engine, named, layout)
        self._experiment = experiment
        self.others: Counter[str] = Counter()
        self.other_rows = 0

    def _ours(self, source: Source) -> "ir.BooleanValue":
        return source.text("experiment") == self._experiment

    def _count(self, number: int, source: Source) -> int:
        usable = super()._count(number, source)
        others = source.table.filter(source.reason().isnull()).select(name=source.text("experiment"))
        others = others.filter(others.name != self._experiment)
        counted = others.group_by("name").aggregate(rows=others.count())
        import ibis  # noqa: PLC0415

        first = counted.order_by([ibis.desc("rows"), "name"]).limit(_MOST_NAMES)
        total = self._engine.fetch(others.aggregate(rows=others.count())).to_pylist()[0]["rows"]
        for row in self._engine.fetch(first).to_pylist():
            self.others[row["name"]] += int(row["rows"])
        self.other_rows += int(total)
        return usable - int(total)
