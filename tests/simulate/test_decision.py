"""Simulated decisions: what is drawn has the moments it should; what comes out depends on the seed alone."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from analysis.courses import Rate, rates
from analysis.worlds import START, UNITS, metric, plan_of, simple, sized
from coord.analysis.plan import AnalysisPlan
from coord.analysis.unit_analysis import analyse
from coord.domain.metrics import Figures, Source
from coord.domain.model import Analysis, Kind
from coord.errors import CoordError
from coord.simulate.decision import FIGURES, Course, every_day, run
from coord.simulate.decision_draws import Draws
from coord.simulate.decision_truth import MetricTruth, Truth, as_measured, as_planned
from coord.simulate.replicates import replicate
from coord.stats.moments import Moments

RATIO = metric("ratio", denominator=Source("impression", "count", column="seen"))
SHARE = metric("share", source=Source("open", "any", column="share"))
P90 = metric("p90", quantile=Fraction(90, 100), decrease=True)
BEFORE = metric("before", covariate=14)


def rollout(*metrics: Any) -> AnalysisPlan:
    """All metrics with intervals at 95%."""
    return plan_of(list(metrics), [], kind=Kind.ROLLOUT, analysis=Analysis())


@pytest.mark.parametrize("units", [(12, 30), (3, 4), (1, 0)], ids=["many", "few", "hardly any"])
def test_moments_are_those_of_rows(units: tuple[int, int]) -> None:
    """Two metrics with covariates: means, products, and how both vary, over 4,000 replicates."""
    one, other = MetricTruth(10, 2, (0.5,), 0.6), MetricTruth(5, 3, (0.0,), -0.4)
    plan = rollout(metric("a"), metric("b"))
    draws = Draws(plan, Truth({"a": one, "b": other}, 0.7))
    draw = np.random.default_rng(1)
    found = [draws.more(draws.none(), units, draw) for _ in range(4000)]

    for arm, n in enumerate(units):
        arms = [each["a"][arm] for each in found]
        assert {moments.n for moments in arms} == {n}
        if n:
            means = np.array([moments.mean for moments in arms])
            assert means.mean(axis=0) == pytest.approx([15 if arm else 10, 10], abs=0.15)
            assert np.cov(means.T) * n == pytest.approx(np.array([[4, 2.4], [2.4, 4]]), rel=0.12)
        products = np.array([moments.products for moments in arms])
        assert products.mean(axis=0) == pytest.approx(
            (n - 1) * np.array([[4, 2.4], [2.4, 4]]) * (n > 0), rel=0.12
        )
        if n > 1:
            assert np.var(products[:, 0, 0] / 4) == pytest.approx(2 * (n - 1), rel=0.2)


def test_metrics_correlate_as_said() -> None:
    """By the means of many units; the correlation of values is r r' rho + sqrt((1 - r^2)(1 - r'^2)) rho."""
    plan = rollout(metric("a"), metric("b"), metric("c"))
    truth = Truth({name: MetricTruth(1, 1, (0.0,)) for name in "abc"}, 0.5)
    draws, draw = Draws(plan, truth), np.random.default_rng(2)
    found = [draws.more(draws.none(), (100, 100), draw) for _ in range(3000)]
    means = np.array([[each[name][0].mean[0] for name in "abc"] for each in found])

    assert np.corrcoef(means.T) == pytest.approx(np.full((3, 3), 0.5) + np.eye(3) / 2, abs=0.06)


def test_parts_add_up_to_the_whole() -> None:
    """Units that come day by day are as those that come at once."""
    plan = rollout(metric("a"))
    draws, draw = Draws(plan, Truth({"a": MetricTruth(1, 2, (0.0,))})), np.random.default_rng(3)

    def variances(parts: list[int]) -> float:
        found = []
        for _ in range(2000):
            moments = draws.none()
            for units in parts:
                moments = dict(draws.more(moments, (units, 0), draw))
            assert moments["a"][0].n == 40
            found.append(moments["a"][0].products[0][0] / 39)
        return float(np.mean(found))

    assert variances([40]) == pytest.approx(4, rel=0.03)
    assert variances([1, 2, 17, 0, 20]) == pytest.approx(4, rel=0.03)


def test_every_kind_of_metric_has_the_effect_it_is_said_to_have() -> None:
    """Relative intervals at 95%, at +20%; the covariate takes off what it explains."""
    kinds = {
        "mean": MetricTruth(10, 8, (0.2,)),
        "ratio": MetricTruth(0.3, 0.4, (0.2,), 0.5),
        "share": MetricTruth(0.2, 0.4, (0.2,)),
        "p90": MetricTruth(800, 500, (0.2,)),
        "before": MetricTruth(10, 8, (0.2,), 0.8),
    }
    plan = rollout(metric("mean"), RATIO, SHARE, P90, BEFORE)
    draws = Draws(plan, Truth(kinds, 0.3))
    reductions = []

    def happens(draw: np.random.Generator) -> tuple[bool, ...]:
        found = analyse(plan, draws.table(draws.more(draws.none(), (400, 400), draw)), plan.days.end)
        reductions.append([one.variance_reduction for one in found.metrics])
        bounds = [one.relative for one in found.metrics]
        return tuple((one.lower or 0) <= 0.2 <= (one.upper or 0) for one in bounds)

    found = rates(4, 1500, happens)

    assert all(rate.near(0.95) for rate in found), found
    assert [sum(row is None for row in column) for column in zip(*reductions, strict=True)] == [
        1500,
        0,
        1500,
        1500,
        0,
    ]
    assert np.mean([row[1] for row in reductions]) == pytest.approx(0.25, abs=0.02)
    assert np.mean([row[4] for row in reductions]) == pytest.approx(0.64, abs=0.02)


def test_shares_have_events() -> None:
    """So that rare ones are not judged."""
    plan = rollout(SHARE)
    draws = Draws(plan, Truth({"share": MetricTruth(0.004, 0.063, (0.0,))}))
    table = draws.table(draws.more(draws.none(), (1000, 1000), np.random.default_rng(5)))

    events = table.population.metrics["share"].events
    assert events is not None
    assert max(events) < 10
    (found,) = analyse(plan, table, plan.days.end).metrics
    assert "fewer than 10 events" in (found.reason or "")


def test_units_come_evenly_and_none_after_the_end() -> None:
    plan = simple(1, 0, days=7)
    looks = (*every_day(plan), plan.days.end.replace(month=5))

    assert Course(plan, 100, looks).sizes == [14, 28, 42, 57, 71, 85, 100, 100]
    assert every_day(plan)[-1] == plan.days.end


def test_what_comes_out_depends_on_the_seed_alone() -> None:
    """Not on how the work is shared out; other seeds give something else."""
    plan = simple(1, 1, days=7)
    truth = sized(plan)
    heard: list[int] = []

    one = run(plan, truth, UNITS, 7, 40, progress=heard.append)
    with ThreadPoolExecutor(3) as pool:
        assert run(plan, truth, UNITS, 7, 40, apply=pool.map) == one
    assert run(plan, truth, UNITS, 8, 40) != one
    assert tuple(one) == FIGURES
    assert sum(heard) == 40


def test_replicates_do_not_depend_on_how_many_there_are() -> None:
    def work(child: np.random.SeedSequence) -> float:
        return float(np.random.default_rng(child).random())

    few, many = list(replicate(work, 1, 3)), list(replicate(work, 1, 10))

    assert few == many[:3]
    assert len(set(many)) == 10


def test_looking_for_harm_every_day_seldom_finds_what_is_not_there() -> None:
    """Known: .005, and .002 at most for units that seem badly spread."""
    plan = simple(3, 0, days=14)

    found = run(plan, sized(plan), UNITS, 9, 250)

    assert Rate(found["abort_null"].value, 250).at_most(0.007)
    assert Rate(found["power"].value, 250).near(0.802, give=0.02)
    assert found["power"].se == pytest.approx((0.8 * 0.2 / 250) ** 0.5, rel=0.2)
    assert 13 < found["days"].value <= 14


def test_harm_is_found_before_the_end() -> None:
    """Twice the mde to the bad side: nearly every variant is aborted on the way, and none ships."""
    plan = simple(1, 0, days=14)
    truth = sized(plan)._replace(metrics={"s0": sized(plan).metrics["s0"]._replace(effects=(-0.05,))})
    course, draws = Course(plan, UNITS, every_day(plan)), Draws(plan, truth)
    found = list(
        replicate(lambda child: course.outcomes(draws, np.random.default_rng(child))["treatment-1"], 1, 40)
    )

    assert sum(one.recommendation == "abort" for one in found) >= 38
    assert all(one.recommendation != "ship" for one in found)
    assert sum((one.day - START).days for one in found) / 40 < 10


def test_the_planned_effect_goes_to_the_good_side_of_the_first_success_metric_with_an_mde() -> None:
    falls, rises = metric("falls", decrease=True), metric("rises")
    for first, effect in ((falls, -0.02), (rises, 0.02)):
        plan = plan_of([first, metric("more")], [metric("guard")], weights=(1, 1, 1))
        found = as_planned(plan, sized(plan)).metrics
        assert found[first.name].effects == (effect, effect)
        assert found["more"].effects == found["guard"].effects == (0.0, 0.0)


def test_a_plan_without_mde_has_no_power() -> None:
    plan = simple(1, 0)
    plan.asked = tuple(asked._replace(mde=None) for asked in plan.asked)

    with pytest.raises(CoordError, match="home/test has an `mde`"):
        as_planned(plan, Truth({"s0": MetricTruth(1, 1)}))


def test_the_truth_of_a_baseline() -> None:
    plan = rollout(BEFORE, SHARE)
    figures = {"before": Figures(40, 55, Fraction(36, 100)), "share": Figures(0.2, 0.4)}

    found = as_measured(plan, figures, 0.25)

    assert found == Truth(
        {"before": MetricTruth(40, 55, (0.0,), 0.6), "share": MetricTruth(0.2, 0.4, (0.0,))}, 0.25
    )
    with pytest.raises(CoordError, match="says nothing of share"):
        as_measured(plan, {"before": figures["before"]})


def test_no_units_have_no_moments() -> None:
    draws = Draws(rollout(BEFORE), Truth({"before": MetricTruth(1, 1, (0.0,), 0.5)}))

    assert draws.none() == {"before": (Moments(0, (0.0, 0.0), (0.0, 0.0), ((0.0, 0.0), (0.0, 0.0))),) * 2}


@pytest.mark.parametrize("decrease", [False, True], ids=["increase", "decrease"])
def test_a_rollout_should_not_ship_with_a_guardrail_at_its_margin(*, decrease: bool) -> None:
    """And ships without effect, as often as it is planned to."""
    plan = plan_of([], [metric("guard", decrease=decrease)], kind=Kind.ROLLOUT)

    found = run(plan, sized(plan), UNITS, 10, 1200, looks=(plan.days.end,))

    assert Rate(found["false_ship"].value, 1200).near(0.025)
    assert Rate(found["power"].value, 1200).near(0.8)
    assert found["abort_null"].value < 0.01


def test_without_a_decision_there_is_nothing_to_simulate() -> None:
    alone = plan_of([], [metric("guard")], kind=Kind.ROLLOUT, weights=(1,))
    with pytest.raises(CoordError, match="no variant beside the control"):
        run(alone, Truth({"guard": MetricTruth(1, 1)}), 100, 1, 1)
    with pytest.raises(CoordError, match="has no metrics"):
        run(plan_of([], [], kind=Kind.ROLLOUT), Truth({}), 100, 1, 1)
