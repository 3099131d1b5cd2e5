"""How many buckets and units a change moves, exactly: each figure is worked out beside it.

The experiment has held 300 of 1,000 buckets for the 8 days up to today; the surface meets 1,000 new units a
day, so 2,400 are in it.
"""

from datetime import date
from typing import Any

import pytest

from coord.domain.change.moved import NOBODY, Moved
from review.trees import (
    BASE,
    BASELINE,
    COORD,
    SURFACE,
    Files,
    changed,
    experiment,
    ledger_of,
    only,
    organisation,
    path_of,
    planned,
    without,
)

MET = 2400


def _moved(base: Files, **fields: Any) -> Moved:
    return only(base, changed(base, path_of("a"), **fields)).moved


def _arms(*weights: int | str, names: str = "abcd") -> list[dict[str, Any]]:
    return [{"name": name, "weight": weight} for name, weight in zip(names, weights, strict=False)]


# weights before, after, and how many of the 10,000 slots change name
SLOTS = [
    ((1, 1), (1, 3), 2500),  # [2500, 5000) goes from a to b
    ((1, 3), (1, 1), 2500),
    ((1, 1), (2, 2), 0),
    ((1, 1), (1, 1, 1), 5000),  # [3333, 5000) from a to b, [6666, 10000) from b to c
    ((1, 1, 1), (1, 1), 5000),
    ((1, 1, 1), (2, 3, 1), 1667),  # [6666, 8333) from c to b
    ((1,), (1, 1), 5000),
    ((1, 999), (1, 998), 0),  # a keeps 10 slots
]


@pytest.mark.parametrize(("before", "after", "slots"), SLOTS)
def test_weights_move_the_slots_that_change_name(
    before: tuple[int, ...], after: tuple[int, ...], slots: int
) -> None:
    kind = "rollout" if len(before) == 1 else "ab_test"  # which may have one variant
    base = changed(BASE, path_of("a"), kind=kind, variants=_arms(*before))
    after_it = changed(base, path_of("a"), variants=_arms(*after), title="another")
    moved = only(base, after_it).moved
    assert moved == (Moved(300, round(MET * slots / 10_000)) if slots else NOBODY)


