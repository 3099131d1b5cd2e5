"""What a plan says of each experiment: what is done to it, of which type, and who is met."""

from datetime import date
from fractions import Fraction

import pytest

from coord.domain.change.field import Type
from coord.review.plan import Action, ExperimentChange
from coord.status.experiment import experiment_status
from review.trees import (
    COORD,
    METRICS,
    SURFACE,
    TODAY,
    changed,
    errors,
    experiment,
    ledger_of,
    only,
    organisation,
    path_of,
    planned,
    read,
    without,
)

RUNNING = organisation(a={"buckets": "0:300"})
TO_COME = organisation(a={"buckets": "0:300", "start": "2026-03-16"})
OVER = organisation(a={"buckets": "0:300", "end": "2026-03-09"})


def _told(change: ExperimentChange) -> tuple[str, str, str, int, int]:
    return change.experiment.key, change.action, change.type, change.drawn, change.freed


def _fields(change: ExperimentChange) -> dict[str, tuple[str, str, Type, str | None]]:
    return {field.field: (field.before, field.after, field.type, field.rule) for field in change.fields}


def test_nothing_changes() -> None:
    made = planned(RUNNING, RUNNING)
    assert (made.changes, made.budgets, made.drafts, made.files, made.unreadable) == ((), (), (), (), ())
    assert made.base == "0" * 40
    assert made.new_findings == ()


def test_added_with_a_ledger() -> None:
    head = RUNNING | experiment("b", start="2026-03-16", components=["shelf"], buckets="150:450")
    change = only(RUNNING, head)
    assert _told(change) == ("home/b", Action.ADDED, Type.SAFE, 300, 0)
    assert (change.before, change.fields) == (None, ())
    (meeting,) = change.meets
    assert (meeting.other.key, meeting.share, meeting.buckets) == ("home/a", Fraction(1, 2), 150)
    assert meeting.days == (date(2026, 3, 16), date(2026, 3, 30))


def test_added_without_a_ledger() -> None:
    change = only(RUNNING, RUNNING | experiment("b", start="2026-03-16", components=["shelf"], traffic="20%"))
    assert _told(change) == ("home/b", Action.ADDED, Type.SAFE, 0, 0)
    (meeting,) = change.meets
    assert (meeting.share, meeting.exact) == (Fraction(30, 100), False)


def test_an_added_draft_meets_nobody_and_holds_nothing() -> None:
    change = only(RUNNING, RUNNING | experiment("b", status="draft", start=None, end=None, traffic=None))
    assert _told(change) == ("home/b", Action.ADDED, Type.SAFE, 0, 0)
    assert change.meets == ()


def test_changed_safely() -> None:
    change = only(RUNNING, changed(RUNNING, path_of("a"), title="Another"))
    assert _told(change) == ("home/a", Action.CHANGED, Type.SAFE, 0, 0)
    assert _fields(change) == {"title": ("Test a", "Another", Type.SAFE, None)}


def test_changed_so_that_a_new_experiment_is_needed() -> None:
    change = only(RUNNING, changed(RUNNING, path_of("a"), hypothesis="It gets worse."))
    assert _told(change)[1:3] == (Action.CHANGED, Type.NEW_EXPERIMENT)
    assert _fields(change)["hypothesis"][3] == "CHG001"


def test_changed_in_a_way_that_is_forbidden() -> None:
    change = only(RUNNING, changed(RUNNING, path_of("a"), traffic="20%"))
    assert _told(change)[1:3] == (Action.CHANGED, Type.FORBIDDEN)
    assert _fields(change)["traffic"][3] == "CHG002"


def test_the_gravest_field_decides_the_type() -> None:
    head = changed(RUNNING, path_of("a"), title="Another", hypothesis="Worse.", traffic="20%")
    change = only(RUNNING, head)
    assert change.type is Type.FORBIDDEN
    assert {field.type for field in change.fields} == set(Type)


@pytest.mark.parametrize("base", [RUNNING, OVER])
def test_the_same_in_other_words_is_no_change(base: dict[str, object]) -> None:
    head = changed(base, path_of("a"), salt="home/a", logged_as="home/a", components=["home/header"])
    head = changed(head, path_of("a"), traffic={"2026-03-02": "30.0%"}, exclusive_with=[])
    assert planned(base, head).changes == ()


def test_ended() -> None:
    change = only(RUNNING, changed(RUNNING, path_of("a"), end="2026-03-10"))
    assert _told(change) == ("home/a", Action.ENDED, Type.SAFE, 0, 300)
    assert (change.moved.buckets, change.moved.units, change.meets) == (0, 0, ())


