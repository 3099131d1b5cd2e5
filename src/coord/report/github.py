"""Workflow commands that GitHub turns into annotations on the changed files."""

from coord.checks.result import LocatedFinding, Result
from coord.domain.findings import Severity
from coord.report.summary import shown, summary
from coord.report.visible import visible

MOST_PER_LEVEL = 10
"""GitHub keeps this many annotations per level and step, and drops the others without a word."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result, *, infos: bool) -> str:
    """Annotations up to GitHub's limit for each level, what was left out, and a summary."""
    findings = shown(result, infos=infos)
    lines = []
    for severity, level in _LEVELS.items():
        found = [finding for finding in findings if finding.severity is severity]
        lines += [_annotation(level, finding) for finding in found[:MOST_PER_LEVEL]]
        if len(found) > MOST_PER_LEVEL:
            left_out = found[MOST_PER_LEVEL:]
            lines.append(
                f"{len(left_out)} more of level {level} are not annotated (GitHub shows {MOST_PER_LEVEL}):"
            )
            lines += [f"  {visible(_plain(finding))}" for finding in left_out]
    return "".join(f"{line}\n" for line in [*lines, summary(result, infos=infos)])


def _plain(finding: LocatedFinding) -> str:
    return f"{finding.location.path}:{finding.location.line} {finding.code} {finding.message}"


def _annotation(level: str, finding: LocatedFinding) -> str:
    location = finding.location
    properties = {
        "file": location.path,
        "line": str(location.line),
        "col": str(location.column),
        "title": f"{finding.code} {finding.experiment or finding.surface or ''}".strip(),
    }
    told = ",".join(f"{name}={_escape_property(visible(value))}" for name, value in properties.items())
    text = "\n".join(visible(part) for part in (finding.message, finding.why, finding.hint) if part)
    return f"::{level} {told}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
