"""How grave what a change waives is: as grave as it would be without the waiver."""

from collections.abc import Mapping

import pytest

from coord.domain.findings import Severity
from review.trees import BASE, SURFACE, Files, changed, experiment, path_of, planned

UNTIL = {"experiment": "home/b", "until": "2026-06-01", "reason": "agreed"}

CASES: dict[str, tuple[Files, Mapping[str, str]]] = {
    "error": (
        experiment("b", start="2026-03-16", buckets="200:500"),
        {"rule": "BKT001", "with": "home/a", **UNTIL},
    ),
    "length": (experiment("b", start="2026-03-16", end="2026-03-18"), {"rule": "LIF002", **UNTIL}),
    "draft": (
        experiment("b", status="draft", components=["shelf"]),
        {"rule": "MET002", **UNTIL},
    ),
    "over": (
        experiment("b", start="2026-03-02", end="2026-03-06", traffic="80%", buckets="200:1000"),
        {"rule": "BUD001", **UNTIL},
    ),
}


def _waived(files: Files, waiver: Mapping[str, str]) -> list[tuple[str, Severity]]:
    head = changed(BASE | files, SURFACE, waivers=[dict(waiver)], metrics=None)
    return [(one.finding.code, one.severity) for one in planned(BASE, head).waived]


def _unwaived(files: Files, code: str) -> list[tuple[str, Severity]]:
    head = changed(BASE | files, SURFACE, metrics=None)
    found = planned(BASE, head).new_findings
    return [(one.code, one.severity) for one in found if one.code == code and one.experiment == "home/b"]


@pytest.mark.parametrize("case", CASES)
def test_it_is_as_grave_as_without_the_waiver(case: str) -> None:
    files, waiver = CASES[case]
    told = _waived(files, waiver)
    assert told
    assert told == _unwaived(files, waiver["rule"])


def test_what_was_there_before_is_not_waived_by_the_change() -> None:
    files, waiver = CASES["error"]
    base = BASE | files
    made = planned(base, changed(base, SURFACE, waivers=[dict(waiver)]))
    assert made.waived == ()
    worse = changed(base, SURFACE, waivers=[dict(waiver)])
    made = planned(base, changed(worse, path_of("b"), end="2026-04-13"))
    assert [one.finding.code for one in made.waived] == []  # no longer together than before