def test_names_count_and_not_places() -> None:
    base = changed(BASE, path_of("a"), variants=_arms(1, 3))
    assert _moved(base, variants=_arms(1, 3, names="ax")) == Moved(300, MET * 3 // 4)
    assert _moved(base, variants=_arms(3, 1, names="ba")) == Moved(300, MET // 2)  # b keeps [2500, 7500)
    assert _moved(base, variants=[*_arms(1), {"name": "b", "weight": 3, "serves": {"x": 1}}]) == NOBODY


# another salt: variants are given anew, and by chance a unit keeps its own
@pytest.mark.parametrize(("weights", "leave"), [((1, 1), 1 / 2), ((1, 3), 6 / 16), ((1, 1, 2), 10 / 16)])
def test_another_salt_moves_all_but_those_who_draw_the_same(weights: tuple[int, ...], leave: float) -> None:
    base = changed(BASE, path_of("a"), variants=_arms(*weights))
    assert _moved(base, salt="another") == Moved(300, round(MET * leave))


def test_another_salt_and_other_weights() -> None:
    base = changed(BASE, path_of("a"), variants=_arms(1, 1))
    assert _moved(base, salt="another", variants=_arms(1, 3)) == Moved(300, MET // 2)  # 1/8 + 3/8 stay


def test_a_salt_without_variants_moves_nobody() -> None:
    base = organisation(a={"kind": "holdback", "components": None, "variants": None, "buckets": "0:300"})
    assert _moved(base, salt="another") == NOBODY


def test_adaptive_weights_are_unknown() -> None:
    base = changed(BASE, path_of("a"), variants=_arms(1, "adaptive"))
    assert _moved(base, title="Another") == NOBODY
    assert _moved(base, variants=_arms(1, 1)) == Moved(300, MET)


# of all units 10% are in SE, 60% in US, 30% elsewhere; of platforms nothing is known, so all count alike
AUDIENCES = [
    ({"country": ["SE", "US"]}, {"country": ["SE"]}, 240, 6 / 7),
    ({"country": ["SE"]}, {"country": ["SE", "US"]}, 240, 0),
    ({"country": ["SE"]}, None, 240, 0),
    ({"country": ["SE"]}, {"country": ["US"]}, 240, 1),
    (None, {"country": ["SE", "US"]}, 2400, 3 / 10),
    (None, {"country": ["US"]}, 2400, 4 / 10),
    (None, {"platform": ["ios", "android"]}, 2400, 1 / 3),
    (None, {"platform": ["ios"]}, 2400, 2 / 3),
    ({"platform": ["ios", "android"]}, {"platform": ["ios"]}, 2400, 1 / 2),
    ({"platform": ["ios", "android"]}, {"platform": ["android"], "country": ["US"]}, 2400, 1 - 0.5 * 0.6),
]


@pytest.mark.parametrize(("before", "after", "per_day", "leave"), AUDIENCES)
def test_units_that_are_eligible_no_more_leave(
    before: dict[str, list[str]] | None, after: dict[str, list[str]] | None, per_day: int, leave: float
) -> None:
    eligible = {"SE": 0.1, "US": 0.6}
    countries = (before or {}).get("country")
    met = MET * (sum(eligible[name] for name in countries) if countries else 1)
    base = changed(BASE, path_of("a"), audience=before)
    moved = _moved(base, audience=after)
    assert moved.buckets == (300 if leave else 0)
    assert moved.units == round(met * leave)


def test_values_without_a_share_of_the_units_are_nobody() -> None:
    base = changed(BASE, SURFACE, audience={"country": {"fixed": True, "values": {"SE": "0%", "US": "60%"}}})
    assert (
        _moved(changed(base, path_of("a"), audience={"country": ["SE", "US"]}), audience={"country": ["US"]})
        == NOBODY
    )
    assert (
        _moved(changed(base, path_of("a"), audience={"country": ["SE"]}), audience={"country": ["US"]})
        == NOBODY
    )


def test_a_dimension_that_is_declared_only_now() -> None:
    head = changed(
        BASE, SURFACE, audience={**BASE[SURFACE]["audience"], "plan": {"values": ["free", "paid"]}}
    )
    head = changed(head, path_of("a"), audience={"plan": ["free", "paid"]})
    (change,) = planned(BASE, head).changes
    assert change.moved == Moved(300, MET // 3)  # the rest counts like a value


def test_a_lower_traffic_throws_out_whatever_the_ledger_says() -> None:
    assert _moved(BASE, traffic="20%") == Moved(100, MET // 3)
    smaller = changed(BASE, path_of("a"), traffic="20%") | {
        ledger_of("a"): experiment("a", buckets="0:200")[ledger_of("a")]
    }
    assert only(BASE, smaller).moved == Moved(100, MET // 3)
    assert only(BASE, BASE | experiment("a", traffic="20%", buckets="200:400")).moved == Moved(
        200, MET * 2 // 3
    )


def test_a_higher_traffic_moves_nobody() -> None:
    assert _moved(BASE, traffic={"2026-03-02": "30%", "2026-03-16": "50%"}) == NOBODY
    assert _moved(BASE, traffic="50%") == NOBODY  # frozen, but nobody moves


def test_buckets_that_are_exchanged_leave() -> None:
    assert only(BASE, BASE | experiment("a", buckets="100:400")).moved == Moved(100, MET // 3)
    assert only(BASE, without(BASE, ledger_of("a"))).moved == Moved(300, MET)


def test_several_reasons_multiply() -> None:
    head = BASE | experiment(
        "a", buckets="100:400", variants=[{"name": "control"}, {"name": "new", "weight": 3}]
    )
    assert only(BASE, head).moved == Moved(300, round(MET * (1 - 2 / 3 * 3 / 4)))


def test_a_ledger_that_never_matched_its_traffic_is_left_in_peace() -> None:
    base = changed(BASE, path_of("a"), traffic="20%")
    assert _moved(base, title="Another") == NOBODY


def test_all_leave_what_is_a_draft_or_starts_later_or_has_another_space() -> None:
    assert _moved(BASE, status="draft") == Moved(300, MET)
    assert _moved(BASE, start="2026-03-16") == Moved(300, MET)
    space = {"unit": "user_id", "salt": "another", "buckets": 1000}
    assert only(BASE, changed(BASE, COORD, spaces={"user": space})).moved == Moved(300, MET)
    assert only(BASE, without(BASE, path_of("a"), ledger_of("a"))).moved == Moved(300, MET)


@pytest.mark.parametrize("end", ["2026-03-10", "2026-03-05", "2026-03-02"])
def test_an_end_that_is_reached_moves_nobody(end: str) -> None:
    assert _moved(BASE, end=end, variants=_arms(1, 3)) == NOBODY


def test_who_holds_nothing_moves_nobody() -> None:
    base = without(BASE, ledger_of("a"))
    assert _moved(base, variants=_arms(1, 3)) == NOBODY
    assert only(base, BASE).moved == NOBODY


def test_units_are_unknown_without_daily_units() -> None:
    for base in (without(BASE, BASELINE), changed(BASE, BASELINE, daily_units=None)):
        assert _moved(base, traffic="20%") == Moved(100, None)
        assert _moved(base, title="Another") == NOBODY
        assert only(base, without(base, path_of("a"), ledger_of("a"))).moved == Moved(300, None)


def test_units_were_met_at_the_traffic_of_each_day() -> None:
    steps = {"2026-03-02": "10%", "2026-03-07": "30%"}
    base = organisation(a={"traffic": steps, "buckets": ["0:100", "100:300"]})
    assert _moved(base, status="draft") == Moved(300, 5 * 100 + 3 * 300)
    before_the_step = only(base, changed(base, path_of("a"), status="draft"), date(2026, 3, 5)).moved
    assert before_the_step == Moved(100, 3 * 100)


def test_on_the_first_day_nobody_was_met() -> None:
    moved = only(BASE, changed(BASE, path_of("a"), variants=_arms(1, 3)), date(2026, 3, 2)).moved
    assert moved == Moved(300, 0)


def test_on_the_last_day_of_the_calendar() -> None:
    base = organisation(a={"start": "9999-12-20", "end": "9999-12-31", "buckets": "0:300"})
    change = only(base, changed(base, path_of("a"), traffic="20%"), date(9999, 12, 30))
    assert change.moved == Moved(100, 1000)
    assert planned(base, changed(base, path_of("a"), title="x"), date.max).changes[0].moved == NOBODY
