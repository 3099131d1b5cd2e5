"""From two arms and a yardstick to a verdict: what the intervals show is what the verdict says."""

from datetime import date
from typing import NamedTuple

from coord.analysis.compared import Compared, Unmeasured
from coord.analysis.plan import Asked
from coord.analysis.results import (
    Arm,
    Bounds,
    Deterioration,
    MetricResult,
    Raw,
    Role,
    Verdict,
)
from coord.analysis.yardsticks import Yardstick
from coord.stats import effects, noninferiority
from coord.stats.effects import Interval
from coord.stats.estimates import Estimate, Pair
from coord.stats.reasons import Missing

_NOTHING = Bounds(None, None, None)
_NOBODY = Arm(0, None, None)


class Harm(NamedTuple):
    """What looks for deterioration: an always-valid yardstick, and since when harm is known from before."""

    yardstick: Yardstick
    since: date | None = None


class _Found(NamedTuple):
    """The effect of a pair by a yardstick."""

    effect: Interval
    relative: Interval
    p_value: float | None


def judge(
    asked: Asked,
    variant: str,
    compared: Compared | Unmeasured,
    yardstick: Yardstick,
    harm: Harm | None,
    *,
    today: date,
    invalid: str | None = None,
) -> MetricResult:
    """The result of a metric in one comparison.

    harm: for metrics that decide. today: the day on which harm that is found is new. invalid: why the metric
    cannot be believed.
    """
    if isinstance(compared, Unmeasured):
        return _unmeasured(asked, variant, compared, yardstick, harm, invalid)
    found = _effect(compared.pair, yardstick, compared.rare)
    worse = None if harm is None else _deterioration(asked, compared, harm, today)
    verdict = _verdict(asked, found, worse)
    return _unknown(asked, variant, yardstick)._replace(
        control=_arm(compared.control),
        treatment=_arm(compared.treatment),
        effect=_bounds(found.effect),
        relative=_bounds(found.relative),
        p_value=found.p_value,
        p_noninferiority=_p_noninferiority(asked, compared, yardstick),
        variance_reduction=compared.reduction,
        verdict=Verdict.INVALID if invalid else verdict,
        reason=invalid or _reason(asked, found, verdict),
        raw=_raw(compared, yardstick),
        deterioration=worse,
        notes=compared.notes,
    )


def kind_of(asked: Asked) -> str:
    """Mean, ratio or quantile."""
    if asked.metric.denominator is not None:
        return "ratio"
    return "mean" if asked.metric.quantile is None else "quantile"


def _unmeasured(
    asked: Asked,
    variant: str,
    compared: Unmeasured,
    yardstick: Yardstick,
    harm: Harm | None,
    invalid: str | None,
) -> MetricResult:
    """A metric about which the data say nothing; harm that was found before stays found."""
    known = harm is not None and harm.since is not None
    verdict = Verdict.WORSE if known else Verdict.INCONCLUSIVE
    return _unknown(asked, variant, yardstick)._replace(
        control=_arm(compared.control),
        treatment=_arm(compared.treatment),
        verdict=Verdict.INVALID if invalid else verdict,
        reason=invalid or compared.why,
        deterioration=Deterioration(_level(harm.yardstick.error), None, None, harm.since) if harm else None,
    )


def _unknown(asked: Asked, variant: str, yardstick: Yardstick) -> MetricResult:
    """What was asked, and no answer yet."""
    return MetricResult(
        metric=asked.metric.name,
        role=asked.role,
        kind=kind_of(asked),
        decrease=asked.metric.decrease,
        variant=variant,
        control=_NOBODY,
        treatment=_NOBODY,
        effect=_NOTHING,
        relative=_NOTHING,
        p_value=None,
        p_noninferiority=None,
        level=_level(yardstick.error),
        basis=yardstick.basis,
        margin=asked.margin,
        mde=asked.mde,
        variance_reduction=None,
        verdict=Verdict.INCONCLUSIVE,
        reason=None,
        raw=None,
        deterioration=None,
    )


