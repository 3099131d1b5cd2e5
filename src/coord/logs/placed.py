"""Where the hash puts units: since when their bucket is held, by whom else, and the variant it gives them."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.assign_many import buckets_of, mask, variants_of
from coord.allocation.columns import Column
from coord.domain.audience import Audience
from coord.domain.buckets import Buckets
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Experiment, Kind, Space
from coord.logs.moments_in_time import micros

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Steps = tuple[tuple[date, Buckets], ...]
"""From which day on which buckets are held, all of them; sets only grow."""

ASSIGNED, HELD_FROM = "assigned", "held_from"


class Keeper(NamedTuple):
    """A holdback that keeps units out of an experiment: on its days, of its audience, in its buckets."""

    key: str
    days: Days
    audience: Audience
    steps: Steps


class Placement(NamedTuple):
    """What an experiment's ledger and the holdbacks' ledgers say of buckets."""

    experiment: Experiment
    space: Space
    steps: Steps
    keepers: tuple[Keeper, ...] = ()


def placement_of(catalog: Catalog, experiment: Experiment) -> Placement | None:
    """The placement of an experiment; None without a ledger, or with one of another system.

    Holdbacks without a ledger of this system's hash are left out likewise: nothing is known of their units.
    """
    steps = _steps(catalog, experiment)
    if not steps:
        return None
    keepers = {
        other.key: other
        for surface in experiment.surfaces
        for other in catalog.by_surface.get(surface, ())
        if other.kind is Kind.HOLDBACK and other.key != experiment.key and other.space == experiment.space
    }
    kept = [(other, _steps(catalog, other)) for other in keepers.values()]
    return Placement(
        experiment,
        catalog.spaces[experiment.space],
        steps,
        tuple(Keeper(one.key, one.days, one.audience, held) for one, held in kept if held and one.days),
    )


def _steps(catalog: Catalog, experiment: Experiment) -> Steps:
    ledger, holding = catalog.ledgers.get(experiment.key), catalog.holdings.get(experiment.key)
    if ledger is None or holding is None or any(entry.migrated for entry in ledger.entries):
        return ()
    return holding.steps


def kept_from(keeper: int) -> str:
    """The column that says from when a holdback has a unit's bucket."""
    return f"kept_from_{keeper}"


def placed(placement: Placement, units: Column) -> "dict[str, pa.Array]":
    """Of every unit the place of its assigned variant (-1: none), and from when buckets are held.

    Moments are in microseconds since 1970, null for never.
    """
    import pyarrow as pa  # noqa: PLC0415 - only logs need it

    buckets = buckets_of(placement.space, units)
    size = placement.space.buckets
    found = {
        ASSIGNED: pa.array(variants_of(placement.experiment, units), pa.int16()),
        HELD_FROM: _from(placement.steps, size, buckets),
    }
    for number, keeper in enumerate(placement.keepers):
        found[kept_from(number)] = _from(keeper.steps, size, buckets)
    return found


def _from(steps: Sequence[tuple[date, Buckets]], size: int, buckets: "NDArray[np.int64]") -> "pa.Array":
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    since, never = np.zeros(size, np.int64), np.ones(size, np.bool_)
    for day, held in reversed(steps):
        those = mask(held, size)
        since[those], never[those] = micros(day), False
    return pa.array(since[buckets], mask=never[buckets])
