"""What was not checked, in as few lines as say it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from coord.checks.result import Result
from coord.config.layout import key_of
from coord.domain.findings import Cause, Skipped

_MOST_NAMES = 10


class Skip(NamedTuple):
    """A file, why it is not fully checked, and which rules ran without it or gave up on it."""

    path: str
    reason: str
    what: str  # `checked without it` or `not checked`
    codes: str


def skips(result: Result) -> Iterator[Skip]:
    """One for each file or question that was too much; drafts without dates are told by `undated`."""

    def subject(row: Skipped) -> tuple[str, str, Cause]:
        return row.path, row.reason, row.cause

    rows = sorted((row for row in result.skipped if row.cause is not Cause.UNDATED), key=subject)
    for (path, reason, cause), same in groupby(rows, key=subject):
        what = "checked without it" if cause is Cause.BROKEN else "not checked"
        yield Skip(path, reason, what, ranges([row.code for row in same]))


def gaps(result: Result) -> list[str]:
    """A line for each of them, and one for all drafts without dates."""
    told = [f"skipped: {skip.path}: {skip.reason} ({skip.what}: {skip.codes})" for skip in skips(result)]
    drafts = undated(result)
    return [*told, f"skipped: {drafts}"] if drafts else told


def undated(result: Result) -> str | None:
    """One sentence for all drafts that the budgets leave out; None when there is none."""
    keys = sorted({key_of(row.path) for row in result.skipped if row.cause is Cause.UNDATED})
    if not keys:
        return None
    drafts = (
        "1 draft without dates or traffic is"
        if len(keys) == 1
        else f"{len(keys):,} drafts without dates or traffic are"
    )
    more = f" and {len(keys) - _MOST_NAMES:,} more" if len(keys) > _MOST_NAMES else ""
    return f"{drafts} left out of the budgets: {', '.join(keys[:_MOST_NAMES])}{more}"


def ranges(codes: Sequence[str]) -> str:
    """`BKT001-005, LIF002`: codes that follow each other as ranges."""
    found: list[tuple[str, str]] = []
    for code in sorted(codes):
        first, last = found[-1] if found else ("", "")
        if last[:3] == code[:3] and int(last[3:]) + 1 == int(code[3:]):
            found[-1] = first, code
        else:
            found.append((code, code))
    return ", ".join(first if first == last else f"{first}-{last[3:]}" for first, last in found)
