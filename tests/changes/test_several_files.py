"""What no single field shows: two files that change together, other files that rest on one, broken bases."""

from collections.abc import Iterable
from typing import Any

import pytest

from changes.rich import (
    COORD,
    FILES,
    HELD,
    HOME,
    IDEA,
    LEDGER,
    METRICS,
    OVER,
    PLAIN,
    RICH,
    SEARCH,
    STARTED,
    UNSTARTED,
)
from changes.trees import GONE, compared, edited, encoded, experiment_path, ledger_path, new, sealed
from coord.domain.findings import Severity

ALL = {"home/rich", "home/plain", "home/held"}
Edits = Iterable[tuple[str, tuple[str | int, ...], Any]]


def _found(base: dict[str, Any], head: dict[str, Any], today: str = STARTED) -> set[str]:
    """The errors that a change makes, of changes, lives and ledgers, each as `CODE experiment`."""
    about = ("CHG", "LIF001", "LIF003", "BKT004")
    found = (f for f in new(base, head, today) if f.code.startswith(about) and f.severity is Severity.ERROR)
    return {f"{finding.code} {finding.experiment}" for finding in found}


def _of(code: str, keys: Iterable[str]) -> set[str]:
    return {f"{code} {key}" for key in keys}


OWN = (RICH, ("metrics", "success"), [{"metric": "minutes", "mde": "5%"}, {"metric": "plays", "mde": "3%"}])
GUARD = {"metric": "spare", "margin": "1%"}
BOTH_ASK = edited(FILES, OWN, (RICH, ("metrics", "guardrail", 0, "margin"), "2%"))


def test_a_metric_that_the_surface_and_the_experiment_both_drop_is_dropped() -> None:
    head = edited(BOTH_ASK, (HOME, ("metrics", "success"), []), (RICH, ("metrics", "success", 0), GONE))
    assert "CHG001 home/rich" in _found(BOTH_ASK, head)


def test_a_margin_that_both_loosen_is_loosened() -> None:
    guard = ("metrics", "guardrail", 0, "margin")
    head = edited(BOTH_ASK, (HOME, guard, "4%"), (RICH, guard, "4%"))
    assert "CHG001 home/rich" in _found(BOTH_ASK, head)


def test_what_only_one_of_them_drops_is_still_asked_for() -> None:
    guard = ("metrics", "guardrail", 0, "margin")
    assert _found(BOTH_ASK, edited(BOTH_ASK, (RICH, guard, "4%"))) == set()
    assert "CHG006 home/rich" not in _found(BOTH_ASK, edited(BOTH_ASK, (HOME, guard, "4%")))


def test_a_method_is_written_out_where_its_default_changes_as_the_advice_says() -> None:
    default = (COORD, ("decision", "method"), "always_valid")
    assert _found(FILES, edited(FILES, default)) == _of("CHG006", ["home/plain", "home/held"])
    written = [(path, ("analysis",), {"method": "fixed"}) for path in (PLAIN, HELD)]
    assert _found(FILES, edited(FILES, default, *written)) == set()


def test_a_method_that_is_left_to_another_default_is_another() -> None:
    fixed = edited(FILES, *((path, ("analysis",), {"method": "fixed"}) for path in (PLAIN, HELD)))
    default = (COORD, ("decision", "method"), "always_valid")
    left = edited(fixed, default, (PLAIN, ("analysis",), GONE))
    assert _found(fixed, left) == _of("CHG001", ["home/plain"])
    chosen = edited(FILES, (PLAIN, ("analysis",), {"method": "always_valid"}))
    left = edited(chosen, default, (PLAIN, ("analysis",), GONE))
    assert _found(chosen, left) == _of("CHG006", ["home/held"])


@pytest.mark.parametrize(
    ("edit", "keys"),
    [
        ((COORD, ("decision", "alpha"), "1%"), ALL),
        ((METRICS, ("metrics", "plays", "event"), "other"), {"home/rich"}),
        ((METRICS, ("metrics", "minutes", "event"), "other"), ALL),
        ((HOME, ("metrics", "success", 0, "mde"), "4%"), ALL),
        (
            (SEARCH, ("metrics",), {"guardrail": [GUARD]}),
            {"home/rich", "home/held"},
        ),
        ((SEARCH, ("metrics",), {"success": [{"metric": "spare", "mde": "1%"}]}), set()),
        ((HOME, ("metrics", "guardrail", 0, "margin"), "1.5%"), {"home/plain", "home/held"}),
        ((HOME, ("metrics", "guardrail", 0, "margin"), "0.5%"), ALL),
    ],
    ids=lambda part: "-".join(map(str, sorted(part) if isinstance(part, set) else part[1])) or "nobody",
)
def test_a_plan_changes_for_those_that_rest_on_it(edit: Any, keys: set[str]) -> None:
    assert _found(FILES, edited(FILES, edit)) == _of("CHG006", keys)
    assert _found(FILES, edited(FILES, edit), OVER) == set()
    assert _found(FILES, edited(FILES, edit), UNSTARTED) == set()