def test_a_later_end_is_no_end() -> None:
    assert only(RUNNING, changed(RUNNING, path_of("a"), end="2026-03-11")).action is Action.CHANGED


@pytest.mark.parametrize(
    ("base", "kind", "code", "freed"),
    [
        (TO_COME, Type.SAFE, [], 300),
        (RUNNING, Type.FORBIDDEN, ["CHG005"], 300),
        (OVER, Type.FORBIDDEN, ["CHG005"], 0),  # its buckets were free already
    ],
)
def test_removed(base: dict[str, object], kind: Type, code: list[str], freed: int) -> None:
    head = without(base, path_of("a"), ledger_of("a"))
    change = only(base, head)
    assert _told(change) == ("home/a", Action.REMOVED, kind, 0, freed)
    assert change.after is None
    assert errors(planned(base, head)) == code


def test_renamed_is_removed_and_added() -> None:
    head = without(TO_COME, path_of("a"), ledger_of("a")) | experiment("b", start="2026-03-16")
    assert [_told(change)[:2] for change in planned(TO_COME, head).changes] == [
        ("home/a", Action.REMOVED),
        ("home/b", Action.ADDED),
    ]


def test_a_ledger_alone() -> None:
    base = without(TO_COME, ledger_of("a"))
    change = only(base, TO_COME)
    assert _told(change) == ("home/a", Action.CHANGED, Type.SAFE, 300, 0)
    assert _fields(change) == {"ledger": ("no ledger", "300 buckets", Type.SAFE, None)}
    change = only(TO_COME, base)
    assert (_told(change)[3:], _fields(change)["ledger"][1]) == ((0, 300), "no ledger")
    assert _told(only(OVER, without(OVER, ledger_of("a"))))[3:] == (0, 0)


def test_a_ledger_drawn_again_before_the_start() -> None:
    change = only(TO_COME, TO_COME | experiment("a", start="2026-03-16", buckets="200:500"))
    assert _told(change) == ("home/a", Action.CHANGED, Type.SAFE, 200, 200)
    assert (change.moved.buckets, change.moved.units) == (0, 0)


def test_a_ledger_that_grows_keeps_what_it_has() -> None:
    steps = {"2026-03-02": "30%", "2026-03-16": "40%"}
    change = only(RUNNING, RUNNING | experiment("a", traffic=steps, buckets=["0:300", "500:600"]))
    assert _told(change) == ("home/a", Action.CHANGED, Type.SAFE, 100, 0)
    assert _fields(change)["ledger"] == ("300 buckets", "400 buckets", Type.SAFE, None)


def test_a_ledger_whose_history_is_rewritten() -> None:
    change = only(RUNNING, RUNNING | experiment("a", buckets="200:500"))
    assert _told(change) == ("home/a", Action.CHANGED, Type.FORBIDDEN, 200, 200)
    assert _fields(change)["ledger"][3] == "CHG003"
    gone = only(RUNNING, without(RUNNING, ledger_of("a")))
    assert (_told(gone)[2:], _fields(gone)["ledger"][3]) == ((Type.FORBIDDEN, 0, 300), "CHG003")


def test_a_draft_made_active_and_an_active_one_made_a_draft() -> None:
    base = RUNNING | experiment("b", status="draft", start="2026-03-16", components=["shelf"])
    head = base | experiment("b", start="2026-03-16", components=["shelf"], buckets="300:600")
    change = only(base, head)
    assert _told(change) == ("home/b", Action.CHANGED, Type.SAFE, 300, 0)
    assert _fields(change)["status"][:2] == ("draft", "active")
    assert [meeting.other.key for meeting in change.meets] == ["home/a"]
    back = only(head, base)
    assert (_told(back), back.meets) == (("home/b", Action.CHANGED, Type.SAFE, 0, 300), ())


def test_a_changed_plan_shows_at_everybody_who_is_running() -> None:
    base = RUNNING | experiment("b", components=["shelf"], buckets="300:600")
    base |= experiment("c", start="2026-04-06", end="2026-05-04", buckets="0:300")
    head = changed(base, COORD, decision={"alpha": "1%"})
    made = planned(base, head)
    assert [change.experiment.key for change in made.changes] == ["home/a", "home/b"]
    for change in made.changes:
        assert _fields(change) == {
            "plan": ("", "`decision.alpha` from 5% to 1%", Type.NEW_EXPERIMENT, "CHG006")
        }
        assert (change.moved.buckets, change.meets, change.weighty) == (0, (), False)
    assert errors(made) == ["CHG006", "CHG006"]


