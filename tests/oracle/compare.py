"""What a check says against what the brute force says: one line for each difference."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oracle.brute_force import Conflict, audiences_meet, conflicts, cooling, reasons, space_mismatches
from oracle.compare_budgets import (
    budget_differences,
    clique_differences,
    covers,
    draft_differences,
    of_code,
    order_differences,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oracle.shapes import Experiment, Organisation, Waiver

Finding = dict[str, Any]

# Everything generated is valid; these are all the codes that may come out.
POSSIBLE = re.compile("BKT00[12367]|BUD00[1-6]|LIF00[567]|MET005|REF003|SYS00[235]|WVR00[23]")
SEVERITIES = ("error", "warning", "info")


def differences(org: Organisation, files: Mapping[str, str], document: dict[str, Any]) -> list[str]:
    """Empty when the check and the oracle agree."""
    findings: list[Finding] = document["findings"]
    found = [f"unexpected {f['code']}: {f['message']}" for f in findings if not POSSIBLE.fullmatch(f["code"])]
    found += _conflict_differences(org, findings)
    found += _sets("REF003", space_mismatches(org), {_pair(f) for f in of_code(findings, "REF003")})
    found += budget_differences(org, findings)
    found += draft_differences(org, document)
    found += clique_differences(org, findings)
    found += order_differences(org, findings)
    found += _ledger_differences(org, findings)
    found += _waiver_differences(org, findings)
    found += _cooldown_differences(org, findings)
    found += _form_differences(files, document)
    return found


def _sets(what: str, expected: Iterable[Any], reported: Iterable[Any]) -> Iterator[str]:
    expected, reported = set(expected), set(reported)
    yield from (f"{what} not reported: {one}" for one in sorted(expected - reported, key=repr))
    yield from (f"{what} invented: {one}" for one in sorted(reported - expected, key=repr))


def _pair(finding: Finding) -> tuple[str, str]:
    (other,) = {related["experiment"] for related in finding["related"]}
    return finding["experiment"], other


def _conflict_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    expected = {(c.experiment, c.other): c for c in conflicts(org)}
    reported = of_code(findings, "BKT001")
    yield from _sets("BKT001", map(_said, expected.values()), map(_read, reported))
    if len(reported) != len({_pair(finding) for finding in reported}):
        yield "BKT001 reported twice for one pair"
    for finding in reported:
        conflict, waived = expected.get(_pair(finding)), finding["data"].get("waived")
        allowed = conflict.waivers if conflict else frozenset()
        if (waived is not None) != bool(allowed) or (
            waived and (waived["reason"], waived["until"]) not in allowed
        ):
            yield f"BKT001 {_pair(finding)}: waived {waived}, expected one of {sorted(allowed)}"


def _said(conflict: Conflict) -> tuple[Any, ...]:
    days = conflict.start.isoformat(), conflict.end.isoformat()
    why = tuple(sorted(conflict.reasons))
    return conflict.experiment, conflict.other, *days, conflict.buckets, conflict.severity, why


def _read(finding: Finding) -> tuple[Any, ...]:
    days = finding["days"]["from"], finding["days"]["to"]
    why = tuple(sorted({reason["kind"] for reason in finding["data"]["reasons"]}))
    return *_pair(finding), *days, finding["buckets"], finding["severity"], why


def _ledger_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """Which experiments have no ledger, a wrong one, and one that nobody drew."""
    missing = {e.key: e for e in org.active if e.ledger is None}
    reported = {f["experiment"]: f["severity"] for f in of_code(findings, "BKT002")}
    never = {e.key for e in missing.values() if e.start == e.end}  # stopped on its first day: nothing to hold
    yield from _sets("BKT002", missing, reported.keys() | never)
    for key in missing.keys() & reported.keys():
        allowed = _missing_severities(org, missing[key])
        if reported[key] not in allowed:
            yield f"BKT002 {key}: {reported[key]}, expected {allowed}"
    wrong = {e.key for e in org.experiments if e.ledger is not None and (e.draft or _mismatched(org, e))}
    yield from _sets("BKT003", wrong, (f["experiment"] for f in of_code(findings, "BKT003")))
    told = {f["experiment"] for f in of_code(findings, "BKT006")} - wrong
    yield from _sets("BKT006", {e.key for e in org.active if _migrated(e)} - wrong, told)


def _missing_severities(org: Organisation, experiment: Experiment) -> tuple[str, ...]:
    assert experiment.start is not None
    assert experiment.end is not None
    if experiment.end <= org.today:
        return ("info",)
    if experiment.start - org.today < timedelta(days=2):
        return ("error",)
    return ("warning", "error")  # it depends on the room there is


def _mismatched(org: Organisation, experiment: Experiment) -> bool:
    assert experiment.ledger is not None
    buckets = org.space(org.surface(experiment.surface).space).buckets
    wanted, before = [], 0
    for step in experiment.steps:
        wanted.append(int(step.share * buckets) - before)
        before = int(step.share * buckets)
    return wanted != [len(entry.buckets) for entry in experiment.ledger.entries]


def _migrated(experiment: Experiment) -> bool:
    ledger = experiment.ledger
    return ledger is not None and (ledger.migrated or any(entry.migrated for entry in ledger.entries))


def _waiver_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """Every expired waiver is said; that one matches nothing is said when, and only when, it is so."""
    expired = {_place(finding) for finding in of_code(findings, "WVR002")}
    idle = {_place(finding) for finding in of_code(findings, "WVR003")}
    wanted = set()
    for surface in org.surfaces:
        for number, waiver in enumerate(surface.waivers):
            place = surface.name, number
            if org.today >= waiver.until:
                wanted.add(place)
                continue
            named = [finding for finding in findings if _names(waiver, finding)]
            if not named and not _of_a_draw(org, waiver) and place not in idle:
                yield f"WVR003 not reported: {waiver} matches nothing"
            if any(covers(org, surface, waiver, finding) for finding in named) and place in idle:
                yield f"WVR003 invented: {waiver} covers a finding"
    yield from _sets("WVR002", wanted, expired)


def _of_a_draw(org: Organisation, waiver: Waiver) -> bool:
    """Without any finding, a waiver of BKT001 may still be what lets the next draw overlap."""
    if waiver.other is None:
        return False
    a, b = org.experiment(waiver.experiment), org.experiment(waiver.other)
    return not a.draft and not b.draft and bool(reasons(org, a, b)) and audiences_meet(org, a, b)


def _place(finding: Finding) -> tuple[str, int]:
    """The surface and the number of the waiver a finding is about."""
    number = re.fullmatch(r"/waivers/(\d+)(/.*)?", finding["location"]["pointer"])
    assert number, finding["location"]
    return finding["location"]["path"].split("/")[1], int(number[1])


def _names(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver speaks of this finding at all, whatever its surface and its days."""
    if waiver.rule == "BKT002" or waiver.rule != finding["code"]:
        return False
    named = {finding["experiment"], *(related["experiment"] for related in finding["related"])}
    return {waiver.experiment, waiver.other} - {None} <= named


def _cooldown_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """A pair that conflicts while both run may or may not be told a second time for the days after."""
    expected, reported = cooling(org), {frozenset(_pair(finding)) for finding in of_code(findings, "LIF005")}
    told = {frozenset((conflict.experiment, conflict.other)) for conflict in conflicts(org)}
    yield from _sets("LIF005", expected, reported | (expected & told))


def _form_differences(files: Mapping[str, str], document: dict[str, Any]) -> Iterator[str]:
    """Counts agree with what is listed, and every place is a place in a file."""
    counted = Counter(finding["severity"] for finding in document["findings"])
    wanted = {severity: counted[severity] for severity in SEVERITIES} | {"skipped": len(document["skipped"])}
    if document["counts"] != wanted:
        yield f"counts {document['counts']}, listed {wanted}"
    for finding in document["findings"]:
        for place in (finding, *finding["related"]):
            location = place["location"]
            lines = files.get(location["path"], "").split("\n")
            line, column = location["line"], location["column"]
            if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1):
                yield f"{finding['code']}: no such place {location}"
