"""The parts of a plan's comment that are folded: an experiment, the budgets, other files."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape
from itertools import groupby

from coord.domain.change.field import FieldChange, Type
from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.meetings import is_conflict, note, part_words, share_is_expected
from coord.report.plan_budgets import BudgetRow
from coord.report.plan_files import by_file, field_words, value_words, waiver_words, whole_file
from coord.report.plan_findings import NewFindings
from coord.report.plan_values import values
from coord.report.plan_words import to_come, type_words
from coord.report.summary import many
from coord.report.visible import visible
from coord.review.files import FileChange
from coord.review.plan import Action, ExperimentChange
from coord.status.meetings import Meeting

LONGEST = 400
"""Characters of a message."""

_MOST_ROWS, _MOST_LINES, _MOST_VALUE = 20, 12, 160


def told(text: str) -> str:
    """A message, cut where it is long."""
    return prose(shortened(text, LONGEST))


def folded(title: str, lines: Iterable[str], *, opened: bool) -> str:
    """Lines that open at a click; nothing without any. The title is HTML."""
    text = "\n".join(lines)
    tag = "<details open>" if opened else "<details>"
    return f"{tag}<summary>{title}</summary>\n\n{text.strip()}\n\n</details>" if text else ""


def details(change: ExperimentChange, found: NewFindings, today: date, *, opened: bool) -> str:
    """The fields of an experiment, and whom it meets."""
    free, apart = to_come(change, today)
    lines = list(_fields(change, found))
    if free or apart:
        lines += ["", "| overlap | with | from | until | must be exclusive |", "|---|---|---|---|---|"]
        lines += [*_meetings(apart), *_meetings(free)]
    elif change.action is Action.ADDED and not change.experiment.draft:
        lines.append("It meets nobody.")
    summary = [many(len(change.fields), "field")] if change.fields else []
    summary += [f"meets {len(free):,}"] if free else []
    summary += [f"must be exclusive with {len(apart):,}"] if apart else []
    key = f"<code>{escape(visible(change.experiment.key))}</code>"  # no Markdown is read in a summary
    return folded(f"{key} {', '.join(summary)}", lines, opened=opened)


def _fields(change: ExperimentChange, found: NewFindings) -> Iterator[str]:
    """The fields that differ; a verdict that several in a row have is told once, below them."""
    shown = change.fields[:_MOST_LINES]
    for _, group in groupby(shown, key=lambda field: (type_words(field), field.reason)):
        *others, last = group
        yield from (f"* {_field(change, field)}" for field in others)
        verdict = type_words(last, waived=found.is_waived(change, last))
        verdict = _bold(verdict, last.type is not Type.SAFE)
        yield f"* {_field(change, last)}<br>{verdict}: {told(last.reason)}"
    if len(change.fields) > _MOST_LINES:
        yield f"* and {len(change.fields) - _MOST_LINES:,} more"


def _field(change: ExperimentChange, field: FieldChange) -> str:
    before, after = (code(shortened(value, _MOST_VALUE)) for value in values(change, field))
    return (
        f"{code(field.field)}: {before} → {after or 'nothing'}" if before else f"{code(field.field)}: {after}"
    )


def _meetings(meets: Sequence[Meeting]) -> Iterator[str]:
    """A row for each of those it meets."""
    for one in meets[:_MOST_LINES]:
        share, why = part_words(one), note(one)
        if not one.reasons:  # `about` says that it is not drawn yet
            share, why = f"{share} ({why})" if why and not share_is_expected(one) else share, ""
        cells = [share, code(one.other.key), str(one.days.start), str(one.days.end), plain(why)]
        yield f"| {' | '.join(_bold(cell, is_conflict(one)) for cell in cells)} |"
    if len(meets) > _MOST_LINES:
        yield f"| | and {len(meets) - _MOST_LINES:,} more | | | |"


def budgets(rows: Sequence[BudgetRow]) -> Iterator[str]:
    """A table of the limits; those that are exceeded stand out."""
    if rows:
        yield "| limit | fullest before | fullest after | allowed |"
        yield "|---|---|---|---|"
    for row in rows[:_MOST_ROWS]:
        ends = [_bold(plain(cell), row.over and not row.waived) for cell in (row.after, row.allowed)]
        yield f"| {' | '.join([plain(row.limit), plain(row.before), *ends])} |"
    if len(rows) > _MOST_ROWS:
        yield f"| and {len(rows) - _MOST_ROWS:,} more | | | |"


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold and text else text


def _changed(one: FileChange) -> str:
    """The name of a field, and its values."""
    name, before, after = (
        code(shortened(text, _MOST_VALUE))
        for text in (field_words(one), value_words(one.before), value_words(one.after))
    )
    return f"{name}: {before or 'nothing'} → {after or 'nothing'}"


def files(changes: Sequence[FileChange]) -> Iterator[str]:
    """What changes in each file."""
    for path, found in by_file(changes[:_MOST_ROWS]):
        whole = whole_file(found[0])
        yield f"* {code(shortened(path, LONGEST))}{f': {whole}' if whole else ''}"
        for one in found if not whole else ():
            yield f"  * {plain(waiver_words(one)) or _changed(one)}"
    if len(changes) > _MOST_ROWS:
        yield f"* and {len(changes) - _MOST_ROWS:,} more"
