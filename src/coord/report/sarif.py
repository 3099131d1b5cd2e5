"""A SARIF 2.1.0 log, for code scanning and for whatever else reads findings of any tool."""

import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any
from urllib.parse import quote

from coord import __version__
from coord.checks.registry import BY_CODE
from coord.checks.result import LocatedFinding, Location, Result
from coord.checks.rule import Rule
from coord.domain.findings import Severity
from coord.report.fingerprints import fingerprints
from coord.report.json_report import inert_json
from coord.report.skips import ranges, skips, undated
from coord.report.visible import visible

MOST_RESULTS = 25_000
"""GitHub refuses a run with more (and shows the 5,000 gravest)."""

MOST_RELATED = 100
"""GitHub shows this many places of a result."""

_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

_Json = dict[str, Any]


def render(result: Result, *, prefix: str = "", most: int = MOST_RESULTS) -> str:
    """The log as JSON. `prefix` is the way from the repository's root to the tree's (`tools/coord/`)."""
    return inert_json(sarif_document(result, prefix=prefix, most=most))


def sarif_document(result: Result, *, prefix: str = "", most: int = MOST_RESULTS) -> _Json:
    """The log: one run, with the rules that found something and every finding, new and grave ones first."""
    marked = list(zip(result.findings, fingerprints(result.findings), strict=True))
    marked.sort(key=lambda pair: (not pair[0].counts, -pair[0].severity.rank))
    shown = marked[:most]
    codes = {finding.code for finding, _ in shown}
    rules = [rule for code, rule in BY_CODE.items() if code in codes]
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {"name": "coord", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(result, prefix, len(marked) - len(shown))],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, mark, index, prefix) for finding, mark in shown],
        "properties": {"today": result.today.isoformat(), "base": result.base},
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _rule(rule: Rule) -> _Json:
    why = " ".join(cleandoc(rule.__doc__ or "").split())
    return {
        "id": rule.code,
        "name": "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", rule.title)),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": why},
        "help": {"text": rule.fix, "markdown": f"{rule.fix} `coord explain {rule.code}` shows examples."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.code[:3]]},
    }


def _result(finding: LocatedFinding, mark: str, index: Mapping[str, int], prefix: str) -> _Json:
    result: _Json = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.location, prefix)],
        "partialFingerprints": {"coord/v1": mark},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(side.location, prefix), "message": {"text": _inert(side.message)}}
            for number, side in enumerate(finding.related[:MOST_RELATED], 1)
        ]
    if finding.new is not None:
        result["baselineState"] = "new" if finding.new else "unchanged"
    if waived := finding.data.get("waived"):
        reason = f"until {waived['until']}: {waived['reason']}"
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": visible(reason)}
        ]
    return result


def _message(finding: LocatedFinding) -> str:
    """What, why and what to do. Where room is short only the first sentence is shown."""
    left_out = len(finding.related) - MOST_RELATED
    parts = (
        _inert(finding.message),
        finding.why and f"Why: {_inert(finding.why)}",
        finding.hint and f"Help: {_inert(finding.hint)}",
        f"{left_out:,} more places are left out (--format json lists all)" if left_out > 0 else None,
    )
    return "\n".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def _inert(text: str) -> str:
    """The text without what SARIF would take for a link, `[text](1)`."""
    return visible(text).replace("](", "] (")


def _location(location: Location, prefix: str) -> _Json:
    region = {
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.line,
        "endColumn": location.column + max(1, location.length),
    }
    file = {"artifactLocation": _file(location.path, prefix)}
    return {"physicalLocation": file if location.gone else {**file, "region": region}}


def _file(path: str, prefix: str) -> _Json:
    return {"uri": quote(f"{prefix}{path}".encode("utf-8", "surrogateescape")), "uriBaseId": _ROOT}


def _invocation(result: Result, prefix: str, left_out: int) -> _Json:
    invocation: _Json = {"executionSuccessful": True}
    if told := [*_execution(result, prefix, left_out)]:
        invocation["toolExecutionNotifications"] = told
    if told := [*_configuration(result.not_run)]:
        invocation["toolConfigurationNotifications"] = told
    return invocation


def _execution(result: Result, prefix: str, left_out: int) -> Iterator[_Json]:
    """What was not checked, or is not in the log."""
    for skip in skips(result):
        place = {"physicalLocation": {"artifactLocation": _file(skip.path, prefix)}}
        text = f"{skip.path}: {skip.reason} ({skip.what}: {skip.codes})"
        yield {"level": "warning", "message": {"text": _inert(text)}, "locations": [place]}
    if told := undated(result):
        yield {"level": "note", "message": {"text": _inert(told)}}
    if left_out:
        text = f"{left_out:,} findings, the least grave, are left out (--format json lists all)"
        yield {"level": "warning", "message": {"text": text}}


def _configuration(not_run: Sequence[str]) -> Iterator[_Json]:
    if not_run:
        text = f"Not run without a base to compare with (--base REF): {ranges(not_run)}"
        yield {"level": "note", "message": {"text": text}}
