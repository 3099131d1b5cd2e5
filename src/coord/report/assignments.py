"""Assignments: for a person, as JSON (`coord.assign/1`, schemas/assign.schema.json) and as CSV."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from io import StringIO

from coord.allocation.assign import Assignment, Reason
from coord.allocation.trace import Trace
from coord.analysis.assigned import AssignedBatch
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


def summary(batches: Iterable[AssignedBatch], rejects: Mapping[str, int], *, color: bool) -> str:
    """How many units of a file got what, by experiment. `rejects` are complete when the batches are."""
    counts: Counter[tuple[str, str | None, str]] = Counter()
    for batch in batches:
        pairs = zip(batch.variants.to_pylist(), batch.reasons.to_pylist(), strict=True)
        counts.update((batch.experiment.key, variant, reason) for variant, reason in pairs)
    page = Page()
    for key in dict.fromkeys(experiment for experiment, _, _ in counts):
        mine = {place: n for place, n in counts.items() if place[0] == key}
        total = sum(mine.values())
        page.line((f"{key}: {total:,} units", "bold"))
        order = sorted(mine.items(), key=lambda item: (item[0][1] is None, -item[1]))
        rows = [
            [
                variant or _WORDS[Reason(reason)],
                f"{n:,}",
                f"{100 * n / total:.2f}%",
                bar(Fraction(n, total), 20),
            ]
            for (_, variant, reason), n in order
        ]
        for line in table(rows):
            page.line(f"  {line}")
    for reason, number in rejects.items():
        if number:
            rows_are = "1 row" if number == 1 else f"{number:,} rows"
            page.line((f"{rows_are} not used: {reason}", "yellow"))
    return page.render(color=color)


def document(assignments: Iterable[Assignment]) -> str:
    """The JSON document as text."""
    rows = [{**one._asdict(), "reason": one.reason.value} for one in assignments]
    return inert_json({"format": "coord.assign/1", "assignments": rows, "rejects": {}})


def document_parts(batches: Iterable[AssignedBatch], rejects: Mapping[str, int]) -> Iterator[str]:
    """The same of a file, piece by piece."""
    yield '{"format": "coord.assign/1", "assignments": ['
    comma = ""
    for batch in batches:
        columns = (batch.units, batch.buckets, batch.variants, batch.reasons)
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        texts = (
            json.dumps(dict(zip(COLUMNS, (batch.experiment.key, *row), strict=True))).replace(
                "##", "#\\u0023"
            )
            for row in rows
        )
        yield "".join(f"{',' if number or comma else ''}\n{text}" for number, text in enumerate(texts))
        comma = ","
    counted = {reason: number for reason, number in rejects.items() if number}
    yield f'\n], "rejects": {json.dumps(counted)}}}\n'


def csv_text(assignments: Iterable[Assignment]) -> str:
    """Rows of CSV; ids are written as they are."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*one[:4], one.reason.value) for one in assignments)
    return output.getvalue()


def csv_parts(batches: Iterable[AssignedBatch]) -> Iterator[str]:
    """The same of a file, piece by piece."""
    yield ",".join(COLUMNS) + "\n"
    for batch in batches:
        output = StringIO()
        writer = csv.writer(output, lineterminator="\n")
        columns = (batch.units, batch.buckets, batch.variants, batch.reasons)
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        writer.writerows((batch.experiment.key, *row) for row in rows)
        yield output.getvalue()
