"""Who may run when: small cases by hand, and what holds in every year."""

from collections.abc import Hashable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coord.simulate.arrivals import BUCKETS, YEAR, Proposal, Setting, Template
from coord.simulate.look_back import look_back
from coord.simulate.policies import POLICIES, Policy, Ranges, Reuse, make_policy
from coord.simulate.year import NEVER, starts


def setting(components: int = 3, room: Fraction = Fraction(1), *, crossing: bool = False) -> Setting:
    touched = (0, 1) if crossing else None
    return Setting(100, (Template(14, Fraction(1, 5), touched),), components, room=room)


def year(name: str, proposals: list[Proposal], chosen: Setting, seed: int = 1) -> list[int]:
    return starts(make_policy(name, chosen, np.random.default_rng(seed)), proposals)


def backlog(number: int, length: int = 14, buckets: int = 200, components: int = 1) -> list[Proposal]:
    return [Proposal(0, length, buckets, (n % components,)) for n in range(number)]


def finished(name: str, proposals: list[Proposal], chosen: Setting) -> int:
    return look_back(proposals, year(name, proposals, chosen), chosen, rivals=False).finished


def test_one_at_a_time_two_weeks_each_are_26_a_year() -> None:
    found = year("serial", backlog(100), setting())
    assert found[:27] == [14 * n for n in range(27)]
    assert set(found[27:]) == {NEVER}
    assert finished("serial", backlog(100), setting()) == 26


@pytest.mark.parametrize(("buckets", "at_once"), [(200, 5), (250, 4), (300, 3), (334, 2), (1000, 1)])
def test_ranges_and_one_component_hold_as_many_as_fit_side_by_side(buckets: int, at_once: int) -> None:
    proposals = backlog(300, buckets=buckets)
    for name in ("ranges", "reuse"):
        found = year(name, proposals, setting(1))
        assert found.count(0) == at_once
        assert finished(name, proposals, setting(1)) == 26 * at_once


def test_four_components_of_five_at_a_time_carry_520_a_year() -> None:
    assert finished("reuse", backlog(900, components=4), setting(4)) == 520


def test_a_component_has_no_more_room_than_its_budget() -> None:
    chosen = setting(1, Fraction(7, 10))
    assert [year(name, backlog(9), chosen).count(0) for name in ("ranges", "reuse")] == [3, 3]


def test_ranges_leave_gaps_that_are_too_narrow() -> None:
    """300, 400 and 300 fill it; of the 400 in the middle 300 are taken; the first 300 end: 400 are free."""
    proposals = [
        Proposal(0, 20, 300, (0,)),
        Proposal(0, 10, 400, (0,)),
        Proposal(0, 50, 300, (0,)),
        Proposal(10, 50, 300, (0,)),
        Proposal(20, 50, 350, (0,)),
    ]
    assert year("ranges", proposals, setting()) == [0, 0, 0, 10, 50]
    assert year("reuse", proposals, setting()) == [0, 0, 0, 10, 20]


def test_ranges_are_disjoint_and_inside_the_room() -> None:
    policy = Ranges(setting(room=Fraction(9, 10)), np.random.default_rng(1))
    for number, buckets in enumerate((300, 250, 350)):
        assert policy.start(number, Proposal(0, 1, buckets, ()))
    assert sorted(policy.held.values()) == [(0, 300), (300, 550), (550, 900)]
    assert not policy.start(3, Proposal(0, 1, 1, ()))


def test_others_components_are_nobodys_business() -> None:
    proposals = [Proposal(0, 100, 1000, (0,)), Proposal(0, 100, 1000, (1,)), Proposal(3, 9, 1000, ())]
    assert year("reuse", proposals, setting()) == [0, 0, 3]


def test_nobody_is_overtaken_by_a_competitor() -> None:
    """The third fits beside the first, but the second came before it; the fourth competes with nobody."""
    proposals = [
        Proposal(0, 30, 600, (0,)),
        Proposal(1, 30, 600, (0,)),
        Proposal(2, 30, 100, (0,)),
        Proposal(2, 30, 100, (1,)),
    ]
    assert year("reuse", proposals, setting()) == [0, 30, 30, 2]
    assert year("ranges", proposals, setting()) == [0, 30, 30, 30]


