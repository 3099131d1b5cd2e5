"""The assignments of a column of units at once: the steps of `assign`, each on arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from coord.allocation.assign import MOST_BYTES, Reason, held_on, holdbacks_of, in_force
from coord.allocation.columns import Column, take
from coord.allocation.hashing import slots_of
from coord.domain.audience import Audience
from coord.domain.buckets import Buckets, to_bytes
from coord.domain.catalog import Catalog
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind, Space

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]

Contexts = Mapping[str, "pa.Array"]
"""By dimension the values of all units, as texts (or coded); a missing one is none of the declared values."""

REASONS = tuple(Reason)
"""Reasons are given as places in this."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """For each unit its bucket, and the places of its reason in REASONS and of its variant in the experiment.

    The variant is -1 for units without one.
    """

    buckets: "Numbers"
    reasons: "NDArray[np.uint8]"
    variants: "NDArray[np.int16]"


def buckets_of(space: Space, units: Column) -> "Numbers":
    """The bucket of every unit."""
    return slots_of(f"{space.salt}|", units, space.buckets)


def usable(units: Column) -> "Mask":
    """Which of the texts can be units: not empty, at most 100 bytes."""
    import numpy as np  # noqa: PLC0415

    lengths = np.diff(units.offsets)
    return (lengths > 0) & (lengths <= MOST_BYTES)


def assign_many(
    catalog: Catalog,
    experiment: Experiment,
    units: Column,
    day: date,
    contexts: Contexts | None = None,
    buckets: "Numbers | None" = None,
) -> Assignments:
    """The assignments on a day; `buckets` are those of the units in the experiment's space, where known.

    Units must be usable.
    """
    import numpy as np  # noqa: PLC0415

    space, given = catalog.spaces[experiment.space], contexts or {}
    known = buckets_of(space, units) if buckets is None else buckets
    variants = np.full(len(units), -1, np.int16)
    if not in_force(experiment, day):
        reasons = np.full(len(units), REASONS.index(Reason.NOT_RUNNING), np.uint8)
        return Assignments(known, reasons, variants)
    fits = eligible_of(experiment.audience, given, len(units))
    held = mask(held_on(catalog, experiment, day), space.buckets)[known]
    back = held if experiment.kind is Kind.HOLDBACK else _held_back(catalog, experiment, day, given, known)
    reasons = np.full(len(units), REASONS.index(Reason.NOT_ALLOCATED), np.uint8)
    answers = (held, Reason.ASSIGNED), (back, Reason.HELD_BACK), (~fits, Reason.NOT_ELIGIBLE)
    for those, reason in answers:  # what comes first in the order of reasons is written last
        np.putmask(reasons, those, REASONS.index(reason))
    rows = np.flatnonzero(reasons == REASONS.index(Reason.ASSIGNED))
    variants[rows] = variants_of(experiment, take(units, rows))
    return Assignments(known, reasons, variants)


def _held_back(
    catalog: Catalog, experiment: Experiment, day: date, contexts: Contexts, buckets: "Numbers"
) -> "Mask":
    import numpy as np  # noqa: PLC0415

    back = np.zeros(len(buckets), np.bool_)
    for holdback in holdbacks_of(catalog, experiment, day):
        size = catalog.spaces[holdback.space].buckets
        held = mask(held_on(catalog, holdback, day), size)[buckets]
        back |= held & eligible_of(holdback.audience, contexts, len(buckets))
    return back


def variants_of(experiment: Experiment, units: Column) -> "NDArray[np.int16]":
    """The place of each unit's variant among the experiment's; -1 where it has none."""
    import numpy as np  # noqa: PLC0415

    if not experiment.ranges:
        return np.full(len(units), -1, np.int16)
    widths = [high - low for _, low, high in experiment.ranges]
    by_slot = np.repeat(np.arange(len(widths), dtype=np.int16), widths)
    return by_slot[slots_of(f"{experiment.salt}|", units, VARIANT_SLOTS)]


def eligible_of(audience: Audience, contexts: Contexts, number: int) -> "Mask":
    """Which of the units are in an audience."""
    import numpy as np  # noqa: PLC0415

    fits = np.ones(number, np.bool_)
    for name, values in audience.items():
        if name not in contexts:
            return np.zeros(number, np.bool_)
        fits &= _is_in(contexts[name], values)
    return fits


def _is_in(column: "pa.Array", values: frozenset[str]) -> "Mask":
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    coded = pa.types.is_dictionary(column.type)
    named = column.dictionary if coded else column
    found = pc.is_in(named, value_set=pa.array(sorted(values), named.type))
    if coded:
        found = found.take(column.indices)
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def mask(buckets: Buckets, size: int) -> "Mask":
    """A set of buckets as one truth value for each bucket of the space."""
    import numpy as np  # noqa: PLC0415

    bits = np.frombuffer(to_bytes(buckets, size), np.uint8)
    return np.unpackbits(bits, count=size, bitorder="little").astype(np.bool_)
