"""What is asked of logs, and what is found in them."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from coord.domain.audience import EVERYBODY, Audience
from coord.domain.dates import Days
from coord.logs.by_day import Series
from coord.logs.measured import Population
from coord.logs.placed import Placement
from coord.logs.rejects import Reject


class LogSpec(NamedTuple):
    """An experiment as logs have it.

    experiment, arms: what logs call it and its variants, the control first, in the order of its file.
    days: [start, end).
    as_of: what is logged from the beginning of this day on is not looked at.
    today: later events are taken for errors of a clock, and show nothing about which days are complete.
    placement: what the hash says of units; None where that is not known: nothing is then excluded for it.
    audience: who is eligible; only the dimensions that exposures have as columns are checked.
    dimensions: by which of their columns units are counted.
    monitoring: days of the window in which harm is looked for every day.
    segment: the column of exposures by whose values units are split; None: they are not.
    """

    experiment: str
    arms: tuple[str, ...]
    days: Days
    as_of: date
    today: date
    placement: Placement | None = None
    audience: Audience = EVERYBODY
    dimensions: tuple[str, ...] = ()
    monitoring: int = 1
    segment: str | None = None


class Read(NamedTuple):
    """What was read of files: all rows, those that could not be used by reason, and the first of them."""

    rows: int
    rejects: Mapping[str, int]
    first_rejects: tuple[Reject, ...]


class Cohorts(NamedTuple):
    """Units by arm.

    units: by the day of the first exposure.
    metrics: by metric, in its own window.
    monitoring: by metric, in the monitoring window; quantiles are not among them.
    """

    units: Mapping[date, tuple[int, ...]]
    metrics: Mapping[str, Series]
    monitoring: Mapping[str, Series]


class Logged(NamedTuple):
    """What the logs have of an experiment.

    exposures, events: what was read.
    excluded: rows of exposures that make no unit, by reason, `rejects` included. With the `units` they are
        all rows: `exposures.rows == sum(excluded.values()) + units`.
    unknown_variants: the variants that no arm is logged as, most rows first; likewise `other_experiments`.
    as_of: the effective one: windows that end by then are closed.
    asked: what it would be if the events went far enough; at most the end.
    first_event, last_event: moments in microseconds since 1970, the last not after today; None without any.
    events_seen: how many events of each name that metrics ask for are in the files.
    events_by_day: the same on each day of the experiment, and of covariates before it, that has any.
    other_events: names that no metric asks for, where one that is asked for is not there.
    duplicates: exact duplicates among the exposures of the experiment, and among the events of its units that
        metrics ask for; all were kept.
    crossovers: units seen in several variants.
    misplaced: units of one variant that is not the one that the hash gives them; 0 without a placement.
    first_variants: units by the variant of their first exposure, crossovers included.
    unchecked: dimensions of the audience that the exposures do not have.
    slices: by dimension and value (empty: none) the units of each arm.
    exposed: units by the variant they met, without crossovers.
    assigned: units by the variant the hash gives them, crossovers included; None without a placement.
    segments: by value of the column that was asked for (None: empty), the units that met a variant, without
        crossovers, as of `as_of`.
    """

    exposures: Read
    events: Read
    excluded: Mapping[str, int]
    unknown_variants: tuple[tuple[str, int], ...]
    other_experiments: tuple[tuple[str, int], ...]
    as_of: date
    asked: date
    first_event: int | None
    last_event: int | None
    events_seen: Mapping[str, int]
    events_by_day: Mapping[str, Mapping[date, int]]
    other_events: frozenset[str]
    duplicates: tuple[int, int]
    units: int
    crossovers: int
    misplaced: int
    first_variants: tuple[int, ...]
    unchecked: tuple[str, ...]
    slices: Mapping[str, Mapping[str, tuple[int, ...]]]
    exposed: Cohorts
    assigned: Cohorts | None
    segments: Mapping[str | None, Population]
