"""Findings: what a rule says, about which place in which file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from coord.domain.dates import Days


class Severity(StrEnum):
    """How grave a finding is; by default errors decide the exit code."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return ("info", "warning", "error").index(self.value)


Pointer = tuple[str | int, ...]
"""The way from the top of a document to a value: mapping keys and list positions."""


class Position(NamedTuple):
    """Where text stands: line and column from 1, and how much of it is on that line, all in characters."""

    line: int
    column: int
    length: int = 1


class Place(NamedTuple):
    """A field of a file. `position` is given only where no document could be read."""

    path: str
    pointer: Pointer = ()
    position: Position | None = None
    at_key: bool = False  # the key is at fault (unknown, duplicate), not its value


class Related(NamedTuple):
    """Another side of a finding: whose, where, and what is there."""

    experiment: str | None
    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation. `severity` is None where the rule's own holds; `data` is typed per rule.

    `excess` says of a budget by how much it is exceeded on which days.
    """

    code: str
    message: str
    place: Place
    hint: str | None = None
    why: str | None = None
    severity: Severity | None = None
    experiment: str | None = None
    surface: str | None = None
    related: tuple[Related, ...] = ()
    days: Days | None = None
    buckets: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    waivable_on: frozenset[str] = frozenset()
    excess: tuple[tuple[Days, Fraction], ...] = ()


class Cause(StrEnum):
    """Why a rule was skipped for a file."""

    BROKEN = "broken"  # the file cannot be used; the rule ran without it
    TOO_LARGE = "too large"  # the rule gave up on a question
    UNDATED = "undated"  # a draft says too little to be judged


class Skipped(NamedTuple):
    """A rule that could not look at a file, and why."""

    code: str
    path: str
    reason: str
    cause: Cause
