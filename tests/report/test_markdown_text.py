"""Text that went through Markdown is the same text, and nothing else: checked with a parser of CommonMark."""

import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.visible import visible

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# what GitHub's filters look for in text that is not code, written down apart from the module's own rules
ACTED_ON = re.compile(
    r"(?:^|\W)@[a-z0-9]|#\d|\bgh-\d|:[a-z0-9_+-]+:|https?://|www\.|\b[0-9a-f]{7,40}\b|\$\S.*\S\$|[\w.]+@\w",
    re.IGNORECASE,
)

HOSTILE = (
    "@octocat/everyone and @team, a@b.example",
    "#123 GH-7 owner/repo#1 owner/repo@0123456 !12 &3 ~bug %1.2 ~\"two words\" $12 ^alert#1",
    "0123456789abcdef0123456789abcdef01234567",
    "[a](http://x) ![p](http://x/p.png) <http://x> https://x www.example.com [a]: http://x",
    "<img src=x onerror=alert(1)> <!-- --> </details></summary> &lt; &#64;team &amp;",
    "a | b || c \\| d `x|y` |",
    "` `` ``` a`b `c` ``d`` ~~~ ~~x~~",
    "# a", "- a", "+ a", "* a", "1. a", "12) a", "> a", "=== ---", "---", "***", "___", ":-: | :-:", "    a",
    "**a** _b_ __c__ *d* \\ \\\\ \\* a\\",
    "a\n\n</details>\n# b\r\n- c\td\x00",
    "\u202eevil\u202c \u200b@\u200bteam",
    ":tada: a:b:c $x$ $$y$$ ${{ secrets.TOKEN }}",
    "`@team`#1 @`team` `coord allocate --redraw a/b`, or start it",
)  # fmt: skip

Test = TypeVar("Test", bound=Callable[..., None])
ALPHABET = st.sampled_from(
    [*"@#$!%&^~`*_[]<>()|\\:/.-+=123abcdefg \n", "www.", "://", "](", "GH-", "é", "\u3000"]
)
TEXT = st.one_of(st.text(), st.lists(ALPHABET, max_size=24).map("".join))
PLACES = ("{}", "**error**: {} end", "* {}", "> 1. {}", "| a | b |\n|---|---|\n| {} | after |", "{}\n{}")


def _hostile(test: Test) -> Test:
    """Try the hostile texts besides what hypothesis thinks of."""
    for text in HOSTILE:
        test = example(text)(test)
    return test


def _normal(text: str) -> str:
    return " ".join(visible(text).split())


def _inline(markdown: str) -> list[Token]:
    return [child for token in PARSER.parse(markdown) for child in token.children or ()]


def _text(tokens: list[Token]) -> str:
    return "".join(" " if token.type == "softbreak" else token.content for token in tokens)


@_hostile
@given(TEXT)
def test_the_text_is_what_is_read(text: str) -> None:
    for written in (plain(text), code(text)):
        tokens = PARSER.parse(written)
        assert [token.type for token in tokens if token.level == 0] in (
            [],
            ["paragraph_open", "paragraph_close"],
        )
        assert {token.type for token in _inline(written)} <= {"text", "code_inline"}
        assert _text(_inline(written)) == _normal(text)


@_hostile
@given(TEXT)
def test_backticks_of_a_message_mark_code_and_the_rest_is_what_is_read(text: str) -> None:
    written = prose(text)
    assert {token.type for token in _inline(written)} <= {"text", "code_inline"}
    assert _text(_inline(written)).replace("`", "").replace(" ", "") == _normal(text).replace(
        "`", ""
    ).replace(" ", "")


@_hostile
@given(TEXT)
def test_nothing_is_left_for_what_acts_on_rendered_text(text: str) -> None:
    for written in (plain(text), prose(text), code(text)):
        for token in _inline(written):
            assert token.type == "code_inline" or not ACTED_ON.search(token.content)


@pytest.mark.parametrize("place", PLACES)
@_hostile
@given(TEXT)
def test_the_text_stays_in_its_place(place: str, text: str) -> None:
    for written in (plain(text), prose(text), code(text)):
        tokens, empty = PARSER.parse(place.replace("{}", written)), PARSER.parse(place.replace("{}", "x"))
        if written:
            assert [token.type for token in tokens] == [token.type for token in empty]
        inline = _inline(place.replace("{}", written))
        assert {token.type for token in inline} <= {
            "text",
            "code_inline",
            "softbreak",
            "strong_open",
            "strong_close",
        }


def test_ordinary_words_stay_readable() -> None:
    text = "home/a and home/b share 500 buckets (5% of all units) from 2026-03-02 to 2026-03-09, first: yes!"
    assert plain(text) == text
    assert prose("draw it with `coord allocate --redraw a/b`, or not") == (
        "draw it with `coord allocate --redraw a/b`, or not"
    )


def test_words_that_would_notify_or_link_are_code() -> None:
    assert plain("ask @team about #12, or see http://x") == "ask `@team` about `#12`, or see `http://x`"
    assert plain("0123456 is a hash, 012345 is none") == "`0123456` is a hash, 012345 is none"
    assert prose("`a`@b") == "`a@b`"


def test_a_pipe_never_stands_in_code() -> None:
    assert code("a|b") == r"`a`\|`b`"
    assert code("|") == r"\|"


def test_long_text_is_cut() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
