"""Counting judged rows: by cause, experiment, day and dimension, with what explains the mismatches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coord.analysis.audit_causes import CAUSES, Cause
from coord.analysis.audit_examples import Examples
from coord.analysis.audit_hashes import Buckets, HashSet, Sample, Sampled
from coord.analysis.audit_judge import Judge
from coord.analysis.audit_meetings import Meetings
from coord.analysis.audit_rows import Judged, number_of
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Numbers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

SAMPLED = 400
"""Units by which explanations are tried."""

_AROUND, _MOST_DAYS = 7, 40_000
"""Days before and after everything that are counted one by one, and the most such days."""


@dataclass
class Outside:
    """Rows before the start or after the end: how many, and the moments that are furthest away."""

    early: int = 0
    late: int = 0
    first: int = 2**63 - 1
    last: int = -(2**63)


@dataclass
class Found:
    """What was found of an experiment.

    `arms` counts rows by logged and assigned variant, `coming` those of units that come in later, `holdbacks`
    those that each should have kept out. `buckets` are of units that were logged on its days.
    """

    arms: "Counts"
    coming: int = 0
    outside: Outside = field(default_factory=Outside)
    holdbacks: Counter[int] = field(default_factory=Counter)
    buckets: Buckets = field(default_factory=lambda: Buckets(SAMPLED))
    samples: dict[Cause, Sample] = field(default_factory=dict)

    def sample(self, cause: Cause) -> Sample:
        """The sample of rows with a cause."""
        return self.samples.setdefault(cause, Sample(SAMPLED))


class Tally:
    """Everything that is counted. Units are counted by their hashes."""

    def __init__(self, judge: Judge, other_units: Sequence[str]) -> None:
        """Take the judge, and the columns that have units of other spaces."""
        import numpy as np  # noqa: PLC0415 - only columns need it

        self._judge, self._other_units = judge, other_units
        self.by_experiment: Counts = np.zeros((len(judge.experiments) + 1, len(CAUSES)), np.int64)
        self.first_day, self.by_day = _days(judge)
        self.dimensions = _dimensions(judge)
        self.by_dimension: dict[str, Counts] = {}
        self.found: dict[int, Found] = {}
        self.leaks: dict[int, HashSet] = {}
        self.units, self.meetings = HashSet(), Meetings(judge.catalog)
        self.examples = Examples(judge)
        self.span: tuple[int, int] | None = None

    def add(self, judged: Judged) -> None:
        """Count a batch."""
        self.units.add(judged.units)
        self._count(judged)
        first, last = int(judged.moments.min()), int(judged.moments.max())
        self.span = (min(first, self.span[0]), max(last, self.span[1])) if self.span else (first, last)
        for place, rows in judged.groups:
            self._experiment(judged, place, rows)
        self.examples.add(judged)

    def _count(self, judged: Judged) -> None:
        import numpy as np  # noqa: PLC0415

        causes, number = judged.causes.astype(np.int64), len(CAUSES)
        _add(self.by_experiment, judged.experiments.astype(np.int64) % len(self.by_experiment), causes)
        days = np.clip(judged.days.astype(np.int64) - self.first_day + 1, 0, len(self.by_day) - 1)
        _add(self.by_day, days, causes)
        for name in judged.batch.extras.schema.names:
            if name in self.dimensions:
                values = self.dimensions[name]
                counts = self.by_dimension.setdefault(name, np.zeros((len(values) + 1, number), np.int64))
                _add(counts, _index_in(judged, name, values), causes)

    def _experiment(self, judged: Judged, place: int, rows: "Numbers") -> None:
        import numpy as np  # noqa: PLC0415

        one = self._judge.experiments[place]
        arms = len(one.variants)
        found = self.found.setdefault(place, Found(np.zeros((arms, arms), np.int64)))
        causes, assigned, logged = judged.causes[rows], judged.assigned[rows], judged.arms[rows]
        both = (assigned >= 0) & (logged >= 0)
        _add(found.arms, logged[both].astype(np.int64), assigned[both].astype(np.int64))
        missed = causes == Cause.NOT_ALLOCATED.code
        found.coming += int(np.count_nonzero(judged.coming[rows] & missed))
        self._outside(found.outside, judged.moments[rows[causes == Cause.OUTSIDE_DATES.code]], place)
        self._leaks(judged, found, rows[causes == Cause.HELD_BACK.code])
        self.meetings.add(one.key, judged.days[rows], judged.units[rows])
        could = rows[missed | both]
        found.buckets.add(judged.units[could], judged.buckets[could])
        for cause in (Cause.NOT_ALLOCATED, Cause.WRONG_VARIANT):
            self._sample(judged, found.sample(cause), rows[causes == cause.code])

    def _outside(self, outside: Outside, moments: "Numbers", place: int) -> None:
        import numpy as np  # noqa: PLC0415

        days = self._judge.experiments[place].days
        if not len(moments) or days is None:
            return
        early = int(np.count_nonzero(moments < number_of(days.start) * DAY))
        outside.early += early
        outside.late += len(moments) - early
        outside.first = min(outside.first, int(moments.min()))
        outside.last = max(outside.last, int(moments.max()))

    def _leaks(self, judged: Judged, found: Found, rows: "Numbers") -> None:
        """Count the rows and units that a holdback should have kept out."""
        import numpy as np  # noqa: PLC0415

        holdbacks = judged.holdbacks[rows]
        for place in np.flatnonzero(np.bincount(holdbacks)).tolist() if len(rows) else ():
            leaked = rows[holdbacks == place]
            self.leaks.setdefault(place, HashSet()).add(judged.units[leaked])
            found.holdbacks[place] += len(leaked)

    def _sample(self, judged: Judged, sample: Sample, rows: "Numbers") -> None:
        if not len(rows):
            return
        chosen = rows[sample.choose(judged.units[rows], judged.moments[rows])]
        names = judged.batch.extras.schema.names
        for row in chosen.tolist():
            extras = judged.batch.extras
            ids = (extras.column(name)[row].as_py() if name in names else "" for name in self._other_units)
            unit = judged.batch.columns.column("unit")[row].as_py()
            known = Sampled(unit, tuple(other or "" for other in ids), int(judged.arms[row]))
            sample.keep(int(judged.units[row]), int(judged.moments[row]), known)


def _add(counts: "Counts", rows: "Numbers", columns: "Numbers") -> None:
    """Add one to a table of counts at each of these places."""
    import numpy as np  # noqa: PLC0415

    width = counts.shape[1]
    counts += np.bincount(rows * width + columns, minlength=counts.size).reshape(counts.shape)


def _days(judge: Judge) -> "tuple[int, Counts]":
    """The first day that is counted by itself, and a table of such days, one before and one after them."""
    import numpy as np  # noqa: PLC0415

    spans = [one.days for one in judge.experiments if one.days is not None]
    first = min((number_of(days.start) for days in spans), default=0) - _AROUND
    last = max((number_of(days.end) for days in spans), default=0) + _AROUND
    return first, np.zeros((min(last - first, _MOST_DAYS) + 2, len(CAUSES)), np.int64)


def _dimensions(judge: Judge) -> Mapping[str, tuple[str, ...]]:
    """The declared values of every dimension."""
    values: dict[str, dict[str, None]] = {}
    for surface in judge.catalog.surfaces.values():
        for name, dimension in surface.dimensions.items():
            values.setdefault(name, {}).update(dict.fromkeys(dimension.values))
    return {name: tuple(found) for name, found in values.items()}


def _index_in(judged: Judged, name: str, values: Sequence[str]) -> "Numbers":
    """The place of each row's value among the declared ones; the last is any other."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    found = compute.index_in(judged.batch.extras.column(name), value_set=pa.array(values, pa.string()))
    places: Numbers = found.fill_null(len(values)).to_numpy(zero_copy_only=False).astype(np.int64)
    return places
