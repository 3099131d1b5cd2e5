"""How often the tests and intervals of an analysis err, from rows: each metric as hard as it comes."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from analysis.courses import rates
from analysis.worlds import metric, plan_of
from coord.analysis.results import MetricResult, Verdict
from coord.analysis.unit_analysis import analyse
from coord.domain.metrics import Source
from coord.domain.model import Analysis, Kind
from coord.logs.measured import Measured, Population, Table
from coord.stats.moments import of_columns
from coord.stats.quantiles import quantile_of

Draw = np.random.Generator
Floats = NDArray[np.float64]

UNITS = (150, 450)
RATIO = metric("ratio", denominator=Source("impression", "count", column="seen"))
P50 = metric("p50", quantile=Fraction(1, 2), decrease=True)
METRICS = [metric("mean"), RATIO, metric("before"), P50]
PLAN = plan_of(
    METRICS,
    [metric("falls"), metric("rises", decrease=True)],
    weights=(1, 3),
    kind=Kind.ROLLOUT,
    analysis=Analysis(),
    margin=Fraction(30, 100),
)
"""A rollout, whose success metrics have intervals at 95%, and guardrails at a margin of 30%."""


def clicks(draw: Draw, n: int) -> tuple[Floats, Floats]:
    seen = 1 + draw.poisson(4, size=n)
    return draw.binomial(seen, draw.beta(2, 5, size=n)).astype(float), seen.astype(float)


def with_before(draw: Draw, n: int, effect: float) -> tuple[Floats, Floats]:
    before = draw.gamma(4, size=n)
    return (1 + effect) * (1.5 * before + draw.normal(4, 2, size=n)), before


def times(draw: Draw, n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Ten a unit on average, and units differ."""
    events = draw.geometric(0.1, size=n)
    slowness = np.repeat(draw.normal(0, 0.7, size=n), events)
    return np.exp(slowness + draw.normal(0, 0.5, size=len(slowness))), np.repeat(np.arange(n), events)


def drawn(draw: Draw) -> dict[str, Measured]:
    """Means +20%, covariates with +50%, guardrails exactly at their margin, the rest without effect."""
    columns: dict[str, list[tuple[Floats, ...]]] = {
        "mean": [(scale * draw.gamma(4, size=n),) for n, scale in zip(UNITS, (1, 1.2), strict=True)],
        "ratio": [clicks(draw, n) for n in UNITS],
        "before": [with_before(draw, n, by) for n, by in zip(UNITS, (0, 0.5), strict=True)],
        "falls": [(scale * draw.gamma(2, size=n),) for n, scale in zip(UNITS, (1, 0.7), strict=True)],
        "rises": [(scale * draw.gamma(2, size=n),) for n, scale in zip(UNITS, (1, 1.3), strict=True)],
    }
    found = {
        name: Measured(UNITS, tuple(of_columns(*arm) for arm in arms), covariate=name == "before")
        for name, arms in columns.items()
    }
    quantiles = tuple(quantile_of(*times(draw, n), Fraction(1, 2)) for n in UNITS)
    return {**found, "p50": Measured(UNITS, quantiles=quantiles)}


def analysed(draw: Draw) -> dict[str, MetricResult]:
    table = Table(sum(UNITS), {}, 0, (), Population(UNITS, drawn(draw)), {}, {})
    return {one.metric: one for one in analyse(PLAN, table, PLAN.days.end).metrics}


def covers(one: MetricResult, truth: float) -> bool:
    assert one.relative.lower is not None
    assert one.relative.upper is not None
    return one.relative.lower <= truth <= one.relative.upper


def significant(one: MetricResult) -> bool:
    assert one.p_value is not None
    return one.p_value < 0.05


def test_tests_and_intervals() -> None:
    """Arms of 1:3: relative intervals of large effects, p-values of none, and guardrails at their margin.

    A control mean that is taken for known would have `rises` pass in 4.6%, `falls` in 1.6%.
    """
    effects = {"mean": 0.2, "ratio": 0.0, "before": 0.5, "p50": 0.0}

    def happens(draw: Draw) -> tuple[bool, ...]:
        found = analysed(draw)
        return (
            *(covers(found[name], effect) for name, effect in effects.items()),
            *(significant(found[name]) for name in ("ratio", "p50")),
            *(found[name].verdict is Verdict.NO_WORSE for name in ("falls", "rises")),
        )

    mean, ratio, before, p50, ratio_error, p50_error, falls, rises = rates(1, 2500, happens)

    assert all(abs(one.value - 0.95) <= 0.012 for one in (mean, ratio, before)), (mean, ratio, before)
    assert p50.at_most(0.965)
    assert p50.near(0.95), p50
    assert ratio_error.near(0.05), ratio_error
    assert p50_error.near(0.05), p50_error
    assert falls.near(0.025), falls
    assert rises.near(0.025), rises
