"""The sentence that closes a report, and what is shown of it."""

from collections import Counter

from coord.checks.result import LocatedFinding, Result
from coord.domain.findings import Severity


def shown(result: Result, *, infos: bool) -> list[LocatedFinding]:
    """The findings a person sees; infos are only counted unless asked for."""
    return [finding for finding in result.findings if infos or finding.severity is not Severity.INFO]


def summary(result: Result, *, infos: bool) -> str:
    """One sentence: what was found in how much, and what is not shown."""
    where = f"{_many(result.experiments, 'experiment')} on {_many(result.surfaces, 'surface')}"
    errors, warnings, notes = (result.count(severity) for severity in Severity)
    parts = [_many(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if notes and infos:
        parts.append(_many(notes, "info"))
    text = ", ".join(parts) if parts else "No errors or warnings"
    text = f"{text} in {where}."
    if notes and not infos:
        text += f" {_many(notes, 'info')} not shown (--fail-on info shows {'it' if notes == 1 else 'them'})."
    return text


def statistics(result: Result) -> list[tuple[int, str]]:
    """How many findings each code has, most first."""
    counts = Counter(finding.code for finding in result.findings)
    return sorted(((number, code) for code, number in counts.items()), key=lambda row: (-row[0], row[1]))


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
