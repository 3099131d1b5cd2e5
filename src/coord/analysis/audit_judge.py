"""Judging logged rows: each is computed again with the hash, and compared.

Rows of one experiment are judged together, those of all its days at once: an experiment never gives a bucket
up, so it is enough to know from which day it holds each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from coord.allocation.assign import holdbacks_of
from coord.allocation.assign_many import buckets_of, eligible_of, mask, variants_of
from coord.allocation.columns import Column, from_arrow, take
from coord.allocation.hashing import hashes
from coord.analysis.audit_causes import Cause
from coord.analysis.audit_names import MOST_VALUES, Names
from coord.analysis.audit_rows import Gathered, Judged, grouped, number_of
from coord.domain.audience import Audience
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]
    Days = NDArray[np.int32]

_NEVER = 2**31 - 1
_MEMORY = 1 << 28
"""Bytes for what is remembered of who holds which buckets."""


@dataclass(frozen=True)
class _Terms:
    """What an experiment's rows are held against: its days, its arms, and the holdbacks that it meets."""

    place: int
    experiment: Experiment
    start: int
    end: int
    holdbacks: Sequence[int]

    @property
    def fixed_weights(self) -> bool:
        """Whether the hash decides the variant."""
        return bool(self.experiment.ranges)


@dataclass
class Unsure:
    """What a file cannot tell: dimensions taken for granted, and holdbacks left out, by experiment."""

    assumed: dict[str, set[str]] = field(default_factory=dict)
    left_out: dict[str, set[str]] = field(default_factory=dict)