BROKEN = {"surfaces/other/surface.yaml": "a: ["}


@pytest.mark.parametrize("where", ["both", "base", "head"])
def test_a_broken_surface_elsewhere_hides_no_change_of_a_plan(where: str) -> None:
    default = edited(FILES, (COORD, ("decision", "alpha"), "1%"))
    base = {**FILES, **(BROKEN if where != "head" else {})}
    head = {**default, **(BROKEN if where != "base" else {})}
    assert _found(base, head) == _of("CHG006", ALL)


def test_a_broken_surface_hides_the_plans_that_rest_on_it_and_that_is_said() -> None:
    head = {**edited(FILES, (COORD, ("decision", "alpha"), "1%")), SEARCH: "a: ["}
    guarded = edited(FILES, (SEARCH, ("metrics",), {"guardrail": [GUARD]}))
    result = compared(guarded, head, STARTED)
    assert {f.experiment for f in result.findings if f.code == "CHG006"} == {"home/plain"}
    assert ("CHG006", SEARCH) in {(skipped.code, skipped.path) for skipped in result.skipped}


@pytest.mark.parametrize("path", [COORD, HOME])
def test_to_mend_what_was_broken_begins_nothing_and_draws_nothing(path: str) -> None:
    """Experiments whose surface could not be used on the base are no new ones, nor are their ledgers."""
    base = {**FILES, path: "a: ["}
    assert _found(base, dict(FILES)) == set()
    assert not [f for f in new(base, dict(FILES), STARTED) if f.severity is Severity.ERROR]


def test_to_mend_an_experiment_begins_nothing_and_what_changed_is_not_known() -> None:
    result = compared({**FILES, RICH: "a: ["}, dict(FILES), STARTED)
    assert not [f for f in result.findings if f.new and f.code.startswith(("CHG", "LIF", "BKT004"))]
    assert ("CHG001", RICH) in {(skipped.code, skipped.path) for skipped in result.skipped}


def _experiment(**changes: Any) -> dict[str, Any]:
    later = {"experiment": "later", "start": "2026-03-12", "end": "2026-04-10", "exclusive_with": []}
    return {**FILES[PLAIN], **later, **changes}


LATER, LATERS = experiment_path("home/later"), ledger_path("home/later")
FORGED = sealed("home/later", "user", [range(100, 140)], 200)


def test_what_is_new_begins_today_at_the_earliest() -> None:
    past, today = _experiment(start="2026-03-09"), _experiment(start=STARTED)
    assert _found(FILES, {**FILES, LATER: past}) == {"LIF001 home/later"}
    assert _found(FILES, {**FILES, LATER: today}) == set()
    assert _found(FILES, {**FILES, LATER: past | {"status": "draft"}}) == set()
    draft = {**FILES, LATER: past | {"status": "draft"}}
    assert _found(draft, {**FILES, LATER: past}) == {"LIF001 home/later"}
    unstarted = {**FILES, LATER: _experiment()}
    assert _found(unstarted, {**FILES, LATER: past}) == {"LIF001 home/later"}


def test_what_was_brought_in_may_have_begun() -> None:
    ledger = {"experiment": "home/later", "space": "user", "version": 1, "entries": [{"buckets": "100:140"}]}
    head = {**FILES, LATER: _experiment(start="2026-03-09"), LATERS: ledger | {"migrated": True}}
    assert _found(FILES, head) == set()


def test_a_change_that_waits_until_the_start_is_not_free_any_more() -> None:
    """As of the day of the merge, not of the day on which it was written."""
    base = {**FILES, LATER: _experiment()}
    wider = edited(base, (LATER, ("audience",), {"country": ["SE"]}))
    assert _found(base, wider, "2026-03-11") == set()
    assert _found(base, wider, "2026-03-12") == {"CHG001 home/later"}


