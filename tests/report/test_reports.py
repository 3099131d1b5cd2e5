"""Reports from hand-made results: limits, escapes, widths."""

import json
from dataclasses import replace

from coord.checks.result import LocatedFinding, Location, Result
from coord.domain.findings import Cause, Severity, Skipped
from coord.report import concise, github, json_report, text
from coord.report.summary import summary
from coord.report.visible import visible
from report.results import BASE, finding, result


def test_text_points_at_the_value_and_aligns_line_numbers() -> None:
    shown = text.render(result(finding(7)), infos=False, with_statistics=False, color=False)
    assert shown == (
        "error[BKT001]: something\n"
        "   --> surfaces/home/experiments/a.yaml:7:10\n"
        "    |\n"
        "  7 | traffic: 20%\n"
        "    |          ^^^\n"
        "   ::: surfaces/home/experiments/b.yaml:120:1 the other\n"
        "    = why: why so\n"
        "    = help: do `this`\n"
        "\n"
        "1 error in 2 experiments on 1 surface.\n"
    )


def test_text_underlines_no_more_than_the_value_and_shows_tabs() -> None:
    source = "\tcomponents: [shelves, search/result]"
    location = Location("surfaces/home/experiments/a.yaml", 4, 15, ("components", 0), source, 7)
    found = LocatedFinding(
        "REF001", Severity.ERROR, "m", None, None, None, None, location, (), None, None, {}
    )
    shown = text.render(result(found), infos=False, with_statistics=False, color=False).splitlines()
    assert shown[3:5] == [
        "4 | →components: [shelves, search/result]",
        "  |               ^^^^^^^",
    ]


def test_text_is_styled_only_on_demand() -> None:
    assert "\x1b[1;31merror" in text.render(result(finding()), infos=False, with_statistics=False, color=True)


def test_carets_stand_under_wide_characters() -> None:
    source = "title: 実験 # x"
    wide = finding()
    wide = replace(wide, location=wide.location._replace(source=source))
    shown = text.render(result(wide), infos=False, with_statistics=False, color=False).splitlines()
    line = next(row for row in shown if "実験" in row)
    caret = shown[shown.index(line) + 1]
    # column 10 is the space after two wide characters: 9 characters, 11 columns of a terminal
    assert caret.index("^") - caret.index("|") == 2 + 11


def test_a_long_line_is_shown_around_the_place() -> None:
    source = "x" * 5000
    location = Location("surfaces/coord.yaml", 1, 3000, (), source, 1)
    found = LocatedFinding(
        "SYN001", Severity.ERROR, "m", None, None, None, None, location, (), None, None, {}
    )
    shown = text.render(result(found), infos=False, with_statistics=False, color=False)
    assert max(map(len, shown.splitlines())) < 130


def test_concise_is_one_line_each() -> None:
    skipped = (Skipped("BKT001", "surfaces/x.yaml", "it could not be read", Cause.BROKEN),)
    shown = concise.render(result(finding(7), skipped=skipped), infos=False, with_statistics=False)
    assert shown.splitlines() == [
        "surfaces/home/experiments/a.yaml:7:10: error BKT001 something",
        "surfaces/x.yaml:1:1: skipped BKT001 it could not be read",
        "1 error in 2 experiments on 1 surface.",
    ]


def _broken(*codes: str) -> tuple[Skipped, ...]:
    return tuple(Skipped(code, "surfaces/x.yaml", "it could not be read", Cause.BROKEN) for code in codes)


def test_what_was_not_checked_is_one_line_for_each_file() -> None:
    large = Skipped("BUD002", "surfaces/y.yaml", "too many cells", Cause.TOO_LARGE)
    skipped = (*_broken("BKT001", "BKT002", "BKT003", "LIF002", "LIF004", "REF001", "SYN003"), large)
    checked = result(skipped=skipped)
    shown = text.render(checked, infos=False, with_statistics=False, color=False).splitlines()
    codes = "BKT001-003, LIF002, LIF004, REF001, SYN003"
    assert shown[:2] == [
        f"skipped: surfaces/x.yaml: it could not be read (checked without it: {codes})",
        "skipped: surfaces/y.yaml: too many cells (not checked: BUD002)",
    ]
    shown = concise.render(checked, infos=False, with_statistics=False).splitlines()
    assert shown[0] == f"surfaces/x.yaml:1:1: skipped {codes} it could not be read"
    told = github.render(checked, infos=False).splitlines()
    assert told[0] == f"skipped: surfaces/x.yaml: it could not be read (checked without it: {codes})"
    assert len(json_report.check_document(checked)["skipped"]) == 8


def test_drafts_without_dates_are_one_line_together() -> None:
    def left_out(number: int) -> Result:
        paths = [f"surfaces/home/experiments/d{n:02}.yaml" for n in range(number)]
        return result(skipped=tuple(Skipped("BUD006", path, path, Cause.UNDATED) for path in paths))

    one, many = (
        text.render(left_out(n), infos=False, with_statistics=False, color=False).splitlines()
        for n in (1, 12)
    )
    assert one[0] == "skipped: 1 draft without dates or traffic is left out of the budgets: home/d00"
    names = ", ".join(f"home/d{n:02}" for n in range(10))
    told = f"12 drafts without dates or traffic are left out of the budgets: {names} and 2 more"
    assert many[0] == f"skipped: {told}"
    assert told in concise.render(left_out(12), infos=False, with_statistics=False).splitlines()
    assert set(json_report.check_document(left_out(12))["skipped"][0]) == {"code", "path", "reason"}