def test_who_waits_for_two_components_keeps_both() -> None:
    proposals = [Proposal(0, 30, 800, (0,)), Proposal(1, 10, 300, (0, 1)), Proposal(2, 10, 900, (1,))]
    assert year("reuse", proposals, setting(crossing=True)) == [0, 30, 40]


def test_a_team_runs_one_at_a_time_and_keeps_nobody_else_waiting() -> None:
    proposals = [
        Proposal(0, 10, 100, (0,), 7),
        Proposal(0, 10, 100, (1,), 7),
        Proposal(1, 10, 100, (1,), 8),
    ]
    for name in ("ranges", "reuse", "overlap"):
        assert year(name, proposals, setting()) == [0, 10, 1]
    assert year("serial", proposals, setting()) == [0, 10, 20]


def test_who_is_not_ready_any_more_keeps_nobody_waiting_from_the_next_day_on() -> None:
    """On day 2 the second waits for room, and keeps the third waiting; then its team starts the fourth."""
    proposals = [
        Proposal(0, 50, 500, (0,), 1),
        Proposal(1, 50, 600, (0, 1), 2),
        Proposal(1, 50, 100, (1,), 3),
        Proposal(2, 20, 100, (2,), 2),
    ]
    assert year("reuse", proposals, setting(crossing=True)) == [0, 50, 3, 2]


def test_what_lasts_beyond_the_year_and_what_comes_on_its_last_day() -> None:
    proposals = [Proposal(0, 365, 200, (0,)), Proposal(364, 1, 900, (0,)), Proposal(364, 1, 100, (0,))]
    assert year("reuse", proposals, setting()) == [0, NEVER, NEVER]
    assert year("overlap", proposals, setting()) == [0, 364, 364]
    found = look_back(proposals, [0, NEVER, NEVER], setting(), rivals=False)
    assert (found.finished, found.running, found.waiting) == (1, 0, 2)


def test_nothing_proposed() -> None:
    for name in POLICIES:
        assert year(name, [], setting()) == []
    assert look_back([], [], setting(), rivals=True).wait_days == 0


@st.composite
def years(draw: st.DrawFn, most: int = 2) -> list[Proposal]:
    """Proposals in the order in which they come, each on up to `most` of 3 components."""
    number = draw(st.integers(1, 40))
    days = sorted(draw(st.lists(st.integers(0, YEAR - 1), min_size=number, max_size=number)))
    return [
        Proposal(
            day,
            draw(st.integers(1, 120)),
            draw(st.sampled_from([1, 50, 200, 333, 500, 501, 900, 1000])),
            tuple(sorted(draw(st.sets(st.integers(0, 2), max_size=most)))),
        )
        for day in days
    ]


def one_by_one(policy: Policy, proposals: list[Proposal]) -> list[int]:
    """What `starts` says of itself, taken literally: every day all who wait are asked, the first first."""
    found, waiting = [NEVER] * len(proposals), list(range(len(proposals)))
    running: list[int] = []
    for day in range(YEAR):
        for number in [one for one in running if found[one] + proposals[one].length == day]:
            policy.end(number, proposals[number])
            running.remove(number)
        blocked: set[Hashable] = set()
        for number in [one for one in waiting if proposals[one].day <= day]:
            proposal = proposals[number]
            if proposal.team is not None and proposal.team in {proposals[one].team for one in running}:
                continue
            if blocked.isdisjoint(policy.claims(proposal)) and policy.start(number, proposal):
                found[number] = day
                running.append(number)
                waiting.remove(number)
            else:
                blocked |= set(policy.claims(proposal))
    return found


