"""Metrics, what surfaces and experiments require of them, and what has been measured."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple


class Cap(NamedTuple):
    """The largest value that counts: a number, or a quantile over all arms together."""

    value: float | None = None
    quantile: Fraction | None = None


class Source(NamedTuple):
    """What becomes one number per unit: events and a column of them, or a column of a table of units.

    `aggregate` is None for a quantile over events.
    """

    event: str
    aggregate: str | None
    value: str | None = None
    cap: Cap | None = None
    column: str | None = None
    covariate_column: str | None = None


class Metric(NamedTuple):
    """A metric of the catalogue: a mean, a ratio (with `denominator`) or a quantile.

    The window is [first, window) in days from a unit's first exposure, `covariate` the days before it.
    `missing` is what a unit without events counts as: zero, or drop.
    """

    name: str
    first: int
    window: int
    open: bool
    decrease: bool
    covariate: int | None
    missing: str
    source: Source
    denominator: Source | None = None
    quantile: Fraction | None = None


class Requirement(NamedTuple):
    """A metric asked for, by a surface (`since`: by experiments that start from then) or an experiment.

    `mde` is the relative change a success metric is sized for, `margin` the relative loss of a guardrail
    that is tolerated.
    """

    metric: str
    mde: Fraction | None = None
    margin: Fraction | None = None
    since: date | None = None


class Metrics(NamedTuple):
    """What must improve, and what must not get worse."""

    success: tuple[Requirement, ...] = ()
    guardrail: tuple[Requirement, ...] = ()


NO_METRICS = Metrics()


class Decision(NamedTuple):
    """The organisation's defaults for decisions; `alpha` is two-sided."""

    alpha: Fraction = Fraction(5, 100)
    power: Fraction = Fraction(80, 100)
    srm_alpha: Fraction = Fraction(1, 1000)
    srm_min_deviation: Fraction = Fraction(1, 1000)
    method: str = "fixed"


DEFAULTS = Decision()


class Figures(NamedTuple):
    """A metric as measured, per unit; `variance_reduction` is what its covariate takes off the variance."""

    mean: float
    std: float
    variance_reduction: Fraction = Fraction(0)


class Baseline(NamedTuple):
    """What was measured on a surface: units met for the first time per day, and the metrics."""

    daily_units: float | None
    figures: Mapping[str, Figures]


class Resolved(NamedTuple):
    """A metric of an experiment's plan, and the surfaces or experiment that ask for it."""

    requirement: Requirement
    sources: tuple[str, ...]
