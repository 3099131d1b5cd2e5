"""Exposures as they come from files: those of one experiment, with what the hash says of their units."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from coord.allocation.columns import from_arrow
from coord.logs.logged import LogSpec
from coord.logs.moments_in_time import micros
from coord.logs.placed import ASSIGNED, HELD_FROM, kept_from, placed
from coord.logs.readable import Readable

if TYPE_CHECKING:
    import pyarrow as pa

UNIT, AT, ARM = "unit", "at", "arm"

_MOST_NAMES = 1000
"""Names of other experiments and of unknown variants that are told apart."""


def dimension(name: str) -> str:
    """The column of a dimension, which no other column is called like."""
    return f"of_{name}"


def asked_dimensions(spec: LogSpec) -> tuple[str, ...]:
    """The columns of exposures that are of use, if they are there."""
    keepers = spec.placement.keepers if spec.placement else ()
    names = {*spec.dimensions, *spec.audience, *(name for one in keepers for name in one.audience)}
    if spec.segment is not None:
        names.add(spec.segment)
    return tuple(sorted(names))


class ExposureStream:
    """Exposures of an experiment. `dimensions` are columns all files have; the counts are those so far."""

    def __init__(self, reading: Readable, spec: LogSpec) -> None:
        """Take files that are to be read."""
        self._reading, self._spec = reading, spec
        self.dimensions = tuple(
            name for name in asked_dimensions(spec) if all(name in file.extras for file in reading.files)
        )
        self.other_experiments: Counter[str] = Counter()
        self.unknown_variants: Counter[str] = Counter()
        self.others = self.unknown = 0

    @property
    def schema(self) -> "pa.Schema":
        """The columns: unit, moment, place of the arm; what the hash says; dimensions (empty: no value)."""
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        keepers = self._spec.placement.keepers if self._spec.placement else ()
        return pa.schema(
            [(UNIT, pa.string()), (AT, pa.int64()), (ARM, pa.int16()), (ASSIGNED, pa.int16())]
            + [(HELD_FROM, pa.int64()), *((kept_from(i), pa.int64()) for i in range(len(keepers)))]
            + [(dimension(name), pa.string()) for name in self.dimensions]
        )

    def batches(self, progress: Callable[[int], None]) -> "Iterator[pa.RecordBatch]":
        """The rows of the experiment whose variant is known. Raises CoordError."""
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import compute  # noqa: PLC0415

        for read in self._reading.batches(progress):
            table = pa.table([*read.columns.columns], names=read.columns.schema.names)
            for name in self.dimensions:
                table = table.append_column(dimension(name), read.extras.column(name).fill_null(""))
            ours = compute.equal(table["experiment"], self._spec.experiment)
            if not compute.all(ours).as_py():
                others = table["experiment"].filter(compute.invert(ours))
                self.others += len(others)
                _count(self.other_experiments, others)
                table = table.filter(ours)
            arms = compute.index_in(table["variant"], value_set=pa.array(self._spec.arms, pa.string()))
            if arms.null_count:
                unknown = table["variant"].filter(arms.is_null())
                self.unknown += len(unknown)
                _count(self.unknown_variants, unknown)
                table, arms = table.filter(arms.is_valid()), arms.drop_null()
            if len(table):
                yield self._shaped(table, arms)

    def _shaped(self, table: "pa.Table", arms: "pa.ChunkedArray") -> "pa.RecordBatch":
        import pyarrow as pa  # noqa: PLC0415

        units = table["unit"].combine_chunks()
        columns = {UNIT: units, AT: table["timestamp"].combine_chunks().cast(pa.int64())}
        columns[ARM] = arms.combine_chunks().cast(pa.int16())
        if self._spec.placement:
            columns |= placed(self._spec.placement, from_arrow(units))
        else:
            columns[ASSIGNED] = pa.repeat(pa.scalar(-1, pa.int16()), len(units))
            columns[HELD_FROM] = pa.repeat(pa.scalar(micros(self._spec.days.start), pa.int64()), len(units))
        columns |= {dimension(name): table[dimension(name)].combine_chunks() for name in self.dimensions}
        return pa.record_batch([columns[field.name] for field in self.schema], schema=self.schema)


def _count(names: Counter[str], column: "pa.ChunkedArray") -> None:
    for one in column.value_counts().to_pylist():
        if one["values"] in names or len(names) < _MOST_NAMES:
            names[one["values"]] += one["counts"]
