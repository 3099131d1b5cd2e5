"""Which findings a change makes or makes worse, and which were there before it.

A finding is old when the base has one of the same code about the same that is at least as bad: as grave, with
at least its days, its buckets and its excess. Everything else is new.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from fractions import Fraction

from coord.domain.findings import Finding

_NOT_WORSE_BY_FIGURES = {"BKT002", "BKT007", "MET005"}
"""Rules whose message has figures that move when somebody else's files do."""


def news(found: Sequence[Finding], before: Sequence[Finding]) -> Iterator[bool]:
    """For each finding whether it is new. One of the base excuses one finding."""
    left: dict[Hashable, list[Finding]] = defaultdict(list)
    for old in before:
        left[_about(old)].append(old)
    for finding in found:
        excuse = next((old for old in left[_about(finding)] if _covers(old, finding)), None)
        if excuse:
            left[_about(finding)].remove(excuse)
        yield excuse is None


def _about(finding: Finding) -> Hashable:
    """What a finding is about, but for who else takes part."""
    if finding.code.startswith("BUD"):
        data = finding.data
        draft = finding.experiment if finding.code == "BUD006" else None
        return (
            finding.code,
            finding.surface,
            data.get("limit"),
            data.get("component"),
            data.get("team"),
            draft,
        )
    message = None if _measured(finding) or finding.code in _NOT_WORSE_BY_FIGURES else finding.message
    return finding.code, finding.experiment or finding.place.path, message


def _measured(finding: Finding) -> bool:
    """Whether figures say how bad it is, and not only its message."""
    return finding.buckets is not None or finding.code.startswith("BUD")


def _covers(old: Finding, finding: Finding) -> bool:
    """Whether the old finding is about everybody that this one is about, and at least as bad."""
    if not _subjects(finding) <= _subjects(old):
        return False
    if old.severity is None or finding.severity is None or old.severity.rank < finding.severity.rank:
        return False
    if finding.code in _NOT_WORSE_BY_FIGURES:
        return True
    if (finding.buckets or 0) > (old.buckets or 0) or _over(finding) > _over(old):
        return False
    days, earlier = finding.days, old.days
    if days is None or earlier is None:
        return days is None
    return earlier.start <= days.start and days.end <= earlier.end


def _subjects(finding: Finding) -> set[str]:
    related = (side.experiment for side in finding.related)
    return {key for key in (finding.experiment, *related) if key}


def _over(finding: Finding) -> Fraction:
    """By how much something is exceeded or lacking."""
    data = finding.data
    if "over" in data:
        return Fraction(str(data["over"]).rstrip("%"))
    return Fraction(data["needed"] - data["free"]) if {"needed", "free"} <= data.keys() else Fraction(0)
