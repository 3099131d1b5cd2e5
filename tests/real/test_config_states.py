"""337 states of two public repositories, checked as of their day: no conflict missed, and none invented.

The data is not in this repository. Without it these tests are skipped, unless `COORD_REQUIRE` asks for them.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from real.expectations import Facts, expected_facts, reported_facts
from real.states import State, files, read_states, slug
from support import check_files

pytestmark = pytest.mark.cases

REPOSITORY = Path(__file__).parents[2]

# What a state may be told besides, by kind and code, and why that is right though the data does not say it.
# Everything else that is not expected fails: SYN and REF above all, as then the conversion would be wrong.
TOLERATED = {
    "offset_intervals": {
        "BKT006": "the ranges were chosen by hand, in another system: no random draw",
        "BKT007": "ranges side by side are as far from a random sample as can be",
        "LIF007": "the data has no outcomes of what ended",
    },
    "seeded_layers": {
        "BKT006": "the ranges were chosen by hand, in another system: no random draw",
    },
    "traffic_budget": {
        "BKT002": "the data has shares only, so there is nothing to make a ledger of",
    },
}


class Checked(NamedTuple):
    """A state, the check's JSON document about its tree, and the facts in that."""

    state: State
    report: dict[str, Any]
    facts: Facts


@pytest.fixture(scope="module")
def checked() -> list[Checked]:
    return [check_state(state) for state in read_states(data_file())]


def data_file() -> Path:
    folder = Path(os.environ.get("COORD_CASES") or REPOSITORY.parent / "shared" / "cases")
    path = folder / "config_states.jsonl"
    reason = f"{path} is missing: name the folder of real cases in COORD_CASES"
    if not path.is_file() and "cases" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not path.is_file():
        pytest.skip(reason)
    return path


def check_state(state: State) -> Checked:
    report = check_files(files(state), today=state["as_of"])
    return Checked(state, report, reported_facts(report, TOLERATED[state["kind"]]))


def of_kind(checked: list[Checked], kind: str) -> list[Checked]:
    return [each for each in checked if each.state["kind"] == kind]


def differences(checked: list[Checked]) -> dict[str, dict[str, Any]]:
    """By state, where it differs: the facts that were missed and those that were invented, with how often."""
    found = {}
    for state, _, facts in checked:
        expected = expected_facts(state)
        if facts != expected:
            found[state["id"]] = {"missed": dict(expected - facts), "invented": dict(facts - expected)}
    return found


def totals(checked: list[Checked]) -> dict[tuple[str, str], int]:
    """How many facts of a code and severity there are in all: nothing is never compared with nothing."""
    counts: Counter[tuple[str, str]] = Counter()
    for _, _, facts in checked:
        for (code, severity, *_), times in facts.items():
            counts[code, severity] += times
    return dict(counts)


def test_all_states_are_compared(checked: list[Checked]) -> None:
    assert len({each.state["id"] for each in checked}) == len(checked) == 337
    assert len(of_kind(checked, "offset_intervals")) == 76
    assert len(of_kind(checked, "seeded_layers")) == 141
    assert len(of_kind(checked, "traffic_budget")) == 120


def test_no_rule_is_skipped_where_every_file_is_sound(checked: list[Checked]) -> None:
    broken = [each.state["id"] for each in checked if each.report["skipped"]]

    assert broken == [each.state["id"] for each in checked if each.state["expected"].get("invalid_dates")]
    assert len(broken) == 1


def test_ranges_conflict_where_buckets_and_dates_overlap(checked: list[Checked]) -> None:
    ranges = of_kind(checked, "offset_intervals")

    assert differences(ranges) == {}
    assert totals(ranges) == {
        ("BKT001", "error"): 211,
        ("BKT001", "info"): 140,
        ("BUD001", "error"): 68,
        ("BUD001", "info"): 16,
    }


def test_the_same_buckets_at_other_times_are_no_conflict(checked: list[Checked]) -> None:
    quiet, touching = 0, 0
    for state, _, facts in of_kind(checked, "offset_intervals"):
        conflicts = {frozenset(fact[2:4]) for fact in facts if fact[0] == "BKT001"}
        for pair in state["expected"]["buckets_overlap_but_dates_disjoint"]:
            assert frozenset(f"dcr-mvt/{slug(name)}" for name in pair) not in conflicts, state["id"]
            quiet += 1
        for *pair, _ in state["expected"]["boundary_day_only"]:
            assert frozenset(f"dcr-mvt/{slug(name)}" for name in pair) not in conflicts, state["id"]
            touching += 1

    assert (quiet, touching) == (93, 1)


def test_layers_conflict_where_audiences_meet(checked: list[Checked]) -> None:
    layers = of_kind(checked, "seeded_layers")

    assert differences(layers) == {}
    assert totals(layers) == {("BKT001", "error"): 28, ("BUD001", "error"): 15}


def test_shares_are_summed_exactly(checked: list[Checked]) -> None:
    shares = of_kind(checked, "traffic_budget")

    assert differences(shares) == {}
    assert totals(shares) == {("BUD001", "error"): 1, ("SYN004", "error"): 1, ("LIF002", "error"): 5}


def test_the_surfaces_over_budget_are_those_of_the_data_and_full_ones_pass(checked: list[Checked]) -> None:
    full, traps = 0, 0
    for state, _, facts in of_kind(checked, "traffic_budget"):
        expected = state["expected"]
        exceeded = {fact[2].split("/")[0] for fact in facts if fact[0] == "BUD001"}
        assert exceeded == {slug(name) for name in expected["over_budget"]}, state["id"]
        assert exceeded.isdisjoint(slug(name) for name in expected["exactly_full"]), state["id"]
        # The data calls `A` here what its rows call `space-A`.
        assert exceeded.isdisjoint(slug(f"space-{name}") for name in expected["float_trap"]), state["id"]
        full += len(expected["exactly_full"])
        traps += len(expected["float_trap"])

    assert (full, traps) == (151, 3)


def test_an_impossible_date_is_named_in_its_finding(checked: list[Checked]) -> None:
    named = []
    for state, report, _ in of_kind(checked, "traffic_budget"):
        messages = [finding["message"] for finding in report["findings"] if finding["code"] == "SYN004"]
        for _, impossible in state["expected"]["invalid_dates"]:
            assert [impossible in message for message in messages] == [True], state["id"]
            named.append(impossible)

    assert named == ["2026-02-30"]
