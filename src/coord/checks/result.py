"""The result of a check: located findings, ready for any report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from coord.domain.dates import Days
from coord.domain.findings import Pointer, Severity, Skipped


class Location(NamedTuple):
    """A place in a file; line and column count from 1 in characters. `source` is the text of the line.

    `length` says how many characters of the line are meant. In a file that is `gone` since the base there is
    no line.
    """

    path: str
    line: int
    column: int
    pointer: Pointer
    source: str | None
    length: int
    gone: bool = False

    @property
    def place(self) -> str:
        """`path:line:column`, or the path alone."""
        return self.path if self.gone else f"{self.path}:{self.line}:{self.column}"


class Side(NamedTuple):
    """Another side of a finding."""

    experiment: str | None
    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    """A finding with its severity decided and every place turned into line and column.

    `new` says whether the change makes it or makes it worse; None where nothing was compared.
    """

    code: str
    severity: Severity
    message: str
    why: str | None
    hint: str | None
    experiment: str | None
    surface: str | None
    location: Location
    related: tuple[Side, ...]
    days: Days | None
    buckets: int | None
    data: Mapping[str, Any]
    new: bool | None = None

    @property
    def counts(self) -> bool:
        """Whether it may decide the exit code: what was there before a change does not fail the change."""
        return self.new is not False


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found. `experiments` and `surfaces` count the files that were looked at.

    `base` is the commit that was compared with, `not_run` names the rules that had none to compare with.
    `behind` counts the commits that the branch compared with has beyond it. `outside` are findings of a part
    of the files that nobody asked for.
    """

    root: str
    today: date
    findings: tuple[LocatedFinding, ...]
    skipped: tuple[Skipped, ...]
    experiments: int
    surfaces: int
    not_replayable: tuple[tuple[str, int, str], ...] = ()
    base: str | None = None
    not_run: tuple[str, ...] = ()
    behind: int = 0
    outside: tuple[LocatedFinding, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)
