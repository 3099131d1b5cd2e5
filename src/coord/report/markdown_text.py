"""Text from files as Markdown that says just that text: no link, mention, picture, formula or HTML.

What GitHub and GitLab act on after Markdown (mentions, references, hashes of commits, emoji, formulas, bare
links) cannot be escaped: they look at the rendered text. They leave code alone, so such a word becomes code.
"""

import re
from collections.abc import Iterable, Iterator

from coord.report.visible import visible

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&]")  # starts something anywhere in a line
_AT_START = re.compile(r"^(?:[-+=:#]|\d{1,9}(?=[.)]))")  # only there: a list, a heading, a rule or a table
_QUOTED = re.compile(r"(`[^`]+`)")

_LIVE = re.compile(
    r"""[@#$]                                       # mentions, references, formulas
    | [!&]\d | [%~]"?\w | \^\w | \[[a-z_]+: | \*iteration:  # and those of GitLab: !1 &1 %1 ~label [issue:1]
    | (?<![^\W_]) (?: g[hl]-\d | [0-9a-f]{7,64}(?![^\W_]))  # GH-1, and hashes of commits
    | :[\w+-]+:                                     # emoji
    | :// | www\.                                   # links
    """,
    re.IGNORECASE | re.VERBOSE,
)

_CORE = re.compile(r"""(["'(]*)(.*?)([.,;!?)"']*)""")  # a word without the punctuation around it

_Piece = tuple[bool, str]  # whether it is code, and what it says


def plain(text: str) -> str:
    """The text, for any place within a line or a table's cell; runs of spaces are one."""
    return _written(_words(_normal(text)))


def prose(text: str) -> str:
    """The same for a message of coord's, in which backticks mark what is code."""
    pieces: list[_Piece] = []
    for part in _QUOTED.split(_normal(text)):
        quoted = part[1:-1].strip() if _QUOTED.fullmatch(part) else ""
        pieces += [(True, quoted)] if quoted else _words(part)
    return _written(pieces)


def code(text: str) -> str:
    """The text as code; nothing for no text. A `|`, which would end a table's cell, stands outside."""
    return _written([(True, _normal(text))])


def shortened(text: str, most: int) -> str:
    """The text up to so many characters, counted as they are shown."""
    text = visible(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _normal(text: str) -> str:
    return " ".join(visible(text).split())


def _words(text: str) -> Iterator[_Piece]:
    for word in re.split("( )", text):
        if _LIVE.search(word):
            before, core, after = _CORE.fullmatch(word).groups()  # type: ignore[union-attr]
            yield from ((False, before), (True, core), (False, after))
        else:
            yield False, word


def _written(pieces: Iterable[_Piece]) -> str:
    """The pieces one after the other; code that touches code is one, or its backticks would run together."""
    joined: list[_Piece] = []
    for is_code, text in pieces:
        if not text:
            continue
        if joined and joined[-1][0] is is_code:
            joined[-1] = is_code, joined[-1][1] + text
        else:
            joined.append((is_code, text))
    written = "".join(_code(text) if is_code else _SPECIAL.sub(r"\\\g<0>", text) for is_code, text in joined)
    return _AT_START.sub(_escaped_start, written)


def _escaped_start(match: re.Match[str]) -> str:
    found = match[0]
    return f"{found}\\" if found[0].isdigit() else f"\\{found}"


def _code(text: str) -> str:
    return r"\|".join(_span(part) if part else "" for part in text.split("|"))


def _span(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    edges = text[0] + text[-1]  # a space at both ends would be taken for padding
    pad = " " if "`" in edges or (edges == "  " and text != " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
