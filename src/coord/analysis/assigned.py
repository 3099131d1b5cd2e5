"""The assignments of the units of a file, batch by batch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.assign_many import REASONS, Assignments, assign_many, buckets_of
from coord.allocation.columns import from_arrow
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment
from coord.logs.columns import Layout, unit_layout
from coord.logs.reader import Reading

if TYPE_CHECKING:
    import pyarrow as pa


class AssignedColumns(NamedTuple):
    """Units of a file in one experiment: bucket, variant (null without) and reason of each."""

    experiment: Experiment
    buckets: "pa.Array"
    variants: "pa.Array"
    reasons: "pa.Array"


class AssignedBatch(NamedTuple):
    """Some units of a file, as texts, and what they get from each of the experiments."""

    units: "pa.Array"
    found: tuple[AssignedColumns, ...]


def dimensions_of(catalog: Catalog) -> list[str]:
    """The names of the audience dimensions of all surfaces."""
    return sorted({name for surface in catalog.surfaces.values() for name in surface.dimensions})


def layout_of_units(catalog: Catalog, unit: str) -> Layout:
    """The column of units, and those that are called like audience dimensions."""
    return unit_layout(unit, dimensions_of(catalog))


def assigned(
    catalog: Catalog,
    experiments: Sequence[Experiment],
    reading: Reading,
    day: date,
    context: Mapping[str, str],
    progress: Callable[[int], None],
) -> Iterator[AssignedBatch]:
    """Every usable row for every experiment. What the file says of a unit comes before `context`."""
    import pyarrow as pa  # noqa: PLC0415 - only files need it

    for rows in reading.batches(progress):
        texts = rows.columns["unit"]
        units = from_arrow(texts)
        known = {name: pa.array([value] * len(units), pa.string()) for name, value in context.items()}
        known |= dict(zip(rows.extras.schema.names, rows.extras.columns, strict=True))
        spaces = {one.space: catalog.spaces[one.space] for one in experiments}
        buckets = {name: buckets_of(space, units) for name, space in spaces.items()}
        found = (assign_many(catalog, one, units, day, known, buckets[one.space]) for one in experiments)
        yield AssignedBatch(texts, tuple(map(_columns, experiments, found)))


def _columns(experiment: Experiment, found: Assignments) -> AssignedColumns:
    """Places as the texts that they stand for."""
    import pyarrow as pa  # noqa: PLC0415

    names = pa.array([*(variant.name for variant in experiment.variants), None], pa.string())
    places = pa.array(found.variants.astype("int64") % len(names))  # -1 is the last, which is null
    reasons = pa.array([reason.value for reason in REASONS], pa.string())
    return AssignedColumns(
        experiment, pa.array(found.buckets), names.take(places), reasons.take(pa.array(found.reasons))
    )
