"""The rule, said again: every combination of what metrics, checks and the calendar can say."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations_with_replacement, product

import pytest

from analysis.plans import END, START, a_mean, plan_for
from analysis.states import BETWEEN, LOOK, State, a_result
from coord.analysis.deciding import decide
from coord.analysis.now import Now
from coord.analysis.results import Check, Decision, MetricResult, Recommendation, Role, Status
from coord.domain.model import Kind

SUCCESS = [
    State.BETTER,
    State.OPEN,
    State.BAD_SIDE,
    State.UNMEASURED,
    State.WORSE,
    State.INVALID,
    State.INVALID_BAD,
]
GUARDRAIL = [State.NO_WORSE, State.LOWER, State.OPEN, State.UNMEASURED, State.WORSE, State.INVALID]
CHECKS = list(Status)
NAMES = ("apples", "bread", "cake", "dates")


def results(success: Sequence[State], guardrail: Sequence[State], *, decrease: bool) -> list[MetricResult]:
    """With a metric that has no part in it, and that is worse."""
    roles = [*((Role.SUCCESS, one) for one in success), *((Role.GUARDRAIL, one) for one in guardrail)]
    found = [a_result(name, *one, decrease=decrease) for name, one in zip(NAMES, roles, strict=False)]
    return [*found, a_result("other", Role.OTHER, State.WORSE)]


def rule(
    success: Sequence[State],
    guardrail: Sequence[State],
    check: Status,
    *,
    open_: bool,
    ended: bool,
    rollout: bool,
) -> Recommendation:
    """Paragraph 3 of the design. Abort beats ship beats continue beats end."""
    if check is Status.FAIL or State.WORSE in (*success, *guardrail):
        return Recommendation.ABORT
    wanted = State.BETTER in success or (rollout and not success)
    held = all(one in {State.NO_WORSE, State.LOWER} for one in guardrail)
    against = State.BAD_SIDE in success or State.INVALID_BAD in success
    if open_ and wanted and held and not against:
        return Recommendation.SHIP
    return Recommendation.END if ended else Recommendation.CONTINUE


def upto_two(states: Sequence[State]) -> list[tuple[State, ...]]:
    return [several for number in range(3) for several in combinations_with_replacement(states, number)]


MOMENTS = [
    ("fixed", LOOK, False),
    ("fixed", END, True),
    ("always_valid", START, True),
    ("always_valid", END, True),
    ("group_sequential", LOOK, True),
    ("group_sequential", BETWEEN, False),
    ("group_sequential", END, True),
]


@pytest.mark.parametrize(("method", "day", "open_"), MOMENTS)
@pytest.mark.parametrize("decrease", [False, True])
@pytest.mark.parametrize("kind", [Kind.AB_TEST, Kind.ROLLOUT])
def test_every_combination(method: str, day: date, open_: bool, decrease: bool, kind: Kind) -> None:
    moment = Now(plan_for([a_mean("m")], method=method, kind=kind), day).moment(1000)
    rollout = kind is Kind.ROLLOUT
    seen = set()
    for success, guardrail, status in product(upto_two(SUCCESS), upto_two(GUARDRAIL), CHECKS):
        found = decide(
            "b",
            results(success, guardrail, decrease=decrease),
            [Check("srm", Status.PASS, 0.5, "fine"), Check("other", status, 0.5, "odd")],
            moment,
        )
        wanted = rule(success, guardrail, status, open_=open_, ended=day == END, rollout=rollout)
        assert found.recommendation is wanted, (success, guardrail, status)
        assert_told(found, success, guardrail)
        seen.add(wanted)

    last = Recommendation.END if day == END else Recommendation.CONTINUE
    assert seen == {Recommendation.ABORT, last} | ({Recommendation.SHIP} if open_ else set())


def assert_told(found: Decision, success: Sequence[State], guardrail: Sequence[State]) -> None:
    """Sentences, each once; the metrics that decide are named; the one without a part in it never."""
    told = " ".join(found.reasons)
    assert found.reasons
    assert len(set(found.reasons)) == len(found.reasons)
    for reason in found.reasons:
        assert reason.endswith(".")
        assert not any(each in reason for each in ("..", "  ", " .", "None", ": :", ":."))
    states = dict(zip(NAMES, (*success, *guardrail), strict=False))
    assert "other is" not in told
    if found.recommendation is Recommendation.ABORT:
        assert [name for name in states if f"{name} is worse since {LOOK}" in told] == [
            name for name, state in states.items() if state is State.WORSE
        ]
    if found.recommendation is Recommendation.SHIP:
        assert [name for name in states if f"{name} is" in told] == [
            name for name, one in states.items() if one in {State.BETTER, State.NO_WORSE, State.LOWER}
        ]
    if found.recommendation is Recommendation.END:
        assert any(f"{name} is" in told for name in states) or "It has no success metric, so nothing" in told
