"""How often decisions from logs err, looked at on any day: simulated, by units of each day.

Bounds depend on units alone, so what looks may spend is tested with many paths of the statistic at once;
the whole rule, with harm on every day, with units' moments.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.courses import Rate, rates
from analysis.daily import DAY, drawn, logged, of_moments, upto
from analysis.plans import END, START, a_mean, plan_for, started
from analysis.worlds import UNITS, metric, plan_of, simple, sized
from coord.analysis.course import Course
from coord.analysis.log_analysis import analyse
from coord.analysis.looking import AtDay, Looks
from coord.analysis.now import Now
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Recommendation
from coord.analysis.watching import Watch
from coord.domain.model import Analysis
from coord.logs.logged import Cohorts
from coord.simulate.decision_draws import Draws
from coord.simulate.decision_truth import Truth, as_planned
from coord.stats import always_valid, spending, student
from coord.stats.estimates import Pair
from coord.stats.moments import Moments
from coord.stats.reasons import Missing

BOUND = 0.025
DAYS = 28
PATHS = 100_000
LOOKS = tuple(START + DAY * k for k in (6, 9, 16, 23))
PAIR = Pair(1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1e9)
"""Of many units: bounds of looks, and always-valid ones, are the same for all."""

Floats = NDArray[np.float64]


def walks(plan: AnalysisPlan, sizes: Sequence[int], days: Sequence[date], seed: int) -> Floats:
    """Paths of the statistic when nothing is there, a column for each day; sizes: units by day of entry."""
    draw = np.random.default_rng(seed)
    closed = np.cumsum(sizes)
    at = [0, *(int(closed[(day - plan.days.start).days - 1]) for day in days)]
    steps = np.sqrt(np.diff(at)) * draw.standard_normal((PATHS, len(days)))
    return np.asarray(np.cumsum(steps, axis=1) / np.sqrt(at[1:]))


def counted(plan: AnalysisPlan, sizes: Sequence[int], arms: int = 2) -> Course:
    """A course of so many units of two arms by day of entry, half in each; their values are no matter."""
    days = [plan.days.start + DAY * k for k in range(len(sizes))]
    found = {
        day: (Moments(n // 2, (0.0,), (0.0,), ((1.0,),)),) * arms for day, n in zip(days, sizes, strict=True)
    }
    series = {one.metric.name: of_moments(one.metric, found, 1) for one in plan.asked}
    units = {day: (n // 2,) * arms for day, n in zip(days, sizes, strict=True)}
    return Course(plan, Cohorts(units, series, {}), plan.days.end)


def crossing(course: Course, sizes: Sequence[int], seed: int) -> Rate:
    """How often the first metric is better on one of the looks."""
    found = course.bounds(course.plan.asked[0], 1)
    z = walks(course.plan, sizes, list(found), seed)
    bounds = [np.inf if look.bound is None else look.bound for look in found.values()]
    return Rate(float((z > bounds).any(axis=1).mean()), PATHS)


@pytest.mark.parametrize("word", ["power1", "power2", "power3", "obrien_fleming", "pocock"])
@pytest.mark.parametrize("share", [0.4, 1.0, 2.0])
def test_looks_keep_their_error_whatever_number_of_units_comes(
    word: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is spent by the end, and no more: under the plan, on it, and at twice its size."""
    for rho in (1, 3):
        monkeypatch.setitem(spending.NAMED, f"power{rho}", spending.power_family(rho))
    plan = simple(1, 0, days=DAYS, analysis=Analysis("group_sequential", word, LOOKS, UNITS))
    sizes = [2 * round(share * UNITS / DAYS / 2 * weight) for weight in np.linspace(1.5, 0.5, DAYS)]

    found = crossing(counted(plan, sizes), sizes, 1)

    assert found.near(BOUND, give=0.0003), found


