"""The golden directories: `cases/<CODE>/{good,bad}-<slug>/` has a tree and what `coord check` says of it.

Drop a folder with `surfaces/` (and a file `today` if the day matters; of a rule that compares also
`base/surfaces/`, the tree before the change), run this file with COORD_UPDATE=1 to write its `expected.txt`,
and read that before you commit it: `coord explain` shows it to users.
"""

import json
import os
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coord.checks.registry import BY_CODE, RULES
from coord.checks.result import Result
from coord.checks.rule import Rule
from coord.checks.runner import check
from coord.checks.selection import narrow
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import Base, load
from coord.domain.findings import Severity
from coord.report import json_report, text

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path for path in CASES.glob("*/*") if path.is_dir())
TODAY = "2026-03-10"

# What no tree can have without the other: a holdback that is drawn late has no ledger, and of experiments
# that need more than all buckets together, at least one has none.
COMPANIONS = {"BUD001": {"BKT002"}, "BUD005": {"BKT002"}, "LIF006": {"BKT002"}}

# A change in one file leaves another file behind it: the ledger of what is a draft now, of another traffic or
# of nobody, the experiment whose ledger is gone, an entry that is no draw any more.
COMPANIONS |= {
    "CHG001": {"BKT003"},
    "CHG002": {"BKT003", "CHG003"},
    "CHG003": {"BKT002", "BKT003", "BKT004"},
    "CHG004": {"BKT003"},
    "CHG005": {"BKT003"},
    "LIF001": {"BKT002"},
    "LIF003": {"BKT003"},
}

# The bases with errors of their own, that the change mends.
MENDED = {
    "CHG001/good-unreadable-on-the-base",
    "CHG003/good-missing-one-brought-in",
    "LIF001/good-unreadable-on-the-base",
}


@pytest.fixture(params=FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case, which is also the working directory, so that paths read `surfaces/...`."""
    folder: Path = request.param
    monkeypatch.chdir(folder)
    return folder


def test_the_report_is_what_a_user_should_read(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, report = _report(case, capfd)
    expected = case / "expected.txt"
    if os.environ.get("COORD_UPDATE"):
        expected.write_bytes(report.encode())
        pytest.skip("expected.txt is written; read it before you commit it")
    assert expected.is_file(), "no expected.txt; COORD_UPDATE=1 writes it"
    assert report.encode() == expected.read_bytes()
    assert code == int(any(f"[{known}]: " in report for known in BY_CODE))


def test_a_case_is_about_its_rule_and_nothing_else(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, document = _document(case, capfd)
    about, findings = case.parent.name, document["findings"]
    own = [finding for finding in findings if finding["code"] == about]
    serious = [finding for finding in findings if finding["severity"] != "info"]
    if case.name.startswith("good-"):
        assert not serious
        assert all("waived" in finding["data"] for finding in own)
    else:
        assert own
        assert not any("waived" in finding["data"] for finding in own)
        others = [finding for finding in serious if finding["code"] != about]
        assert {finding["code"] for finding in others} <= COMPANIONS.get(about, set())
        assert {finding["experiment"] for finding in others} <= {finding["experiment"] for finding in own}
    assert code == int(document["counts"]["error"] > 0)


def test_every_place_can_be_opened(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, document = _document(case, capfd)
    for finding in document["findings"]:
        for place in (finding["location"], *(side["location"] for side in finding["related"])):
            file = case / place["path"]
            gone = BY_CODE[finding["code"]].compares and not file.exists()
            if gone or finding["message"].startswith(f"{place['path']} is missing"):
                assert (case / "base" / place["path"]).is_file() == gone
                assert not file.exists()
                assert (place["line"], place["column"]) == ((None, None) if gone else (1, 1))
                continue
            lines = file.read_bytes().decode("utf-8-sig", "replace").split("\n")
            assert 1 <= place["line"] <= len(lines)
            assert 1 <= place["column"] <= len(lines[place["line"] - 1]) + 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_folder_is_good_or_bad_and_of_a_known_rule(folder: Path) -> None:
    assert folder.name.startswith(("good-", "bad-"))
    assert folder.parent.name in BY_CODE
    inside = {path.name for path in folder.iterdir()}
    assert inside <= {"surfaces", "base", "today", "expected.txt"}
    assert ("base" in inside) == BY_CODE[folder.parent.name].compares


@pytest.mark.parametrize(
    "folder",
    [folder for folder in FOLDERS if (folder / "base").is_dir()],
    ids=lambda folder: f"{folder.parent.name}/{folder.name}",
)
def test_what_is_found_in_a_change_is_the_change(folder: Path) -> None:
    before = narrow(check(load(WorkingTree(folder / "base")), _day(folder)), (), ("BKT006",), ())
    serious = [finding for finding in before.findings if finding.severity is not Severity.INFO]
    assert bool(serious or before.skipped) == (f"{folder.parent.name}/{folder.name}" in MENDED)
    assert _compared(folder).base
    assert all(finding.new for finding in _compared(folder).findings if finding.code == folder.parent.name)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.compares], ids=lambda rule: rule.code)
def test_data_has_one_shape_for_each_rule(rule: Rule) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    keys = set()
    for folder in (CASES / rule.code).glob("bad-*"):
        for finding in json.loads(json_report.render(_compared(folder)))["findings"]:
            if finding["code"] == rule.code:
                keys.add(frozenset(finding["data"]))
                for key, value in finding["data"].items():
                    kinds[key].add(type(value).__name__)
    assert len(keys) == 1
    assert keys != {frozenset()}
    assert all(len(found - {"NoneType"}) <= 1 for found in kinds.values()), kinds


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_good_case_and_a_bad_one_of_its_own_severity(rule: Rule) -> None:
    assert list((CASES / rule.code).glob("good-*/surfaces"))
    reports = [path.read_text("utf-8") for path in (CASES / rule.code).glob("bad-*/expected.txt")]
    assert any(f"{rule.severity}[{rule.code}]: " in report for report in reports)


def _check(case: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and the output of `coord check`, without the infos about migrated ledgers.

    Most ledgers of the cases are migrated, because ranges are easier to read than bitsets.
    """
    ignored = () if case.parent.name == "BKT006" else ("--ignore", "BKT006")
    code = run(["check", "--root", ".", "--today", _day(case).isoformat(), *ignored, *options])
    output, errors = capfd.readouterr()
    assert not errors
    return code, output


def _day(case: Path) -> date:
    day = case / "today"
    return date.fromisoformat(day.read_text("utf-8").strip() if day.exists() else TODAY)


def _compared(case: Path) -> Result:
    """What `coord check --base` finds when the base is the tree in the folder of that name."""
    base = Base("0" * 40, load(WorkingTree(case / "base")))
    return narrow(check(load(WorkingTree(case)), _day(case), base=base), (), ("BKT006",), ())


def _report(case: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the text with infos."""
    if not (case / "base").is_dir():
        return _check(case, capfd, "--fail-on", "info")
    result = _compared(case)
    report = text.render(result, infos=True, with_statistics=False, color=False)
    return int(any(finding.counts for finding in result.findings)), report


def _document(case: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    if (case / "base").is_dir():
        result = _compared(case)
        failed = any(f.severity is Severity.ERROR and f.counts for f in result.findings)
        return int(failed), json.loads(json_report.render(result))
    code, output = _check(case, capfd, "--format", "json")
    return code, json.loads(output)
