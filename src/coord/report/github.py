"""Workflow commands that GitHub turns into annotations on the changed files."""

from coord.checks.result import LocatedFinding, Result
from coord.domain.findings import Severity
from coord.report.skips import gaps
from coord.report.summary import shown, summary
from coord.report.visible import visible

MOST_PER_LEVEL = 10
"""GitHub keeps this many annotations per level and step, and drops the others without a word."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result, *, infos: bool, in_summary: bool = False, prefix: str = "") -> str:
    """Annotations up to GitHub's limit for each level, what was left out or not checked, and a summary.

    What was there before a change gets none: it would be noise on lines that others wrote. `in_summary` says
    that the step summary has every finding; otherwise those left out are listed. `prefix` is the way from
    the repository's root to the tree's (`tools/coord/`).
    """
    findings = [finding for finding in shown(result, infos=infos) if finding.counts]
    lines = []
    for severity, level in _LEVELS.items():
        found = [finding for finding in findings if finding.severity is severity]
        lines += [_annotation(level, finding, prefix) for finding in found[:MOST_PER_LEVEL]]
        lines += _left_out(level, found[MOST_PER_LEVEL:], in_summary=in_summary)
    lines += [visible(line) for line in gaps(result)]
    return "".join(f"{line}\n" for line in [*lines, summary(result, infos=infos)])


def _left_out(level: str, findings: list[LocatedFinding], *, in_summary: bool) -> list[str]:
    if not findings:
        return []
    are = "is" if len(findings) == 1 else "are"
    told = f"{len(findings)} more of level {level} {are} not annotated (GitHub shows {MOST_PER_LEVEL})"
    if in_summary:
        return [f"{told}: see the step summary."]
    return [f"{told}:", *(f"  {visible(_plain(finding))}" for finding in findings)]


def _plain(finding: LocatedFinding) -> str:
    return f"{finding.location.place} {finding.code} {finding.message}"


def _annotation(level: str, finding: LocatedFinding, prefix: str) -> str:
    location = finding.location
    properties = {
        "file": f"{prefix}{location.path}",
        **({} if location.gone else {"line": str(location.line), "col": str(location.column)}),
        "title": f"{finding.code} {finding.experiment or finding.surface or ''}".strip(),
    }
    told = ",".join(f"{name}={_escape_property(visible(value))}" for name, value in properties.items())
    text = "\n".join(visible(part) for part in (finding.message, finding.why, finding.hint) if part)
    return f"::{level} {told}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
