"""The first rows of each cause, as examples."""

from typing import NamedTuple

from coord.analysis.audit_causes import CAUSES, MISMATCHES, Cause
from coord.analysis.audit_judge import Judge
from coord.analysis.audit_rows import Judged

SHOWN = 5
"""Rows that are kept of a cause."""


class Example(NamedTuple):
    """A row: where it is, what it says, and what the files say. `experiment` is the key, if there is one."""

    cause: Cause
    file: int
    row: int
    moment: int
    unit: str
    logged_experiment: str
    logged_variant: str
    experiment: str | None
    bucket: int | None
    assigned: str | None


class Examples:
    """The first rows, in the order in which files are read, of each cause but the good one."""

    def __init__(self, judge: Judge) -> None:
        """Start with none."""
        self._judge = judge
        self._kept: dict[Cause, list[Example]] = {cause: [] for cause in CAUSES}

    @property
    def all(self) -> list[Example]:
        """The examples, by cause."""
        return [example for kept in self._kept.values() for example in kept]

    def add(self, judged: Judged) -> None:
        """Look at a batch."""
        import numpy as np  # noqa: PLC0415 - only columns need it

        for cause in (Cause.UNKNOWN_EXPERIMENT, *MISMATCHES):
            kept = self._kept[cause]
            if len(kept) < SHOWN:
                rows = np.flatnonzero(judged.causes == cause.code)[: SHOWN - len(kept)]
                kept += [self._example(judged, cause, row) for row in rows.tolist()]

    def _example(self, judged: Judged, cause: Cause, row: int) -> Example:
        columns = (judged.batch.columns.column(role) for role in ("unit", "experiment", "variant"))
        unit, experiment, variant = (column[row].as_py() for column in columns)
        place, assigned = int(judged.experiments[row]), int(judged.assigned[row])
        one = self._judge.experiments[place] if place >= 0 else None
        return Example(
            cause,
            int(judged.batch.files[row]),
            int(judged.batch.rows[row]),
            int(judged.moments[row]),
            unit,
            experiment,
            variant,
            one.key if one else None,
            int(judged.buckets[row]) if one else None,
            one.variants[assigned].name if one and assigned >= 0 else None,
        )
