"""Making text from files inert: what a terminal or a log would act on is shown instead."""

import re

# C0 and C1 controls, line separators, and what reorders or hides text (bidirectional and zero-width marks),
# and bytes of file names that are not UTF-8; `##[` and `##vso[` are commands to the runners of CI
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
    "|(?<=#)#(?=\\[|vso\\[)"
)


def visible(text: str) -> str:
    """The text with every active character written as its escape."""
    return _ACTIVE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return "\\x23" if found == "#" else found.encode("unicode_escape", "surrogatepass").decode("ascii")


def visible_line(text: str) -> str:
    """The same for a line that is shown above a caret: one column for each character."""
    return _ACTIVE.sub(lambda match: "→" if match[0] == "\t" else "\ufffd", text)
