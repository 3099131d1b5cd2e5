"""Metrics, what surfaces and experiments require of them, and what has been measured."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple


class Metric(NamedTuple):
    """A metric of the catalogue. `window` is the last day, counted from the first exposure, that it needs."""

    name: str
    window: int
    open: bool
    decrease: bool
    covariate: bool


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
