"""A year's programme: queues with known answers, what it costs, what it needs, and the published marks."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from coord.simulate.arrivals import (
    YEAR,
    Proposal,
    Setting,
    Template,
    buckets_of,
    load,
    make,
    propose,
    touched,
)
from coord.simulate.capacity import carried, most, needs
from coord.simulate.look_back import WEEKS, look_back
from coord.simulate.policies import POLICIES, make_policy
from coord.simulate.program import FIGURES, Programme, run
from coord.simulate.year import NEVER, starts

FIFTH = Fraction(1, 5)


def uniform(
    rate: float, length: int = 14, traffic: Fraction = FIFTH, components: int = 10, **more: Any
) -> Setting:
    """Experiments that are all alike."""
    return replace(Setting(rate, (Template(length, traffic),), components), **more)


def waits(setting: Setting, name: str, years: int) -> tuple[float, float]:
    """The mean wait under a policy, and its standard error."""
    found = []
    for child in np.random.SeedSequence(7).spawn(years):
        random = np.random.default_rng(child)
        proposals = propose(setting, random)
        began = starts(make_policy(name, setting, random), proposals)
        found.append(look_back(proposals, began, setting, rivals=False).wait_days)
    return float(np.mean(found)), float(np.std(found) / years**0.5)


@pytest.mark.parametrize(("length", "busy"), [(1, 0.5), (2, 0.4), (2, 0.6), (3, 0.3)])
def test_one_at_a_time_is_the_queue_m_d_1(length: int, busy: float) -> None:
    """Pollaczek and Khinchine: the mean wait is busy x length / (2 (1 - busy)); in whole days, too."""
    mean, se = waits(uniform(busy * YEAR / length, length), "serial", 150)
    expected = busy * length / (2 * (1 - busy))
    assert mean == pytest.approx(expected, abs=4 * se + 0.03 * expected)  # a year begins empty


def test_teams_that_run_one_at_a_time_are_queues_of_their_own() -> None:
    setting = uniform(5 * 0.5 * YEAR / 2, 2, teams=5)
    mean, se = waits(setting, "overlap", 60)
    assert mean == pytest.approx(0.5 * 2 / (2 * 0.5), abs=4 * se + 0.03)


def test_one_component_of_whole_traffic_is_one_at_a_time() -> None:
    setting = uniform(20, traffic=Fraction(1), components=1)
    for seed in range(5):
        proposals = propose(setting, np.random.default_rng(seed))
        found = {
            name: starts(make_policy(name, setting, np.random.default_rng(1)), proposals) for name in POLICIES
        }
        assert found["serial"] == found["ranges"] == found["reuse"]


def test_arrivals_are_poisson_and_spread_over_the_year() -> None:
    setting = uniform(50, components=4, exclusive=Fraction(3, 4), teams=6)
    found = [propose(setting, np.random.default_rng(seed)) for seed in range(400)]
    numbers = [len(one) for one in found]
    assert np.mean(numbers) == pytest.approx(50, abs=4 * (50 / 400) ** 0.5)
    assert np.var(numbers) == pytest.approx(50, rel=0.3)
    every = [proposal for one in found for proposal in one]
    assert [one.day for one in found[0]] == sorted(one.day for one in found[0])
    assert np.mean([one.day for one in every]) == pytest.approx(182, abs=4 * 105.4 / len(every) ** 0.5)
    touching = Counter(one.components for one in every)
    assert touching[()] / len(every) == pytest.approx(0.25, abs=0.013)
    for component in range(4):
        assert touching[component,] / len(every) == pytest.approx(0.1875, abs=0.012)
    assert {one.team for one in every} == set(range(6))
    assert {one.buckets for one in every} == {200}


def test_templates_are_drawn_equally_often() -> None:
    templates = (
        Template(7, FIFTH, (0,)),
        Template(28, Fraction(1, 2), (1, 2)),
        Template(14, Fraction(2), None),
    )
    setting = Setting(1, templates, 3, room=Fraction(4, 5))
    found = Counter((one.length, one.buckets) for one in make(setting, [0] * 3000, np.random.default_rng(1)))
    assert set(found) == {(7, 200), (28, 500), (14, 800)}  # none takes more than the room
    assert all(abs(number - 1000) < 4 * 26 for number in found.values())
    assert buckets_of(Fraction(1, 10**6), setting) == 1


def test_load_is_the_traffic_asked_for_by_the_room() -> None:
    assert load(uniform(520, components=4)) == pytest.approx([520 * 14 * 0.2 / 365 / 4] * 4)
    assert load(uniform(520, components=4, room=Fraction(1, 2), exclusive=Fraction(1, 4))) == pytest.approx(
        [520 * 14 * 0.2 / 365 / 8] * 4
    )
    templates = (Template(10, FIFTH, (0,)), Template(20, Fraction(1, 2), (0, 2)))
    setting = Setting(36.5, templates, 3)
    assert load(setting) == pytest.approx([18.25 * (10 * 0.2 + 20 * 0.5) / 365, 0, 18.25 * 20 * 0.5 / 365])
    assert touched(setting) == pytest.approx([1, 0, 0.5])


@pytest.mark.parametrize(
    ("name", "setting", "expected"),
    [
        ("serial", uniform(520), 26),
        ("serial", uniform(20, length=28), 13),
        ("ranges", uniform(520), 130),
        ("ranges", uniform(520, traffic=Fraction(3, 10)), 78),
        ("reuse", uniform(520), 1300),
        ("reuse", uniform(520, components=4), 520),
        ("reuse", uniform(520, components=4, exclusive=Fraction(1, 2)), 1040),
        ("reuse", uniform(520, components=4, exclusive=Fraction(0)), None),
        ("reuse", uniform(520, components=1, room=Fraction(1, 2)), 52),
        ("overlap", uniform(520), None),
        ("overlap", uniform(520, teams=58), 58 * 26),
        ("reuse", uniform(520, teams=3), 3 * 26),
        ("serial", uniform(520, teams=3), 26),
        ("ranges", uniform(520, length=1, traffic=Fraction(1, 20)), 7300),
        ("reuse", uniform(520, length=1, traffic=Fraction(1, 20)), None),  # 73,000: nobody asks for as many
        ("reuse", Setting(9, (Template(14, Fraction(1), (0,)), Template(14, Fraction(1), (1,))), 2), 52),
        ("reuse", Setting(9, (Template(14, Fraction(1), (0,)), Template(14, Fraction(1), (0, 1))), 2), 26),
    ],
)
def test_what_is_carried_at_most(name: str, setting: Setting, expected: float | None) -> None:
    found = most(name, setting, 1)
    assert found == expected if expected is None else found == pytest.approx(expected, rel=0.03)


def test_what_a_rate_needs() -> None:
    setting = uniform(520)
    found = needs(setting, 1)
    assert found.components == 5  # 4 have room for 520 exactly, and arrivals are no timetable
    assert [carried(replace(setting, components=number), 1) for number in (3, 4, 5, 6)] == [
        False,
        False,
        True,
        True,
    ]
    assert found.traffic is not None
    larger = uniform(520, traffic=found.traffic + Fraction(1, 20))
    assert (carried(uniform(520, traffic=found.traffic), 1), carried(larger, 1)) == (True, False)
    assert found.busiest is not None
    assert found.busiest[1] == pytest.approx(520 * 14 * 0.2 / 3650)


def test_a_rate_that_nothing_can_carry() -> None:
    assert needs(uniform(520, 60, teams=3), 1).components is None
    assert needs(uniform(5000, 300, Fraction(1), 1), 1).traffic is None


def test_looking_back_on_a_year_by_hand() -> None:
    setting = uniform(4, components=2)
    proposals = [
        Proposal(0, 100, 200, (0,)),
        Proposal(10, 100, 300, (0,)),
        Proposal(60, 20, 500, (1,)),
        Proposal(300, 100, 400, (0,)),
        Proposal(355, 5, 100, (0,)),
    ]
    found = look_back(proposals, [0, 50, 60, 310, NEVER], setting, rivals=True)
    assert (found.finished, found.running, found.waiting) == (3, 1, 1)
    assert found.wait_days == pytest.approx((0 + 40 + 0 + 10 + 10) / 5)
    assert found.occupancy == pytest.approx((0.2 * 100 + 0.3 * 100 + 0.5 * 20 + 0.4 * 55) / 365)
    assert found.exposed == pytest.approx((0.3 + 0.2 + 0 + 0) / 4)  # the two of component 0 that meet
    assert found.weeks[0] == 1
    assert found.weeks[10] == pytest.approx((3 * 7) / 7)  # days 70 to 76
    assert found.weeks[20] == pytest.approx(1)  # days 140 to 146: the second alone, until day 150
    assert len(found.weeks) == WEEKS
    alone = look_back(proposals, [0, 50, 60, 310, NEVER], setting, rivals=False)
    assert (alone.exposed, alone.power_lost) == (0, 0)


def test_power_lost_is_that_of_a_smaller_experiment() -> None:
    """A z-test planned for 80% at 5% that loses the exposed share of its units, by its power function."""
    setting = uniform(2, components=1)
    for share in (100, 400, 999):
        proposals = [Proposal(0, 10, share, (0,)), Proposal(0, 10, share, (0,))]
        found = look_back(proposals, [0, 0], setting, rivals=True)
        z = NormalDist()
        shift = (z.inv_cdf(0.975) + z.inv_cdf(0.8)) * (1 - share / 1000) ** 0.5
        assert found.exposed == pytest.approx(share / 1000)
        assert found.power_lost == pytest.approx(0.8 - (1 - z.cdf(z.inv_cdf(0.975) - shift)))
    everybody = [Proposal(0, 10, 1000, (0,))] * 2
    assert look_back(everybody, [0, 0], setting, rivals=True).power_lost == pytest.approx(0.8 - 0.025)


def figures(found: Programme) -> dict[str, float]:
    return {
        f"{one.name}/{name}": figure.value for one in found.policies for name, figure in one.figures.items()
    }


def test_the_published_mark_520_a_year_by_58_teams() -> None:
    found = run(uniform(520, teams=58), 1, 10)
    value = figures(found)
    assert value["serial/finished"] == pytest.approx(26, abs=0.3)
    assert value["ranges/finished"] == pytest.approx(130, abs=4)
    assert value["reuse/finished"] > 480
    assert value["reuse/waiting"] < 10
    assert value["overlap/finished"] == pytest.approx(value["reuse/finished"], rel=0.01)
    assert value["overlap/exposed"] > 0.4
    assert value["reuse/exposed"] == value["serial/power_lost"] == 0
    for name in POLICIES:
        total = sum(value[f"{name}/{figure}"] for figure in ("finished", "running", "waiting"))
        assert total == pytest.approx(found.proposed.value)
        assert value[f"{name}/finished"] <= found.proposed.value
    assert value["reuse/occupancy"] == pytest.approx(520 * 14 * 0.2 / 365, rel=0.06)


def test_it_depends_on_the_seed_alone() -> None:
    one, same, other = (run(uniform(100, components=2), seed, 4) for seed in (3, 3, 4))
    assert one == same
    assert figures(one) != figures(other)
    crossing = Setting(60, (Template(40, Fraction(2, 5), (0, 1)), Template(40, Fraction(2, 5), (1,))), 2)
    assert run(crossing, 3, 4) == run(crossing, 3, 4)


def test_standard_errors_shrink_with_replicates_and_one_has_none() -> None:
    setting = uniform(100, components=2)
    few, often, alone = (run(setting, 1, number) for number in (40, 160, 1))
    for a, b in zip(few.policies, often.policies, strict=True):
        for name in ("finished", "wait_days"):
            before, after = a.figures[name].se, b.figures[name].se
            assert before is not None
            assert after is not None
            assert abs(a.figures[name].value - b.figures[name].value) <= 4 * (before**2 + after**2) ** 0.5
            assert after <= before * 0.75
    assert {alone.policies[0].figures[name].se for name in FIGURES} == {None}
    assert alone.proposed.se is None


def test_progress_hears_of_every_year() -> None:
    heard: list[int] = []
    run(uniform(20), 1, 3, progress=heard.append)
    assert heard == [1, 1, 1]
