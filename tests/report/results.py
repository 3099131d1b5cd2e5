"""Hand-made results for the tests of the formats."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from coord.checks.result import LocatedFinding, Location, Result, Side
from coord.domain.findings import Severity, Skipped

BASE = "0123456789abcdef0123456789abcdef01234567"

# what some reader of an output could act on, in one text
HOSTILE = (
    "@octocat/everyone #12 GH-7 0123456789abcdef :tada: $x$ [a](http://x) ![p](http://x/p.png) <img src=x> "
    "</details> `a` | b *c* &lt; https://x \x1b[31m\u202e\n::error::x ##[error]y\r\n# z {0} %0A"
)


def finding(
    number: int = 1,
    *,
    code: str = "BKT001",
    message: str = "something",
    why: str | None = "why so",
    hint: str | None = "do `this`",
    severity: Severity = Severity.ERROR,
    path: str = "surfaces/home/experiments/a.yaml",
    pointer: tuple[str | int, ...] = ("traffic",),
    experiment: str | None = "home/a",
    others: tuple[str | None, ...] = ("home/b",),
    data: Mapping[str, Any] | None = None,
    new: bool | None = None,
) -> LocatedFinding:
    """A finding on a line, and its other sides on line 120 of `b.yaml`."""
    location = Location(path, number, 10, pointer, "traffic: 20%", 3)
    elsewhere = Location("surfaces/home/experiments/b.yaml", 120, 1, ("a/b", 0), None, 1)
    sides = tuple(Side(other, elsewhere, "the other") for other in others)
    return LocatedFinding(
        code, severity, message, why, hint, experiment, "home", location, sides, None, 5, data or {}, new
    )


def result(
    *findings: LocatedFinding,
    skipped: tuple[Skipped, ...] = (),
    base: str | None = None,
    not_run: tuple[str, ...] = (),
) -> Result:
    """What a check of two experiments on one surface found."""
    return Result(".", date(2026, 3, 1), findings, skipped, 2, 1, (), base, not_run)
