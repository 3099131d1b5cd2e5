"""The analysis of a table with one row per unit."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from coord.analysis.compared import compare
from coord.analysis.deciding import decide, together
from coord.analysis.judging import judge, kind_of
from coord.analysis.missing_values import invalid_metrics, missing_check
from coord.analysis.now import Now
from coord.analysis.plan import AnalysisPlan
from coord.analysis.quality import crossover_check, pre_period_check, srm_check
from coord.analysis.results import Analysis, Check, Decision, MetricResult, Status
from coord.analysis.segments import segment_results
from coord.domain.model import Kind
from coord.logs.measured import Population, Table

_NO_IDS = "the table has no column of units"
_OF_LOGS = (
    *("dates", "before_ramp", "not_allocated", "not_eligible", "held_back"),
    *("wrong_variant", "traffic", "events", "covariates"),
)
"""The checks that need days, buckets or events."""
_NO_LOGS = "a table of units does not tell; logs do"


def analyse(
    plan: AnalysisPlan,
    table: Table,
    as_of: date,
    *,
    commit: str | None = None,
    dimension: str | None = None,
) -> Analysis:
    """Checks, effects and decisions; `dimension` is what the table's segments are of."""
    now, experiment = Now(plan, as_of), plan.experiment
    measured = table.population.metrics
    invalid = invalid_metrics(plan, measured, ended=now.ended)
    checks = (
        srm_check("srm", table.population.units, plan, table.slices, ended=now.ended),
        crossover_check(table.crossovers, _NO_IDS),
        pre_period_check(plan, measured, ended=now.ended),
        missing_check(plan, measured, ended=now.ended),
        *(Check(name, Status.NOT_RUN, None, _NO_LOGS) for name in _OF_LOGS),
        plan.check(),
    )
    metrics = tuple(results(now, table.population, invalid))
    return Analysis(
        experiment=experiment.key,
        title=experiment.title,
        kind=experiment.kind,
        as_of=now.day,
        shown_as_of=now.day,
        ended=now.ended,
        commit=commit,
        rows=table.rows,
        units=by_variant(plan, table.population.units),
        excluded=_excluded(table),
        unknown_variants=table.unknown_variants,
        checks=checks,
        metrics=metrics,
        decisions=decisions(now, metrics, checks, table.population),
        plan=plan.shown(),
        segments=tuple(segment_results(now, dimension, table.segments, table.population, invalid)),
    )


def _excluded(table: Table) -> dict[str, int]:
    """Rows that are left out, by reason; of `crossover` the units, as everywhere."""
    counted = {"crossover": table.crossovers} if table.crossovers else {}
    return {**table.excluded, **counted}


def by_variant(plan: AnalysisPlan, units: Sequence[int]) -> dict[str, int]:
    """Units by the name of their variant, the control first."""
    return {variant.name: n for variant, n in zip(plan.experiment.variants, units, strict=True)}


def results(now: Now, population: Population, invalid: Mapping[str, str]) -> Iterator[MetricResult]:
    """Every metric of every comparison with the control, by variant and in the order of the plan."""
    plan = now.plan
    for arm, variant in enumerate(plan.experiment.variants[1:], 1):
        for asked in plan.asked:
            measured = population.metrics[asked.metric.name]
            units = measured.units or population.units
            yield judge(
                asked,
                variant.name,
                compare(measured, arm, ratio=kind_of(asked) == "ratio"),
                now.yardstick(asked, units, arm),
                now.harm(asked, units, arm),
                today=now.day,
                invalid=invalid.get(asked.metric.name),
            )


def decisions(
    now: Now, metrics: Sequence[MetricResult], checks: Sequence[Check], population: Population
) -> tuple[Decision, ...]:
    """What to do with each variant; nothing for a holdback, which is a report."""
    if now.plan.experiment.kind is Kind.HOLDBACK:
        return ()
    variants = [variant.name for variant in now.plan.experiment.variants[1:]]
    units = max((sum(one.units) for one in population.metrics.values()), default=0)
    moment = now.moment(units)
    return together(
        [decide(name, [m for m in metrics if m.variant == name], checks, moment) for name in variants]
    )
