"""What is said of logs on a day: with looks, between them, past the plan, and when things go wrong."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from analysis.daily import DAY, Units, daily, logged, upto
from analysis.plans import END, START, a_mean, a_quantile, plan_for, started
from coord.analysis.log_analysis import analyse
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Analysis, Basis, MetricResult, Recommendation, Role, Status, Verdict
from coord.domain.metrics import Metric
from coord.domain.model import Kind
from coord.logs.by_day import AtLooks, Series, Unmeasured
from coord.logs.logged import Cohorts
from coord.logs.measured import Measured
from coord.stats.moments import Moments
from coord.stats.quantiles import quantile_of

GAIN, GUARD = a_mean("gain")._replace(window=2), a_mean("guard")._replace(window=2)
MARGIN = Fraction(10, 100)
WEEKS = tuple(START + DAY * 7 * k for k in (1, 2, 3, 4))
PER_DAY = 20
Effect = Callable[[date], float]


def always(effect: float) -> Effect:
    return lambda _: effect


def units(effect: Effect, arms: int = 2, seed: int = 1, per_day: int = PER_DAY) -> Units:
    """Units whose mean is 10 in the control, and more by the effect of their day in the others."""
    draw = np.random.default_rng(seed)
    days = [START + DAY * k for k in range(28)]
    return {
        day: [draw.normal(10 + (effect(day) if arm else 0), 2, (1, per_day)) for arm in range(arms)]
        for day in days
    }


def cohorts_of(own: Mapping[Metric, Units], early: Mapping[Metric, Units] | None = None) -> Cohorts:
    first = next(iter(own.values()))
    return Cohorts(
        {day: tuple(one.shape[1] for one in arms) for day, arms in first.items()},
        {metric.name: daily(metric, some) for metric, some in own.items()},
        {metric.name: daily(metric, some, upto=1) for metric, some in (early or {}).items()},
    )


def said(plan: AnalysisPlan, cohorts: Cohorts, day: date, **more: Any) -> Analysis:
    return analyse(plan, logged(upto(cohorts, day), day, **more), placed=True)


def only(found: Analysis) -> tuple[Recommendation, str]:
    """The decision of the only treatment, with its reasons in one text."""
    (one,) = found.decisions
    return one.recommendation, " ".join(one.reasons)


def sequential(**more: Any) -> AnalysisPlan:
    return plan_for([GAIN], method="group_sequential", **{"planned": 1000, **more})


def test_before_its_end_a_fixed_plan_shows_what_may_be_looked_at() -> None:
    plan, cohorts = plan_for([GAIN], planned=900), cohorts_of({GAIN: units(always(3))})
    found = said(plan, cohorts, END - DAY)

    assert found.metrics[0].basis is Basis.ALWAYS_VALID
    assert found.metrics[0].verdict is Verdict.BETTER
    assert only(found)[0] is Recommendation.CONTINUE
    assert "it decides once, at its end" in only(found)[1]
    assert found.looks == ()


@pytest.mark.parametrize(("planned", "basis"), [(1060, Basis.FIXED), (1150, Basis.ALWAYS_VALID)])
def test_a_fixed_plan_at_its_end_has_its_units_or_says_so(planned: int, basis: Basis) -> None:
    """1080 units came in whose window of 2 days is closed: 27 days of 40."""
    found = said(plan_for([GAIN], planned=planned), cohorts_of({GAIN: units(always(0.5))}), END)
    short = "has 1,080 of the 1,150 units that were planned"

    assert sum(found.units.values()) == 1080
    assert found.excluded == {"window_open": 40}
    assert found.metrics[0].basis is basis
    assert (short in only(found)[1]) == (basis is Basis.ALWAYS_VALID)
    assert any("1,080 of the 1,150" in note for note in found.metrics[0].notes) == (planned == 1150)


def test_a_fixed_plan_whose_end_had_come_does_not_decide_again() -> None:
    """What was extended after it could be seen has intervals that allow for that."""
    then = started([GAIN], end=WEEKS[1], reached=WEEKS[1])
    found = said(plan_for([GAIN], started=then), cohorts_of({GAIN: units(always(0.5))}), END)

    assert found.metrics[0].basis is Basis.ALWAYS_VALID
    assert f"The end was moved from {WEEKS[1]} when that day had come" in only(found)[1]


def test_before_the_first_look_nothing_ships() -> None:
    found = said(sequential(), cohorts_of({GAIN: units(always(3))}), WEEKS[0] - DAY)

    assert found.metrics[0].basis is Basis.ALWAYS_VALID
    assert only(found)[0] is Recommendation.CONTINUE
    assert f"the next one is on {WEEKS[0]}" in only(found)[1]


def test_between_looks_the_last_look_is_shown() -> None:
    plan, cohorts = sequential(), cohorts_of({GAIN: units(always(0.3))})
    look = said(plan, cohorts, WEEKS[1])
    later = [said(plan, cohorts, WEEKS[1] + DAY * k) for k in (1, 6)]

    for found in later:
        assert found.metrics[0][:15] == look.metrics[0][:15]
        assert found.units == look.units
        assert found.decisions == look.decisions
        assert found.looks == look.looks
    assert only(look)[0] is Recommendation.CONTINUE
    assert said(plan, cohorts, WEEKS[2]).metrics[0].treatment.n > look.metrics[0].treatment.n


def test_ship_is_fixed_by_the_first_look_that_says_so() -> None:
    """Whatever comes after it, short of harm."""
    plan = sequential()
    cohorts = cohorts_of({GAIN: units(lambda day: 3 if day < WEEKS[0] else -1.2)})
    found = said(plan, cohorts, WEEKS[0])
    later = said(plan, cohorts, END)

    assert only(found)[0] is Recommendation.SHIP
    assert "To be shipped since 2026-03-09" in only(found)[1]
    assert later.metrics[0].effect.lower is not None
    assert later.metrics[0].effect.lower < 0
    assert [look.decisions[0].recommendation for look in later.looks][-1] is not Recommendation.SHIP
    assert later.decisions == found.decisions


def test_harm_between_looks_aborts_at_once_and_for_good() -> None:
    """Also what was to be shipped; and the interval shown is the one that found it."""
    turned = WEEKS[0] + 2 * DAY
    plan = sequential()
    cohorts = cohorts_of({GAIN: units(lambda day: 3 if day < WEEKS[0] else (-30 if day < turned else 40))})
    days = [WEEKS[0] + DAY * k for k in range(22)]
    answers = [said(plan, cohorts, day) for day in days]
    recommended = [only(found)[0] for found in answers]
    first = recommended.index(Recommendation.ABORT)

    assert recommended[:first] == [Recommendation.SHIP] * first
    assert first in (2, 3)
    assert set(recommended[first:]) == {Recommendation.ABORT}
    for found in answers[first:]:
        harm = found.metrics[0].deterioration
        assert harm is not None
        assert (harm.since, harm) == (days[first], answers[first].metrics[0].deterioration)
        assert harm.upper is not None
        assert harm.upper < 0
        assert found.metrics[0].verdict is Verdict.WORSE
        assert f"gain is worse since {days[first]}" in only(found)[1]


def test_harm_in_the_monitoring_window_is_told_as_such() -> None:
    slow = GAIN._replace(window=14)
    cohorts = cohorts_of({slow: units(always(0))}, {slow: units(always(-2), seed=2)})
    found = said(plan_for([slow], planned=900), cohorts, WEEKS[0])

    assert only(found)[0] is Recommendation.ABORT
    assert any("before its window closed" in note for note in found.metrics[0].notes)
    assert found.metrics[0].treatment.n == 0
    harmed = {day.day: day.harmed for day in found.daily}
    assert harmed[WEEKS[0] - DAY] == (("gain", "b"),)
    assert harmed[START] == ()


def test_past_the_plan_nothing_is_spent_and_nothing_new_is_shown() -> None:
    """480 units are planned: 240, then 520 have a closed window at the first looks."""
    plan, cohorts = sequential(planned=480), cohorts_of({GAIN: units(always(0.25))})
    second = said(plan, cohorts, WEEKS[1])
    third, end = said(plan, cohorts, WEEKS[2]), said(plan, cohorts, END)

    assert only(second)[0] is Recommendation.CONTINUE
    assert third.metrics[0][:15] == second.metrics[0][:15]
    assert third.units == second.units
    assert f"All error was spent by the look on {WEEKS[1]}" in only(third)[1]
    assert end.metrics[0][:15] == second.metrics[0][:15]
    assert only(end)[0] is Recommendation.END
    assert [look.information for look in end.looks] == pytest.approx([0.5, 520 / 480, 800 / 480, 1080 / 480])


def test_at_the_end_the_rest_is_spent_however_few_came() -> None:
    cohorts = cohorts_of({GAIN: units(always(0.25))})
    plan = sequential(planned=3000)
    then = started([GAIN], method="group_sequential", planned=3000, end=END + 7 * DAY)
    stopped = sequential(planned=3000, started=then)

    assert only(said(plan, cohorts, END))[0] is Recommendation.SHIP
    answer, why = only(said(stopped, cohorts, END))
    assert answer is Recommendation.END
    assert "before its planned end on 2026-04-06, so its last look spends only what its units allow" in why


def test_an_end_that_had_come_was_the_last_look() -> None:
    """It said what an end says; what is extended then finds harm only."""
    middle = WEEKS[1] + 3 * DAY
    then = started([GAIN], method="group_sequential", planned=1000, end=middle, reached=middle)
    plan, cohorts = sequential(started=then), cohorts_of({GAIN: units(always(0.2))})
    answers = [only(said(plan, cohorts, day)) for day in (middle, middle + DAY, END)]
    looks = said(plan, cohorts, END).looks

    assert [answer for answer, _ in answers] == [
        Recommendation.END,
        Recommendation.CONTINUE,
        Recommendation.END,
    ]
    assert f"All error was spent by the look on {middle}" in answers[1][1]
    assert [look.day for look in looks] == [*WEEKS[:2], middle, *WEEKS[2:]]
    assert len({look.metrics[0].effect for look in looks[2:]}) == 1


def test_a_metric_that_came_later_is_shown_and_decides_nothing() -> None:
    late = a_mean("late")._replace(window=2)
    then = started([GAIN], method="group_sequential", planned=1000, alpha=Fraction(1, 100))
    plan = plan_for([GAIN, late], method="group_sequential", planned=1000, started=then)
    cohorts = cohorts_of({GAIN: units(always(0)), late: units(always(-5))}, {late: units(always(-5))})
    found = said(plan, cohorts, END)
    by_name = {one.metric: one for one in found.metrics}

    assert (by_name["late"].role, by_name["late"].verdict) == (Role.OTHER, Verdict.WORSE)
    assert by_name["late"].deterioration is None
    assert only(found)[0] is Recommendation.END
    check = next(one for one in found.checks if one.name == "plan")
    assert check.status is Status.WARN
    assert "late came after it" in check.detail
    assert "alpha was 1% and is 5%; what was planned decides" in check.detail
    assert by_name["gain"].level == 0.99


def test_a_failed_check_aborts_what_was_to_be_shipped() -> None:
    plan, cohorts = sequential(), cohorts_of({GAIN: units(always(3))})
    found = said(plan, cohorts, WEEKS[1], first_variants=(200, 400))

    assert only(found)[0] is Recommendation.ABORT
    assert only(found)[1].startswith("The check srm failed")


def test_a_metric_that_is_not_to_be_believed_ships_nothing() -> None:
    """Units of one arm lack values, from the beginning or only later."""
    drop = GAIN._replace(missing="drop")
    for since in (START, WEEKS[0]):
        some = {
            day: [arms[0], np.where((np.arange(PER_DAY) % 2 == 0) & (day >= since), np.nan, arms[1])]
            for day, arms in units(always(3)).items()
        }
        plan = plan_for([drop], method="group_sequential", planned=1000)
        found = said(plan, cohorts_of({drop: some}), END)

        assert found.metrics[0].verdict is Verdict.INVALID
        assert only(found)[0] is Recommendation.END
        verdicts = [look.metrics[0].verdict for look in found.looks]
        assert verdicts[0] is Verdict.BETTER, "there is too little to tell"
        assert verdicts[-1] is Verdict.INVALID
        assert (verdicts[-2] is Verdict.INVALID) == (since == START)


def test_two_that_may_ship_were_not_compared() -> None:
    plan = plan_for([GAIN], weights=(1, 1, 1), method="group_sequential", planned=1500)
    found = said(plan, cohorts_of({GAIN: units(always(3), arms=3)}), WEEKS[1])

    assert {one.recommendation for one in found.decisions} == {Recommendation.SHIP}
    for one in found.decisions:
        assert one.reasons[-1] == "b and c may both ship; the choice between them was not tested."
        assert one.reasons[0].startswith("To be shipped since 2026-03-09")


def test_a_rollout_is_decided_by_its_guardrails() -> None:
    plan = plan_for([GAIN], {GUARD: MARGIN}, kind=Kind.ROLLOUT, method="group_sequential", planned=1000)
    cohorts = cohorts_of({GAIN: units(always(-3)), GUARD: units(always(0), seed=3)})
    found = said(plan, cohorts, END)

    assert only(found)[0] is Recommendation.SHIP
    assert {one.metric: one.role for one in found.metrics} == {"guard": Role.GUARDRAIL, "gain": Role.OTHER}


def test_a_metric_that_could_not_be_measured_says_why() -> None:
    cohorts = cohorts_of({GUARD: units(always(0))})
    lost: dict[str, Series] = {"gain": Unmeasured("the events have no column minutes")}
    both = cohorts._replace(metrics={**cohorts.metrics, **lost}, monitoring=lost)
    found = said(plan_for([GAIN], {GUARD: MARGIN}, method="group_sequential", planned=1000), both, END)

    assert found.metrics[0].reason == "the events have no column minutes"
    assert only(found)[0] is Recommendation.END


def medians(days: list[date], effect: float, *, seed: int = 5) -> AtLooks:
    """A median, of 40 units an arm for each day until then."""
    draw = np.random.default_rng(seed)
    values = [draw.normal(10 + (effect if arm else 0), 2, 28 * 40) for arm in (0, 1)]
    found = {}
    for day in days:
        n = (day - START).days * 40
        kept = [each[:n] for each in values]
        quantiles = tuple(quantile_of(each, np.arange(n), Fraction(1, 2)) for each in kept)
        found[day] = Measured(units=(n, n), quantiles=quantiles)
    return AtLooks(found)


MEDIAN = a_quantile("median")


def with_medians(effect: float, days: list[date]) -> Cohorts:
    cohorts = cohorts_of({GAIN: units(always(0))})
    return cohorts._replace(metrics={"median": medians(days, effect)})


@pytest.mark.parametrize("method", ["fixed", "group_sequential", "always_valid"])
def test_a_quantile_is_judged_as_of_its_last_look(method: str) -> None:
    """What it says on a day is said again when that day is long over, though only looks are known then."""
    plan = plan_for([MEDIAN], method=method, planned=2000)
    between = WEEKS[1] + 3 * DAY
    then = said(plan, with_medians(-2, [*WEEKS[:2], between]), between)
    later = said(plan, with_medians(-2, list(WEEKS)), END)

    assert only(then)[0] is only(later)[0] is Recommendation.ABORT
    assert then.metrics[0].deterioration == later.metrics[0].deterioration
    assert then.metrics[0].deterioration is not None
    assert then.metrics[0].deterioration.since == WEEKS[0]
    seen = (WEEKS[1] if method == "group_sequential" else between) - START
    assert then.metrics[0].control.n == seen.days * 40
    before = said(plan, with_medians(-2, [START + 3 * DAY]), START + 3 * DAY)
    assert only(before)[0] is Recommendation.CONTINUE
    if method == "group_sequential":
        assert before.metrics[0].reason == "it is measured at looks only, and there was none yet"


@pytest.mark.parametrize("method", ["group_sequential", "always_valid"])
def test_an_open_window_is_not_looked_at_more_than_once(method: str) -> None:
    """On each day it would have other values of the same units."""
    opened = GAIN._replace(open=True)
    plan = plan_for([opened], method=method, planned=1000)
    cohorts = cohorts_of({opened: units(always(-9))}, {opened: units(always(-9))})
    known = AtLooks({END: cohorts.metrics["gain"].at(END)})
    found = said(plan, cohorts._replace(metrics={"gain": known}, monitoring={"gain": known}), END)

    assert found.metrics[0].reason is not None
    assert found.metrics[0].reason.startswith("its window is open")
    assert only(found)[0] is Recommendation.END


def test_an_open_window_of_a_fixed_plan_is_judged_at_its_end() -> None:
    opened = GAIN._replace(open=True)
    plan, cohorts = plan_for([opened]), cohorts_of({opened: units(always(-9))})

    def at(day: date) -> tuple[Recommendation, MetricResult]:
        known = AtLooks({day: cohorts.metrics["gain"].at(day)})
        some = cohorts._replace(metrics={"gain": known}, monitoring={"gain": known})
        found = said(plan, some, day)
        return only(found)[0], found.metrics[0]

    assert at(END)[0] is Recommendation.ABORT
    assert at(END)[1].basis is Basis.FIXED
    assert at(WEEKS[1])[0] is Recommendation.CONTINUE
    assert at(WEEKS[1])[1].treatment.n == 13 * PER_DAY


def test_by_the_assigned_variant_where_units_crossed_over() -> None:
    plan, cohorts = sequential(), cohorts_of({GAIN: units(always(0))})
    given = cohorts_of({GAIN: units(always(1), seed=7, per_day=25)})
    assert said(plan, cohorts, WEEKS[1], assigned=upto(given, WEEKS[1])).as_assigned is None
    found = said(plan, cohorts, WEEKS[1], crossovers=10, assigned=upto(given, WEEKS[1])).as_assigned

    assert found is not None
    assert found.units == {"a": 325, "b": 325}
    assert found.metrics[0].control.n == 325
    assert found.metrics[0].effect.value == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("method", ["fixed", "group_sequential", "always_valid"])
def test_logs_without_units(method: str) -> None:
    found = said(plan_for([GAIN], method=method), Cohorts({}, {"gain": empty()}, {}), START)

    assert only(found)[0] is Recommendation.CONTINUE
    assert (found.units, found.daily, found.looks) == ({"a": 0, "b": 0}, (), ())


def empty() -> Series:
    none = Moments(0, (0.0,), (0.0,), ((0.0,),))
    return AtLooks({START: Measured(units=(0, 0), moments=(none, none))})
