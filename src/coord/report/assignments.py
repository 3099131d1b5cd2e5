"""Assignments: for a person, as JSON (`coord.assign/1`, schemas/assign.schema.json) and as CSV."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from io import StringIO
from typing import Any

from coord.allocation.assign import Assignment, Reason
from coord.allocation.trace import Trace
from coord.domain.model import Kind
from coord.domain.shares import format_share
from coord.report.json_report import inert_json
from coord.report.styled import Page
from coord.report.words import bar, table

COLUMNS = ("experiment", "unit", "bucket", "variant", "reason")

_WORDS = {
    Reason.NOT_RUNNING: "not running",
    Reason.NOT_ELIGIBLE: "not eligible",
    Reason.HELD_BACK: "held back",
    Reason.NOT_ALLOCATED: "not allocated",
    Reason.ASSIGNED: "assigned",
}


def text(traces: Sequence[Trace], day: date, *, color: bool) -> str:
    """For each experiment the answer and how every step came to it."""
    page = Page()
    for number, one in enumerate(traces):
        if number:
            page.line()
        variant = one.assignment.variant
        good = one.assignment.reason is Reason.ASSIGNED
        answer = variant if variant is not None else _WORDS[one.assignment.reason]
        page.line((f"{one.experiment.key}: ", "bold"), (answer, "bold green" if good else "bold yellow"))
        for line in table(list(_steps(one, day))):
            page.line(f"  {line}")
    return page.render(color=color)


def _steps(one: Trace, day: date) -> Iterable[list[str]]:
    experiment, days = one.experiment, one.experiment.days
    yield ["bucket", f"{one.assignment.bucket} of {one.buckets:,} in the space {experiment.space}"]
    span = f"from {days.start} until {days.end}" if days is not None else "no dates"
    draft = "a draft, " if experiment.draft else ""
    yield ["in force", f"{'yes' if one.in_force else f'not on {day}'}: {draft}{span}"]
    yield ["eligible", _audience(one)]
    if experiment.kind is not Kind.HOLDBACK:
        yield ["held back", f"yes, by {one.holdback}" if one.holdback else "no"]
    held = f"{format_share(one.traffic)} on {day}"
    yield ["allocated", f"{'yes' if one.held else 'no'}: it holds {held}" if one.traffic else "no"]
    if experiment.ranges:
        name, low, high = next(r for r in experiment.ranges if r[1] <= one.slot < r[2])
        yield ["variant", f"{name}: slot {one.slot} is in [{low}, {high}) of 10,000"]


def _audience(one: Trace) -> str:
    audience = one.experiment.audience
    if not audience:
        return "yes: everybody"
    if not one.outside:
        return "yes: " + ", ".join(sorted(audience))
    name, value = one.outside[0]
    wanted = ", ".join(sorted(audience[name]))
    if value is None:
        return f"no: {name} is not known, and must be one of {wanted} (--context {name}=…)"
    return f"no: {name} is {value}, and must be one of {wanted}"


def summary(counts: Counter[tuple[str, str | None, Reason]], rejects: dict[str, int], *, color: bool) -> str:
    """How many units of a file got what, by experiment."""
    page = Page()
    for key in dict.fromkeys(experiment for experiment, _, _ in counts):
        mine = {place: n for place, n in counts.items() if place[0] == key}
        total = sum(mine.values())
        page.line((f"{key}: {total:,} units", "bold"))
        order = sorted(mine.items(), key=lambda item: (item[0][2] is not Reason.ASSIGNED, -item[1]))
        rows = [
            [variant or _WORDS[reason], f"{n:,}", _percent(n, total), bar(Fraction(n, total), 20)]
            for (_, variant, reason), n in order
        ]
        for line in table(rows):
            page.line(f"  {line}")
    for reason, number in rejects.items():
        page.line((f"{number:,} rows not used: {reason}", "yellow"))
    return page.render(color=color)


def _percent(part: int, total: int) -> str:
    return f"{100 * part / total:.2f}%"


def document(assignments: Iterable[Assignment], rejects: dict[str, int]) -> str:
    """The JSON document as text."""
    rows = [_row(one) for one in assignments]
    found: dict[str, Any] = {"format": "coord.assign/1", "assignments": rows, "rejects": rejects}
    return inert_json(found)


def _row(one: Assignment) -> dict[str, Any]:
    return {**one._asdict(), "reason": one.reason.value}


def csv_text(assignments: Iterable[Assignment], *, heading: bool) -> str:
    """Rows of CSV; ids are written as they are."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    if heading:
        writer.writerow(COLUMNS)
    writer.writerows((*one[:4], one.reason.value) for one in assignments)
    return output.getvalue()
