"""Assigning batches of units to all experiments of a day, and counting who is where.

Counts of batches add up, so neither their size nor their order matters.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Self

from coord.allocation.assign import held_on, holdbacks_of
from coord.allocation.assign_many import buckets_of, eligible_of, mask, variants_of
from coord.allocation.columns import take
from coord.domain.audience import Audience
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind
from coord.simulate.units import Batch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]


@dataclass
class Counts:
    """What came of some units; places are those of the experiments, in order.

    `eligible`, `inside` and `burned` count units by experiment: those in its audience, those in it, and those
    in its buckets but not in its audience. `variants` counts those inside by variant. `both` counts the units
    that are in two experiments; with a holdback, those in its buckets that are in the other's too.
    `eligible_both` counts those in two audiences, by the places of audiences. `at_once` counts, by what is
    randomised, the units that are in so many experiments, holdbacks left out.
    """

    units: "Numbers"
    eligible: "Numbers"
    inside: "Numbers"
    burned: "Numbers"
    variants: "Numbers"
    both: "Numbers"
    eligible_both: "Numbers"
    at_once: "Numbers"

    def __iadd__(self, other: "Counts") -> Self:
        """Take in other units."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


class Counter:
    """All that counting needs of the experiments in force on a day, looked up once."""

    def __init__(self, catalog: Catalog, running: tuple[Experiment, ...], day: date) -> None:
        """`running` are experiments in force on `day`, with the holdbacks that keep units out of them."""
        self.catalog, self.running = catalog, running
        self.spaces = {e.space: catalog.spaces[e.space] for e in running}
        self.randomised = tuple(dict.fromkeys(space.unit for space in self.spaces.values()))
        self.audiences: tuple[Audience, ...] = tuple({_key(e.audience): e.audience for e in running}.values())
        keys = [_key(audience) for audience in self.audiences]
        self.audience_of = [keys.index(_key(e.audience)) for e in running]
        self.tables = [mask(held_on(catalog, e, day), catalog.spaces[e.space].buckets) for e in running]
        self.holdbacks = [place for place, e in enumerate(running) if e.kind is Kind.HOLDBACK]
        place_of = {experiment.key: place for place, experiment in enumerate(running)}
        self.kept_out_by = {
            place: [place_of[back.key] for back in holdbacks_of(catalog, e, day)]
            for place, e in enumerate(running)
            if e.kind is not Kind.HOLDBACK
        }
        self.arms = max((len(experiment.ranges) for experiment in running), default=0)

    def unit_of(self, place: int) -> str:
        """What an experiment randomises."""
        return self.spaces[self.running[place].space].unit

    def nothing(self) -> Counts:
        """The counts of no units."""
        import numpy as np  # noqa: PLC0415 - only simulations need it

        n, k = len(self.running), len(self.audiences)
        shapes = ((), n, n, n, (n, self.arms), (n, n), (k, k), (len(self.randomised), n + 1))
        return Counts(*(np.zeros(shape, np.int64) for shape in shapes))

    def count(self, batch: Batch) -> Counts:
        """Assign every unit of a batch to every experiment."""
        counts = self.nothing()
        counts.units += len(batch.units)
        fits = [eligible_of(audience, batch.contexts, len(batch.units)) for audience in self.audiences]
        could = self._could(batch, fits, counts)
        inside = self._inside(could)
        for place in self.kept_out_by:
            self._variants(place, inside[place], batch, counts)
        counts.inside += inside.sum(axis=1)
        counts.both += _common(inside)
        for place in self.holdbacks:
            both = _common(could, place)
            counts.both[place], counts.both[:, place] = both, both
        counts.eligible_both += _common(_rows(fits))
        self._at_once(inside, len(batch.units), counts)
        return counts

    def _could(self, batch: Batch, fits: "list[Mask]", counts: Counts) -> "Mask":
        """A row for each experiment: the units that are in its buckets and its audience."""
        import numpy as np  # noqa: PLC0415

        buckets = {name: buckets_of(space, batch.units) for name, space in self.spaces.items()}
        could = _rows([], len(self.running), len(batch.units))
        for place, experiment in enumerate(self.running):
            held, eligible = self.tables[place][buckets[experiment.space]], fits[self.audience_of[place]]
            row = could[place, : len(batch.units)]
            np.logical_and(held, eligible, out=row)
            counts.eligible[place] = np.count_nonzero(eligible)
            counts.burned[place] = np.count_nonzero(held) - np.count_nonzero(row)
        return could

    def _inside(self, could: "Mask") -> "Mask":
        """The same without the units that a holdback keeps out."""
        inside = could.copy() if self.holdbacks else could
        for place, holdbacks in self.kept_out_by.items():
            for back in holdbacks:
                inside[place] &= ~could[back]
        return inside

    def _variants(self, place: int, inside: "Mask", batch: Batch, counts: Counts) -> None:
        import numpy as np  # noqa: PLC0415

        rows = np.flatnonzero(inside)
        if self.running[place].ranges and len(rows):
            found = variants_of(self.running[place], take(batch.units, rows))
            counts.variants[place] = np.bincount(found, minlength=self.arms)

    def _at_once(self, inside: "Mask", units: int, counts: Counts) -> None:
        import numpy as np  # noqa: PLC0415

        for number, name in enumerate(self.randomised):
            places = [place for place in self.kept_out_by if self.unit_of(place) == name]
            many = np.zeros(units, np.uint16)
            for place in places:
                many += inside[place, :units]
            counts.at_once[number] = np.bincount(many, minlength=len(self.running) + 1)


def _key(audience: Audience) -> frozenset[tuple[str, frozenset[str]]]:
    return frozenset(audience.items())


def _rows(given: "list[Mask]", number: int = 0, length: int = 0) -> "Mask":
    """Rows of truth values, with room to whole words of their packed bits; `given` or empty ones."""
    import numpy as np  # noqa: PLC0415

    length = len(given[0]) if given else length
    rows = np.zeros((len(given) or number, -(-length // 64) * 64), np.bool_)
    for place, row in enumerate(given):
        rows[place, :length] = row
    return rows


def _common(rows: "Mask", place: int | None = None) -> "Numbers":
    """How many units each two rows have in common; or all rows with one."""
    import numpy as np  # noqa: PLC0415

    words = np.packbits(rows, axis=1).view(np.uint64)
    if place is not None:
        one: Numbers = np.bitwise_count(words & words[place]).sum(axis=1, dtype=np.int64)
        return one
    found = np.zeros((len(rows), len(rows)), np.int64)
    for row in range(len(rows)):
        both = np.bitwise_count(words[row:] & words[row]).sum(axis=1, dtype=np.int64)
        found[row, row:] = found[row:, row] = both
    return found
