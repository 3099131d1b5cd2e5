"""What a decision says: sentences that name what decided, and when it may be decided at all."""

from datetime import date
from fractions import Fraction

import pytest

from analysis.plans import END, START, a_mean, plan_for, started
from analysis.states import BETWEEN, LOOK, State, a_result
from coord.analysis.deciding import Moment, decide, together
from coord.analysis.now import Now
from coord.analysis.results import (
    Bounds,
    Check,
    Decision,
    Deterioration,
    Recommendation,
    Role,
    Status,
    Verdict,
)


def only(
    state: State, role: Role = Role.SUCCESS, *, decrease: bool = False, moment: Moment
) -> tuple[str, ...]:
    return decide("b", [a_result("apples", role, state, decrease=decrease)], [], moment).reasons


AT_THE_END, BEFORE = Moment(True, END), Moment(False, END)
INTERVAL = "+2.0% [+1.0%, +3.0%]"


@pytest.mark.parametrize(
    ("role", "state", "decrease", "told"),
    [
        (Role.SUCCESS, State.BETTER, False, f"apples is better: {INTERVAL}."),
        (Role.SUCCESS, State.OPEN, False, "apples is not shown to be better: 0.0% [-1.0%, +1.0%]."),
        (Role.SUCCESS, State.BAD_SIDE, True, f"apples is on the bad side of 0: {INTERVAL}."),
        (Role.SUCCESS, State.UNMEASURED, False, "apples is not shown to be better: there are no units yet."),
        (Role.SUCCESS, State.INVALID, False, "apples is not shown to be better: it was counted twice."),
        (
            Role.GUARDRAIL,
            State.NO_WORSE,
            False,
            "apples is no worse than its margin of 5%: 0.0% [-1.0%, +1.0%].",
        ),
        (
            Role.GUARDRAIL,
            State.LOWER,
            False,
            "apples is lower, within its margin of 5%: -2.0% [-3.0%, -1.0%].",
        ),
        (Role.GUARDRAIL, State.LOWER, True, f"apples is higher, within its margin of 5%: {INTERVAL}."),
        (
            Role.GUARDRAIL,
            State.INVALID,
            False,
            "apples is not shown to be within its margin of 5%: it was counted twice.",
        ),
    ],
)
def test_a_reason_is_a_sentence(role: Role, state: State, decrease: bool, told: str) -> None:
    assert only(state, role, decrease=decrease, moment=AT_THE_END) == (told,)


def test_an_interval_has_the_digits_that_tell_it_from_the_margin() -> None:
    close = a_result("apples", Role.GUARDRAIL, State.NO_WORSE)._replace(
        margin=Fraction(2, 100), relative=Bounds(0.0, -0.01996, 0.01)
    )
    (told,) = decide("b", [close], [], AT_THE_END).reasons

    assert told == "apples is no worse than its margin of 2%: 0.000% [-1.996%, +1.000%]."


def test_harm_is_told_in_the_unit_of_its_interval() -> None:
    assert only(State.WORSE, moment=BEFORE) == (
        "apples is worse since 2026-03-16: -0.020 (-2.0%), always-valid interval [-0.040, -0.005] at 99%.",
    )


def test_a_guardrail_without_margin_says_that() -> None:
    found = decide(
        "b", [a_result("apples", Role.GUARDRAIL, State.OPEN)._replace(margin=None)], [], AT_THE_END
    )

    assert found.recommendation is Recommendation.END
    assert found.reasons == ("apples has no margin, so nothing shows that it holds.",)


def test_harm_from_before_is_told_though_nothing_is_measured_now() -> None:
    gone = a_result("apples", Role.GUARDRAIL, State.UNMEASURED)._replace(
        verdict=Verdict.WORSE, deterioration=Deterioration(0.99, None, None, LOOK)
    )
    found = decide("b", [gone], [], BEFORE)

    assert found == Decision("b", Recommendation.ABORT, ("apples is worse since 2026-03-16.",))


def test_a_failed_check_is_told_first() -> None:
    failed = Check("srm", Status.FAIL, 1e-9, "a : b = 1 : 900 units, 50% : 50% by design, p = 1e-09")
    found = decide("b", [a_result("apples", Role.SUCCESS, State.WORSE)], [failed], BEFORE)

    assert found.reasons[0] == f"The check srm failed: {failed.detail}."
    assert found.reasons[1].startswith("apples is worse")


def test_a_rollout_of_which_nothing_is_asked_ships_and_says_so() -> None:
    found = decide("b", [a_result("apples", Role.OTHER, State.OPEN)], [], AT_THE_END)

    assert found.recommendation is Recommendation.SHIP
    assert found.reasons == ("No metric has a part in the decision, and no check failed.",)


@pytest.mark.parametrize(
    ("ships", "told"),
    [
        ("", None),
        ("b", None),
        ("bd", "b and d may both ship; the choice between them was not tested."),
        ("bcd", "b, c and d may all ship; the choice between them was not tested."),
    ],
)
def test_nothing_chose_between_several_that_may_ship(ships: str, told: str | None) -> None:
    each = [
        Decision(name, Recommendation.SHIP if name in ships else Recommendation.END, (f"{name}.",))
        for name in "bcd"
    ]
    for one in together(each):
        more = (told,) if told and one.variant in ships else ()
        assert one.reasons == (f"{one.variant}.", *more)


@pytest.mark.parametrize(
    ("method", "day", "early"),
    [
        ("fixed", START, "The plan is fixed: it decides once, at its end on 2026-03-30."),
        ("fixed", END, None),
        ("always_valid", START, None),
        ("group_sequential", LOOK, None),
        (
            "group_sequential",
            BETWEEN,
            "The plan decides at its looks, and 2026-03-17 is none: the next one is on 2026-03-23.",
        ),
        (
            "group_sequential",
            date(2026, 3, 29),
            "The plan decides at its looks, and 2026-03-29 is none: the next one is on 2026-03-30.",
        ),
        ("group_sequential", date(2026, 4, 20), None),
    ],
)
def test_why_it_is_too_early(method: str, day: date, early: str | None) -> None:
    moment = Now(plan_for([a_mean("m")], method=method), day).moment(10)

    assert moment.early == early
    assert moment.short is None
    if early:
        assert only(State.BETTER, moment=moment) == (early,)


def test_a_fixed_plan_that_fell_short_says_so() -> None:
    now = Now(plan_for([a_mean("m")], planned=1000), END)

    assert now.moment(950).short is None
    short = "The experiment has 949 of the 1,000 units that were planned"
    assert only(State.BETTER, moment=now.moment(949)) == (
        f"apples is better: {INTERVAL}.",
        f"{short}, so its intervals are the always-valid ones.",
    )


def test_a_fixed_plan_that_was_stopped_says_so() -> None:
    later = started([a_mean("m")], planned=1000, end=date(2026, 4, 6))
    now = Now(plan_for([a_mean("m")], planned=1000, started=later), END)
    told = "The experiment was stopped on 2026-03-30, before its planned end on 2026-04-06"

    assert now.moment(5000).short == f"{told}, so its intervals are the always-valid ones."
    assert not now.once([2500, 2500])
