"""The sentence that closes a report, and what is shown of it."""

from collections import Counter
from collections.abc import Iterable

from coord.checks.result import LocatedFinding, Result
from coord.domain.findings import Severity


def shown(result: Result, *, infos: bool) -> list[LocatedFinding]:
    """The findings a person sees, new ones first; infos are only counted unless asked for."""
    found = [finding for finding in result.findings if infos or finding.severity is not Severity.INFO]
    return sorted(found, key=lambda finding: not finding.counts)


def summary(result: Result, *, infos: bool) -> str:
    """What was found in how much, and what is not shown."""
    notes = result.count(Severity.INFO)
    text = verdict(result, infos=infos)
    if notes and not infos:
        text += f" {many(notes, 'info')} not shown (--fail-on info shows {'it' if notes == 1 else 'them'})."
    return text


def outside(result: Result, *, infos: bool) -> str:
    """How much there is where nobody asked; nothing for none."""
    left = counted(finding for finding in result.outside if infos or finding.severity is not Severity.INFO)
    return f"{left} elsewhere not shown (`coord check` without a path shows all)." if left else ""


def verdict(result: Result, *, infos: bool) -> str:
    """One sentence: what was found in how much. With a base, what is new, and what was there before."""
    where = f"{many(result.experiments, 'experiment')} on {many(result.surfaces, 'surface')}"
    findings = shown(result, infos=infos)
    if result.base is None:
        return f"{counted(findings) or 'No errors or warnings'} in {where}."
    new = counted((finding for finding in findings if finding.counts), "new ")
    before = was_there_before(findings)
    behind = f" {newer(result.behind)}" if result.behind else ""
    return f"{new or 'No new errors or warnings'} in {where}{before and f'; {before}'}.{behind}"


def newer(behind: int) -> str:
    """That the branch compared with has gone on: what is there now may not fit with this."""
    commits = "1 commit" if behind == 1 else f"{behind:,} commits"
    lacking = f"{commits} to surfaces/ that this does not have"
    return f"The branch compared with has {lacking}: merge it and check again."


def was_there_before(findings: Iterable[LocatedFinding]) -> str:
    """How many of these a change has not made; nothing for none."""
    old = [finding for finding in findings if not finding.counts]
    verbs = "was there before and does" if len(old) == 1 else "were there before and do"
    return f"{counted(old)} {verbs} not count" if old else ""


def counted(findings: Iterable[LocatedFinding], kind: str = "") -> str:
    """`2 errors, 1 warning`; nothing for none."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(many(counts[severity], f"{kind}{severity}") for severity in Severity if counts[severity])


def statistics(result: Result) -> list[tuple[int, str]]:
    """How many findings each code has, most first."""
    counts = Counter(finding.code for finding in result.findings)
    return sorted(((number, code) for code, number in counts.items()), key=lambda row: (-row[0], row[1]))


def many(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
