"""How changes of the files that experiments rest on are told."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from coord.review.files import FileChange

LONGEST = 200
"""Characters of a value."""


def by_file(changes: Sequence[FileChange]) -> list[tuple[str, list[FileChange]]]:
    """The changes of each file."""
    return [(path, list(found)) for path, found in groupby(changes, key=lambda one: one.path)]


def field_words(one: FileChange) -> str:
    """`budget.component`; nothing for the whole file."""
    return ".".join(map(str, one.pointer))


def value_words(value: Any) -> str:
    """A value as JSON writes it, text without quotes; nothing for none."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def whole_file(one: FileChange) -> str:
    """What happened to a file as a whole; nothing when a field of it is meant."""
    if one.pointer:
        return ""
    return "new" if one.before is None else "removed" if one.after is None else "written anew"
