"""The plan of a change as a comment on a pull request: the gist in view, the details folded."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from coord.checks.result import LocatedFinding
from coord.domain.change.field import Type
from coord.domain.findings import Severity
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.plan_budgets import budget_rows
from coord.report.plan_details import LONGEST, budgets, details, files, folded, told
from coord.report.plan_findings import NewFindings, count_words
from coord.report.plan_words import (
    SIGNS,
    TYPES,
    actions,
    bucket_words,
    command,
    experiment_words,
    headline,
    lag,
    unreadable_words,
)
from coord.report.summary import many
from coord.review.drafts import DraftChange
from coord.review.plan import ExperimentChange, Plan
from coord.review.unreadable import Unreadable
from coord.review.waived import Waived

MARKER = "<!-- coord-plan -->"
"""The first line: a bot finds by it the comment that it wrote, and writes that anew."""

MOST_BYTES = 60_000
"""Of the whole text; GitHub takes comments of at most 65,536 characters."""

_MOST_ROWS, _MOST_LINES = 20, 12
_IN_VIEW = 5
"""How many errors are in view, the rest folded; and up to how many experiments nothing is folded."""


Item = TypeVar("Item")


def render(plan: Plan, *, most_bytes: int = MOST_BYTES, options: str = "") -> str:
    """A verdict, the errors, a table of the experiments; then budgets and each of them, folded if many.

    `options` are added to the command that is named.
    """
    page, found = MarkdownPage(most_bytes), NewFindings(plan)
    page.say(MARKER)
    page.say(f"### {_verdict(plan, found)}")
    if behind := lag(plan):
        page.say(f"⚠️ {behind}")
    nothing = f"nothing new{' but what is waived' if found.waives else ''}"
    page.say(f"{headline(plan)} `coord check` finds {count_words(found.all) if found.all else nothing}.")
    _findings(page, found)
    _list(page, plan.waived, _waived, f"Waives {found.waives}:", _IN_VIEW)
    shown, left = _gravest(plan.changes)
    _table(page, shown, left, found)
    _list(page, plan.unreadable, _unreadable, "Left out, with all that rests on it:")
    _list(page, plan.drafts, _draft, "Drafts:")
    opened = len(plan.changes) <= _IN_VIEW
    blocks = [folded("Budgets", budgets(budget_rows(plan)), opened=opened)]
    blocks += [details(change, found, plan.today, opened=opened) for change in shown]
    blocks.append(folded("Other files", files(plan.files), opened=False))
    _left_out(page, page.fill([block for block in blocks if block], str), "parts")
    again = code(shortened(command("plan", plan.base, options), LONGEST))
    page.say(f"<sub>As of {plan.today}, compared with {code(plan.base[:12])}. In a terminal: {again}</sub>")
    return page.render()


def _verdict(plan: Plan, found: NewFindings) -> str:
    verdict = _outcome(plan, found)
    return f"{verdict.replace('✅', '⚠️')}; waives {found.waives}" if found.waives else verdict


def _outcome(plan: Plan, found: NewFindings) -> str:
    if found.errors:
        return f"❌ coord plan: {many(len(found.errors), 'error')} to mend first"
    if plan.unreadable:
        return "⚠️ coord plan: ready, as far as the files can be read"
    if found.all:
        return f"⚠️ coord plan: ready, with {many(len(found.all), 'new warning')}"
    return "✅ coord plan: ready" if plan.changes else "✅ coord plan: no experiment is changed"


def _findings(page: MarkdownPage, found: NewFindings) -> None:
    """Errors with what to do; where there is none, warnings that the table does not tell."""
    listed = found.errors or found.besides
    _left_out(page, page.fill(listed[:_IN_VIEW], _finding, "\n"), "findings")
    more = listed[_IN_VIEW:]
    if more:
        page.say(f"<details><summary>and {len(more):,} more</summary>")
        _left_out(page, page.fill(more[:_MOST_ROWS], _finding, "\n") + len(more[_MOST_ROWS:]), "findings")
        page.say("</details>")


def _finding(finding: LocatedFinding) -> str:
    line = f"* **{finding.severity} {code(finding.code)}** {told(finding.message)}"
    if finding.code.startswith("SYN"):  # of a file; the others say whom they are about
        line += f" ({code(shortened(finding.location.place, LONGEST))})"
    return f"{line}<br>→ {told(finding.hint)}" if finding.hint else line


def _waived(one: Waived) -> str:
    what = f"* **{code(one.finding.code)}** {told(one.finding.message)}"
    return f"{what}<br>waived until {one.until}: {plain(shortened(one.reason, LONGEST))}"


_Changes = Sequence[ExperimentChange]


def _gravest(changes: _Changes) -> tuple[_Changes, _Changes]:
    """Those that are shown, and those that are not: of many the gravest."""
    if len(changes) <= _MOST_ROWS:
        return changes, ()
    ordered = sorted(changes, key=lambda change: -list(Type).index(change.type))
    return ordered[:_MOST_ROWS], ordered[_MOST_ROWS:]


def _table(page: MarkdownPage, shown: _Changes, left: _Changes, found: NewFindings) -> None:
    rows = ["| | experiment | what it is | what happens |", "|---|---|---|---|"]
    rows += [_row(change, found) for change in shown]
    rows += [f"| | and {len(left):,} more | | {actions(left)} |"] if left else []
    if shown:
        page.fill(rows, str, "\n")


def _row(change: ExperimentChange, found: NewFindings) -> str:
    fields = ", ".join(dict.fromkeys(field.field for field in change.fields))
    happens = [f"{change.action.value}{f': {plain(fields)}' if fields else ''}"]
    happens += [f"**{TYPES[change.type]}**"] if change.type is not Type.SAFE else []
    happens += bucket_words(change)
    happens += [prose(waiting)] if (waiting := found.waits(change)) else []
    codes = dict.fromkeys(one.code for one in found.at(change) if one.severity is Severity.ERROR)
    happens += [f"❌ {', '.join(codes)}"] if codes else []
    what = "<br>".join(plain(part) for part in experiment_words(change.experiment).split(", ", 1))
    sign, key = code(SIGNS[change.action]), code(change.experiment.key)
    return f"| {sign} | {key} | {what} | {'<br>'.join(happens)} |"


def _draft(one: DraftChange) -> str:
    text = f"no longer fits: {told(one.exceeds)}" if one.exceeds else "fits again"
    return f"* {code(one.experiment.key)} {text}"


def _unreadable(one: Unreadable) -> str:
    return f"* {code(shortened(one.path, LONGEST))}: {told(unreadable_words(one))}"


def _list(
    page: MarkdownPage,
    items: Sequence[Item],
    written: Callable[[Item], str],
    heading: str,
    most: int = _MOST_LINES,
) -> None:
    if items:
        page.say(heading)
        left = page.fill(items[:most], written, "\n") + len(items[most:])
        _left_out(page, left, "of these")


def _left_out(page: MarkdownPage, number: int, what: str) -> None:
    if number:
        page.say(f"{number:,} more {what}: `coord plan --format json` lists all.")
