"""The plan of a change for a person at a terminal."""

from datetime import date
from itertools import groupby

from coord.checks.result import LocatedFinding
from coord.domain.change.field import FieldChange, Type
from coord.domain.findings import Severity
from coord.report.markdown_text import shortened
from coord.report.meetings import meeting_lines
from coord.report.plan_budgets import budget_rows
from coord.report.plan_files import by_file, change_words, whole_file
from coord.report.plan_findings import NewFindings
from coord.report.plan_lines import more, paragraph
from coord.report.plan_values import values
from coord.report.plan_waived import waiver_terms
from coord.report.plan_words import (
    SIGNS,
    actions,
    bucket_words,
    experiment_words,
    headline,
    lag,
    to_come,
    type_words,
    unreadable_words,
)
from coord.report.styled import Page
from coord.report.words import WIDTH, table
from coord.review.plan import Action, ExperimentChange, Plan

_STYLES = {Action.ADDED: "green", Action.CHANGED: "yellow", Action.ENDED: "cyan", Action.REMOVED: "red"}
_TYPE_STYLES = {Type.SAFE: "green", Type.NEW_EXPERIMENT: "red", Type.FORBIDDEN: "red"}
_SEVERITY_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: ""}

_IN_FULL, _IN_SHORT = 25, 100
"""How many experiments are told in full, and how many more in a line each."""

_MOST_FINDINGS, _MOST_MEETINGS, _MOST_ROWS = 5, 8, 30
_MOST_VALUE = 200


def render(plan: Plan, *, color: bool, width: int = WIDTH, options: str = "") -> str:
    """Each experiment with its fields, buckets and meetings; budgets, drafts, files; the verdict last.

    `options` are added to the commands that are named.
    """
    page, found = Page(width), NewFindings(plan)
    page.line((f"What changes since {plan.base[:12]}, as of {plan.today}", "bold"))
    paragraph(page, lag(plan), "bold yellow", indent="")
    _experiments(page, plan, found)
    _budgets(page, plan)
    _drafts(page, plan)
    _files(page, plan)
    _elsewhere(page, found)
    _unreadable(page, plan)
    page.line()
    paragraph(page, headline(plan), "bold", indent="")
    style = "bold red" if found.errors else "bold yellow" if found.waives else "bold green"
    paragraph(page, found.verdict(plan.base, options), style, indent="")
    _waived(page, plan)
    return page.render(color=color)


def _experiments(page: Page, plan: Plan, found: NewFindings) -> None:
    """All in full, in the order of their names; of many only the gravest, the others in short."""
    full, short = list(plan.changes), []
    if len(full) > _IN_FULL:
        gravest = sorted(full, key=lambda change: (-list(Type).index(change.type), not found.at(change)))
        full, short = gravest[:_IN_FULL], gravest[_IN_FULL:]
    for change in full:
        page.line()
        _experiment(page, change, found, plan.today)
    if short:
        page.line()
        page.line((f"And {len(short):,} more, in short", "bold"))
    for change in short[:_IN_SHORT]:
        _heading(page, change)
    if len(short) > _IN_SHORT:
        left = short[_IN_SHORT:]
        page.line(f"  and {len(left):,} more: {actions(left)} (--format json lists all)")


def _heading(page: Page, change: ExperimentChange) -> None:
    sign, key = (SIGNS[change.action], _STYLES[change.action]), (change.experiment.key, "bold")
    action, words = f"  {change.action.value}", experiment_words(change.experiment)
    if len(f"  {change.experiment.key}{action}: {words}") <= page.width:
        page.line(sign, " ", key, f"{action}: {words}")
        return
    page.line(sign, " ", key, action)
    paragraph(page, words)


def _experiment(page: Page, change: ExperimentChange, found: NewFindings, today: date) -> None:
    _heading(page, change)
    _fields(page, change, found)
    for words in bucket_words(change):
        paragraph(page, words, "bold red" if words.startswith("units") else "")
    waiting = found.waits(change)
    if waiting:
        paragraph(page, waiting, "yellow")
    told = found.at(change)
    for finding in told[:_MOST_FINDINGS]:
        _finding(page, finding)
    more(page, told, _MOST_FINDINGS, indent="    ")
    free, apart = to_come(change, today)
    for heading, meets in (("overlap with", free), ("must be exclusive with", apart)):
        if meets:
            meeting_lines(page, f"  {heading}", meets, _MOST_MEETINGS, brief=True)
    if change.action is Action.ADDED and not free and not apart and not change.experiment.draft:
        page.line("    meets nobody")


