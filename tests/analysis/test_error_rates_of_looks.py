"""How often one errs who looks every day: at the decision, and at how units are spread."""

from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from analysis.courses import rates, shipping
from analysis.worlds import START, UNITS, metric, plan_of, simple, sized
from coord.analysis.plan import AnalysisPlan
from coord.analysis.quality import pre_period_check, srm_check
from coord.analysis.results import Check, Recommendation, Status
from coord.analysis.unit_analysis import analyse
from coord.domain.metrics import DEFAULTS
from coord.domain.model import Analysis
from coord.simulate.decision import Course, every_day
from coord.simulate.decision_draws import ByMetric, Draws
from coord.simulate.decision_truth import MetricTruth, Truth, as_planned

BOUND = 0.025
DAYS = 14


@pytest.mark.parametrize("method", ["fixed", "always_valid"])
def test_who_looks_every_day_and_ships_when_told_to(method: str) -> None:
    plan = simple(1, 0, days=DAYS, analysis=Analysis(method, planned=UNITS))

    found = shipping(plan, sized(plan), 1, 500, looks=every_day(plan))

    assert found.at_most(BOUND), found


def test_always_valid_plans_find_something_all_the_same() -> None:
    """At the units of a fixed plan: z of 2.80 against 3.04 or more, on one of the days."""
    plan = simple(1, 0, days=DAYS, analysis=Analysis("always_valid", planned=UNITS))

    found = shipping(plan, as_planned(plan, sized(plan)), 2, 150, looks=every_day(plan))

    assert 0.33 < found.value < 0.67, found


def test_who_moves_the_end_to_the_day_on_which_he_looks() -> None:
    """The error that looking costs where nothing guards against it: the simulation shows it."""
    plans = [simple(1, 0, days=day, analysis=Analysis()) for day in range(1, DAYS + 1)]
    draws = Draws(plans[-1], sized(plans[-1]))

    def happens(draw: np.random.Generator) -> tuple[bool]:
        moments: ByMetric = draws.none()
        return (any(ships(plan, moments := grown(moments, draw)) for plan in plans),)

    def grown(moments: ByMetric, draw: np.random.Generator) -> ByMetric:
        return draws.more(moments, draw.multinomial(UNITS // DAYS, [0.5, 0.5]).tolist(), draw)

    def ships(plan: AnalysisPlan, moments: ByMetric) -> bool:
        (found,) = analyse(plan, draws.table(moments), plan.days.end).decisions
        return found.recommendation is Recommendation.SHIP

    assert rates(3, 300, happens)[0].value > 0.06


@pytest.mark.parametrize("spending", ["power2", "obrien_fleming", "pocock"])
def test_the_looks_of_a_group_sequential_plan(spending: str) -> None:
    """Unequal ones, all of which may ship; the error is spent, and not more."""
    looks = tuple(START + timedelta(days=day) for day in (3, 5, 14))
    plan = simple(1, 0, days=DAYS, analysis=Analysis("group_sequential", spending, looks, UNITS))

    found = shipping(plan, sized(plan), 4, 1200, looks=looks)

    assert found.near(BOUND), found


def test_analyses_between_the_looks_of_a_group_sequential_plan() -> None:
    """They spend nothing, and so may not ship: who analyses every day errs as seldom as planned."""
    looks = tuple(START + timedelta(days=day) for day in (5, DAYS))
    plan = simple(1, 0, days=DAYS, analysis=Analysis("group_sequential", "pocock", looks, UNITS))
    course, draws = Course(plan, UNITS, every_day(plan)), Draws(plan, as_planned(plan, sized(plan)))

    found = shipping(plan, sized(plan), 6, 400, looks=every_day(plan))

    assert found.near(BOUND), found
    for seed in range(15):
        outcome = course.outcomes(draws, np.random.default_rng(seed))["treatment-1"]
        assert outcome.day in looks, outcome


def test_units_that_are_spread_as_designed() -> None:
    """Looked at every day until the end; a test that is made once would err in every fourth case."""
    plan = simple(1, 0, decision=DEFAULTS._replace(srm_alpha=Fraction(5, 100)), weights=(1, 3))
    shares = [0.25, 0.75]

    def happens(draw: np.random.Generator) -> tuple[bool, bool]:
        days = np.cumsum(draw.multinomial(700, shares, size=28), axis=0).tolist()
        failed = [
            any(srm_check("srm", day, plan, {}, ended=ended).status is Status.FAIL for day in days)
            for ended in (False, True)
        ]
        return failed[0], failed[1]

    sequential, naive = rates(5, 800, happens)

    assert sequential.at_most(0.05), sequential
    assert sequential.value > 0.005
    assert naive.value > 0.15, naive


def test_covariates_of_arms_that_are_alike() -> None:
    """Likewise."""
    before = [metric("before", covariate=14)]
    plan = plan_of(before, [], days=28, decision=DEFAULTS._replace(srm_alpha=Fraction(5, 100)))
    draws = Draws(plan, Truth({"before": MetricTruth(1, 1, (0.0,), 0.6)}))

    def happens(draw: np.random.Generator) -> tuple[bool, bool]:
        moments: ByMetric = draws.none()
        sequential = naive = False
        for _ in range(28):
            moments = draws.more(moments, draw.multinomial(700, [0.5, 0.5]).tolist(), draw)
            measured = draws.table(moments).population.metrics
            sequential = sequential or fails(pre_period_check(plan, measured, ended=False))
            naive = naive or fails(pre_period_check(plan, measured, ended=True))
        return sequential, naive

    def fails(check: Check) -> bool:
        return check.status is Status.FAIL

    sequential, naive = rates(7, 300, happens)

    assert sequential.at_most(0.05), sequential
    assert naive.value > 0.15, naive
