"""SARIF: valid by the schema of the standard, inert, and with what GitHub's code scanning looks at."""

import json
import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from coord.checks.registry import BY_CODE, RULES
from coord.checks.result import Location, Result
from coord.domain.findings import Cause, Severity, Skipped
from coord.report.sarif import MOST_RELATED, render, sarif_document
from report.results import BASE, HOSTILE, finding, result

SCHEMA = "sarif-2.1.0-rtm.5.json"


def _run(checked: Result, prefix: str = "", most: int = 1000) -> dict[str, Any]:
    (run,) = sarif_document(checked, prefix=prefix, most=most)["runs"]
    return dict(run)


def _waived() -> dict[str, Any]:
    return {"waived": {"reason": "additive copy", "until": "2026-04-01"}}


RESULTS = {
    "nothing": result(),
    "one of each severity": result(*(finding(n, severity=s) for n, s in enumerate(Severity, 1))),
    "every rule": result(*(finding(n, code=rule.code) for n, rule in enumerate(RULES, 1))),
    "compared": result(finding(new=True), finding(2, new=False), base=BASE),
    "waived": result(finding(severity=Severity.INFO, data=_waived())),
    "hostile": result(
        finding(message=HOSTILE, why=HOSTILE, hint=HOSTILE, path=f"surfaces/{HOSTILE}\udcff.yaml"),
        skipped=(Skipped("BKT001", HOSTILE, HOSTILE, Cause.BROKEN),),
    ),
    "skipped": result(
        skipped=(
            Skipped("BKT001", "surfaces/x.yaml", "it could not be read", Cause.BROKEN),
            Skipped("BUD006", "surfaces/home/experiments/d.yaml", "no dates", Cause.UNDATED),
        ),
        not_run=("CHG001", "CHG002", "LIF001"),
    ),
    "too many": result(*(finding(n, others=("home/b",) * (MOST_RELATED + 1)) for n in range(1, 4))),
}  # fmt: skip


@cache
def _schema() -> jsonschema.Draft4Validator:
    folder = os.environ.get("COORD_SARIF_SCHEMA", "")
    path = Path(folder) / SCHEMA
    reason = f"{path} is missing: name the folder of SARIF's schema in COORD_SARIF_SCHEMA"
    if not (folder and path.is_file()) and "npm" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not (folder and path.is_file()):
        pytest.skip(reason)
    return jsonschema.Draft4Validator(json.loads(path.read_text("utf-8")))


@pytest.mark.npm
@pytest.mark.parametrize("checked", RESULTS.values(), ids=RESULTS)
def test_the_log_keeps_to_the_schema_of_the_standard(checked: Result) -> None:
    document = json.loads(render(checked))
    _schema().validate(document)
    del document["runs"][0]["tool"]["driver"]["name"]
    assert not _schema().is_valid(document)


def test_a_finding_has_what_code_scanning_shows() -> None:
    run = _run(result(finding(7)), prefix="tools/my coord/")
    assert run["tool"]["driver"]["rules"][0]["id"] == "BKT001"
    assert run["results"] == [
        {
            "ruleId": "BKT001",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "something.\nWhy: why so.\nHelp: do `this`."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": "tools/my%20coord/surfaces/home/experiments/a.yaml",
                            "uriBaseId": "%SRCROOT%",
                        },
                        "region": {"startLine": 7, "startColumn": 10, "endLine": 7, "endColumn": 13},
                    }
                }
            ],
            "partialFingerprints": {"coord/v1": run["results"][0]["partialFingerprints"]["coord/v1"]},
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": "tools/my%20coord/surfaces/home/experiments/b.yaml",
                            "uriBaseId": "%SRCROOT%",
                        },
                        "region": {"startLine": 120, "startColumn": 1, "endLine": 120, "endColumn": 2},
                    },
                    "message": {"text": "the other"},
                }
            ],
        }
    ]


def test_rules_are_those_that_occur_and_say_why_and_how_to_fix() -> None:
    run = _run(result(finding(code="LIF004"), finding(code="BKT001"), finding(code="LIF004")))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["BKT001", "LIF004"]
    assert [rules[found["ruleIndex"]]["id"] for found in run["results"]] == ["LIF004", "BKT001", "LIF004"]
    assert rules[1]["name"] == "EndBeforeStart"
    assert rules[1]["help"]["text"] == BY_CODE["LIF004"].fix
    assert rules[1]["properties"]["tags"] == ["LIF"]


def test_rules_keep_to_the_limits_of_code_scanning() -> None:
    rules = _run(RESULTS["every rule"])["tool"]["driver"]["rules"]
    assert len({rule["name"] for rule in rules}) == len(RULES)
    for rule in rules:
        assert re.fullmatch(r"([A-Z0-9][A-Za-z0-9]*){1,255}", rule["name"])
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024


def test_what_was_there_before_is_unchanged_and_comes_last() -> None:
    old, warning = finding(1, new=False), finding(2, severity=Severity.WARNING, new=True)
    found = _run(result(old, warning, base=BASE))["results"]
    assert [(one["level"], one["baselineState"]) for one in found] == [
        ("warning", "new"),
        ("error", "unchanged"),
    ]
    assert "baselineState" not in _run(result(finding()))["results"][0]


def test_a_waived_finding_is_suppressed() -> None:
    (found,) = _run(RESULTS["waived"])["results"]
    assert found["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "until 2026-04-01: additive copy"}
    ]
    assert found["level"] == "note"


def test_what_was_not_checked_is_notified() -> None:
    (invocation,) = _run(RESULTS["skipped"])["invocations"]
    assert invocation["executionSuccessful"] is True
    broken, undated = invocation["toolExecutionNotifications"]
    assert broken["message"]["text"] == "surfaces/x.yaml: it could not be read (checked without it: BKT001)"
    assert broken["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "surfaces/x.yaml"
    assert undated["message"]["text"].startswith("1 draft without dates or traffic is left out")
    (told,) = invocation["toolConfigurationNotifications"]
    assert (
        told["message"]["text"] == "Not run without a base to compare with (--base REF): CHG001-002, LIF001"
    )


def test_too_much_is_left_out_the_least_grave_first_and_said() -> None:
    notes = [finding(n, severity=Severity.INFO) for n in range(1, 4)]
    run = _run(result(*notes, finding(9)), most=2)
    assert [found["level"] for found in run["results"]] == ["error", "note"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("2 findings, the least grave, are left out")


def test_no_more_related_places_than_are_shown() -> None:
    found = _run(RESULTS["too many"])["results"][0]
    assert len(found["relatedLocations"]) == MOST_RELATED
    assert "1 more places are left out" in found["message"]["text"]


def test_the_log_is_inert() -> None:
    shown = render(RESULTS["hostile"])
    assert shown.isascii()
    assert "##[" not in shown
    (found,) = json.loads(shown)["runs"][0]["results"]
    assert "](" not in found["message"]["text"]  # an embedded link of SARIF
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", found["message"]["text"])
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"surfaces/[\w.~%/-]+%FF\.yaml", uri, re.ASCII)


def test_columns_count_characters() -> None:
    location = Location("a.yaml", 1, 3, (), "𝒳𝒳traffic", 7)
    run = _run(result(replace(finding(), location=location)))
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 3
