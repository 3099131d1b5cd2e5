"""The JSON document `coord.check/1` (schemas/check.schema.json)."""

import json
from typing import Any

from coord.checks.result import LocatedFinding, Location, Result
from coord.domain.findings import Pointer, Severity


def check_document(result: Result) -> dict[str, Any]:
    """The document: every key always present, null where it does not apply, in a stable order."""
    counts = {severity.value: result.count(severity) for severity in Severity}
    return {
        "format": "coord.check/1",
        "root": result.root,
        "today": result.today.isoformat(),
        "base": result.base,
        "behind": result.behind,
        "counts": {**counts, "skipped": len(result.skipped)},
        "findings": [_finding(finding) for finding in result.findings],
        "skipped": [
            {"code": skipped.code, "path": skipped.path, "reason": skipped.reason}
            for skipped in result.skipped
        ],
        "not_run": list(result.not_run),
        "not_replayable": [
            {"experiment": key, "entry": entry, "reason": reason}
            for key, entry, reason in result.not_replayable
        ],
    }


def render(result: Result) -> str:
    """The document as text; escapes keep it inert on a terminal."""
    return inert_json(check_document(result))


def inert_json(document: dict[str, Any]) -> str:
    """A document as ASCII text in which neither a terminal nor a runner of CI finds anything to act on."""
    return json.dumps(document, indent=2).replace("##", "#\\u0023") + "\n"


def _finding(finding: LocatedFinding) -> dict[str, Any]:
    days = finding.days
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "why": finding.why,
        "hint": finding.hint,
        "url": None,
        "experiment": finding.experiment,
        "surface": finding.surface,
        "location": _location(finding.location),
        "related": [
            {"experiment": side.experiment, "location": _location(side.location), "message": side.message}
            for side in finding.related
        ],
        "days": {"from": days.start.isoformat(), "to": days.end.isoformat()} if days else None,
        "buckets": finding.buckets,
        "new": finding.new,
        "data": dict(finding.data),
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "path": location.path,
        "line": None if location.gone else location.line,
        "column": None if location.gone else location.column,
        "pointer": json_pointer(location.pointer),
    }


def json_pointer(pointer: Pointer) -> str:
    """The pointer as RFC 6901 writes it; the whole document is the empty string."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)