def _effect(pair: Pair, yardstick: Yardstick, rare: Missing | None) -> _Found:
    """Absolute, relative and p-value by one critical value; no bounds where chance cannot be judged."""
    critical = rare or yardstick.critical(pair)
    if isinstance(critical, Missing):
        absolute = effects.absolute(pair, 0.0)
        relative = effects.relative(pair, 0.0)
        return _Found(_unbounded(absolute, critical), _unbounded(relative, critical), None)
    absolute, statistic = effects.absolute(pair, critical), effects.statistic(pair)
    p_value = None if isinstance(statistic, Missing) else yardstick.two_sided(statistic, pair)
    return _Found(absolute, effects.relative(pair, critical), p_value)


def _unbounded(interval: Interval, why: Missing) -> Interval:
    return Interval(interval.value, None, None, interval.reason or why)


def _deterioration(asked: Asked, compared: Compared, harm: Harm, today: date) -> Deterioration:
    """The interval that looks for harm, and since when there is some."""
    found = _effect(compared.pair, harm.yardstick, compared.rare).effect
    bad = found.above(0) if asked.metric.decrease else found.below(0)
    since = harm.since or (today if bad else None)
    return Deterioration(_level(harm.yardstick.error), found.lower, found.upper, since, found.value)


def _verdict(asked: Asked, found: _Found, worse: Deterioration | None) -> Verdict:
    """Worse beats all; a guardrail is judged by its margin, the rest by 0."""
    if worse is not None and worse.since is not None:
        return Verdict.WORSE
    if asked.role is Role.GUARDRAIL:
        return Verdict.NO_WORSE if _within(asked, found.relative) else Verdict.INCONCLUSIVE
    if found.relative.lower is None:
        return Verdict.INCONCLUSIVE
    better, bad = found.effect.above(0), found.effect.below(0)
    if asked.metric.decrease:
        better, bad = bad, better
    if better:
        return Verdict.BETTER
    return Verdict.WORSE if bad and asked.role is Role.OTHER else Verdict.INCONCLUSIVE


def _within(asked: Asked, relative: Interval) -> bool:
    """Whether the relative interval lies wholly on the good side of the margin."""
    if asked.margin is None:
        return False
    margin = float(asked.margin)
    return relative.below(margin) if asked.metric.decrease else relative.above(-margin)


def _reason(asked: Asked, found: _Found, verdict: Verdict) -> str | None:
    """Why something is null, or what limits the verdict."""
    why = found.effect.reason or found.relative.reason
    if why is not None:
        return str(why)
    if asked.role is Role.GUARDRAIL and asked.margin is None:
        return "it has no margin, so nothing shows that it holds"
    bad = found.effect.above(0) if asked.metric.decrease else found.effect.below(0)
    if verdict is Verdict.INCONCLUSIVE and asked.role is Role.SUCCESS and bad:
        return "it is on the bad side of 0, at the level of the decision"
    return None


def _p_noninferiority(asked: Asked, compared: Compared, yardstick: Yardstick) -> float | None:
    if asked.margin is None or asked.role is not Role.GUARDRAIL or compared.rare:
        return None
    critical = yardstick.critical(compared.pair)
    if isinstance(critical, Missing):
        return None
    found = noninferiority.contrast(
        compared.pair, float(asked.margin), critical, decrease=asked.metric.decrease
    )
    return None if isinstance(found, Missing) else yardstick.upper(found, compared.pair)


def _raw(compared: Compared, yardstick: Yardstick) -> Raw | None:
    if compared.raw is None:
        return None
    control, treatment, pair = compared.raw
    found = _effect(pair, yardstick, compared.rare)
    return Raw(_arm(control), _arm(treatment), _bounds(found.effect), _bounds(found.relative), found.p_value)


def _arm(estimate: Estimate | int) -> Arm:
    if isinstance(estimate, int):
        return Arm(estimate, None, None)
    return Arm(estimate.n, estimate.mean, estimate.std)


def _bounds(interval: Interval) -> Bounds:
    return Bounds(interval.value, interval.lower, interval.upper)


def _level(error: float) -> float:
    return round(1 - error, 12)
