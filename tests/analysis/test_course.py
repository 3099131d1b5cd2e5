"""An experiment day by day, against the same rule written once more from rows of units."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from analysis.daily import DAY, Units, daily, logged, upto
from analysis.plans import END, START, a_mean, plan_for
from analysis.restated import What, World
from coord.analysis.course import Course
from coord.analysis.log_analysis import analyse
from coord.analysis.looking import AtDay, Looks
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Analysis, Basis
from coord.analysis.watching import Watch
from coord.logs.logged import Cohorts

GAIN, SLOW, GUARD = (
    a_mean("gain")._replace(window=2),
    a_mean("slow")._replace(window=7),
    a_mean("guard", decrease=True)._replace(window=1),
)
MARGIN = Fraction(5, 100)
LOOKS = tuple(START + DAY * k for k in (6, 11, 17, 23))
ARMS = 3


class Case:
    """A plan of three metrics and three arms, with units by chance that what is done moves by `effects`.

    effects: of the treatments on each metric. planned: over all arms; 600 come, and less have closed windows.
    """

    def __init__(self, seed: int, effects: tuple[float, float, float], planned: int) -> None:
        draw = np.random.default_rng(seed)
        metrics = (GAIN, SLOW, GUARD)
        days = [START + DAY * k for k in range((END - START).days)]
        sizes = {day: draw.integers(3, 12, ARMS).tolist() for day in days}

        def units(effect: float) -> Units:
            return {
                day: [
                    draw.normal(10 + (effect if arm else 0) * (1 + arm / 4), 2, (1, n))
                    for arm, n in enumerate(sizes[day])
                ]
                for day in days
            }

        own = {one.name: units(effect) for one, effect in zip(metrics, effects, strict=True)}
        early = {one.name: units(effect / 2) for one, effect in zip(metrics, effects, strict=True)}
        self.plan = plan_for(
            [GAIN, SLOW],
            {GUARD: MARGIN},
            weights=(1,) * ARMS,
            method="group_sequential",
            looks=LOOKS,
            planned=planned,
        )
        self.cohorts = Cohorts(
            {day: tuple(sizes[day]) for day in days},
            {one.name: daily(one, own[one.name]) for one in metrics},
            {one.name: daily(one, early[one.name], upto=1) for one in metrics},
        )
        alpha, harm = 0.05, 0.05 / (2 * 3)
        whats = [
            What("gain", 2, alpha / 4, harm),
            What("slow", 7, alpha / 4, harm),
            What("guard", 1, alpha / 2, harm, decrease=True, margin=float(MARGIN)),
        ]
        looks = (*LOOKS, END)
        planned_of_two = [0, *(planned * (slots + 3333) / 10_000 for slots in (3333, 3334))]
        self.world = World(own, early, whats, START, END, looks, planned_of_two)

    def analysed(self, day: date) -> Analysis:
        """What `coord analyze` says as of a day."""
        return analyse(self.plan, logged(upto(self.cohorts, day), day), placed=True)


CASES: dict[str, tuple[int, tuple[float, float, float], int]] = {
    "nothing": (1, (0.0, 0.0, 0.0), 600),
    "good": (2, (0.9, 0.4, 0.0), 600),
    "more units than planned": (3, (0.6, 0.0, 0.0), 250),
    "far fewer than planned": (4, (0.0, 0.4, 0.0), 2000),
    "one good, one harmed": (5, (0.5, -1.2, 0.0), 600),
    "a guardrail harmed": (6, (1.2, 0.0, 0.8), 600),
    "close": (7, (0.4, 0.4, 0.2), 300),
    "all good": (8, (0.7, 0.7, -0.2), 400),
}


@pytest.mark.parametrize("name", CASES)
def test_every_day_says_what_the_rule_says(name: str) -> None:
    """Also what is shown: the data of the last look that spent something, with its bound; and harm."""
    case = Case(*CASES[name])
    for k in (1, 5, 6, 9, 14, 17, 20, 25, 28):
        day = START + DAY * k
        found = case.analysed(day)
        for arm, said in enumerate(found.decisions, 1):
            assert said.recommendation == case.world.says(arm, day), (day, said)
        for one in found.metrics:
            arm = "abc".index(one.variant)
            (what,) = (what for what in case.world.whats if what.name == one.metric)
            assert one.deterioration is not None
            assert one.deterioration.since == case.world.harmed(what, arm, day)
            if day < LOOKS[0]:
                assert one.basis is Basis.ALWAYS_VALID
                continue
            at, bound = case.world.seen(what, arm, day)
            there = case.world.arms(what.name, what.window, at, arm)
            assert one.control.n + one.treatment.n == there.units
            if bound is None:
                assert one.effect.lower is None
                continue
            difference = there.means[1] - there.means[0]
            half = bound * sum(there.variances) ** 0.5
            assert (one.effect.lower, one.effect.upper) == pytest.approx(
                (difference - half, difference + half)
            )


def test_cases_say_everything() -> None:
    """The cases above would notice each kind of answer."""
    said = set()
    for one in CASES.values():
        case = Case(*one)
        said |= {case.world.says(arm, START + DAY * k) for arm in (1, 2) for k in (5, 12, 20, 28)}

    assert said == {"abort", "ship", "continue", "end"}


@pytest.mark.parametrize("method", ["group_sequential", "always_valid"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_day_said_never_changes_when_more_days_are_logged(seed: int, method: str) -> None:
    """Looks, harm and bounds of the past are the same to the last bit."""
    case = Case(seed, (0.6, -1.0, 0.3), 500)
    plan = plan_for([GAIN, SLOW], {GUARD: MARGIN}, weights=(1,) * ARMS, method=method, planned=500)
    whole = Course(plan, case.cohorts, END)
    later = Looks(whole, Watch(whole)).found
    assert max(Watch(whole).since.values()) > START + 8 * DAY
    for k in (3, 7, 8, 15, 22):
        day = START + DAY * k
        course = Course(plan, upto(case.cohorts, day), day)
        watch = Watch(course)

        assert Looks(course, watch).found == tuple(look for look in later if look.day <= day)
        known = {key: since for key, since in Watch(whole).since.items() if since <= day}
        assert watch.since == known
        assert tuple(AtDay(course, watch, day).results({})) == tuple(
            AtDay(whole, Watch(whole), day).results({})
        )


def test_merging_day_by_day_is_merging_all_at_once() -> None:
    """With covariates, some of which are missing; and far from 0."""
    draw = np.random.default_rng(9)
    units: Units = {
        START + DAY * k: [
            np.where(draw.random((2, n)) < (0.0, 0.2)[1] * np.array([[0], [1]]), np.nan, value)
            for n in draw.integers(0, 9, 2)
            for value in [draw.normal(1e9, 3, (2, n))]
        ]
        for k in (0, 1, 4, 5)
    }
    metric = a_mean("gain")._replace(window=3, covariate=7)
    series = daily(metric, units)
    for k in range(10):
        day = START + DAY * k
        closed = [arms for at, arms in units.items() if at + 3 * DAY <= day]
        found = series.at(day)
        there = [
            np.concatenate([arms[arm] for arms in closed] or [np.zeros((2, 0))], axis=1) for arm in (0, 1)
        ]
        pooled = np.nanmean(np.concatenate(there, axis=1)[1]) if closed else 0.0
        assert found.units == tuple(one.shape[1] for one in there)
        for moments, rows in zip(found.moments, there, strict=True):
            filled = np.where(np.isnan(rows), pooled, rows)
            assert moments.n == filled.shape[1]
            if moments.n > 1:
                assert moments.mean == pytest.approx(filled.mean(axis=1), rel=1e-14)
                assert np.array(moments.products) == pytest.approx(
                    np.cov(filled) * (moments.n - 1), rel=1e-6, abs=1e-6
                )


def test_shares_are_counted_day_by_day() -> None:
    """Units with a 1 are what tells whether a share is too rare to be judged."""
    units: Units = {START + DAY * k: [np.array([[1.0, 0.0, 1.0][: k + 1]])] * 2 for k in range(3)}
    series = daily(GUARD, units)

    assert [series.at(START + DAY * k).events for k in range(5)] == [(0, 0), (1, 1), (2, 2), (4, 4), (4, 4)]
    assert daily(GUARD, {START: [np.array([[2.0]])] * 2}).at(END).events is None


def test_an_end_is_a_look_though_nobody_planned_one() -> None:
    plan = plan_for([GAIN], method="group_sequential", looks=LOOKS, planned=600)
    case = Case(1, (0.0, 0.0, 0.0), 600)

    assert Course(plan, case.cohorts, END).look_days == (*LOOKS, END)
    assert Course(plan, case.cohorts, END - DAY).look_days == LOOKS
    assert Course(plan, case.cohorts, LOOKS[0] - DAY).look_days == ()


def plan_with(method: str) -> AnalysisPlan:
    return plan_for([GAIN, SLOW], {GUARD: MARGIN}, weights=(1,) * ARMS, method=method, planned=200)


def test_the_days_on_which_a_plan_decides() -> None:
    cohorts = Case(1, (0.0, 0.0, 0.0), 600).cohorts
    middle = START + 10 * DAY

    assert Course(plan_with("fixed"), cohorts, middle).look_days == ()
    assert Course(plan_with("fixed"), cohorts, END).look_days == (END,)
    assert Course(plan_with("always_valid"), cohorts, middle).look_days == tuple(
        START + DAY * k for k in range(1, 11)
    )