def test_a_changed_metric_shows_at_those_that_are_decided_by_it() -> None:
    base = RUNNING | experiment(
        "b", metrics={"success": [{"metric": "opens", "mde": "1%"}]}, buckets="300:600"
    )
    metrics = {
        "metrics": {
            **base[METRICS]["metrics"],
            "opens": {**base[METRICS]["metrics"]["opens"], "window": "2d"},
        }
    }
    made = planned(base, base | {METRICS: metrics})
    assert [change.experiment.key for change in made.changes] == ["home/b"]
    assert _fields(made.changes[0])["plan"][1] == "the definition of opens (window)"


def test_a_requirement_that_only_the_experiment_still_makes_is_a_change_of_its_plan() -> None:
    own = {"guardrail": [{"metric": "opens", "margin": "2%"}]}
    base = organisation(a={"buckets": "0:300", "metrics": own})
    base = changed(base, SURFACE, metrics={"guardrail": [{"metric": "opens", "margin": "1%"}]})
    change = only(base, changed(base, SURFACE, metrics=None))
    assert _fields(change)["plan"][1:] == (
        "opens from margin 1% to margin 2%",
        Type.NEW_EXPERIMENT,
        "CHG006",
    )


def test_a_changed_space_shows_at_everybody_who_is_running() -> None:
    base = RUNNING | experiment("b", components=["shelf"], buckets="300:600")
    base |= experiment("c", start="2026-04-06", end="2026-05-04", buckets="0:300")
    space = {"unit": "user_id", "salt": "another", "buckets": 1000}
    made = planned(base, changed(base, COORD, spaces={"user": space}))
    assert [change.experiment.key for change in made.changes] == ["home/a", "home/b"]
    for change in made.changes:
        assert _fields(change)["space"] == (
            "user_id with salt salt-of-users in 1,000 buckets",
            "user_id with salt another in 1,000 buckets",
            Type.FORBIDDEN,
            "CHG004",
        )
        assert change.moved.buckets == 300
        assert change.meets
    assert "CHG004" in errors(made)


def test_a_surface_on_another_space_shows_too() -> None:
    spaces = {**RUNNING[COORD]["spaces"], "spare": {"unit": "user_id", "salt": "spare", "buckets": 1000}}
    base = changed(RUNNING, COORD, spaces=spaces)
    change = only(base, changed(base, SURFACE, space="spare"))
    assert _fields(change)["space"][1:] == (
        "user_id with salt spare in 1,000 buckets",
        Type.FORBIDDEN,
        "CHG004",
    )


# fields that say nothing about who meets whom, and some that do
ALONE = {
    "title": "Another",
    "owner": "two",
    "hypothesis": "Another.",
    "salt": "another",
    "logged_as": "another",
    "metrics": {"success": [{"metric": "opens", "mde": "1%"}]},
    "analysis": {"method": "always_valid"},
}
TOGETHER = {
    "end": "2026-04-06",
    "traffic": {"2026-03-02": "30%", "2026-03-16": "40%"},
    "components": ["header", "shelf"],
    "exclusive_with": ["home/b"],
    "audience": {"country": ["SE"]},
}


@pytest.mark.parametrize("base", [RUNNING, TO_COME])
@pytest.mark.parametrize("field", [*ALONE, *TOGETHER])
def test_meetings_are_told_where_they_may_differ(base: dict[str, object], field: str) -> None:
    base = base | experiment("b", components=["shelf"], buckets="300:600")
    value = {**ALONE, **TOGETHER}[field]
    if field == "traffic" and base[path_of("a")]["start"] == "2026-03-16":  # type: ignore[index]
        value = "40%"
    change = only(base, changed(base, path_of("a"), **{field: value}))
    assert bool(change.meets) is (field in TOGETHER)
    assert change.weighty is (field in {*TOGETHER, "owner"})


def test_meetings_are_those_of_the_status_of_the_same_tree() -> None:
    base = RUNNING | experiment("b", components=["shelf"], buckets="100:400")
    base |= experiment("c", components=["shelf"], start="2026-03-16", exclusive_with=["home/a"])
    head = changed(base, path_of("a"), components=["header", "shelf"], end="2026-04-06")
    tree = read(head)
    status = experiment_status(tree.catalog, tree.catalog.experiments["home/a"], TODAY)
    change = only(base, head)
    assert len(change.meets) == 2
    assert [str(meeting) for meeting in change.meets] == [str(meeting) for meeting in status.meets]


def test_a_change_has_a_side() -> None:
    change = only(RUNNING, changed(RUNNING, path_of("a"), title="Another"))
    assert change.experiment is change.after
    removed = only(RUNNING, without(RUNNING, path_of("a"), ledger_of("a")))
    assert removed.experiment is removed.before
