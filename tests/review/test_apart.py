"""A plan says whom a running experiment can meet once a dimension is not `fixed` any more."""

import pytest

from coord.domain.change.field import Type
from coord.report import plan_text
from review.trees import (
    SURFACE,
    Files,
    changed,
    errors,
    experiment,
    ledger_of,
    organisation,
    path_of,
    planned,
    without,
)

SWEDEN, STATES = {"country": ["SE"]}, {"country": ["US"]}
BASE = organisation(
    a={"audience": SWEDEN, "buckets": "0:300"},
    b={"audience": STATES, "components": ["shelf"], "buckets": "200:500"},
)


def _loose(files: Files) -> Files:
    """The same where a unit may have several countries."""
    return changed(files, SURFACE, audience={"country": {"values": ["SE", "US"]}})


def _told(base: Files, head: Files) -> dict[str, list[tuple[str, str, Type]]]:
    return {
        change.experiment.key: [(one.field, one.before, one.type) for one in change.fields]
        for change in planned(base, head).changes
    }


def test_those_that_may_overlap_are_named() -> None:
    assert _told(BASE, _loose(BASE)) == {
        "home/a": [("apart_from", "home/b", Type.SAFE)],
        "home/b": [("apart_from", "home/a", Type.SAFE)],
    }
    text = plan_text.render(planned(BASE, _loose(BASE)), color=False)
    assert "    apart_from: home/b -> nothing\n" in text
    assert "      safe: country is not `fixed` any more, so a unit can be in both\n" in text
    assert "    33.33% home/b  from 2026-03-02 until 2026-03-30\n" in text


def test_those_that_must_be_exclusive_are_in_conflict() -> None:
    base = changed(BASE, path_of("b"), components=["header"])
    made = planned(base, _loose(base))
    assert "BKT001" in errors(made)
    (field,) = made.changes[0].fields
    assert (field.type, field.before) == (Type.FORBIDDEN, "home/b")
    assert field.reason.endswith("so a unit can be in both, and they must be exclusive")
    waiver = {
        "rule": "BKT001",
        "experiment": "home/b",
        "with": "home/a",
        "reason": "x",
        "until": "2026-04-01",
    }
    waived = changed(base, SURFACE, waivers=[waiver])
    assert _told(waived, _loose(waived))["home/a"] == [("apart_from", "home/b", Type.SAFE)]


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (BASE, BASE),
        (_loose(BASE), BASE),  # they are kept apart from then on
        (without(BASE, path_of("b"), ledger_of("b")), None),
        (BASE | experiment("b", audience=STATES, components=["shelf"], buckets="300:600"), None),  # no bucket
        (
            BASE | experiment("b", audience=STATES, start="2026-02-02", end="2026-03-10", buckets="0:300"),
            None,
        ),
        (
            BASE | experiment("b", audience=SWEDEN, components=["shelf"], buckets="200:500"),
            None,
        ),  # they do now
        (BASE, {**BASE, SURFACE: "["}),
    ],
)
def test_nothing_is_said_where_nobody_new_is_met(base: Files, head: Files | None) -> None:
    head = _loose(base) if head is None else head
    fields = [field for fields in _told(base, head).values() for field, _, _ in fields]
    assert "apart_from" not in fields


def test_one_that_has_not_started_is_told_by_the_one_that_runs() -> None:
    later = experiment("c", start="2026-03-16", audience=STATES, components=["shelf"], traffic="20%")
    base = without(BASE, path_of("b"), ledger_of("b")) | later
    assert _told(base, _loose(base)) == {"home/a": [("apart_from", "home/c", Type.SAFE)]}
