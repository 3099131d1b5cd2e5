"""What is said of a document that does not keep to its schema, and where."""

from typing import Any

import pytest

from coord.config.schemas import schema_errors
from coord.domain.findings import Pointer

ACTIVE = {
    "experiment": "a",
    "surface": "home",
    "kind": "ab_test",
    "title": "A",
    "owner": "growth",
    "hypothesis": "It helps.",
    "status": "active",
    "start": "2026-03-02",
    "end": "2026-03-30",
    "traffic": "20%",
    "variants": [{"name": "control"}, {"name": "a"}],
}
HOLDBACK = {key: value for key, value in ACTIVE.items() if key != "variants"} | {"kind": "holdback"}


def _without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in ACTIVE.items() if key not in keys}


def _said(name: str, document: Any) -> list[tuple[str, Pointer]]:
    return [(error.message, error.pointer) for error in schema_errors(name, document)]


@pytest.mark.parametrize(
    ("document", "message", "pointer"),
    [
        ([], "the file is a list, and must be a mapping", ()),
        ({**ACTIVE, "owner": ["x"]}, "`owner` is a list, and must be text", ("owner",)),
        ({**ACTIVE, "start": ["x"]}, "`start` is a list, and must be a day written YYYY-MM-DD", ("start",)),
        ({**ACTIVE, "traffic": 0.2}, "`traffic` is the number 0.2; write 20% (or 0.2%)", ("traffic",)),
        ({**ACTIVE, "holds": ["x"]}, "`holds` does not belong in an experiment of kind ab_test", ("holds",)),
        (
            {**ACTIVE, "variants": [{"name": "a"}]},
            "`variants` has 1; an ab_test needs at least 2",
            ("variants",),
        ),
        (
            {**ACTIVE, "kind": "rollout", "variants": [{"name": n} for n in "abc"]},
            "`variants` has 3; a rollout has at most 2",
            ("variants",),
        ),
        ({**HOLDBACK, "components": ["x"]}, "`components` has 1; a holdback has none", ("components",)),
        (
            {**HOLDBACK, "holds": "home"},
            '`holds` is "home", and must be `all` or a list of surfaces',
            ("holds",),
        ),
        ({**ACTIVE, "components": ["x", "y", "x"]}, "`components` names x twice", ("components", 2)),
        (
            {**ACTIVE, "analysis": {"looks": []}},
            "`looks` has 0, and needs at least 1",
            ("analysis", "looks"),
        ),
    ],
)
def test_an_experiment(document: Any, message: str, pointer: Pointer) -> None:
    assert _said("experiment", document) == [(message, pointer)]


@pytest.mark.parametrize("weight", ["50%", "one"])
def test_a_weight_that_is_no_number(weight: str) -> None:
    document = {**ACTIVE, "variants": [{"name": "a"}, {"name": "b", "weight": weight}]}
    message = f'`weight` is "{weight}", and must be a whole number such as 1'
    assert _said("experiment", document) == [(message, ("variants", 1, "weight"))]


def test_missing_keys_of_one_mapping_are_one_finding() -> None:
    (error,) = schema_errors("experiment", _without("start", "end", "traffic"))
    assert error.message == "the keys `start`, `end` and `traffic` are missing"
    assert error.hint == "write them, or set `status: draft`"
    (error,) = schema_errors("experiment", _without("end"))
    assert (error.message, error.hint) == ("the key `end` is missing", "write it, or set `status: draft`")
    (error,) = schema_errors("experiment", _without("title", "end"))
    assert (error.message, error.hint) == ("the keys `title` and `end` are missing", None)
    assert _said("coord", {"spaces": {"user": {}}}) == [
        ("the key `teams` is missing", ()),
        ("the keys `unit`, `salt` and `buckets` are missing", ("spaces", "user")),
    ]


def test_what_belongs_to_other_metrics_and_ledgers() -> None:
    part = {"event": "e", "aggregate": "count"}
    ratio = {"ratio": {"numerator": part, "denominator": part}, "window": "7d", "direction": "increase"}
    assert _said("metrics", {"metrics": {"ctr": {**ratio, "cap": 1}}}) == [
        ("`cap` does not belong in a metric with `ratio`", ("metrics", "ctr", "cap"))
    ]
    ledger = {"experiment": "home/a", "space": "user", "version": 1, "migrated": True}
    entry = {"buckets": "0:1", "avoids": {}}
    assert _said("allocation", {**ledger, "entries": [entry]}) == [
        ("`avoids` does not belong in an entry that is migrated", ("entries", 0, "avoids"))
    ]
