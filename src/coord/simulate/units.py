"""Units to simulate with: made up from a seed, the same whatever the size of batches."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.columns import Column, from_arrow
from coord.allocation.hashing import slots_of
from coord.domain.catalog import Catalog

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1 << 18
_FINE = 10**8
"""Declared shares are whole numbers of these."""

Shares = Mapping[str, Fraction]


class Batch(NamedTuple):
    """Units, and by dimension the value of each; null is none of the declared ones."""

    units: Column
    contexts: Mapping[str, "pa.Array"]


class Piece(NamedTuple):
    """Some of a replicate's units, made when they are needed."""

    replicate: int
    make: Callable[[], Batch]


def made_up(
    catalog: Catalog, number: int, seed: int, replicates: int = 1, batch: int = BATCH
) -> Iterator[Piece]:
    """So many units for each replicate; all are numbered on, so no two replicates have one in common."""
    shares = dimension_shares(catalog)
    for replicate in range(replicates):
        first = replicate * number
        for begin in range(first, first + number, batch):
            yield Piece(replicate, partial(_make, shares, seed, begin, min(begin + batch, first + number)))


def dimension_shares(catalog: Catalog) -> dict[str, Shares]:
    """The share of each declared value, from the first surface that says, or evenly where none does."""
    found: dict[str, Shares] = {}
    stated: set[str] = set()
    for name in sorted(catalog.surfaces):
        for dimension in catalog.surfaces[name].dimensions.values():
            if dimension.shares and dimension.name not in stated:
                found[dimension.name] = dimension.shares
                stated.add(dimension.name)
            elif dimension.values:
                even = Fraction(1, len(dimension.values))
                found.setdefault(dimension.name, dict.fromkeys(dimension.values, even))
    return found


def _make(dimensions: Mapping[str, Shares], seed: int, begin: int, end: int) -> Batch:
    import numpy as np  # noqa: PLC0415 - only simulations need it
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    numbers = pc.cast(pa.array(np.arange(begin, end)), pa.string())
    units = from_arrow(pc.binary_join_element_wise(f"unit-{seed}", numbers, "-"))
    return Batch(units, {name: _values(name, shares, units, seed) for name, shares in dimensions.items()})


def _values(name: str, shares: Shares, units: Column, seed: int) -> "pa.Array":
    """A value for each unit: its place among slots that are shared out to the values, the rest to null."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    places = slots_of(f"{seed}|{name}|", units, _FINE)
    ends = [int(upto * _FINE) for upto in accumulate(shares.values())]
    drawn = np.searchsorted(ends, places, side="right").astype(np.int32)
    return pa.DictionaryArray.from_arrays(drawn, pa.array([*shares, None], pa.string()))
