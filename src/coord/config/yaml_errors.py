"""What is wrong with a text that is not YAML, in words for those who wrote it."""

import re

import yaml

from coord.config.lines import Lines
from coord.domain.findings import Position

TAB = "a tab is used as indentation; use spaces"

_COLON = "a `: ` inside plain text; put the text in quotes"
_MISPLACED_KEY = "a key cannot stand here; check its indentation and the line above"
_WORDS = {
    "did not find expected key": "a key is expected here; check the indentation, the quotes and the brackets",
    "did not find expected '-' indicator": "a list item is expected here; check the indentation",
    "did not find expected node content": "a value is expected here",
    "found character that cannot start any token": "plain text cannot begin like this; put it in quotes",
    "found a tab character that violates indentation": TAB,
}
"""For what libyaml says most often."""

_BRACKETS = {"while parsing a flow sequence": ("list", "]"), "while parsing a flow mapping": ("mapping", "}")}


class UnreadableYaml(Exception):  # noqa: N818 - a property of the file, reported as a finding
    """The text is not YAML that is accepted here; `duplicate` when a key stands twice."""

    def __init__(self, message: str, position: Position, *, duplicate: bool = False) -> None:
        """Say what is wrong and where."""
        super().__init__(message)
        self.message = message
        self.position = position
        self.duplicate = duplicate


def syntax_error(text: str, error: yaml.YAMLError) -> UnreadableYaml:
    """What the parser refuses: it says where it gave up, this says where to look."""
    lines = Lines(text)
    context, problem = (getattr(error, name, None) or "" for name in ("context", "problem"))
    began, gave_up = (getattr(error, name, None) for name in ("context_mark", "problem_mark"))
    here = lines.position(min(gave_up.index, len(text)) if gave_up else 0)
    opening = lines.position(began.index) if began else here
    if lines.line(here.line)[: here.column].strip(" ") == "\t":
        return UnreadableYaml(TAB, here)
    if context in _BRACKETS:
        return _bracket(lines, *_BRACKETS[context], opening, here)
    if context == "while scanning a quoted scalar" and "end of stream" in problem:
        return UnreadableYaml(f"the quoted text that begins on line {opening.line} has no end", opening)
    if context == "while scanning a simple key":
        return UnreadableYaml("no `:` follows this key", opening)
    if problem.startswith("mapping values are not allowed"):
        inside = re.search(r":\s", lines.line(here.line)[: here.column - 1])
        return UnreadableYaml(_COLON if inside else _MISPLACED_KEY, here)
    message = _WORDS.get(problem) or ", ".join(filter(None, (context, problem)))
    return UnreadableYaml(message or "not YAML", here)


def _bracket(lines: Lines, what: str, bracket: str, opening: Position, here: Position) -> UnreadableYaml:
    """A list or mapping in brackets that goes on as none can: left open, or something is missing inside."""
    if here.line > opening.line and _indentation(lines, here) <= _indentation(lines, opening):
        message = f"the {what} that begins on line {opening.line} has no `{bracket}`"
        return UnreadableYaml(message, opening)
    if lines.line(here.line)[here.column - 1 : here.column] == ":":
        return UnreadableYaml(_COLON, here)
    return UnreadableYaml(f"a `,` or `{bracket}` is missing before this", here)


def _indentation(lines: Lines, position: Position) -> int:
    line = lines.line(position.line).rstrip()
    return len(line) - len(line.lstrip())
