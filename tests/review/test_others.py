"""What a plan says beside experiments and budgets: drafts, other files, files that cannot be read."""

from typing import Any

import pytest

from coord.review.files import FileChange
from coord.review.unreadable import Side
from review.trees import (
    BASE,
    BASELINE,
    COORD,
    METRICS,
    SURFACE,
    Files,
    changed,
    experiment,
    ledger_of,
    organisation,
    path_of,
    planned,
    without,
)

IDEA = experiment("idea", status="draft", start="2026-03-16", end="2026-04-13", traffic="60%")


def test_drafts_that_no_longer_fit_and_those_that_fit_again() -> None:
    base, head = BASE | IDEA, BASE | IDEA | experiment("b", traffic="30%")
    (one,) = planned(base, head).drafts
    assert one.experiment.key == "home/idea"
    assert one.exceeds is not None
    assert "A/B tests would take 120% on 2026-03-16" in one.exceeds
    (back,) = planned(head, base).drafts
    assert (back.experiment.key, back.exceeds) == ("home/idea", None)


def test_a_draft_that_is_changed_itself_counts_too() -> None:
    base = BASE | IDEA
    assert [
        one.exceeds is None for one in planned(base, changed(base, path_of("idea"), traffic="90%")).drafts
    ] == [False]


def test_drafts_of_one_side_or_active_on_one_are_no_matter() -> None:
    head = BASE | IDEA | experiment("b", traffic="30%")
    assert planned(BASE, head).drafts == ()
    assert planned(head, BASE).drafts == ()
    active = changed(BASE | IDEA, path_of("idea"), status="active")
    assert planned(active, head).drafts == ()
    assert planned(BASE | IDEA, BASE | IDEA).drafts == ()


def _files(base: Files, head: Files) -> list[tuple[str, tuple[Any, ...], Any, Any]]:
    return [tuple(one) for one in planned(base, head).files]


def test_fields_of_other_files() -> None:
    head = changed(BASE, SURFACE, budget={"component": "90%"}, title="Another")
    head = changed(head, COORD, teams=["one", "two", "three"])
    assert _files(BASE, head) == [
        (COORD, ("teams", 2), None, "three"),
        (SURFACE, ("title",), "Home", "Another"),
        (SURFACE, ("budget",), None, {"component": "90%"}),
    ]
    assert _files(head, BASE)[0] == (COORD, ("teams", 2), "three", None)


def test_whole_files() -> None:
    without_it = without(BASE, BASELINE)
    assert _files(without_it, BASE) == [(BASELINE, (), None, BASE[BASELINE])]
    assert _files(BASE, without_it) == [(BASELINE, (), BASE[BASELINE], None)]


def test_experiments_and_ledgers_are_told_elsewhere() -> None:
    assert _files(BASE, changed(BASE, path_of("a"), title="Another")) == []
    assert _files(BASE, without(BASE, ledger_of("a"))) == []


LISTS = [
    ("abc", "abc", []),
    ("abc", "axc", [(1, "b", "x")]),
    ("abc", "abcd", [(3, None, "d")]),
    ("abc", "xabc", [(0, None, "x")]),
    ("abc", "ac", [(1, "b", None)]),
    ("abc", "", [(0, "a", None), (1, "b", None), (2, "c", None)]),
    ("aba", "a", [(1, "b", None), (2, "a", None)]),
    ("aaa", "aa", [(2, "a", None)]),
    ("abcd", "axyd", [(1, "b", "x"), (2, "c", "y")]),
]


@pytest.mark.parametrize(("before", "after", "expected"), LISTS)
def test_items_of_lists_are_told_where_they_differ(
    before: str, after: str, expected: list[tuple[int, str | None, str | None]]
) -> None:
    def surface(letters: str) -> Files:
        waiver = {"rule": "BKT001", "experiment": "home/a", "with": "home/b", "until": "2026-04-01"}
        return changed(BASE, SURFACE, waivers=[waiver | {"reason": letter} for letter in letters])

    found = planned(surface(before), surface(after)).files
    assert [one.pointer[:2] for one in found] == [("waivers", number) for number, _, _ in expected]
    assert [_letters(one) for one in found] == [(old, new) for _, old, new in expected]


def _letters(one: FileChange) -> tuple[str | None, ...]:
    """The reasons that an item gave, whether the item or its field is told."""
    return tuple(value["reason"] if isinstance(value, dict) else value for value in one[2:])


BROKEN = "experiment: ["


@pytest.mark.parametrize("path", [path_of("a"), ledger_of("a"), SURFACE, COORD])
def test_what_cannot_be_seen_on_a_side_is_left_out_and_that_is_said(path: str) -> None:
    base = BASE | experiment("b", components=["shelf"], buckets="300:600")
    head = changed(base, path_of("a"), traffic="20%")
    for before, after, side in (
        (base, head | {path: BROKEN}, Side.AFTER),
        (head | {path: BROKEN}, base, Side.BEFORE),
        (base | {path: BROKEN}, head | {path: BROKEN}, Side.BOTH),
    ):
        made = planned(before, after)
        assert made.changes == ()
        assert [(one.path, one.side) for one in made.unreadable] == [(path, side)]
        assert made.unreadable[0].reason


def test_the_others_are_still_told() -> None:
    base = BASE | experiment("b", components=["shelf"], buckets="300:600")
    head = changed(base, path_of("b"), title="Another") | {path_of("a"): BROKEN}
    assert [change.experiment.key for change in planned(base, head).changes] == ["home/b"]


def test_a_metric_catalogue_that_cannot_be_read_is_no_change_of_plans() -> None:
    for base, head in ((BASE, BASE | {METRICS: "["}), (BASE | {METRICS: "["}, BASE)):
        made = planned(base, head)
        assert made.changes == ()
        assert [one.path for one in made.unreadable] == [METRICS]


def test_a_visited_surface_that_cannot_be_read_is_no_change_of_plans() -> None:
    search = {**BASE[SURFACE], "surface": "search", "components": {"box": "The box"}}
    search["metrics"] = {"guardrail": [{"metric": "opens", "margin": "1%"}]}
    base = organisation(a={"components": ["header", "search/box"], "buckets": "0:300"})
    base["surfaces/search/surface.yaml"] = search
    made = planned(base, base | {"surfaces/search/surface.yaml": "["})
    assert not [field for change in made.changes for field in change.fields if field.field == "plan"]
    assert [one.path for one in made.unreadable] == ["surfaces/search/surface.yaml"]


def test_an_organisation_that_is_new_has_nothing_unreadable_before() -> None:
    made = planned({}, BASE)
    assert [change.action for change in made.changes] == ["added"]
    assert made.unreadable == ()
    assert made.budgets


def test_an_organisation_that_is_gone_has_nothing_unreadable_after() -> None:
    made = planned(BASE, {})
    assert [change.action for change in made.changes] == ["removed"]
    assert made.unreadable == ()


def test_a_missing_first_file_is_said_where_there_are_others() -> None:
    made = planned(BASE, without(BASE, COORD))
    assert made.changes == ()
    assert [(one.path, one.reason) for one in made.unreadable] == [(COORD, "it is missing")]
