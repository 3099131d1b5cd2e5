"""Units to simulate with: made up from a seed, the same whatever the size of batches."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.columns import Column, from_arrow
from coord.allocation.hashing import slots_of
from coord.domain.catalog import Catalog

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

BATCH = 1 << 18
_FINE = 10**8  # declared shares are whole numbers of these


class Batch(NamedTuple):
    """Units, and by dimension the value of each; null is none of the declared ones."""

    units: Column
    contexts: Mapping[str, "pa.Array"]


def made_up(catalog: Catalog, number: int, seed: int, batch: int = BATCH) -> Iterator[Batch]:
    """So many units, with values of the declared dimensions by their shares, or evenly where none are."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    dimensions = _dimensions(catalog)
    for begin in range(0, number, batch):
        numbers = pa.array(range(begin, min(begin + batch, number)), pa.int64())
        names = pc.binary_join_element_wise(f"unit-{seed}", pc.cast(numbers, pa.string()), "-")
        units = from_arrow(names)
        contexts = {name: _values(name, shares, units, seed) for name, shares in dimensions.items()}
        yield Batch(units, contexts)


_Shares = Mapping[str, Fraction]


def _dimensions(catalog: Catalog) -> dict[str, _Shares]:
    """The share of each declared value, from the first surface that says."""
    found: dict[str, _Shares] = {}
    for name in sorted(catalog.surfaces):
        for dimension in catalog.surfaces[name].dimensions.values():
            even = Fraction(1, len(dimension.values)) if dimension.values else Fraction(0)
            if dimension.shares:
                found[dimension.name] = dimension.shares
            else:
                found.setdefault(dimension.name, dict.fromkeys(dimension.values, even))
    return found


def _values(name: str, shares: _Shares, units: Column, seed: int) -> "pa.Array":
    """A value for each unit: its place among slots that are shared out to the values, the rest to null."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    places = slots_of(f"{seed}|{name}|", units, _FINE)
    ends = np.cumsum([int(share * _FINE) for share in shares.values()])
    drawn: NDArray[np.int64] = np.searchsorted(ends, places, side="right")
    labels = pa.array([*shares, None], pa.string())
    return labels.take(pa.array(drawn))
