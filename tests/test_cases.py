"""The golden directories: `cases/<CODE>/{good,bad}-<slug>/` has a tree and what `coord check` says of it.

Drop a folder with `surfaces/` (and a file `today` if the day matters), run this file with COORD_UPDATE=1 to
write its `expected.txt`, and read that before you commit it: `coord explain` shows it to users.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from coord.checks.registry import BY_CODE, RULES
from coord.checks.rule import Rule
from coord.cli.main import run

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path for path in CASES.glob("*/*") if path.is_dir())
TODAY = "2026-03-10"

# What no tree can have without the other: a holdback that is drawn late has no ledger, and of experiments
# that need more than all buckets together, at least one has none.
COMPANIONS = {"BUD001": {"BKT002"}, "BUD005": {"BKT002"}, "LIF006": {"BKT002"}}


@pytest.fixture(params=FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case, which is also the working directory, so that paths read `surfaces/...`."""
    folder: Path = request.param
    monkeypatch.chdir(folder)
    return folder


def test_the_report_is_what_a_user_should_read(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, report = _check(case, capfd, "--fail-on", "info")
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
            if finding["message"].startswith(f"{place['path']} is missing"):
                assert not file.exists()
                assert (place["line"], place["column"]) == (1, 1)
                continue
            lines = file.read_bytes().decode("utf-8-sig", "replace").split("\n")
            assert 1 <= place["line"] <= len(lines)
            assert 1 <= place["column"] <= len(lines[place["line"] - 1]) + 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_folder_is_good_or_bad_and_of_a_known_rule(folder: Path) -> None:
    assert folder.name.startswith(("good-", "bad-"))
    assert folder.parent.name in BY_CODE
    assert {path.name for path in folder.iterdir()} <= {"surfaces", "today", "expected.txt"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_good_case_and_a_bad_one_of_its_own_severity(rule: Rule) -> None:
    assert list((CASES / rule.code).glob("good-*/surfaces"))
    reports = [path.read_text("utf-8") for path in (CASES / rule.code).glob("bad-*/expected.txt")]
    assert any(f"{rule.severity}[{rule.code}]: " in report for report in reports)


def _check(case: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and the output of `coord check`, without the infos about migrated ledgers.

    Most ledgers of the cases are migrated, because ranges are easier to read than bitsets.
    """
    day = case / "today"
    today = day.read_text("utf-8").strip() if day.exists() else TODAY
    ignored = () if case.parent.name == "BKT006" else ("--ignore", "BKT006")
    code = run(["check", "--root", ".", "--today", today, *ignored, *options])
    output, errors = capfd.readouterr()
    assert not errors
    return code, output


def _document(case: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code, output = _check(case, capfd, "--format", "json")
    document: dict[str, Any] = json.loads(output)
    return code, document
