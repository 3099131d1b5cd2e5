"""Markdown for a pull request: what is new, the rest folded, bounded, and inert."""

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coord.domain.findings import Cause, Severity, Skipped
from coord.report.markdown import MARKER, MOST_BYTES, render
from report.results import BASE, HOSTILE, finding, result

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WAIVED = {"waived": {"reason": "additive copy", "until": "2026-04-01"}}


def test_a_finding_in_full() -> None:
    assert render(result(finding(7)), infos=False) == (
        "<!-- coord-check -->\n"
        "\n"
        "**coord check**: 1 error in 2 experiments on 1 surface.\n"
        "\n"
        "Judged as of 2026-03-01.\n"
        "\n"
        "**error `BKT001`** something\n"
        "\n"
        "* `surfaces/home/experiments/a.yaml:7:10`\n"
        "* `surfaces/home/experiments/b.yaml:120:1`: the other\n"
        "* why: why so\n"
        "* help: do `this`\n"
    )


def test_nothing_found_is_said_in_a_line() -> None:
    assert render(result(), infos=False) == (
        f"{MARKER}\n\n**coord check**: No errors or warnings in 2 experiments on 1 surface.\n\n"
        "Judged as of 2026-03-01.\n"
    )


def test_new_ones_are_open_and_what_was_there_before_is_folded() -> None:
    old = finding(1, message="old one", new=False)
    shown = render(result(old, finding(2, message="new one", new=True), base=BASE), infos=False)
    verdict = "1 new error in 2 experiments on 1 surface; 1 error was there before and does not count."
    assert shown.startswith(f"{MARKER}\n\n**coord check**: {verdict}\n")
    assert f"compared with `{BASE[:12]}`" in shown
    opened, folded = shown.split("<details>")
    assert "**error `BKT001`** new one" in opened
    assert "old one" not in opened
    assert folded.startswith(
        "<summary>1 error was there before and does not count</summary>\n\n* error `BKT001` "
    )
    assert "old one" in folded
    assert folded.endswith("\n\n</details>\n")


def test_infos_are_folded_unless_asked_for() -> None:
    checked = result(finding(severity=Severity.INFO, data=WAIVED, hint=None))
    folded = render(checked, infos=False)
    assert "<details><summary>1 info</summary>" in folded
    assert "(waived until 2026-04-01: additive copy)" in folded
    opened = render(checked, infos=True)
    assert "<details>" not in opened
    assert "* waived: until 2026-04-01: additive copy" in opened


def test_what_was_not_checked_is_said() -> None:
    skipped = (
        Skipped("BKT001", "surfaces/x.yaml", "it could not be read", Cause.BROKEN),
        Skipped("BUD006", "surfaces/home/experiments/d.yaml", "no dates", Cause.UNDATED),
    )
    shown = render(result(skipped=skipped), infos=False)
    assert (
        "* `surfaces/x.yaml`: it could not be read (checked without it: BKT001)\n* 1 draft without" in shown
    )


@pytest.mark.parametrize("most", [8_000, 20_000, MOST_BYTES, 2**20])
def test_it_is_never_longer_than_a_comment_may_be_and_says_what_is_left_out(most: int) -> None:
    long = "é|@x" * 400
    new = [
        finding(n, message=long, why=long, hint=long, others=("home/b",) * 20, new=True)
        for n in range(1, 300)
    ]
    old = [finding(n, message=long, new=False) for n in range(300, 1500)]
    notes = [finding(n, message=long, severity=Severity.INFO, new=True) for n in range(1500, 3000)]
    skipped = tuple(Skipped("BKT001", f"surfaces/{n}.yaml", long, Cause.BROKEN) for n in range(3000))
    shown = render(result(*new, *old, *notes, skipped=skipped, base=BASE), infos=False, most_bytes=most)
    assert len(shown.encode()) <= most
    told = re.findall(
        r"^([\d,]+) more are left out here; `coord check([^`]*)` lists them\.$", shown, re.MULTILINE
    )
    opened = shown.count("**error `BKT001`**")
    assert (f"{299 - opened:,}", f" --base {BASE[:12]}") in told
    assert ("1,200", f" --base {BASE[:12]}") in told
    assert ("1,500", f" --base {BASE[:12]} --fail-on info") in told
    assert shown.count("<details>") == shown.count("</details>") == 2


def test_one_finding_never_takes_the_whole_page() -> None:
    worst = "\U000e0041|`@" * 10_000
    huge = finding(message=worst, why=worst, hint=worst, path=worst, others=("home/b",) * 20)
    shown = render(result(huge, finding(2)), infos=False)
    assert "left out" not in shown
    assert "…" in shown


class _Tags(HTMLParser):
    """The names of the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.seen.add(tag)


def test_nothing_in_it_acts() -> None:
    skipped = (
        Skipped("BKT001", HOSTILE, HOSTILE, Cause.BROKEN),
        Skipped("BUD006", f"surfaces/{HOSTILE}/experiments/{HOSTILE}.yaml", HOSTILE, Cause.UNDATED),
    )
    waived = {"waived": {"reason": HOSTILE, "until": "2026-04-01"}}
    findings = [
        finding(
            message=HOSTILE, why=HOSTILE, hint=HOSTILE, path=HOSTILE, severity=severity, data=waived, new=new
        )
        for severity in Severity
        for new in (True, False)
    ]
    shown = render(result(*findings, skipped=skipped, base=BASE), infos=False)
    parser = _Tags()
    parser.feed(PARSER.render(shown))
    assert parser.seen == {"p", "strong", "code", "ul", "li", "details", "summary"}
    for text in _texts(PARSER.parse(shown)):
        assert not re.search(r"@\w|#\d|GH-\d|:tada:|https?:|[0-9a-f]{12}|\$x", text), text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]|##\\[|^::", shown, re.MULTILINE)


def _texts(tokens: list[Token]) -> list[str]:
    return [child.content for token in tokens for child in token.children or () if child.type == "text"]
