"""Hand-made analyses of logs: with looks, with days, and by the assigned variant."""

from collections.abc import Sequence
from datetime import date, timedelta

from coord.analysis.results import (
    Analysis,
    AsAssigned,
    Basis,
    Bounds,
    DayResult,
    Decision,
    Deterioration,
    LookResult,
    MetricResult,
    Recommendation,
    Role,
    Verdict,
)
from report.analyses import CHECKS, PLAN, guardrail, metric, ships

START = date(2026, 3, 2)
_SEQUENTIAL = PLAN._replace(
    method="group_sequential",
    spending="power2",
    looks=tuple(START + timedelta(weeks=week) for week in (1, 2, 3, 4)),
)


def look(
    week: int, units: int, metrics: Sequence[MetricResult], *said: Recommendation, sized: bool = True
) -> LookResult:
    """A look after so many weeks, at the variants in the order of their decisions."""
    variants = dict.fromkeys(one.variant for one in metrics)
    found = tuple(Decision(name, one, ("so.",)) for name, one in zip(variants, said, strict=True))
    share = units / 64_000 if sized else None
    return LookResult(START + timedelta(weeks=week), units, share, tuple(metrics), found)


def metrics_then(wide: float, verdict: Verdict) -> tuple[MetricResult, ...]:
    """Metrics at a look: the intervals are so wide on either side."""
    return (
        metric("podcast_starts", (0.03, 0.03 - wide, 0.03 + wide), verdict),
        guardrail("crash_rate", (0.0, -wide, wide), Verdict.NO_WORSE, decrease=True),
        metric("scrolls", (0.5, 0.4, 0.6), Verdict.INCONCLUSIVE, role=Role.OTHER),
    )


def days(*units: int) -> tuple[DayResult, ...]:
    """Days from the start on which so many came in, in two arms."""
    return tuple(
        DayResult(START + timedelta(days=k), {"control": n // 2, "shelf": n - n // 2}, 0.4, ())
        for k, n in enumerate(units)
    )


def sequential() -> Analysis:
    """Ships at its third look, and again at the fourth."""
    ship, go_on = Recommendation.SHIP, Recommendation.CONTINUE
    late = [one._replace(basis=Basis.GROUP_SEQUENTIAL) for one in ships().metrics]
    return ships()._replace(
        metrics=tuple(late),
        plan=_SEQUENTIAL,
        looks=(
            look(1, 16_100, metrics_then(0.06, Verdict.INCONCLUSIVE), go_on),
            look(2, 31_900, metrics_then(0.04, Verdict.INCONCLUSIVE), go_on),
            look(3, 48_000, metrics_then(0.02, Verdict.BETTER), ship),
            look(4, 63_999, metrics_then(0.01, Verdict.BETTER), ship),
        ),
        daily=days(*[2_400, 2_200, 2_500, 2_300, 2_600, 1_200, 0] * 4),
    )


def stopped() -> Analysis:
    """Harm is known at the second look; the plan names no size."""
    harm = Deterioration(0.99, -0.5, -0.1, date(2026, 3, 12))
    first, *rest = metrics_then(0.04, Verdict.INCONCLUSIVE)
    bad = [first._replace(verdict=Verdict.WORSE, deterioration=harm), *rest]
    none = first._replace(relative=Bounds(0.1, None, None), effect=Bounds(0.2, None, None))
    return ships()._replace(
        plan=_SEQUENTIAL._replace(planned=None),
        looks=(
            look(1, 900, [none, *rest], Recommendation.CONTINUE, sized=False),
            look(2, 1_900, bad, Recommendation.ABORT, sized=False),
        ),
        daily=(*days(5, 0), days(0, 0, 9)[2]._replace(harmed=(("a", "b"),))),
    )


def crossed() -> Analysis:
    """Units crossed over; by the assigned variant the success metric is no better."""
    one = ships()
    first, *rest = one.metrics
    other = first._replace(relative=Bounds(0.01, -0.01, 0.03), verdict=Verdict.INCONCLUSIVE)
    return one._replace(
        checks=CHECKS,
        excluded={"crossover": 21, "outside_dates": 300, "event_no_timestamp": 4},
        daily=days(40, 60),
        as_assigned=AsAssigned({"control": 32_020, "shelf": 32_001}, (other, *rest)),
    )


LOGS = {"sequential": sequential, "stopped": stopped, "crossed": crossed}
