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


def syntax_error(text: str, error: yaml.YAMLError) -> tuple[str, Position]:
    """What the parser refuses, and where to look: it says only where it gave up."""
    lines = Lines(text)
    context, problem = (getattr(error, name, None) or "" for name in ("context", "problem"))
    began, gave_up = (getattr(error, name, None) for name in ("context_mark", "problem_mark"))
    here = lines.position(min(gave_up.index, len(text)) if gave_up else 0)
    opening = lines.position(began.index) if began else here
    if lines.line(here.line)[: here.column].strip(" ") == "\t":
        return TAB, here
    if context in _BRACKETS:
        return _bracket(lines, *_BRACKETS[context], opening, here)
    if context == "while scanning a quoted scalar" and "end of stream" in problem:
        return f"the quoted text that begins on line {opening.line} has no end", opening
    if context == "while scanning a simple key":
        return "no `:` follows this key", opening
    if problem.startswith("mapping values are not allowed"):
        inside = re.search(r":\s", lines.line(here.line)[: here.column - 1])
        return _COLON if inside else _MISPLACED_KEY, here
    return _WORDS.get(problem) or ", ".join(filter(None, (context, problem))) or "not YAML", here


def _bracket(
    lines: Lines, what: str, bracket: str, opening: Position, here: Position
) -> tuple[str, Position]:
    """A list or mapping in brackets that goes on as none can: left open, or something is missing inside."""
    rest = lines.line(here.line)[here.column - 1 :]
    next_key = here.line > opening.line and _indentation(lines, here) <= _indentation(lines, opening)
    if next_key or not rest:
        return f"the {what} that begins on line {opening.line} has no `{bracket}`", opening
    if rest.startswith(":"):
        return _COLON, here
    return f"a `,` or `{bracket}` is missing before this", here


def _indentation(lines: Lines, position: Position) -> int:
    line = lines.line(position.line).rstrip()
    return len(line) - len(line.lstrip())