def test_what_has_started_cannot_become_a_draft_and_so_free() -> None:
    """Everything about a draft is a warning, but not that it was none."""
    draft = edited(FILES, (RICH, ("status",), "draft"))
    assert _found(FILES, draft) == {"CHG001 home/rich"}
    del draft[LEDGER]
    assert _found(FILES, draft) == {"CHG001 home/rich", "CHG003 home/rich"}
    assert _found(FILES, draft, OVER) == {"LIF003 home/rich", "CHG003 home/rich"}


def test_buckets_chosen_by_hand_while_it_is_a_draft_are_found_when_it_becomes_active() -> None:
    forged = {**FILES, LATER: _experiment(status="draft"), LATERS: FORGED}
    assert _found(forged, {**forged, LATER: _experiment()}) == {"BKT004 home/later"}
    assert not new(forged, forged, STARTED)
    ownerless = {**FILES, LATERS: FORGED}
    assert _found(ownerless, {**ownerless, LATER: _experiment()}) == {"BKT004 home/later"}


def test_buckets_chosen_by_hand_are_found() -> None:
    unstarted = {**FILES, LATER: _experiment()}
    assert _found(unstarted, {**unstarted, LATERS: FORGED}) == {"BKT004 home/later"}
    step = edited(FILES, (LEDGER, ("entries", 2, "buckets"), encoded(range(150, 170), 200)))
    assert "BKT004 home/rich" in _found(FILES, step)


def test_a_started_experiment_may_be_renamed_by_nobody() -> None:
    renamed = {path: value for path, value in FILES.items() if path not in {PLAIN, ledger_path("home/plain")}}
    renamed[experiment_path("home/plainer")] = {**FILES[PLAIN], "experiment": "plainer"}
    renamed[ledger_path("home/plainer")] = {**FILES[ledger_path("home/plain")], "experiment": "home/plainer"}
    assert "CHG005 home/plain" in _found(FILES, renamed)
    assert "CHG005 home/plain" in _found(FILES, renamed, OVER)
    assert _found(FILES, renamed, UNSTARTED) & _of("CHG005", ["home/plain"]) == set()


def test_what_is_over_may_not_run_again_in_any_way() -> None:
    later = edited(FILES, (RICH, ("end",), "2026-05-01"))
    assert _found(FILES, later, OVER) == {"LIF003 home/rich"}
    again = edited(FILES, (PLAIN, ("start",), "2026-04-20"), (PLAIN, ("end",), "2026-05-20"))
    assert _found(FILES, again, OVER) == {"LIF003 home/plain"}
    without = {path: value for path, value in FILES.items() if path != RICH}
    assert _found(FILES, without, OVER) == {"CHG005 home/rich"}


def test_a_waiver_of_what_a_change_does_rests_when_the_change_is_made() -> None:
    """It covers one change. Nobody's next change is told that it covers nothing."""
    until = {"reason": "agreed", "until": "2026-05-01"}
    waiver = (HOME, ("waivers", 1), {"rule": "LIF003", "experiment": "home/rich", **until})
    elsewhere = (SEARCH, ("waivers",), [{"rule": "LIF003", "experiment": "home/plain", **until}])
    wrong = (RICH, ("hypothesis",), "Another."), (PLAIN, ("hypothesis",), "Another.")
    first = compared(FILES, edited(FILES, waiver, elsewhere, *wrong), OVER)
    levels = {(f.code, f.experiment): f.severity for f in first.findings if f.code == "LIF003"}
    assert levels == {("LIF003", "home/rich"): Severity.INFO, ("LIF003", "home/plain"): Severity.ERROR}
    assert ["only home can waive" in f.message for f in first.findings if f.code == "WVR003"] == [True]
    merged = edited(FILES, waiver, elsewhere, *wrong)
    assert not new(merged, edited(merged, (HOME, ("title",), "Another")), OVER)
    assert not [f for f in compared(merged, merged, OVER).findings if f.code == "WVR003"]


@pytest.mark.parametrize("holds", ["all", ["home", "search"]])
def test_a_surface_that_a_running_holdback_holds_stays_in_its_space(holds: Any) -> None:
    """`all` would let go of it without a word, and its units meet what comes there next."""
    base = edited(FILES, (HELD, ("holds",), holds), (RICH, ("components",), ["header"]))
    head = edited(base, (SEARCH, ("space",), "device"))
    assert _found(base, head) == {"CHG004 home/held"}


def test_an_unstarted_draft_and_what_names_it_may_go_together() -> None:
    head = edited(FILES, (RICH, ("exclusive_with",), ["home/plain"]))
    del head[IDEA]
    assert _found(FILES, head) == set()
    assert _found(FILES, edited(FILES, (RICH, ("exclusive_with",), ["home/plain"]))) == {"CHG001 home/rich"}
