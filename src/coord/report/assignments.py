"""Assignments: for a person, as JSON (`coord.assign/1`, schemas/assign.schema.json) and as CSV."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain, repeat

from coord.allocation.assign import Assignment, Reason
from coord.allocation.trace import Trace
from coord.analysis.assigned import AssignedBatch
from coord.domain.model import Kind
from coord.domain.shares import format_share
from coord.report.json_report import inert_json
from coord.report.styled import Page
from coord.report.summary import many
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


def summary(
    experiments: Sequence[str], batches: Iterable[AssignedBatch], rejects: Mapping[str, int], *, color: bool
) -> str:
    """How many units of a file got what, by experiment. `rejects` are complete when the batches are."""
    counts: dict[str, Counter[tuple[str | None, str]]] = {key: Counter() for key in experiments}
    for batch in batches:
        for one in batch.found:
            pairs = zip(one.variants.to_pylist(), one.reasons.to_pylist(), strict=True)
            counts[one.experiment.key].update(pairs)
    page = Page()
    for key, mine in counts.items():
        page.line((f"{key}: {many(mine.total(), 'unit')}", "bold"))
        for line in table(list(_rows(mine))):
            page.line(f"  {line}")
    for reason, number in rejects.items():
        if number:
            page.line((f"{many(number, 'row')} not used: {reason}", "yellow"))
    return page.render(color=color)


def _rows(counts: Counter[tuple[str | None, str]]) -> Iterator[list[str]]:
    """Variants, then reasons for none; of each kind the largest first."""
    total = counts.total()
    for (variant, reason), number in sorted(counts.items(), key=lambda one: (one[0][0] is None, -one[1])):
        name = _WORDS[Reason(reason)] if variant is None else variant
        share = Fraction(number, total)
        yield [name, f"{number:,}", f"{100 * number / total:.2f}%", bar(share, 20)]


def document(assignments: Iterable[Assignment]) -> str:
    """The JSON document as text."""
    rows = [{**one._asdict(), "reason": one.reason.value} for one in assignments]
    return inert_json({"format": "coord.assign/1", "assignments": rows, "rejects": {}})


def document_parts(batches: Iterable[AssignedBatch], rejects: Mapping[str, int]) -> Iterator[str]:
    """The same of a file, piece by piece."""
    yield '{"format": "coord.assign/1", "assignments": ['
    comma = ""
    for batch in batches:
        texts = (json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in _assigned(batch))
        yield comma + "\n" + ",\n".join(texts).replace("##", "#\\u0023")
        comma = ","
    counted = {reason: number for reason, number in rejects.items() if number}
    yield f'\n], "rejects": {json.dumps(counted)}}}\n'


def _assigned(batch: AssignedBatch) -> Iterator[Sequence[str | int | None]]:
    """A row for each unit and experiment, unit by unit, so that the size of batches does not show."""
    units = batch.units.to_pylist()
    rows = []
    for one in batch.found:
        columns = (column.to_pylist() for column in (one.buckets, one.variants, one.reasons))
        rows.append(zip(repeat(one.experiment.key), units, *columns, strict=False))
    return chain.from_iterable(zip(*rows, strict=True))


def csv_text(assignments: Iterable[Assignment]) -> str:
    """Rows of CSV; ids are written as they are."""
    return _csv(COLUMNS) + _csv(*((*one[:4], one.reason.value) for one in assignments))


def csv_parts(batches: Iterable[AssignedBatch]) -> Iterator[str]:
    """The same of a file, piece by piece."""
    yield _csv(COLUMNS)
    for batch in batches:
        yield _csv(*_assigned(batch))


def _csv(*rows: Sequence[str | int | None]) -> str:
    lines: list[str] = []
    # a cell with either half of this line end is quoted by every version of Python: an id may hold it
    csv.writer(_Lines(lines), lineterminator="\r\n").writerows(rows)
    return "".join(lines)


class _Lines:
    """Where csv writes row by row; rows end in a line feed, as in every other output."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lambda row: lines.append(row.removesuffix("\r\n") + "\n")
