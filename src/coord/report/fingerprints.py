"""What a finding is known by from run to run, whatever line it stands on and whatever else is found."""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from coord.checks.result import LocatedFinding

_SUBJECTS = ("limit", "component", "team", "space")
"""What the data of a finding may say it is about. Figures and days are not among them: they change."""


def fingerprints(findings: Sequence[LocatedFinding]) -> list[str]:
    """One for each finding, all different: findings about the same things are numbered by their places."""
    digests = [_digest(finding) for finding in findings]
    seen: Counter[str] = Counter()
    result = [""] * len(findings)
    for number in sorted(range(len(findings)), key=lambda number: _place(findings[number])):
        digest = digests[number]
        seen[digest] += 1
        result[number] = f"{digest}:{seen[digest]}"
    return result


def _digest(finding: LocatedFinding) -> str:
    subjects = json.dumps([finding.code, *_subjects(finding)])
    return sha256(subjects.encode()).hexdigest()[:32]


def _subjects(finding: LocatedFinding) -> list[object]:
    """Its limit, or its experiments, or else a place in a file, without the numbers of items in lists."""
    about = {name: finding.data[name] for name in _SUBJECTS if isinstance(finding.data.get(name), str)}
    if finding.code == "BUD006":
        return [about, finding.surface, finding.experiment]
    if "limit" in about:  # who takes part comes and goes
        return [about, finding.surface]
    keys = {key for key in (finding.experiment, *(side.experiment for side in finding.related)) if key}
    if len(keys) > 1 and finding.code != "BUD005":
        return [about, sorted(keys)]
    pointer = ["*" if isinstance(part, int) else part for part in finding.location.pointer]
    return [about, finding.experiment, finding.location.path, pointer]


def _place(finding: LocatedFinding) -> tuple[object, ...]:
    location = finding.location
    return location.path, location.line, location.column, finding.message
