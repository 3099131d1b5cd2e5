"""Whether the data can be trusted: are units spread over the arms as designed, and alike beforehand?

Until the end every test is one that may be looked at on any day; at the end it is made once.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from coord.analysis.compared import covariate_difference
from coord.analysis.judging import kind_of
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.results import Check, Status
from coord.analysis.words import p_words, share_words
from coord.analysis.yardsticks import AnyTime, Once
from coord.domain.metrics import Decision
from coord.logs.measured import Measured
from coord.stats import effects, levels, srm
from coord.stats.reasons import Missing

Slices = Mapping[str, Mapping[str | None, tuple[int, ...]]]
"""By dimension and value, units per arm."""


_ONE_ARM = "there is but one arm, and nothing to compare it with"


class Spread(NamedTuple):
    """How units are spread over arms, against the design.

    p_value: from 0 to 1; null with a reason. deviation: the largest of an arm, a share of its designed share.
    """

    p_value: float | None
    deviation: float
    reason: str | None


def spread(units: Sequence[int], shares: Sequence[Fraction], *, ended: bool) -> Spread:
    """The test of sample ratio mismatch: sequential until the end, chi-squared at the end."""
    if len(shares) < 2:
        return Spread(None, 0.0, _ONE_ARM)
    off = srm.deviation(units, shares)
    if off is None:
        return Spread(None, 0.0, str(Missing.NO_UNITS))
    if not ended:
        return Spread(srm.sequential_srm(units, shares), off, None)
    found = srm.srm(units, shares)
    return Spread(found.p_value, off, None if found.reason is None else str(found.reason))


def judged(found: Spread, decision: Decision) -> Status:
    """What a spread means: too small a deviation is no reason to stop, however sure it is."""
    if found.p_value is None:
        return Status.NOT_RUN
    if found.p_value >= decision.srm_alpha:
        return Status.PASS
    return Status.FAIL if found.deviation >= decision.srm_min_deviation else Status.WARN


def srm_check(name: str, units: Sequence[int], plan: AnalysisPlan, slices: Slices, *, ended: bool) -> Check:
    """Whether each arm has its share of units; where it has not, the slice that shows it most."""
    found = spread(units, plan.shares, ended=ended)
    status = judged(found, plan.decision)
    if found.p_value is None:
        return Check(name, status, None, found.reason or "")
    names = [variant.name for variant in plan.experiment.variants]
    seen = " : ".join(f"{number:,}" for number in units)
    planned = " : ".join(share_words(share) for share in plan.shares)
    told = f"{' : '.join(names)} = {seen} units, {planned} by design, {p_words(found.p_value)}"
    if status is Status.PASS:
        return Check(name, status, found.p_value, told)
    more = _worst_slice(plan, slices, ended=ended)
    if status is Status.WARN:
        least = share_words(plan.decision.srm_min_deviation)
        more = f", but no arm is off by {least} of its share{more}"
    return Check(name, status, found.p_value, told + more)


def _worst_slice(plan: AnalysisPlan, slices: Slices, *, ended: bool) -> str:
    """Where the mismatch is: the value of a dimension with the least p-value."""
    found = [
        (one.p_value, dimension, value)
        for dimension, values in slices.items()
        for value, units in values.items()
        if (one := spread(units, plan.shares, ended=ended)).p_value is not None
    ]
    if not found:
        return ""
    p_value, dimension, value = min(found, key=lambda each: (each[0], each[1], each[2] or ""))
    return f"; most where {dimension} is {value or 'not known'} ({p_words(p_value or 0.0)})"


def crossover_check(crossovers: int | None, rows: str) -> Check:
    """Whether units were seen in one variant only; `rows` says what the files are without ids."""
    if crossovers is None:
        return Check("crossover", Status.NOT_RUN, None, rows)
    if not crossovers:
        return Check("crossover", Status.PASS, None, "no unit was seen in two variants")
    one = crossovers == 1
    told = f"{crossovers:,} unit{'' if one else 's'} {'was' if one else 'were'} seen in several variants"
    return Check("crossover", Status.WARN, None, f"{told}, and {'is' if one else 'are'} left out")


def pre_period_check(plan: AnalysisPlan, measured: Mapping[str, Measured], *, ended: bool) -> Check:
    """Whether the arms were alike before they could differ: carry-over, or a broken assignment."""
    name = "pre_period"
    if not plan.comparisons:
        return Check(name, Status.NOT_RUN, None, _ONE_ARM)
    asked = [one for one in each_once(plan.asked) if measured[one.metric.name].covariate]
    if not asked:
        return Check(name, Status.NOT_RUN, None, "no metric has a covariate from before exposure")
    error = levels.pre_period_error(float(plan.decision.srm_alpha), plan.comparisons, len(asked))
    found = sorted(_covariates(plan, asked, measured, None if ended else error))
    if not found:
        return Check(name, Status.NOT_RUN, None, "no covariate can be compared: none varies in both arms")
    p_value, metric, variant = found[0]
    where = f"the covariate of {metric} in {variant} differs most from the control's, {p_words(p_value)}"
    if p_value < error:
        told = f"{where}, below {error:.2g}: the arms were not alike before the experiment"
        return Check(name, Status.FAIL, p_value, told)
    return Check(name, Status.PASS, p_value, where)


def each_once(asked: Sequence[Asked]) -> list[Asked]:
    """Metrics without those that are there already in another role."""
    return list({one.metric.name: one for one in asked}.values())


def _covariates(
    plan: AnalysisPlan, asked: Sequence[Asked], measured: Mapping[str, Measured], error: float | None
) -> Iterator[tuple[float, str, str]]:
    """The p-value of each covariate in each comparison; always valid at `error`, or Student's at the end."""
    for one in asked:
        found = measured[one.metric.name]
        for arm, variant in enumerate(plan.experiment.variants[1:], 1):
            pair = covariate_difference(found, arm, ratio=kind_of(one) == "ratio")
            statistic = Missing.NO_UNITS if pair is None else effects.statistic(pair)
            if pair is None or isinstance(statistic, Missing):
                continue
            units = found.units[0] + found.units[arm]
            yardstick = Once(0.0) if error is None else AnyTime(error, units, plan.planned_in(arm))
            p_value = yardstick.two_sided(statistic, pair)
            if p_value is not None:
                yield p_value, one.metric.name, variant.name
