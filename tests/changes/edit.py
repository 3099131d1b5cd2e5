"""Edits of fields, and what a change by each is found to be before, during and after a run."""

from typing import Any, NamedTuple, Protocol

Pointer = tuple[str | int, ...]


class Edit(NamedTuple):
    """A value put at a pointer of a file, and the codes it makes new: unstarted, started, over."""

    path: str
    pointer: Pointer
    value: Any
    unstarted: frozenset[str]
    started: frozenset[str]
    over: frozenset[str]
    note: str = ""


class Maker(Protocol):
    """Makes an edit of a file: a pointer as text, the value, and what to note about it."""

    def __call__(self, path: str, pointer: str, value: Any, more: str = "") -> Edit:
        """The edit."""


def judged(unstarted: str, started: str, over: str, note: str = "") -> Maker:
    """Makes edits that are found to be these codes."""

    def made(path: str, pointer: str, value: Any, more: str = "") -> Edit:
        parts = tuple(int(part) if part.isdigit() else part for part in pointer.split("/"))
        before, during, after = (frozenset(text.split()) for text in (unstarted, started, over))
        return Edit(path, parts, value, before, during, after, more or note)

    return made


frozen = judged("", "CHG001", "LIF003")
lowered = judged("", "CHG002", "LIF003")
grows = judged("", "", "LIF003")
free = judged("", "", "", "free")
same = judged("", "", "", "says the same")
plan = judged("", "CHG006", "")
space = judged("", "CHG004", "")
history = judged("", "CHG003", "CHG003")
misnamed = judged("SYN005", "SYN005", "SYN005")
refused = judged("SYN003", "SYN003", "SYN003")
unknown = judged("REF001", "REF001", "REF001")
