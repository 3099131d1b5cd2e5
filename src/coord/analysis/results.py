"""The answer of `coord analyze`: checks, effects with their intervals, and what to do, with reasons.

Null means that a number does not exist; the `reason` beside it says why. No number is NaN or Infinity.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from coord.domain.model import Kind


class Status(StrEnum):
    """What a check found. `fail` alone stops a decision."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    NOT_RUN = "not_run"


class Check(NamedTuple):
    """Whether the data can be trusted, in one respect.

    p_value: two-sided, from 0 to 1; null for a check without a test, and where there was too little to test.
    detail: a sentence: what was found, or why nothing was.
    """

    name: str
    status: Status
    p_value: float | None
    detail: str


class Role(StrEnum):
    """What a metric is there for; `other` has no part in the decision."""

    SUCCESS = "success"
    GUARDRAIL = "guardrail"
    OTHER = "other"


class Verdict(StrEnum):
    """What the intervals say of a metric."""

    BETTER = "better"  # the effect's interval lies wholly on the good side of 0
    WORSE = "worse"  # the interval of deterioration lies wholly on the bad side of 0
    NO_WORSE = "no_worse"  # a guardrail's relative interval lies wholly above -margin
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"  # units without a value are spread over the arms otherwise than they should be


class Arm(NamedTuple):
    """One arm's estimate, after adjustment for the covariate.

    n: units with a value. mean: in the metric's unit: a mean, a ratio, a quantile. std: per unit, of
    linearised values for a ratio; null for a quantile.
    """

    n: int
    mean: float | None
    std: float | None


class Bounds(NamedTuple):
    """An estimate and its two-sided interval, in the metric's unit or as a share of the control's mean."""

    value: float | None
    lower: float | None
    upper: float | None


class Raw(NamedTuple):
    """The same before the covariate: what a plain comparison gives."""

    control: Arm
    treatment: Arm
    effect: Bounds
    relative: Bounds
    p_value: float | None


class Deterioration(NamedTuple):
    """The always-valid interval that looks for harm: absolute, in the metric's unit.

    level: 1 - its two-sided error. since: the first day on which harm was found; null when there was none.
    value: the effect on the day of the interval.
    """

    level: float
    lower: float | None
    upper: float | None
    since: date | None
    value: float | None = None


class Basis(StrEnum):
    """Where the critical value of the shown intervals comes from."""

    FIXED = "fixed"  # Student's t, once, at the end
    GROUP_SEQUENTIAL = "group_sequential"  # the bound of the look
    ALWAYS_VALID = "always_valid"


class MetricResult(NamedTuple):
    """One metric in one comparison with the control.

    kind: mean, ratio or quantile. decrease: whether less is better. level: 1 - the two-sided error of
    `effect` and `relative`. margin, mde: relative, where they apply. p_value: two-sided and unadjusted, to be
    compared with 1 - level; p_noninferiority: one-sided, with (1 - level) / 2. variance_reduction: the share
    of the variance that the covariate took off, null without one. reason: why something is null, or what
    limits the verdict. notes: what a reader should know besides.
    """

    metric: str
    role: Role
    kind: str
    decrease: bool
    variant: str
    control: Arm
    treatment: Arm
    effect: Bounds
    relative: Bounds
    p_value: float | None
    p_noninferiority: float | None
    level: float
    basis: Basis
    margin: Fraction | None
    mde: Fraction | None
    variance_reduction: float | None
    verdict: Verdict
    reason: str | None
    raw: Raw | None
    deterioration: Deterioration | None
    notes: tuple[str, ...] = ()


class Recommendation(StrEnum):
    """What to do with a variant."""

    SHIP = "ship"
    END = "end"
    CONTINUE = "continue"
    ABORT = "abort"


class Decision(NamedTuple):
    """What to do with a variant, and why, in sentences, the decisive one first."""

    variant: str
    recommendation: Recommendation
    reasons: tuple[str, ...]


class PlanShown(NamedTuple):
    """The plan that the decision follows.

    alpha: two-sided error of the decision. comparisons: variants held against the control. planned: units
    over all arms, null where the plan does not say. start, end: [start, end).
    """

    method: str
    alpha: Fraction
    power: Fraction
    comparisons: int
    success: tuple[str, ...]
    guardrail: tuple[str, ...]
    planned: int | None
    spending: str | None
    looks: tuple[date, ...]
    start: date
    end: date


class LookResult(NamedTuple):
    """A day on which the plan may decide, as it was then.

    units: over all arms, of the metric that has most by then. information: of the planned units, null where
    the plan names none. decisions: what each variant's metrics said, harm included and checks aside.
    """

    day: date
    units: int
    information: float | None
    metrics: tuple[MetricResult, ...]
    decisions: tuple[Decision, ...]


class DayResult(NamedTuple):
    """A day in the logs.

    units: by variant, those who came in on it. srm: the sequential p-value of all units until its end; null
    without units. harmed: the metrics in which harm is known by its end, as `metric` and `variant`.
    """

    day: date
    units: Mapping[str, int]
    srm: float | None
    harmed: tuple[tuple[str, str], ...]


class AsAssigned(NamedTuple):
    """The same by the variant that the hash gives, whatever units met: crossovers count where they belong."""

    units: Mapping[str, int]
    metrics: tuple[MetricResult, ...]


class SegmentResult(NamedTuple):
    """The units with one value of a dimension (null: those without), analysed for themselves: exploratory."""

    dimension: str
    value: str | None
    units: Mapping[str, int]
    metrics: tuple[MetricResult, ...]


class Analysis(NamedTuple):
    """The whole answer.

    as_of: data count up to this day, itself not. ended: whether the experiment is over by then. rows: of the
    files; units: those analysed, by variant, the control first; excluded: rows left out, by reason.
    shown_as_of: the day up to which what is shown counts: that of the last look, where a plan has looks.
    """

    experiment: str
    title: str
    kind: Kind
    as_of: date
    shown_as_of: date
    ended: bool
    commit: str | None
    rows: int
    units: Mapping[str, int]
    excluded: Mapping[str, int]
    unknown_variants: tuple[tuple[str, int], ...]
    checks: tuple[Check, ...]
    metrics: tuple[MetricResult, ...]
    decisions: tuple[Decision, ...]
    plan: PlanShown
    segments: tuple[SegmentResult, ...] = ()
    looks: tuple[LookResult, ...] = ()
    daily: tuple[DayResult, ...] = ()
    as_assigned: AsAssigned | None = None
