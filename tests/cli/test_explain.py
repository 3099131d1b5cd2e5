"""`coord explain`: every rule has a reason, a remedy and examples, and the examples are what they say."""

import os
from pathlib import Path

import pytest

from coord.checks.examples import Example, Examples, examples_of
from coord.checks.families import FAMILIES
from coord.checks.registry import RULES
from coord.checks.rule import Rule
from coord.checks.runner import check
from coord.cli.main import run
from coord.config.files import MemoryFiles
from coord.config.load import Base, load

ROOT = Path(__file__).parents[2]
RULES_PAGE = ROOT / "docs" / "rules.md"


def _codes(example: Example) -> set[str]:
    before = example.case.base
    base = None if before is None else Base("0" * 40, load(MemoryFiles(before)))
    result = check(load(MemoryFiles(example.case.files)), example.case.today, base=base)
    return {finding.code for finding in result.findings}


def _examples(rule: Rule) -> Examples:
    examples = examples_of(rule.code)
    assert examples, f"{rule.code} has no pair of cases to show"
    return examples


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_is_found_and_the_good_one_is_not(rule: Rule) -> None:
    examples = _examples(rule)
    assert rule.code in _codes(examples.bad)
    assert rule.code not in _codes(examples.good)
    for example in examples:
        assert example.paths
        assert (example.case.base is not None) == rule.compares
        assert set(example.paths) <= {*example.case.files, *(example.case.base or ())}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_explained_in_full(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", rule.code.lower()]) == 0
    told = capsys.readouterr().out
    words = " ".join(told.split())
    assert told.startswith(f"{rule.code}: {rule.title} ({rule.severity}, ")
    assert ("can be waived" in told) == rule.waivable
    assert " ".join((rule.__doc__ or "").split()) in words
    assert f"How to fix: {rule.fix}" in words
    assert f"{rule.severity}[{rule.code}]: " in told
    assert "base64:" not in told or max(map(len, told.splitlines())) < 200
    for example in _examples(rule):
        for path in example.paths:
            assert any(f"\n  {path}{fate}\n" in told for fate in ("", " (new)", " (removed)"))
    assert ("\n    @@ -" in told) == rule.compares
    assert ("compares with a base" in words) == rule.compares
    assert ("  $ coord check --base origin/main --today " in told) == rule.compares


def test_fixes_are_a_sentence_or_two_of_their_own() -> None:
    fixes = [rule.fix for rule in RULES]
    assert len(set(fixes)) == len(fixes)
    for rule in RULES:
        assert rule.fix.endswith("."), rule.code
        assert len(rule.fix) < 300, rule.code
        assert rule.code[:3] in FAMILIES


def test_what_differs_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "BUD001"]) == 0
    good = capsys.readouterr().out.partition("\nGood: ")[2]
    assert [line for line in good.splitlines() if line.startswith("    >")] == ["    > traffic: 40%"]


def test_a_change_is_shown_as_a_diff(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "LIF003"]) == 0
    bad = capsys.readouterr().out.partition("\nBad: ")[2].partition("\n  $ ")[0]
    assert bad.splitlines() == [
        "revived, as a diff from the base",
        "  surfaces/home/experiments/podcast-shelf.yaml",
        "    @@ -7,5 +7,5 @@",
        "     status: active",
        "     start: 2026-03-02",
        "    -end: 2026-03-30",
        "    +end: 2026-04-27",
        "     traffic: 20%",
        "     components: [shelf-ranking]",
    ]


def test_a_file_that_a_change_removes_is_shown_as_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "CHG005"]) == 0
    bad = capsys.readouterr().out.partition("\nBad: ")[2].partition("\n  $ ")[0].splitlines()
    assert bad[1] == "  surfaces/home/experiments/podcast-shelf.yaml (removed)"
    assert all(line.startswith("    -") for line in bad[3:])


def test_a_diff_in_markdown_is_marked_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "CHG001", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    assert told.count("```diff\n@@ -") == 2
    assert "```yaml" not in told
    assert "`coord check --base origin/main --today 2026-03-10` says" in told


def test_a_family_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "bkt"]) == 0
    told = capsys.readouterr().out
    listed = [line.split()[0] for line in told.splitlines() if line.startswith("  ")]
    assert listed == [rule.code for rule in RULES if rule.code.startswith("BKT")]
    assert run(["explain"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {rule.code}  {rule.severity.value:<8} {rule.title}\n" in told for rule in RULES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["BTK001"], "There is no rule BTK001; did you mean BKT001?"),
        (["xyz"], "Rules are in the families SYN, REF, BKT"),
        (["BKT001", "--all"], "Name a rule, or give --all."),
        (["BKT001", "--format", "json"], "json"),
    ],
)
def test_wrong_usage_exits_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_all_is_every_rule_and_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "rules.txt"
    assert run(["explain", "--all", "--output", str(target)]) == 0
    assert capsys.readouterr().out == ""
    told = target.read_text("utf-8")
    headings = [line[:6] for line in told.splitlines() if line[6:8] == ": "]
    assert headings == [rule.code for rule in RULES]


def test_the_page_of_rules_is_what_explain_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--all", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    if os.environ.get("COORD_UPDATE"):
        RULES_PAGE.write_text(told, "utf-8")
        pytest.skip("docs/rules.md is written")
    assert RULES_PAGE.read_text("utf-8") == told, "COORD_UPDATE=1 writes docs/rules.md"


def test_markdown_of_one_rule_has_no_heading_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "WVR002", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("## WVR: ")
    assert told.count("### ") == 1
    assert told.count("```") % 2 == 0
