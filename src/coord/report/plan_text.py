"""The plan of a change for a person at a terminal."""

import json
from typing import Any

from coord.domain.change.field import FieldChange, Type
from coord.domain.findings import Severity
from coord.report.json_report import json_pointer
from coord.report.meetings import meeting_lines
from coord.report.plan_words import (
    SIGNS,
    bucket_words,
    check_words,
    experiment_words,
    headline,
    limit_words,
    shown_budgets,
    stretch_words,
    type_words,
)
from coord.report.styled import Page
from coord.report.words import WIDTH, amount, table, wrapped
from coord.review.files import FileChange
from coord.review.plan import Action, ExperimentChange, Plan

_STYLES = {Action.ADDED: "green", Action.CHANGED: "yellow", Action.ENDED: "cyan", Action.REMOVED: "red"}
_TYPE_STYLES = {Type.SAFE: "green", Type.NEW_EXPERIMENT: "yellow", Type.FORBIDDEN: "bold red"}
_MOST_MEETINGS = 8


def render(plan: Plan, *, color: bool) -> str:
    """Each experiment with its fields, buckets and meetings; then budgets, drafts, files, and the check."""
    page = Page()
    page.line((f"Compared with {plan.base[:12]}, as of {plan.today}", "bold"))
    for change in plan.changes:
        page.line()
        _change(page, change)
    _budgets(page, plan)
    _drafts(page, plan)
    _files(page, plan)
    page.line()
    failed = any(finding.severity is Severity.ERROR for finding in plan.new_findings)
    page.line((check_words(plan), "bold red" if failed else "green"))
    page.line((headline(plan), "bold"))
    return page.render(color=color)


def _change(page: Page, change: ExperimentChange) -> None:
    experiment = change.experiment
    sign = (SIGNS[change.action], _STYLES[change.action])
    page.line(sign, " ", (experiment.key, "bold"), f"  {change.action.value}: {experiment_words(experiment)}")
    for field in change.fields:
        _field(page, field)
    if words := bucket_words(change):
        page.line("    ", (words, "bold red" if change.moved.buckets else ""))
    if change.action is Action.REMOVED and change.type is not Type.SAFE:
        page.line(
            "    ", ("forbidden (CHG005): it has started, and stays on record", _TYPE_STYLES[change.type])
        )
    apart = [one for one in change.meets if one.reasons]
    free = [one for one in change.meets if not one.reasons]
    if free:
        meeting_lines(page, "  meets", free, _MOST_MEETINGS)
    if apart:
        meeting_lines(page, "  must be exclusive with", apart, _MOST_MEETINGS)


def _field(page: Page, field: FieldChange) -> None:
    values = f"{field.field}: {field.before or 'nothing'} -> {field.after or 'nothing'}"
    if not field.before:
        values = f"{field.field}: {field.after}"
    for number, line in enumerate(wrapped(values, WIDTH - 6)):
        page.line(f"    {'  ' if number else ''}{line}")
    verdict, *rest = wrapped(f"{type_words(field)}: {field.reason}", WIDTH - 8)
    for line in (verdict, *rest):
        page.line("      ", (line, _TYPE_STYLES[field.type]))


def _budgets(page: Page, plan: Plan) -> None:
    rows = [
        [
            f"  {limit_words(one.limit)}",
            stretch_words(one.limit, one.before),
            f"-> {stretch_words(one.limit, one.after)}",
            f"of {amount(one.limit.kind, one.limit.allowed)}",
        ]
        for one in shown_budgets(plan)
    ]
    if not rows:
        return
    page.line()
    heading, *lines = table([["Budgets, fullest days", "before", "   after", "allowed"], *rows])
    page.line((heading, "bold"))
    for line, one in zip(lines, shown_budgets(plan), strict=True):
        over = one.after is not None and one.after.used > one.limit.allowed
        page.line((line, "bold red" if over else ""))


def _drafts(page: Page, plan: Plan) -> None:
    if not plan.drafts:
        return
    page.line()
    page.line(("Drafts", "bold"))
    for one in plan.drafts:
        text = f"no longer fits: {one.exceeds}" if one.exceeds else "fits again"
        for number, line in enumerate(wrapped(f"{one.experiment.key} {text}", WIDTH - 4)):
            page.line(f"  {'  ' if number else ''}{line}")


def _files(page: Page, plan: Plan) -> None:
    if not plan.files:
        return
    page.line()
    page.line(("Other files", "bold"))
    for one in plan.files:
        for number, line in enumerate(wrapped(file_words(one), WIDTH - 4)):
            page.line(f"  {'  ' if number else ''}{line}")


def file_words(one: FileChange) -> str:
    """`surfaces/home/surface.yaml /budget/component: 80% -> 90%`."""
    before, after = _value(one.before), _value(one.after)
    place = f"{one.path} {json_pointer(one.pointer)}".strip()
    if one.pointer == ():
        return f"{place}: {'new' if one.before is None else 'removed'}"
    return f"{place}: {before} -> {after}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