class Judge:
    """Judges batches by a catalogue. `experiments` are in the order of their keys."""

    def __init__(self, catalog: Catalog) -> None:
        """Take the catalogue that was in force."""
        self.catalog = catalog
        self.experiments = tuple(catalog.experiments[key] for key in sorted(catalog.experiments))
        self.by_name = {one.logged_as: place for place, one in reversed([*enumerate(self.experiments)])}
        self.unknown = Names()
        self.unknown_variants: dict[int, Names] = {}
        self.misfits: dict[tuple[int, str], Names] = {}
        self.unsure = Unsure()
        places = {one.key: place for place, one in enumerate(self.experiments)}
        self._terms = [_terms(catalog, one, places) for one in self.experiments]
        largest = max((space.buckets for space in catalog.spaces.values()), default=1)
        self._first_days = lru_cache(max(16, _MEMORY // (4 * largest)))(self._find_first_days)

    def judge(self, batch: Gathered) -> Judged:
        """The causes of a batch's rows, none of which is unusable."""
        import numpy as np  # noqa: PLC0415 - only columns need it

        number = len(batch.rows)
        units = from_arrow(batch.columns.column("unit"))
        moments = batch.columns.column("timestamp").cast("int64").to_numpy()
        places = self._places(batch.columns.column("experiment"))
        judged = Judged(
            batch,
            units=hashes("", units),
            moments=moments,
            days=(moments // DAY).astype(np.int32),
            experiments=places,
            arms=np.full(number, -1, np.int16),
            assigned=np.full(number, -1, np.int16),
            holdbacks=np.full(number, -1, np.int32),
            causes=np.full(number, Cause.UNKNOWN_EXPERIMENT.code, np.uint8),
            buckets=np.full(number, -1, np.int64),
            coming=np.zeros(number, np.bool_),
            groups=list(grouped(places)),
        )
        variants = batch.columns.column("variant").dictionary_encode()
        names = variants.dictionary.to_pylist()
        codes, by_name = variants.indices.to_numpy(), {name: code for code, name in enumerate(names)}
        for name in sorted({self.experiments[place].space for place, _ in judged.groups}):
            self._bucket(judged, name, units)
        for place, rows in judged.groups:
            judged.arms[rows] = self._arms(place, by_name, codes[rows])
            self._count_strangers(place, names, codes[rows[judged.arms[rows] < 0]])
            self._judge(judged, self._terms[place], rows, units)
        return judged

    def _places(self, column: "pa.StringArray") -> "NDArray[np.int32]":
        """The place of each row's experiment; names that nobody has are counted."""
        import numpy as np  # noqa: PLC0415

        encoded = column.dictionary_encode()
        names, codes = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
        places = np.array([self.by_name.get(name, -1) for name in names], np.int32)
        counts = np.bincount(codes, minlength=len(names))
        for code in np.flatnonzero(places < 0).tolist():
            self.unknown.add(names[code], int(counts[code]))
        found: NDArray[np.int32] = places[codes]
        return found

    def _arms(
        self, place: int, by_name: Mapping[str, int], codes: "NDArray[np.int32]"
    ) -> "NDArray[np.int16]":
        """The places of logged variants among those of an experiment; -1 for what it does not have."""
        import numpy as np  # noqa: PLC0415

        arms = np.full(len(by_name), -1, np.int16)
        for arm, variant in enumerate(self.experiments[place].variants):
            if variant.logged_as in by_name:
                arms[by_name[variant.logged_as]] = arm
        return arms[codes]

    def _count_strangers(self, place: int, names: Sequence[str], codes: "NDArray[np.int32]") -> None:
        """Count the variants that an experiment does not have."""
        import numpy as np  # noqa: PLC0415

        if len(codes):
            found = self.unknown_variants.setdefault(place, Names(MOST_VALUES))
            for code, rows in zip(
                *(array.tolist() for array in np.unique(codes, return_counts=True)), strict=True
            ):
                found.add(names[code], rows)

    def _bucket(self, judged: Judged, space: str, units: Column) -> None:
        """The buckets of the rows whose experiments are in a space."""
        import numpy as np  # noqa: PLC0415

        inside = np.array([one.space == space for one in self.experiments] + [False], np.bool_)
        rows = np.flatnonzero(inside[judged.experiments])
        some = units if len(rows) == len(units) else take(units, rows)
        judged.buckets[rows] = buckets_of(self.catalog.spaces[space], some)

    def _judge(self, judged: Judged, terms: _Terms, rows: "Numbers", units: Column) -> None:
        import numpy as np  # noqa: PLC0415

        one, days, buckets = terms.experiment, judged.days[rows], judged.buckets[rows]
        running = (days >= terms.start) & (days < terms.end)
        fits = self._fits(judged.batch, one, one, rows)
        held_from = self._first_days(one.key)[buckets]
        held = held_from <= days
        back = self._held_back(judged.batch, terms, rows, days, buckets)
        allocated = running & fits & held & (back < 0)
        assigned = np.full(len(rows), -1, np.int16)
        assigned[allocated] = variants_of(one, take(units, rows[allocated]))
        causes = np.full(len(rows), Cause.OK.code, np.uint8)
        if terms.fixed_weights:
            causes[assigned != judged.arms[rows]] = Cause.WRONG_VARIANT.code
        causes[~held] = Cause.NOT_ALLOCATED.code
        causes[back >= 0] = Cause.HELD_BACK.code
        causes[~fits] = Cause.NOT_ELIGIBLE.code
        causes[~running] = Cause.OUTSIDE_DATES.code
        causes[judged.arms[rows] < 0] = Cause.UNKNOWN_VARIANT.code
        judged.assigned[rows], judged.holdbacks[rows], judged.causes[rows] = assigned, back, causes
        judged.coming[rows] = running & ~held & (held_from < _NEVER)
        self._count_misfits(judged.batch, terms, rows[causes == Cause.NOT_ELIGIBLE.code])

    def _held_back(
        self, batch: Gathered, terms: _Terms, rows: "Numbers", days: "Days", buckets: "Numbers"
    ) -> "NDArray[np.int32]":
        """The holdback that keeps each row's unit out, the first by name; -1 for none."""
        import numpy as np  # noqa: PLC0415

        back = np.full(len(rows), -1, np.int32)
        for place in reversed(terms.holdbacks):
            other = self._terms[place]
            on = (days >= other.start) & (days < other.end)
            on &= self._first_days(other.experiment.key)[buckets] <= days
            if on.any():
                on &= self._fits(batch, other.experiment, terms.experiment, rows)
                back[on] = place
        return back

    def _fits(self, batch: Gathered, one: Experiment, logged: Experiment, rows: "Numbers") -> "Mask":
        """Which rows are in an audience, as far as the file tells.

        Of the logged experiment a dimension that the file lacks is assumed to hold. A holdback keeps out
        whom it surely covers: a missing dimension must follow from what was assumed.
        """
        import numpy as np  # noqa: PLC0415

        known = {name: values for name, values in one.audience.items() if name in batch.extras.schema.names}
        missing = one.audience.keys() - known.keys()
        if one is logged:
            if missing:
                self.unsure.assumed.setdefault(one.key, set()).update(missing)
        elif doubtful := {name for name in missing if not _follows(name, one.audience, logged.audience)}:
            self.unsure.left_out.setdefault(one.key, set()).update(doubtful)
            return np.zeros(len(rows), np.bool_)
        contexts = {name: _taken(batch, name, rows) for name in known}
        return eligible_of(known, contexts, len(rows))

    def _count_misfits(self, batch: Gathered, terms: _Terms, rows: "Numbers") -> None:
        """Count the values that are not in the audience."""
        for name, values in terms.experiment.audience.items():
            if len(rows) and name in batch.extras.schema.names:
                found = self.misfits.setdefault((terms.place, name), Names(MOST_VALUES))
                for entry in _taken(batch, name, rows).value_counts().to_pylist():
                    if entry["values"] not in values:
                        found.add(entry["values"], entry["counts"])

    def _find_first_days(self, key: str) -> "Days":
        """From which day on an experiment holds each bucket of its space."""
        import numpy as np  # noqa: PLC0415

        size = self.catalog.spaces[self.catalog.experiments[key].space].buckets
        first = np.full(size, _NEVER, np.int32)
        holding = self.catalog.holdings.get(key)
        for day, buckets in reversed(holding.steps if holding else ()):
            first[mask(buckets, size)] = number_of(day)
        return first


def _terms(catalog: Catalog, one: Experiment, places: Mapping[str, int]) -> _Terms:
    if one.draft or one.days is None:
        return _Terms(places[one.key], one, 0, 0, ())
    starts = [one.days.start, *(other.days.start for other in _possible(catalog, one) if other.days)]
    found = {back.key for day in starts if day in one.days for back in holdbacks_of(catalog, one, day)}
    start, end = number_of(one.days.start), number_of(one.days.end)
    return _Terms(places[one.key], one, start, end, [places[key] for key in sorted(found)])


def _possible(catalog: Catalog, one: Experiment) -> Iterator[Experiment]:
    for surface in one.surfaces:
        yield from (other for other in catalog.by_surface.get(surface, ()) if other.kind is Kind.HOLDBACK)


def _taken(batch: Gathered, name: str, rows: "Numbers") -> "pa.StringArray":
    import pyarrow as pa  # noqa: PLC0415

    return batch.extras.column(name).take(pa.array(rows))


def _follows(name: str, covered: Audience, assumed: Audience) -> bool:
    """Whether a unit of the assumed audience surely has one of the covered values of a dimension."""
    return name in assumed and assumed[name] <= covered[name]