@settings(deadline=None)
@given(years(most=3), st.sampled_from(POLICIES), st.integers(1, 9), st.integers(0, 5))
def test_queues_start_whom_asking_everybody_starts(
    proposals: list[Proposal], name: str, teams: int, seed: int
) -> None:
    """Up to 8 teams, or none."""
    chosen, asked = setting(crossing=True), np.random.default_rng(seed).integers(0, teams, len(proposals))
    teamed = [p._replace(team=int(t) if teams > 1 else None) for p, t in zip(proposals, asked, strict=True)]
    policy = make_policy(name, chosen, np.random.default_rng(seed))
    assert year(name, teamed, chosen, seed) == one_by_one(policy, teamed)


@settings(deadline=None)
@given(years(), st.integers(0, 5))
def test_more_freedom_never_makes_anybody_start_later(proposals: list[Proposal], seed: int) -> None:
    """By induction over arrivals: whoever runs under the stricter policy came before, and ends later."""
    chosen = setting(crossing=True)
    found = {name: year(name, proposals, chosen, seed) for name in POLICIES}
    late = {name: [YEAR if one == NEVER else one for one in starts_] for name, starts_ in found.items()}
    assert late["overlap"] == [proposal.day for proposal in proposals]
    for strict, free in (("serial", "ranges"), ("ranges", "reuse"), ("reuse", "overlap")):
        assert all(a >= b for a, b in zip(late[strict], late[free], strict=True)), (strict, free)
    done = [look_back(proposals, found[name], chosen, rivals=False).finished for name in POLICIES]
    assert done == sorted(done)
    assert done[-1] <= len(proposals)


@settings(deadline=None)
@given(years(), st.sampled_from([Fraction(1), Fraction(9, 10)]), st.integers(0, 5))
def test_no_policy_holds_more_than_there_is(proposals: list[Proposal], room: Fraction, seed: int) -> None:
    chosen = setting(3, room, crossing=True)
    fitting = [one._replace(buckets=min(one.buckets, chosen.room_buckets)) for one in proposals]
    for name in ("serial", "ranges", "reuse"):
        found = year(name, fitting, chosen, seed)
        for day in {one for one in found if one != NEVER}:
            running = [
                p for p, s in zip(fitting, found, strict=True) if s != NEVER and s <= day < s + p.length
            ]
            if name == "serial":
                assert len(running) == 1
            elif name == "ranges":
                assert sum(one.buckets for one in running) <= chosen.room_buckets
            else:
                for component in range(3):
                    held = sum(one.buckets for one in running if component in one.components)
                    assert held <= chosen.room_buckets
        if name != "reuse":
            assert look_back(fitting, found, chosen, rivals=False).occupancy <= room


@settings(deadline=None)
@given(years(most=1), st.integers(0, 5))
def test_counting_buckets_is_as_good_as_drawing_them(proposals: list[Proposal], seed: int) -> None:
    drawn, counted = (
        Reuse(setting(), np.random.default_rng(seed), sampled=sampled) for sampled in (True, False)
    )
    assert starts(drawn, proposals) == starts(counted, proposals)


@settings(deadline=None)
@given(years(most=3), st.integers(0, 5))
def test_experiments_on_a_common_component_hold_no_common_bucket(
    proposals: list[Proposal], seed: int
) -> None:
    policy = Reuse(setting(), np.random.default_rng(seed))
    running: list[int] = []
    for number, proposal in enumerate(proposals):
        if policy.start(number, proposal):
            running.append(number)
            assert policy.held[number].sum() == proposal.buckets
        elif running:
            policy.end(running[0], proposals[running[0]])
            del running[0]
        for a in running:
            for b in running:
                if a < b and set(proposals[a].components) & set(proposals[b].components):
                    assert not (policy.held[a] & policy.held[b]).any()


def test_the_draw_is_at_random() -> None:
    """Every bucket is drawn equally often: chi-square of 400 draws, within three standard deviations."""
    times = np.zeros(BUCKETS)
    for seed in range(400):
        policy = Reuse(setting(), np.random.default_rng(seed))
        assert policy.start(0, Proposal(0, 1, 200, (0,)))
        times += policy.held[0]
    spread = ((times - 80) ** 2 / (80 * 0.8)).sum()
    assert abs(spread - BUCKETS) < 3 * (2 * BUCKETS) ** 0.5
