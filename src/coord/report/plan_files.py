"""How changes of the files that experiments rest on are told: a line for each field, or for each waiver."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from coord.review.files import WAIVERS, FileChange

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


def change_words(one: FileChange) -> str:
    """A change in a line."""
    return waiver_words(one) or (
        f"{field_words(one)}: {value_words(one.before) or 'nothing'} -> {value_words(one.after) or 'nothing'}"
    )


def waiver_words(one: FileChange) -> str:
    """`added: waiver of BKT001 for home/a with home/b until 2026-04-01: reason`; nothing for other fields."""
    if one.pointer[:1] != (WAIVERS,) or len(one.pointer) != 2:
        return ""
    if one.before is None or one.after is None:
        waiver = one.after or one.before
        return f"{'removed' if one.after is None else 'added'}: {_waiver(waiver)} {_terms(waiver)}"
    return f"changed: {_waiver(one.after)} {_terms(one.after)} (was {_terms(one.before)})"


def _waiver(waiver: Mapping[str, Any]) -> str:
    other = f" with {waiver['with']}" if "with" in waiver else ""
    return f"waiver of {waiver['rule']} for {waiver['experiment']}{other}"


def _terms(waiver: Mapping[str, Any]) -> str:
    """Until when, and why; a long reason is cut."""
    until = f"until {waiver['until']}" if waiver.get("until") else "without an end"
    return f"{until}: {value_words(waiver.get('reason')) or 'no reason'}"


def whole_file(one: FileChange) -> str:
    """What happened to a file as a whole; nothing when a field of it is meant."""
    if one.pointer:
        return ""
    return "new" if one.before is None else "removed" if one.after is None else "written anew"
