"""The plan of a change as a comment on a pull request: the gist in view, the details folded."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape

from coord.checks.result import LocatedFinding
from coord.domain.change.field import FieldChange, Type
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.meetings import days_words, is_conflict, note, share_words
from coord.report.plan_budgets import BudgetRow, budget_rows
from coord.report.plan_files import by_file, field_words, value_words, whole_file
from coord.report.plan_findings import NewFindings, count_words
from coord.report.plan_values import values
from coord.report.plan_words import (
    SIGNS,
    TYPES,
    actions,
    bucket_words,
    experiment_words,
    headline,
    to_come,
    type_words,
    unreadable_words,
)
from coord.report.summary import many
from coord.report.visible import visible
from coord.review.plan import Action, ExperimentChange, Plan
from coord.review.unreadable import Unreadable
from coord.status.meetings import Meeting

MARKER = "<!-- coord-plan -->"
"""The first line: a bot finds by it the comment that it wrote, and writes that anew."""

MOST_BYTES = 60_000
"""Of the whole text; GitHub takes comments of at most 65,536 characters."""

_MOST_ROWS, _MOST_LINES, _MOST_VALUE, _MOST_MESSAGE = 20, 12, 160, 400
_IN_VIEW = 5
"""How many errors are in view, the rest folded; and up to how many experiments nothing is folded."""


def render(plan: Plan, *, most_bytes: int = MOST_BYTES) -> str:
    """A verdict, the errors, a table of the experiments; then budgets and each of them, folded if many."""
    page, found = MarkdownPage(most_bytes), NewFindings(plan)
    page.say(MARKER)
    page.say(f"### {_verdict(plan, found)}")
    page.say(f"{headline(plan)} {_found(found)}".strip())
    _errors(page, found)
    _table(page, plan, found)
    _list(page, [_unreadable(one) for one in plan.unreadable], "Left out, with all that rests on it:")
    _list(page, list(_drafts(plan)), "Drafts:")
    opened = len(plan.changes) <= _IN_VIEW
    blocks = [_folded("Budgets", _budgets(budget_rows(plan)), opened=opened)]
    blocks += [_details(change, plan.today, opened=opened) for change in plan.changes[:_MOST_ROWS]]
    blocks.append(_folded("Other files", _files(plan), opened=False))
    _left_out(page, page.fill([block for block in blocks if block], str), "parts")
    command = code(f"coord plan --base {plan.base[:12]}")
    page.say(f"<sub>As of {plan.today}, compared with {code(plan.base[:12])}. In a terminal: {command}</sub>")
    return page.render()


def _verdict(plan: Plan, found: NewFindings) -> str:
    if found.errors:
        return f"❌ coord plan: {many(len(found.errors), 'error')} to mend first"
    if found.all:
        return f"⚠️ coord plan: ready, with {many(len(found.all), 'new warning')}"
    return "✅ coord plan: ready" if plan.changes else "✅ coord plan: nothing is changed for experiments"


def _found(found: NewFindings) -> str:
    return (
        f"`coord check` finds {count_words(found.all)}." if found.all else "`coord check` finds nothing new."
    )


def _errors(page: MarkdownPage, found: NewFindings) -> None:
    """Errors with what to do; warnings where there is nothing worse."""
    told = found.errors or found.all
    _left_out(page, page.fill(told[:_IN_VIEW], _finding, "\n"), "findings")
    more = told[_IN_VIEW:]
    if more:
        page.say(f"<details><summary>and {len(more):,} more</summary>")
        _left_out(page, page.fill(more[:_MOST_ROWS], _finding, "\n") + len(more[_MOST_ROWS:]), "findings")
        page.say("</details>")


def _finding(finding: LocatedFinding) -> str:
    told = f"* **{finding.severity} {code(finding.code)}** {_told(finding.message)}"
    return f"{told}<br>→ {_told(finding.hint)}" if finding.hint else told


def _told(text: str) -> str:
    return prose(shortened(text, _MOST_MESSAGE))


def _table(page: MarkdownPage, plan: Plan, found: NewFindings) -> None:
    if not plan.changes:
        return
    shown, left = _gravest(plan.changes)
    rows = ["| | experiment | what it is | what happens |", "|---|---|---|---|"]
    rows += [_row(change, found) for change in shown]
    rows += [f"| | and {len(left):,} more | {actions(left)} | |"] if left else []
    page.fill(rows, str, "\n")


def _gravest(
    changes: Sequence[ExperimentChange],
) -> tuple[Sequence[ExperimentChange], Sequence[ExperimentChange]]:
    """Those that are shown, and those that are not: of many the gravest."""
    if len(changes) <= _MOST_ROWS:
        return changes, ()
    ordered = sorted(changes, key=lambda change: -list(Type).index(change.type))
    return ordered[:_MOST_ROWS], ordered[_MOST_ROWS:]


def _row(change: ExperimentChange, found: NewFindings) -> str:
    fields = ", ".join(dict.fromkeys(field.field for field in change.fields))
    told = [f"{change.action.value}{f': {plain(fields)}' if fields else ''}"]
    told += [f"**{TYPES[change.type]}**"] if change.type is not Type.SAFE else []
    told += bucket_words(change)
    told += [prose(waiting)] if (waiting := found.waits(change)) else []
    what = plain(experiment_words(change.experiment))
    return f"| {code(SIGNS[change.action])} | {code(change.experiment.key)} | {what} | {'<br>'.join(told)} |"


def _details(change: ExperimentChange, today: date, *, opened: bool) -> str:
    """The fields of an experiment, and whom it meets."""
    lines = [f"* {_field(change, field)}" for field in change.fields[:_MOST_LINES]]
    if len(change.fields) > _MOST_LINES:
        lines.append(f"* and {many(len(change.fields) - _MOST_LINES, 'more field')}")
    free, apart = to_come(change, today)
    if free or apart:
        lines += ["", "| overlap | with | days | |", "|---|---|---|---|", *_meetings(free, apart)]
    elif change.action is Action.ADDED and not change.experiment.draft:
        lines.append("It meets nobody.")
    title = escape(visible(change.experiment.key))  # GitHub reads no Markdown in a summary
    return _folded(f"<code>{title}</code>", lines, opened=opened)


def _field(change: ExperimentChange, field: FieldChange) -> str:
    before, after = (code(shortened(value, _MOST_VALUE)) for value in values(change, field))
    told = f"{before} → {after or 'nothing'}" if before else after
    verdict = type_words(field) if field.type is Type.SAFE else f"**{type_words(field)}**"
    return f"{code(field.field)}: {told}<br>{verdict}: {_told(field.reason)}"


def _meetings(free: Sequence[Meeting], apart: Sequence[Meeting]) -> Iterator[str]:
    """A row for each of those it meets, conflicts first."""
    for meets, why in ((apart, "must be exclusive: "), (free, "")):
        for one in meets[:_MOST_LINES]:
            share = share_words(one).removesuffix(" overlap with")
            told = f"{why}{note(one)}".removesuffix(": ")
            cells = [share, code(one.other.key), days_words(one), plain(told)]
            yield f"| {' | '.join(f'**{cell}**' if is_conflict(one) else cell for cell in cells)} |"
        if len(meets) > _MOST_LINES:
            yield f"| | and {len(meets) - _MOST_LINES:,} more | | |"


def _budgets(rows: Sequence[BudgetRow]) -> list[str]:
    lines = ["| limit | fullest before | fullest after | allowed |", "|---|---|---|---|"] if rows else []
    for row in rows[:_MOST_ROWS]:
        cells = [plain(row.limit), plain(row.before), plain(row.after), plain(row.allowed)]
        lines.append(
            f"| {cells[0]} | {cells[1]} | {_bold(cells[2], row.over)} | {_bold(cells[3], row.over)} |"
        )
    if len(rows) > _MOST_ROWS:
        lines.append(f"| and {len(rows) - _MOST_ROWS:,} more | | | |")
    return lines


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text


def _drafts(plan: Plan) -> Iterator[str]:
    for one in plan.drafts:
        text = f"no longer fits: {_told(one.exceeds)}" if one.exceeds else "fits again"
        yield f"{code(one.experiment.key)} {text}"


def _unreadable(one: Unreadable) -> str:
    return f"{code(shortened(one.path, _MOST_MESSAGE))}: {_told(unreadable_words(one))}"


def _files(plan: Plan) -> list[str]:
    lines = []
    for path, changes in by_file(plan.files[:_MOST_ROWS]):
        whole = whole_file(changes[0])
        lines.append(f"* {code(shortened(path, _MOST_MESSAGE))}{f': {whole}' if whole else ''}")
        for one in changes if not whole else ():
            name, before, after = (
                code(shortened(text, _MOST_VALUE))
                for text in (field_words(one), value_words(one.before), value_words(one.after))
            )
            lines.append(f"  * {name}: {before or 'nothing'} → {after or 'nothing'}")
    if len(plan.files) > _MOST_ROWS:
        lines.append(f"* and {len(plan.files) - _MOST_ROWS:,} more")
    return lines


def _list(page: MarkdownPage, items: Sequence[str], heading: str) -> None:
    if items:
        page.say(heading)
        left = page.fill(items[:_MOST_LINES], lambda item: f"* {item}", "\n") + len(items[_MOST_LINES:])
        _left_out(page, left, "of these")


def _left_out(page: MarkdownPage, number: int, what: str) -> None:
    if number:
        page.say(f"{number:,} more {what}: `coord plan --format json` lists all.")


def _folded(title: str, lines: Iterable[str], *, opened: bool) -> str:
    """Lines that open at a click; nothing without any."""
    text = "\n".join(lines)
    tag = "<details open>" if opened else "<details>"
    return f"{tag}<summary>{title}</summary>\n\n{text.strip()}\n\n</details>" if text else ""
