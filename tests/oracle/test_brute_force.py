"""The oracle is code too: examples small enough to be judged by reading them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, seed, settings

from oracle.brute_budgets import Breach, Excess, breaches, unexplained_cliques, with_drafts
from oracle.brute_draw import draw, unplaced
from oracle.brute_force import audiences_meet, conflicts, cooling, days_of, held, space_mismatches
from oracle.examples import day, experiment, organisation
from oracle.files import bitset, ranges
from oracle.organisations import organisations, to_files
from oracle.shapes import (
    Budget,
    Entry,
    Ledger,
    Organisation,
    Step,
    System,
    Waiver,
    percent,
    plain,
)

SE, US, NO = "SE", "US", "NO"


def test_two_on_one_component_conflict_on_the_days_and_buckets_they_share() -> None:
    a, b = experiment("a", 2, 9, 50, low=0), experiment("b", 5, 12, 50, low=40)
    (conflict,) = conflicts(organisation(a, b))
    assert (conflict.experiment, conflict.other) == ("home/b", "home/a")
    assert (conflict.start, conflict.end, conflict.buckets) == (day(5), day(9), 10)
    assert conflict.severity == "error"
    assert conflict.reasons == {"component"}


def test_ranges_and_intervals_that_touch_do_not_conflict() -> None:
    a = experiment("a", 2, 9, 50, low=0)
    assert conflicts(organisation(a, experiment("b", 2, 9, 50, low=50))) == set()
    assert conflicts(organisation(a, experiment("b", 9, 12, 50, low=0))) == set()
    assert len(conflicts(organisation(a, experiment("b", 8, 12, 50, low=49)))) == 1


def test_a_conflict_is_past_on_the_day_it_ends_and_not_before() -> None:
    pair = experiment("a", 2, 9, 50, low=0), experiment("b", 2, 9, 50, low=0)
    assert [c.severity for c in conflicts(organisation(*pair, today=8))] == ["error"]
    assert [c.severity for c in conflicts(organisation(*pair, today=9))] == ["info"]


def test_a_later_step_conflicts_from_its_own_day() -> None:
    steps = Step(day(2), Fraction(10, 100)), Step(day(6), Fraction(30, 100))
    ledger = Ledger((Entry(frozenset(range(10))), Entry(frozenset(range(10, 30)))))
    ramp = experiment("a", 2, 9, 10, steps=steps, ledger=ledger)
    (conflict,) = conflicts(organisation(ramp, experiment("b", 2, 9, 15, low=15)))
    assert (conflict.start, conflict.end, conflict.buckets) == (day(6), day(9), 15)
    assert held(ramp, day(5)) == frozenset(range(10))
    assert held(ramp, day(9)) == frozenset()


def test_only_a_fixed_dimension_separates_and_naming_every_value_leaves_out_the_rest() -> None:
    org = organisation()
    se, us = (experiment(name, 2, 9, 50, audience=(("country", (name,)),)) for name in (SE, US))
    assert not audiences_meet(org, se, us)
    everyone = experiment("a", 2, 9, 50, audience=(("country", (SE, US, NO)),))
    assert audiences_meet(org, everyone, se)
    assert audiences_meet(org, everyone, experiment("b", 2, 9, 50))
    ios, android = (experiment(n, 2, 9, 50, audience=(("platform", (n,)),)) for n in ("ios", "android"))
    assert audiences_meet(org, ios, android)


def test_a_waiver_covers_to_its_last_day_and_only_in_a_surface_of_the_pair() -> None:
    pair = experiment("a", 2, 9, 50, low=0), experiment("b", 2, 9, 50, low=0)
    covering = Waiver("BKT001", "home/b", "home/a", "known", day(9))
    (conflict,) = conflicts(organisation(*pair, waivers=(covering,)))
    assert conflict.severity == "info"
    assert conflict.waivers == {("known", "2026-03-09")}
    short = replace(covering, until=day(8))
    assert [c.severity for c in conflicts(organisation(*pair, waivers=(short,)))] == ["error"]
    elsewhere = organisation(*pair)
    home, search, device = elsewhere.surfaces
    wrong = replace(elsewhere, surfaces=(home, replace(search, waivers=(covering,)), device))
    assert [c.severity for c in conflicts(wrong)] == ["error"]


def test_a_holdback_meets_whoever_visits_its_surface_and_a_system_whoever_serves_it() -> None:
    holdback = experiment("kept", 2, 9, 5, low=0, surface="search", kind="holdback", components=())
    visitor = experiment("a", 2, 9, 50, low=0, components=("search/header",))
    stranger = experiment("b", 2, 9, 50, low=0)
    assert [set(c.reasons) for c in conflicts(organisation(holdback, visitor, stranger))] == [{"holdback"}]
    ranker, other = System("ranker", "ml", "one"), System("ranker", "ml", "two")
    one = experiment("a", 2, 9, 50, low=0, components=(), systems=(ranker,))
    assert len(conflicts(organisation(one, replace(one, name="b")))) == 1
    assert conflicts(organisation(one, replace(one, name="b", systems=(other,)))) == set()


def test_exclusive_across_spaces_is_a_mismatch_and_never_a_conflict() -> None:
    a = experiment("a", 2, 9, 50, low=0)
    b = replace(a, surface="device-home", exclusive_with=("home/a",), components=())
    assert space_mismatches(organisation(a, b)) == {("home/a", "device-home/a")}
    assert conflicts(organisation(a, b)) == set()
    assert space_mismatches(organisation(a, replace(b, start=day(9), end=day(12)))) == set()


def test_a_cool_down_is_after_the_end_and_about_what_is_held_then() -> None:
    a, b = experiment("a", 2, 9, 50, low=0), experiment("b", 10, 12, 50, low=0)
    assert cooling(organisation(a, b, cooldown=2)) == {frozenset(("home/a", "home/b"))}
    assert cooling(organisation(a, b, cooldown=1)) == set()


def test_half_in_sweden_and_more_in_america_fit_and_not_both_in_sweden() -> None:
    se = experiment("a", 2, 9, 50, audience=(("country", (SE,)),))
    us = experiment("b", 2, 9, 70, audience=(("country", (US,)),))
    assert breaches(organisation(se, us)) == set()
    both = organisation(se, replace(us, audience=(("country", (SE,)),)))
    over = "home", "home/header", None, day(2), day(9), Fraction(20, 100), day(2)
    assert breaches(both) == {Breach("BUD001", *over)}


def test_shares_that_sum_to_exactly_everything_fit() -> None:
    shares = (5, 10, 50, 5, 20, 10)
    exact = [experiment(f"e{number}", 2, 9, share) for number, share in enumerate(shares)]
    assert breaches(organisation(*exact)) == set()
    assert len(breaches(organisation(*exact, experiment("more", 2, 3, 1)))) == 1
    limit = Budget(per_unit="1.1")
    eleven = [experiment(f"e{number}", 2, 9, 10, components=()) for number in range(11)]
    assert breaches(organisation(*eleven, budget=limit)) == set()


def test_a_breach_is_a_run_of_days_with_the_first_day_of_its_highest_figure() -> None:
    base, more = experiment("a", 2, 20, 60), experiment("b", 4, 9, 50)
    peak = experiment("c", 6, 9, 10)
    again = experiment("d", 12, 13, 60)
    subject = "BUD001", "home", "home/header", None
    assert breaches(organisation(base, more, peak, again)) == {
        Breach(*subject, day(4), day(9), Fraction(20, 100), day(6)),
        Breach(*subject, day(12), day(13), Fraction(20, 100), day(12)),
    }


def test_whole_surface_limits_count_tests_and_rollouts_and_no_holdback() -> None:
    test = experiment("a", 2, 9, 60)
    rollout = experiment("b", 2, 9, 60, kind="rollout", components=("home/body",))
    holdback = experiment("c", 2, 9, 40, kind="holdback", components=())
    budget = Budget(per_unit="1", concurrent=2, teams=(("alpha", Fraction(1)),))
    found = {(b.code, b.over) for b in breaches(organisation(test, rollout, holdback, budget=budget))}
    assert found == {("BUD002", Fraction(20, 100)), ("BUD004", Fraction(20, 100))}


def test_a_draft_that_does_not_fit_is_not_kept_for_the_next() -> None:
    active = experiment("a", 2, 9, 60)
    big = experiment("b", 3, 12, 50, draft=True)
    small = experiment("c", 4, 9, 40, draft=True)
    told = {draft.key: found for draft, _, found in with_drafts(organisation(active, big, small))}
    over = "home", "home/header", None, day(3), day(9), Fraction(10, 100), day(3)
    assert told["home/b"] == {Excess("home/b", Breach("BUD001", *over))}
    assert told["home/c"] == set()


def test_three_that_meet_in_pairs_need_their_own_buckets_without_a_cell_in_common() -> None:
    pairs = {"a": (SE, US), "b": (US, NO), "c": (SE, NO)}
    three = [experiment(name, 2, 9, 40, audience=(("country", two),)) for name, two in pairs.items()]
    org = organisation(*three)
    assert breaches(org) == set()
    assert [len(members) for members in unexplained_cliques(org, day(2))] == [3]
    together = [replace(e, audience=()) for e in three]
    assert list(unexplained_cliques(organisation(*together), day(2))) == []


def test_a_draw_takes_the_smallest_hashes_of_what_is_free() -> None:
    assert sorted(draw("home/demo/1", range(20), 5)) == [1, 2, 3, 14, 16]
    assert sorted(draw("home/demo/1", range(10, 20), 5)) == [11, 14, 15, 16, 18]
    bits = bitset(draw("home/podcast-shelf/1", range(10000), 2000), 10000)
    digest = "0f3d4470a9116f7bc020b43e0842ca2e4f604be0e499e60597aaea389cd744c1"
    assert hashlib.sha256(bits).hexdigest() == digest


def test_what_has_no_ledger_is_placed_by_start_and_key_in_what_the_others_leave() -> None:
    held_already = experiment("a", 2, 9, 50, low=0)
    first, second = experiment("b", 3, 9, 30), experiment("c", 3, 9, 30)
    assert unplaced(organisation(held_already, second, first)) == {"home/c"}
    later = experiment("c", 9, 12, 30)
    assert unplaced(organisation(held_already, first, later)) == set()
    assert unplaced(organisation(held_already, first, later, cooldown=1)) == {"home/c"}


def test_the_files_say_exact_numbers_and_bits() -> None:
    assert [percent(Fraction(n, 1000)) for n in (125, 5, 1000, 10)] == ["12.5%", "0.5%", "100%", "1%"]
    assert plain(Fraction(41, 5)) == "8.2"
    assert ranges({0, 1, 2, 5, 7, 8}) == "0:3 5:6 7:9"
    assert bitset({0, 9}, 12) == b"\x01\x02"
    files = to_files(organisation(experiment("a", 2, 9, 2, low=0)))
    (entry,) = json.loads(files["surfaces/home/allocations/a.yaml"])["entries"]
    bits = base64.b64decode(entry["buckets"].removeprefix("base64:"))
    assert bits == b"\x03" + bytes(12)
    assert entry["digest"] == hashlib.sha256(bits).hexdigest()


def test_every_kind_of_trouble_is_frequent_in_the_organisations() -> None:
    """An oracle proves nothing about what its generator never makes."""
    seen: Counter[str] = Counter()

    @seed(20260301)
    @settings(
        max_examples=250,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(organisations())
    def look(org: Organisation) -> None:
        seen.update(_kinds(org))

    look()
    wanted = {"none", "error", "info", "waived", "component", "exclusive_with", "holdback", "system"}
    wanted |= {"BUD001", "BUD002", "BUD003", "BUD004", "BUD005", "BUD006", "REF003"}
    assert {kind for kind in wanted if seen[kind] < 5} == set(), seen


def _kinds(org: Organisation) -> set[str]:
    found = conflicts(org)
    kinds = {conflict.severity for conflict in found}
    kinds |= {reason for conflict in found for reason in conflict.reasons}
    kinds |= {"waived" for conflict in found if conflict.waivers}
    kinds |= {"REF003" for _ in space_mismatches(org)}
    kinds |= {breach.code for breach in breaches(org)}
    kinds |= {"BUD006" for _, _, excesses in with_drafts(org) if excesses}
    kinds |= {"BUD005" for day in days_of(org.active) if next(unexplained_cliques(org, day), None)}
    return kinds or {"none"}
