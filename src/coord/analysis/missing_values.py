"""Units without a value: harmless where chance decides who has none, fatal to a metric where the arm does."""

from collections.abc import Iterable, Mapping

from coord.analysis.plan import AnalysisPlan
from coord.analysis.quality import Spread, each_once, judged, spread
from coord.analysis.results import Check, Status
from coord.analysis.words import p_words
from coord.logs.measured import Measured
from coord.stats.reasons import Missing


def invalid_metrics(plan: AnalysisPlan, measured: Mapping[str, Measured], *, ended: bool) -> dict[str, str]:
    """The metrics for which having a value depends on the arm, with the reason.

    Only units with a value are compared then, and who has one was decided after exposure.
    """
    return {
        name: f"units with a value are not spread over the arms as designed ({p_words(found.p_value)}), "
        "so those of one arm are not comparable with those of another"
        for name, found in value_spreads(plan, measured, ended=ended).items()
        if found.p_value is not None and judged(found, plan.decision) is Status.FAIL
    }


def value_spreads(plan: AnalysisPlan, measured: Mapping[str, Measured], *, ended: bool) -> dict[str, Spread]:
    """How the units with a value are spread, by metric; of those metrics that some unit has no value of."""
    found = {}
    for asked in each_once(plan.asked):
        one = measured[asked.metric.name]
        arms = [arm for arm, n in enumerate(with_values(one)) if n is not None]
        valued = [n for n in with_values(one) if n is not None]
        if valued != [one.units[arm] for arm in arms]:
            whole = sum(plan.shares[arm] for arm in arms)
            shares = [plan.shares[arm] / whole for arm in arms]
            found[asked.metric.name] = spread(valued, shares, ended=ended)
    return found


def with_values(measured: Measured) -> tuple[int | None, ...]:
    """How many units of each arm have a value; None where a quantile could not be estimated."""
    if measured.quantiles:
        return tuple(
            None if isinstance(one.estimate, Missing) else one.estimate.n for one in measured.quantiles
        )
    return tuple(arm.n for arm in measured.moments)


def missing_check(plan: AnalysisPlan, measured: Mapping[str, Measured], *, ended: bool) -> Check:
    """Whether units without a value are spread as they should be; failing costs the metric, not the test."""
    name = "missing"
    if not any(with_values(measured[one.metric.name]) for one in plan.asked):
        return Check(name, Status.NOT_RUN, None, "no metric was measured")
    lacking = value_spreads(plan, measured, ended=ended)
    if not lacking:
        told = "every unit has a value, or counts as 0"
        return Check(name, Status.PASS, None, told)
    tested = {metric: found.p_value for metric, found in lacking.items() if found.p_value is not None}
    if not tested:
        whys = "; ".join(dict.fromkeys(str(found.reason) for found in lacking.values()))
        return Check(name, Status.NOT_RUN, None, f"some units have no value of {_all(lacking)}: {whys}")
    least = min(tested.values())
    invalid = invalid_metrics(plan, measured, ended=ended)
    if invalid:
        told = "; ".join(f"{metric}: {why}" for metric, why in invalid.items())
        return Check(name, Status.WARN, least, told)
    return Check(name, Status.PASS, least, f"units with a value of {_all(tested)} are spread as designed")


def _all(names: Iterable[str]) -> str:
    return ", ".join(names)