def test_going_on_past_the_plan_with_its_last_bound_would_err_too_often() -> None:
    """What is not done, at twice the planned units."""
    plan = simple(1, 0, days=DAYS, analysis=Analysis("group_sequential", "power2", LOOKS, UNITS))
    sizes = [2 * UNITS // DAYS] * DAYS
    course = counted(plan, sizes)
    found = course.bounds(plan.asked[0], 1)
    z = walks(plan, sizes, list(found), 2)
    ends = [day for day, look in found.items() if look.bound is not None]

    assert ends[-1] == LOOKS[2], "past the plan from the third look on"
    again = [look.bound or found[ends[-1]].bound or 0.0 for look in found.values()]
    assert (z > again).any(axis=1).mean() > BOUND + 0.004


def test_who_moves_the_end_to_the_look_that_pleases_him() -> None:
    """A look that is made the last by what it shows spends no more for it; else it errs too often."""
    sizes = [UNITS // DAYS] * DAYS
    metrics = [a_mean("m")]
    plan = partial(plan_for, metrics, method="group_sequential", planned=UNITS)
    then = partial(started, metrics, method="group_sequential", planned=UNITS)
    weekly = [START + DAY * 7 * k for k in (1, 2, 3, 4)]
    z = walks(plan(), sizes, weekly, 3)

    def errs(*, known: bool) -> Rate:
        bounds = []
        for day in weekly:
            short = plan(started=then(end=END if known else day))
            short.days = short.days._replace(end=day)
            look = counted(short, sizes[: (day - START).days]).bounds(short.asked[0], 1)[day]
            bounds.append(look.bound or np.inf)
        return Rate(float((z > bounds).any(axis=1).mean()), PATHS)

    assert errs(known=True).at_most(BOUND)
    assert errs(known=False).value > 0.04


def test_who_moves_the_end_later_when_it_has_come() -> None:
    """The end that came spent everything: going on finds harm, and nothing to ship."""
    sizes = [UNITS // DAYS // 2] * DAYS
    middle = START + DAY * 17
    then = started([a_mean("m")], method="group_sequential", planned=UNITS, end=middle, reached=middle)
    plan = plan_for([a_mean("m")], method="group_sequential", planned=UNITS, started=then)
    course = counted(plan, sizes)
    found = course.bounds(plan.asked[0], 1)

    assert middle in found
    assert found[middle].spent == BOUND
    assert all(found[day].bound is None for day in found if day > middle)
    assert crossing(course, sizes, 4).near(BOUND, give=0.0003)


@pytest.mark.parametrize("share", [0.5, 2.0])
def test_always_valid_under_daily_looks(share: float) -> None:
    """However long one looks: less than its error; and not so little that it would be of no use."""
    sizes = [2 * round(share * UNITS / DAYS / 2)] * DAYS
    plan = simple(1, 0, days=DAYS, analysis=Analysis("always_valid", planned=UNITS))
    course = counted(plan, sizes)
    units = [sum(course.units_of("s0", day)) for day in course.days]
    bounds = [always_valid.multiplier(n, plan.planned_in(1), plan.errors.success or 0) for n in units]
    assert not any(isinstance(bound, Missing) for bound in bounds)

    z = walks(plan, sizes, course.days, 5)
    found = Rate(float((z > np.array(bounds, dtype=float)).any(axis=1).mean()), PATHS)

    assert found.at_most(BOUND), found
    assert found.value > 0.002


class Whole(NamedTuple):
    """Chances of one treatment under the whole rule: to ship, to be aborted, to ship harm aside."""

    ships: Rate
    aborts: Rate
    unharmed: Rate


def fixed_plan(plan: AnalysisPlan, truth: Truth, seed: int, *, monitored: bool) -> Whole:
    """The rule for a fixed plan of two arms, by the means of the arms on each day; daily looks for harm.

    monitored: also in a window that has nothing in common with the metric's own, which errs most.
    """
    draw, paths = np.random.default_rng(seed), 40_000
    course = counted(plan, [UNITS // DAYS // 2 * 2] * DAYS)
    size = np.cumsum([UNITS // DAYS // 2] * DAYS)
    harmed, better, held = np.zeros(paths, bool), np.zeros(paths, bool), np.ones(paths, bool)
    for asked in plan.asked:
        one = truth.metrics[asked.metric.name]
        now = Now(plan, END)
        assert plan.errors.deterioration is not None
        yardsticks = [
            now.any_time(plan.errors.deterioration, course.units_of(asked.metric.name, day), 1)
            for day in course.days
        ]
        limits = np.array([yardstick.critical(PAIR) for yardstick in yardsticks], dtype=float)
        for _ in range(1 + monitored):
            control, treatment = (
                mean
                + one.std * np.cumsum(draw.standard_normal((paths, DAYS)) * np.sqrt(size[0]), axis=1) / size
                for mean in (one.mean, one.mean * (1 + one.effects[0]))
            )
            z = (treatment - control) / (one.std * np.sqrt(2 / size))
            harmed |= (z < -limits).any(axis=1)
        spread = one.std / np.sqrt(size[-1])
        critical = student.critical(plan.error_of(asked.role), 2.0 * size[-1])
        if asked.margin is None:
            better |= z[:, -1] > critical
        else:
            keep = 1 - float(asked.margin)
            within = (treatment - keep * control)[:, -1] / (spread * np.sqrt(1 + keep * keep))
            held &= within > critical
    found = (better & held & ~harmed, harmed, better & held)
    return Whole(*(Rate(float(each.mean()), paths) for each in found))


def test_the_whole_rule_when_nothing_is_there() -> None:
    """Of one success metric and three guardrails, with 28 days of looking for harm.

    In one window it is found in .004 to .005 of cases; in two that have nothing in common in twice as many.
    """
    plan = simple(1, 3, days=DAYS)
    found, twice = (fixed_plan(plan, sized(plan), 6, monitored=monitored) for monitored in (False, True))

    assert found.ships.near(0.0215, give=0.001), found
    assert found.aborts.near(0.0045, give=0.0005), found
    assert found.aborts.value < twice.aborts.value
    assert twice.aborts.at_most(0.01), twice


def test_the_whole_rule_finds_what_is_good() -> None:
    plan = simple(1, 3, days=DAYS)
    found = fixed_plan(plan, as_planned(plan, sized(plan)), 7, monitored=False)

    assert found.unharmed.near(0.815, give=0.001), found
    assert found.ships.near(0.814, give=0.001), found


def test_whole_experiments_by_the_code_that_analyses() -> None:
    """The same chances, of few experiments."""
    plan = simple(1, 3, days=DAYS)
    truth = as_planned(plan, sized(plan))
    draws, shares = Draws(plan, truth), [float(share) for share in plan.shares]

    def happens(draw: np.random.Generator) -> tuple[bool, ...]:
        by_day = draw.multinomial(UNITS // DAYS, shares, size=DAYS).tolist()
        found = analyse(plan, logged(drawn(plan, draws, by_day, draw), END), placed=True).decisions[0]
        return found.recommendation is Recommendation.SHIP, found.recommendation is Recommendation.ABORT

    ships, aborts = rates(7, 80, happens)

    assert ships.near(0.814), ships
    assert aborts.at_most(0.01), aborts


@pytest.mark.parametrize("method", ["group_sequential", "always_valid"])
def test_an_impatient_analyst(method: str) -> None:
    """He analyses on every day and ships at the first `ship`: the day since when it is to be shipped."""
    plan = simple(1, 1, days=DAYS, analysis=Analysis(method, planned=UNITS))
    draws, shares = Draws(plan, as_planned(plan, sized(plan))), [float(share) for share in plan.shares]
    shipped = 0
    for seed in range(5):
        draw = np.random.default_rng(seed)
        by_day = draw.multinomial(UNITS // DAYS, shares, size=DAYS).tolist()
        cohorts = drawn(plan, draws, by_day, draw)
        course = Course(plan, cohorts, plan.days.end)
        watch = Watch(course)
        look = Looks(course, watch).ship_since("treatment-1")
        harm = min(watch.since.values(), default=None)
        for day in course.days[6:]:
            found = analyse(plan, logged(upto(cohorts, day), day), placed=True).decisions[0].recommendation
            ships = look is not None and look.day <= day and (harm is None or day < harm)
            assert (found is Recommendation.SHIP) == ships, (seed, day)
            shipped += ships

    assert shipped, "or nothing was tested"


@pytest.mark.parametrize("method", ["group_sequential", "always_valid"])
def test_an_impatient_analyst_errs_as_seldom_as_planned(method: str) -> None:
    """Two success metrics and two treatments that share a control: the first `better` of any on any day."""
    plan = plan_of(
        [metric("s0"), metric("s1")],
        [],
        weights=(1, 1, 1),
        days=DAYS,
        analysis=Analysis(method, planned=UNITS * 3 // 2),
    )
    sizes = [UNITS // DAYS // 2] * DAYS
    course = counted(plan, [2 * n for n in sizes], arms=3)
    draw, paths = np.random.default_rng(8), 40_000
    wrong = np.zeros(paths, bool)
    for asked in plan.asked:
        walks = [np.cumsum(draw.standard_normal((paths, DAYS)), axis=1) for _ in range(3)]
        for arm in (1, 2):
            z = (walks[arm] - walks[0]) / np.sqrt(2 * np.arange(1, DAYS + 1))
            found = [AtDay(course, Watch(course), day) for day in course.look_days]
            for at in found:
                units = course.units_of(asked.metric.name, at.day)
                bound = at.yardstick(asked, units, arm).critical(PAIR)
                if not isinstance(bound, Missing):
                    wrong |= z[:, (at.day - plan.days.start).days - 1] > bound

    assert Rate(float(wrong.mean()), paths).at_most(BOUND), wrong.mean()
    assert wrong.mean() > 0.002