def test_github_escapes_what_would_end_a_command() -> None:
    shown = github.render(result(finding(message="50% a::b\n::error::boo\x1b[31m, c")), infos=False)
    first, *rest = shown.splitlines()
    assert first == (
        "::error file=surfaces/home/experiments/a.yaml,line=1,col=10,title=BKT001 home/a::"
        "50%25 a::b\\n::error::boo\\x1b[31m, c%0Awhy so%0Ado `this`"
    )
    assert rest == ["1 error in 2 experiments on 1 surface."]


def test_github_keeps_to_ten_of_each_level_and_says_what_is_left() -> None:
    warnings = [finding(n, severity=Severity.WARNING) for n in range(1, 14)]
    shown = github.render(result(*(finding(n) for n in range(1, 13)), *warnings), infos=False).splitlines()
    assert sum(line.startswith("::error ") for line in shown) == 10
    assert sum(line.startswith("::warning ") for line in shown) == 10
    assert "2 more of level error are not annotated (GitHub shows 10):" in shown
    assert "3 more of level warning are not annotated (GitHub shows 10):" in shown
    assert sum(line.startswith("  surfaces/home/experiments/a.yaml:") for line in shown) == 5


def test_json_is_inert_and_has_every_key() -> None:
    shown = json_report.render(result(finding(message="\x1b[31m \u202e \udcff é")))
    assert shown.isascii()
    (told,) = json.loads(shown)["findings"]
    assert told["message"] == "\x1b[31m \u202e \udcff é"
    assert told["related"][0]["location"]["pointer"] == "/a~1b/0"
    assert told["url"] is None
    assert told["days"] is None


def test_with_a_base_new_ones_come_first_and_those_before_are_short() -> None:
    old, new = finding(1, message="old one", new=False), finding(7, message="new one", new=True)
    shown = text.render(result(old, new, base=BASE), infos=False, with_statistics=False, color=False)
    assert shown.startswith("error[BKT001]: new one\n   --> surfaces/home/experiments/a.yaml:7:10\n    |\n")
    assert shown.endswith(
        "    = help: do `this`\n"
        "\n"
        "existing error[BKT001]: old one\n"
        "  --> surfaces/home/experiments/a.yaml:1:10\n"
        "\n"
        "1 new error in 2 experiments on 1 surface; 1 error was there before and does not count.\n"
    )
    lines = concise.render(result(old, new, base=BASE), infos=False, with_statistics=False).splitlines()
    assert lines[:2] == [
        "surfaces/home/experiments/a.yaml:7:10: error BKT001 new one",
        "surfaces/home/experiments/a.yaml:1:10: error BKT001 existing: old one",
    ]


def test_what_was_there_before_is_dim_and_the_verdict_green() -> None:
    old = finding(new=False)
    shown = text.render(result(old, base=BASE), infos=False, with_statistics=False, color=True)
    assert "\x1b[2mexisting error[BKT001]: something" in shown
    assert "\x1b[32mNo new errors or warnings in" in shown


def test_the_verdict_tells_new_from_before() -> None:
    def said(*findings: LocatedFinding, infos: bool = False) -> str:
        return summary(result(*findings, base=BASE), infos=infos)

    where = "in 2 experiments on 1 surface"
    old = [finding(new=False), finding(new=False), finding(severity=Severity.WARNING, new=False)]
    note = finding(severity=Severity.INFO, new=True)
    before = "2 errors, 1 warning were there before and do not count."
    assert said() == f"No new errors or warnings {where}."
    assert said(*old) == f"No new errors or warnings {where}; {before}"
    assert said(finding(new=True), *old) == f"1 new error {where}; {before}"
    assert said(note, *old) == (
        f"No new errors or warnings {where}; {before} 1 info not shown (--fail-on info shows it)."
    )
    assert said(note, *old, infos=True) == f"1 new info {where}; {before}"


def test_github_annotates_only_what_a_change_makes() -> None:
    old = [finding(n, new=False) for n in range(1, 40)]
    shown = github.render(result(*old, finding(50, new=True), base=BASE), infos=False).splitlines()
    assert shown == [
        "::error file=surfaces/home/experiments/a.yaml,line=50,col=10,title=BKT001 home/a::"
        "something%0Awhy so%0Ado `this`",
        "1 new error in 2 experiments on 1 surface; 39 errors were there before and do not count.",
    ]


def test_github_leaves_to_the_step_summary_what_it_cannot_annotate() -> None:
    findings = [finding(n) for n in range(1, 13)]
    shown = github.render(result(*findings), infos=False, in_summary=True).splitlines()
    assert shown[10:] == [
        "2 more of level error are not annotated (GitHub shows 10): see the step summary.",
        "12 errors in 2 experiments on 1 surface.",
    ]


def test_github_counts_paths_from_the_root_of_the_repository() -> None:
    shown = github.render(result(finding()), infos=False, prefix="tools/a,b/")
    assert shown.startswith("::error file=tools/a%2Cb/surfaces/home/experiments/a.yaml,")


def test_infos_are_counted_and_shown_on_demand() -> None:
    checked = result(finding(severity=Severity.INFO))
    hidden = text.render(checked, infos=False, with_statistics=False, color=False)
    expected = (
        "No errors or warnings in 2 experiments on 1 surface. 1 info not shown (--fail-on info shows it).\n"
    )
    assert hidden == expected
    assert "info[BKT001]" in text.render(checked, infos=True, with_statistics=False, color=False)


def test_active_characters_are_shown_as_escapes() -> None:
    assert visible("a\x1b[0m\u202e\u200b\n\x9b\udcff[bold]") == "a\\x1b[0m\\u202e\\u200b\\n\\x9b\\udcff[bold]"
    assert visible("pass\xadword\u206e\ufff9x") == "pass\\xadword\\u206e\\ufff9x"  # what hides or annotates
