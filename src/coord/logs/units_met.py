"""Units that met an experiment, from its exposures."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from coord.domain.spelling import nearest
from coord.logs import exposed
from coord.logs.engine import Store
from coord.logs.exposed import CROSSED, FIRST_ARM, REASON, ROWS
from coord.logs.exposure_stream import ExposureStream
from coord.logs.logged import LogSpec, Read
from coord.logs.placed import ASSIGNED
from coord.logs.readable import Readable
from coord.logs.rejects import UnusableError
from coord.logs.streams import Streams
from coord.logs.table_reading import ExposureTables
from coord.logs.windows import KEY

if TYPE_CHECKING:
    from ibis.expr import types as ir

Progress = Callable[[int], None]


class Met:
    """Units that met the experiment: `units` is their table in the engine (`exposed.units_of`), with keys.

    read, excluded, misplaced, duplicates: as in `Logged`. arms: units by the variant of their first
    exposure. number: units without crossovers.
    """

    def __init__(self, engine: Store, spec: LogSpec, reading: Readable, progress: Progress) -> None:
        self.stream = ExposureStream(reading, spec)
        seen = engine.keep_stream(self.stream.schema, self.stream.batches(progress), lambda rows: rows)
        if isinstance(reading, ExposureTables):  # these did not come here
            self.stream.others, self.stream.other_experiments = reading.other_rows, reading.others
        self.read = read_of(reading)
        judged = exposed.judged(seen, spec, self.stream.dimensions)
        counted = judged.group_by(REASON).aggregate(rows=judged.count())
        reasons = {row[REASON]: int(row["rows"]) for row in engine.fetch(counted).to_pylist()}
        if not reasons and not self.stream.unknown:
            raise UnusableError(_nothing(spec, self.stream, self.read))
        units = exposed.units_of(judged, self.stream.dimensions)
        self.units = engine.keep(units.mutate(**{KEY: _numbered()}))
        self.duplicates = _duplicates(engine, seen)
        engine.forget(seen)
        self.arms = self._by_arm(engine, spec)
        self._count(engine, reasons)

    def _by_arm(self, engine: Store, spec: LogSpec) -> tuple[int, ...]:
        counted = self.units.group_by(FIRST_ARM).aggregate(units=self.units.count())
        found = {int(row[FIRST_ARM]): int(row["units"]) for row in engine.fetch(counted).to_pylist()}
        return tuple(found.get(arm, 0) for arm in range(len(spec.arms)))

    def _count(self, engine: Store, reasons: Mapping[str, int]) -> None:
        """Every row has one reason, or is the first of a unit."""
        units = self.units
        other = (units[ASSIGNED] >= 0) & (units[ASSIGNED] != units[FIRST_ARM])
        row = engine.fetch(
            units.aggregate(
                crossed=units.count(where=units[CROSSED]),
                crossed_rows=units[ROWS].sum(where=units[CROSSED]),
                once=units.count(where=~units[CROSSED]),
                rows=units[ROWS].sum(where=~units[CROSSED]),
                misplaced=units.count(where=~units[CROSSED] & other),
            )
        ).to_pylist()[0]
        self.number, self.crossovers = int(row["once"]), int(row["crossed"])
        self.misplaced = int(row["misplaced"])
        found = dict(self.read.rejects)
        found |= {"other_experiment": self.stream.others, "unknown_variant": self.stream.unknown}
        found |= {reason: reasons.get(reason, 0) for reason in exposed.REASONS}
        found |= {"crossover": int(row["crossed_rows"] or 0), "repeat": int(row["rows"] or 0) - self.number}
        self.excluded = found
        if sum(found.values()) + self.number != self.read.rows:
            raise AssertionError(
                f"of {self.read.rows} exposures, {sum(found.values())} + {self.number} are known"
            )


def _duplicates(engine: Store, seen: "ir.Table") -> int:
    if isinstance(engine, Streams):
        return engine.repeated(seen, exposed.telling(seen))
    return number_of(engine, exposed.duplicates(seen))


def _numbered() -> "ir.Value":
    import ibis  # noqa: PLC0415 - only analyses need it

    return ibis.row_number().cast("int32")


def _nothing(spec: LogSpec, stream: ExposureStream, read: Read) -> str:
    if not read.rows:
        return "The exposures have columns and no rows. Was the export interrupted?"
    if not stream.others:
        why = ", ".join(f"{reason} {rows:,}" for reason, rows in read.rejects.items())
        first = sorted(read.first_rejects, key=lambda one: one.row)[:1]
        where = "".join(f"; the first is row {one.row:,} of {one.file}" for one in first)
        return (
            f"None of the {read.rows:,} exposures can be used: {why}{where}. Correct the export; --rejects "
            "FILE has the rows."
        )
    there = [name for name, _ in stream.other_experiments.most_common(5)]
    near = nearest(spec.experiment, list(stream.other_experiments))
    hint = f" Did you mean {near}?" if near else ""
    return (
        f"The exposures have none of {spec.experiment}. They are of {', '.join(there)}.{hint} If logs call "
        "the experiment something else, say so in its file: `logged_as`."
    )


def read_of(reading: Readable) -> Read:
    """What was read of files or tables, when all of it was."""
    rejects = {reason: number for reason, number in reading.rejects.counts.items() if number}
    return Read(reading.rows, rejects, tuple(reading.rejects.first))


def number_of(engine: Store, expression: "ir.Table") -> int:
    """The only number of an expression, `more`; 0 where it is null."""
    return int(engine.fetch(expression).to_pylist()[0]["more"] or 0)
