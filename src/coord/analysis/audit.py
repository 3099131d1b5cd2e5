"""Auditing logged assignments: every row is computed again and compared with what was logged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from coord.analysis.audit_causes import CAUSES, MISMATCHES, NOT_JUDGED, Cause
from coord.analysis.audit_examples import Example
from coord.analysis.audit_judge import Judge
from coord.analysis.audit_meetings import Pair
from coord.analysis.audit_rows import day_of, gathered
from coord.analysis.audit_tally import Tally
from coord.analysis.audit_why import Explanation, explanations, unknown_words
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment
from coord.logs.columns import Layout, exposure_layout, unit_column
from coord.logs.reader import FileRead, Reading
from coord.logs.rejects import Reject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROWS = 1 << 19
"""Rows that are judged at a time."""

Counts = Mapping[Cause, int]


class Leak(NamedTuple):
    """A holdback, and how many rows and units it should have kept out."""

    holdback: str
    rows: int
    units: int


class Unknown(NamedTuple):
    """A name that no experiment is logged as, its rows, and what can be said of it."""

    name: str
    rows: int
    hint: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The result. Every row has one cause; `units` are distinct units of usable rows.

    `commit` is the revision that was audited against, None for the files as they are; `broken` are its files
    with errors, which were left out. `span` are the first and the last moment, in microseconds since 1970.
    `by_experiment` has experiments with rows, `by_day` days with rows (None: far from everything),
    `by_dimension` the declared values of dimensions that the files have (None: any other, or none).
    `unknown` are the names with most rows of the `unknown_names` that are told apart, and `more_names` says
    whether there were too many to tell all apart.
    `assumed` has the dimensions of audiences that files lack, by experiment; `left_out` those for want of
    which a holdback's units cannot be recognised.
    """

    commit: str | None
    files: Sequence[FileRead]
    unit_column: str
    rows: int
    units: int
    span: tuple[int, int] | None
    counts: Counts
    by_experiment: Sequence[tuple[Experiment, Counts]]
    by_day: Sequence[tuple[date | None, Counts]]
    by_dimension: Sequence[tuple[str, str | None, Counts]]
    pairs: Sequence[Pair]
    leaks: Sequence[Leak]
    explanations: Sequence[Explanation]
    unknown: Sequence[Unknown]
    unknown_names: int
    more_names: bool
    examples: Sequence[Example]
    rejects: Mapping[str, int]
    first_rejects: Sequence[Reject]
    assumed: Mapping[str, Sequence[str]]
    left_out: Mapping[str, Sequence[str]]
    adaptive: Sequence[str]
    broken: Sequence[str]

    @property
    def mismatches(self) -> int:
        """How many rows contradict the files."""
        return sum(self.counts[cause] for cause in MISMATCHES)

    @property
    def judged(self) -> int:
        """How many rows the files say something of."""
        return self.rows - sum(self.counts[cause] for cause in NOT_JUDGED)

    @property
    def share(self) -> Fraction:
        """The share of all rows that contradict the files."""
        return Fraction(self.mismatches, self.rows) if self.rows else Fraction(0)


MOST_UNKNOWN = 20
"""Unknown names that are told."""


def layout_of(catalog: Catalog, unit: str | None = None) -> Layout:
    """What an audit reads; `unit` is the column of the unit, if somebody says so."""
    spaces = {catalog.spaces[one.space] for one in catalog.active}
    column = unit or unit_column(catalog.logs.exposures.unit, spaces)
    dimensions = {name for surface in catalog.surfaces.values() for name in surface.dimensions}
    others = {space.unit for space in catalog.spaces.values()} - {column}
    layout = exposure_layout(catalog.logs.exposures, column, sorted(dimensions | others))
    if unit is None:
        return layout
    wanted = (one._replace(setting=None) if one.role == "unit" else one for one in layout.wanted)
    return layout._replace(wanted=tuple(wanted))  # it is no setting that has to be changed


def audit(
    catalog: Catalog,
    reading: Reading,
    *,
    commit: str | None = None,
    broken: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _: None,
    rows: int = ROWS,
) -> Audit:
    """Judge every row that is read, `rows` at a time."""
    units = {space.unit for space in catalog.spaces.values()}
    others = sorted(units & {*reading.layout.extras})
    judge = Judge(catalog)
    tally = Tally(judge, others)
    for batch in gathered(reading.batches(progress), rows):
        tally.add(judge.judge(batch))
    return _result(judge, tally, reading, others, commit, broken)


def _result(
    judge: Judge,
    tally: Tally,
    reading: Reading,
    others: Sequence[str],
    commit: str | None,
    broken: Sequence[str],
) -> Audit:
    counts = _counts(tally.by_experiment.sum(axis=0))
    counts[Cause.UNUSABLE] += reading.rejects.total
    if sum(counts.values()) != reading.rows:
        raise AssertionError(f"{reading.rows} rows were read, and {sum(counts.values())} have a cause")
    seen = [(one, tally.by_experiment[place]) for place, one in enumerate(judge.experiments)]
    unknown = [(name or "", rows) for name, rows in judge.unknown.ranked()]
    return Audit(
        commit=commit,
        files=reading.files,
        unit_column=next(one.column for one in reading.layout.wanted if one.role == "unit"),
        rows=reading.rows,
        units=len(tally.units),
        span=tally.span,
        counts=counts,
        by_experiment=[(one, _counts(row)) for one, row in seen if row.any()],
        by_day=_by_day(tally),
        by_dimension=[
            (name, value, _counts(row))
            for name in sorted(tally.by_dimension)
            for value, row in zip((*tally.dimensions[name], None), tally.by_dimension[name], strict=True)
        ],
        pairs=tally.meetings.found(),
        leaks=_leaks(judge, tally),
        explanations=explanations(judge, tally, others),
        unknown=[
            Unknown(name, rows, unknown_words(judge, name, broken)) for name, rows in unknown[:MOST_UNKNOWN]
        ],
        unknown_names=len(unknown),
        more_names=judge.unknown.bounded,
        examples=tally.examples.all,
        rejects=dict(reading.rejects.counts),
        first_rejects=reading.rejects.first,
        assumed={key: sorted(names) for key, names in sorted(judge.unsure.assumed.items())},
        left_out={key: sorted(names) for key, names in sorted(judge.unsure.left_out.items())},
        adaptive=[one.key for one, row in seen if row.any() and one.variants and not one.ranges],
        broken=broken,
    )


def _counts(row: "NDArray[np.int64]") -> dict[Cause, int]:
    return {cause: int(row[cause.code]) for cause in CAUSES}


def _by_day(tally: Tally) -> list[tuple[date | None, Counts]]:
    """The days with rows, in order; last what is far from everything."""
    middle, far = tally.by_day[1:-1], tally.by_day[0] + tally.by_day[-1]
    days = [(day_of(tally.first_day + n), _counts(row)) for n, row in enumerate(middle) if row.any()]
    return [*days, *([(None, _counts(far))] if far.any() else [])]


def _leaks(judge: Judge, tally: Tally) -> list[Leak]:
    found = []
    for place, units in tally.leaks.items():
        rows = sum(one.holdbacks[place] for one in tally.found.values())
        found.append(Leak(judge.experiments[place].key, rows, len(units)))
    return sorted(found)
