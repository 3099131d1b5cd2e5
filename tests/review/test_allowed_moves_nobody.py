"""What `coord check --base` lets through moves nobody: no bucket, no unit.

An organisation with experiments in every state, and random edits of every file.
"""

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coord.domain.change.field import Type
from review.trees import (
    BASELINE,
    COORD,
    METRICS,
    SURFACE,
    TODAY,
    Files,
    changed,
    errors,
    experiment,
    ledger_of,
    organisation,
    path_of,
    planned,
    read,
)

STEPS = {"2026-03-02": "10%", "2026-03-09": "20%", "2026-03-16": "30%"}
BASE = organisation(
    over={"start": "2026-02-02", "end": "2026-03-02", "buckets": "0:300"},
    runs={"buckets": "0:300", "audience": {"country": ["SE", "US"]}},
    grows={"traffic": STEPS, "buckets": ["300:400", "400:500", "500:600"], "components": ["shelf"]},
    rolls={"kind": "rollout", "variants": [{"name": "all"}], "buckets": "700:800", "traffic": "10%"},
    holds={"kind": "holdback", "components": None, "variants": None, "traffic": "5%", "buckets": "900:950"},
    waits={"start": "2026-03-16", "end": "2026-04-13", "buckets": "600:900", "components": ["shelf"]},
    idea={"status": "draft", "start": "2026-04-06", "end": "2026-05-04"},
)
BASE[path_of("waits")]["traffic"] = "30%"
BEFORE = read(BASE)
NAMES = ("over", "runs", "grows", "rolls", "holds", "waits", "idea")
FIELDS: dict[str, list[Any]] = {
    "title": ["Another"],
    "owner": ["two"],
    "hypothesis": ["Another."],
    "status": ["draft", "active"],
    "start": ["2026-03-02", "2026-03-09", "2026-03-10", "2026-03-16"],
    "end": ["2026-03-09", "2026-03-10", "2026-03-16", "2026-04-06", "2026-04-27"],
    "traffic": ["5%", "20%", "30%", "40%", STEPS, {"2026-03-02": "30%", "2026-03-16": "50%"},
                {"2026-03-02": "10%", "2026-03-09": "20%", "2026-03-20": "20%"}],
    "components": [["header"], ["shelf"], []],
    "exclusive_with": [["home/waits"], ["home/runs", "home/grows"]],
    "audience": [None, {"country": ["SE"]}, {"country": ["SE", "US"]}, {"platform": ["ios"]}],
    "salt": ["another"],
    "logged_as": ["another"],
    "variants": [
        [{"name": "control"}, {"name": "new", "weight": 3}],
        [{"name": "new"}, {"name": "control"}],
        [{"name": "control"}, {"name": "new"}, {"name": "newer"}],
        [{"name": "all"}],
    ],
    "metrics": [{"success": [{"metric": "opens", "mde": "1%"}]}],
    "analysis": [{"method": "always_valid"}, {"planned": 500}],
    "outcome": [{"decision": "shipped"}],
}  # fmt: skip
OTHER_FILES = [
    (COORD, "spaces", {"user": {"unit": "user_id", "salt": "another", "buckets": 1000}}),
    (COORD, "spaces", {"user": {"unit": "user_id", "salt": "salt-of-users", "buckets": 2000}}),
    (COORD, "teams", ["one", "two", "three"]),
    (COORD, "decision", {"alpha": "1%"}),
    (METRICS, "metrics", {**BASE[METRICS]["metrics"], "taps": BASE[METRICS]["metrics"]["plays"]}),
    (SURFACE, "audience", {**BASE[SURFACE]["audience"], "plan": {"values": ["free"]}}),
    (SURFACE, "audience", {"country": {"fixed": True, "values": ["SE", "US", "BR"]}}),
    (SURFACE, "budget", {"component": "80%", "concurrent": 9}),
    (SURFACE, "policy", {"cooldown_days": 3}),
    (SURFACE, "components", {"header": "Top", "shelf": "Rest", "footer": "Bottom"}),
    (BASELINE, "daily_units", 10),
]  # fmt: skip
LEDGERS: dict[str, list[list[str] | None]] = {
    "over": [["0:300"], ["300:600"], None],
    "runs": [["300:600"], ["0:200"], ["0:300", "600:700"], ["0:300", "950:1000"], None],
    "grows": [["300:400", "400:500"], ["300:400", "400:500", "600:700"], ["300:500"], ["300:400", "450:550"]],
    "rolls": [["700:800", "800:900"], ["650:750"], None],
    "holds": [["900:950"], ["950:1000"], None],
    "waits": [["0:300"], ["550:600"], ["600:900"], None],
    "idea": [["0:300"]],
}  # fmt: skip


@st.composite
def _edits(draw: st.DrawFn) -> Files:
    """The organisation after one to three edits, most of a field of an experiment."""
    files = dict(BASE)
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("field", "field", "field", "ledger", "ledger", "file", "gone", "new")))
        name = draw(st.sampled_from(NAMES))
        if kind == "field" and path_of(name) in files:
            field = draw(st.sampled_from(sorted(FIELDS)))
            files = changed(files, path_of(name), **{field: draw(st.sampled_from(FIELDS[field]))})
        elif kind == "ledger":
            ranges = draw(st.sampled_from(LEDGERS[name]))
            files = {path: value for path, value in files.items() if path != ledger_of(name)}
            written = experiment(name, buckets=ranges).get(ledger_of(name))
            files |= {ledger_of(name): written} if written else {}
        elif kind == "file":
            path, field, value = draw(st.sampled_from(OTHER_FILES))
            files = changed(files, path, **{field: value})
        elif kind == "gone":
            files = {path: value for path, value in files.items() if f"/{name}.yaml" not in path}
        elif kind == "new":
            files = files | experiment("more", start="2026-03-16", buckets="800:900", traffic="10%")
    return files


@settings(max_examples=250)
@given(_edits(), st.sampled_from((TODAY, date(2026, 3, 9), date(2026, 3, 18))))
def test_what_is_let_through_moves_nobody(head: Files, today: date) -> None:
    made = planned(BEFORE, head, today)
    if not errors(made):
        for change in made.changes:
            assert (change.moved.buckets, change.moved.units) == (0, 0), change.experiment.key
            assert change.type is Type.SAFE, change.experiment.key


def test_the_organisation_is_fine_and_much_is_let_through_and_much_is_not() -> None:
    """So the test above looks at something."""
    assert errors(planned({}, BASE, date(2026, 2, 1))) == []
    outcomes: Counter[tuple[bool, bool]] = Counter()
    for name in ("runs", "grows", "waits"):
        for field, pool in FIELDS.items():
            for value in pool:
                made = planned(BEFORE, changed(BASE, path_of(name), **{field: value}))
                moves = any(change.moved.buckets for change in made.changes)
                outcomes[bool(errors(made)), moves] += 1
    assert outcomes[False, True] == 0
    assert min(outcomes[False, False], outcomes[True, True], outcomes[True, False]) >= 10