def _fields(page: Page, change: ExperimentChange, found: NewFindings) -> None:
    """The fields that differ; a verdict that several in a row have is told once, below them."""

    def verdict(field: FieldChange) -> tuple[Type, str]:
        return field.type, f"{type_words(field, waived=found.is_waived(change, field))}: {field.reason}"

    for (kind, told), fields in groupby(change.fields, key=verdict):
        for field in fields:
            before, after = (shortened(value, _MOST_VALUE) for value in values(change, field))
            arrow = f"{before} -> " if before else ""
            paragraph(page, f"{field.field}: {arrow}{after or 'nothing'}")
        paragraph(page, told, _TYPE_STYLES[kind], indent="      ")


def _finding(page: Page, finding: LocatedFinding, *, place: str = "") -> None:
    told = f"{finding.severity} {finding.code}{place}: {finding.message}"
    paragraph(page, told, _SEVERITY_STYLES[finding.severity], indent="  " if place else "    ")


def _budgets(page: Page, plan: Plan) -> None:
    rows = budget_rows(plan)
    if not rows:
        return
    page.line()
    shown = rows[:_MOST_ROWS]
    cells = [[f"  {row.limit}", row.before, row.after, row.allowed] for row in shown]
    heading, *lines = table([["Budgets on their fullest days", "before", "after", "allowed"], *cells])
    if max(map(len, lines)) > page.width:
        heading = "Budgets on their fullest days, before and after"
        lines = [f"{row.limit}: {row.before} -> {row.after}, {row.allowed}" for row in shown]
    page.line((heading, "bold"))
    for line, row in zip(lines, shown, strict=True):
        style = "" if not row.over else "yellow" if row.waived else "red"
        if line.startswith("  "):
            page.line((line, style))
        else:
            paragraph(page, line, style, indent="  ")
    more(page, rows, _MOST_ROWS)


def _drafts(page: Page, plan: Plan) -> None:
    if not plan.drafts:
        return
    page.line()
    page.line(("Drafts", "bold"))
    for one in plan.drafts[:_MOST_ROWS]:
        text = f"no longer fits: {one.exceeds}" if one.exceeds else "fits again"
        paragraph(page, f"{one.experiment.key} {text}", "yellow" if one.exceeds else "", indent="  ")
    more(page, plan.drafts, _MOST_ROWS)


def _files(page: Page, plan: Plan) -> None:
    if not plan.files:
        return
    page.line()
    page.line(("Other files", "bold"))
    for path, changes in by_file(plan.files[:_MOST_ROWS]):
        whole = whole_file(changes[0])
        page.line(f"  {path}{whole and f': {whole}'}")
        for one in changes if not whole else ():
            paragraph(page, change_words(one))
    more(page, plan.files, _MOST_ROWS)


def _elsewhere(page: Page, found: NewFindings) -> None:
    findings = found.elsewhere()
    if not findings:
        return
    page.line()
    page.line(("Found elsewhere", "bold"))
    for finding in findings[:_MOST_ROWS]:
        _finding(page, finding, place=f" at {finding.location.place}")
    more(page, findings, _MOST_ROWS)


def _unreadable(page: Page, plan: Plan) -> None:
    if not plan.unreadable:
        return
    page.line()
    page.line(("Left out, with all that rests on it", "bold"))
    for one in plan.unreadable[:_MOST_ROWS]:
        paragraph(page, f"{one.path}: {unreadable_words(one)}", "yellow", indent="  ")
    more(page, plan.unreadable, _MOST_ROWS)


def _waived(page: Page, plan: Plan) -> None:
    """What is waived, until when and why; these lines end the verdict."""
    for one in plan.waived[:_MOST_ROWS]:
        paragraph(page, f"{one.finding.code}: {one.finding.message}", "yellow", indent="  ")
        paragraph(page, waiver_terms(one))
    more(page, plan.waived, _MOST_ROWS)
