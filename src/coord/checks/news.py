"""Which findings a change makes or makes worse, and which were there before it.

A finding is old when the base has one of the same code about the same that is at least as bad: as grave,
with at least its days and its buckets. An exceeded budget is old when on each of its days the base exceeds it
by as much, whoever takes part. Everything else is new.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from fractions import Fraction

from coord.domain.dates import Days
from coord.domain.findings import Finding

_NOT_WORSE_BY_FIGURES = {"BKT002", "BKT007", "MET005"}
"""Rules whose message has figures that move when somebody else's files do."""

_MEASURED = {"REF003", "BUD005"}
"""Rules whose findings are as bad as their days or figures say; so are those that count buckets."""


def news(found: Sequence[Finding], before: Sequence[Finding]) -> Iterator[bool]:
    """For each finding whether it is new. One of the base excuses one finding, or any number of breaches."""
    left: dict[Hashable, list[Finding]] = defaultdict(list)
    for old in before:
        left[_about(old)].append(old)
    for finding in found:
        known = [old for old in left[_about(finding)] if _as_grave(old, finding)]
        if finding.excess:
            yield not _exceeded_before(known, finding)
            continue
        excuse = next((old for old in known if _covers(old, finding)), None)
        if excuse:
            left[_about(finding)].remove(excuse)
        yield excuse is None


def _about(finding: Finding) -> Hashable:
    """What a finding is about, but for who else takes part."""
    if finding.excess:
        data, draft = finding.data, finding.experiment if finding.code == "BUD006" else None
        subject = (data.get("limit"), data.get("component"), data.get("team"))
        if finding.data.get("component"):  # the two limits on a component are told as one
            subject = (None, *subject[1:])
        return finding.code, finding.surface, subject, draft
    if finding.code == "BUD005":  # of those who must be exclusive, some may be gone
        return finding.code
    message = None if _measured(finding) or finding.code in _NOT_WORSE_BY_FIGURES else finding.message
    return finding.code, finding.experiment or finding.place.path, message


def _measured(finding: Finding) -> bool:
    """Whether figures say how bad it is, and not only its message."""
    return finding.buckets is not None or finding.code in _MEASURED


def _as_grave(old: Finding, finding: Finding) -> bool:
    return (
        old.severity is not None
        and finding.severity is not None
        and old.severity.rank >= finding.severity.rank
    )


def _exceeded_before(known: Sequence[Finding], finding: Finding) -> bool:
    """Whether on every day the budget was exceeded by as much."""
    there = sorted(stretch for old in known for stretch in old.excess)
    return all(_covered(days, over, there) for days, over in finding.excess)


def _covered(days: Days, over: Fraction, there: Sequence[tuple[Days, Fraction]]) -> bool:
    since = days.start
    for earlier, excess in there:
        if excess >= over and earlier.start <= since:
            since = max(since, earlier.end)
    return since >= days.end


def _covers(old: Finding, finding: Finding) -> bool:
    """Whether the old finding is about everybody that this one is about, and at least as bad."""
    if not _subjects(finding) <= _subjects(old):
        return False
    if finding.code in _NOT_WORSE_BY_FIGURES:
        return True
    if (finding.buckets or 0) > (old.buckets or 0) or _lacking(finding) > _lacking(old):
        return False
    days, earlier = finding.days, old.days
    if days is None or earlier is None:
        return days is None
    return earlier.start <= days.start and days.end <= earlier.end


def _subjects(finding: Finding) -> set[str]:
    related = (side.experiment for side in finding.related)
    return {key for key in (finding.experiment, *related) if key}


def _lacking(finding: Finding) -> Fraction:
    """How much room is missing."""
    data = finding.data
    if "over" in data:
        return Fraction(str(data["over"]).rstrip("%"))
    return Fraction(data["needed"] - data["free"]) if {"needed", "free"} <= data.keys() else Fraction(0)
