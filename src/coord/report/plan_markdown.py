"""The plan of a change as a comment on a pull request: the gist in view, the details folded."""

from coord.domain.change.field import FieldChange, Type
from coord.domain.findings import Severity
from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.meetings import days_words, note, share_words
from coord.report.plan_text import file_words
from coord.report.plan_words import (
    SIGNS,
    TYPES,
    bucket_words,
    check_words,
    experiment_words,
    headline,
    limit_words,
    shown_budgets,
    stretch_words,
    type_words,
)
from coord.report.words import amount
from coord.review.plan import Action, ExperimentChange, Plan

MARKER = "<!-- coord-plan -->"
"""The first line: a bot finds by it the comment that it wrote, and writes that anew."""

MOST = 60_000
"""Characters of the whole text; GitHub takes comments of at most 65,536."""

_MOST_ROWS, _MOST_LINES, _MOST_VALUE = 20, 12, 160


def render(plan: Plan) -> str:
    """A headline, a table of the experiments, and folded: each of them, budgets, drafts, other files."""
    blocks = [MARKER, f"### {_verdict(plan)}", _summary(plan)]
    blocks += [block for block in (_table(plan), _drafts(plan)) if block]
    left_out, size = 0, sum(map(len, blocks))
    for block in filter(None, (*map(_details, plan.changes[:_MOST_ROWS]), _budgets(plan), _files(plan))):
        if size + len(block) > MOST - 500:
            left_out += 1
            continue
        size += len(block)
        blocks.append(block)
    if left_out:
        blocks.append(f"{left_out} more parts are too long for a comment: `coord plan --base REF` shows all.")
    blocks.append(f"<sub>Compared with {code(plan.base[:12])}, as of {plan.today}. `coord plan`</sub>")
    return "\n\n".join(blocks) + "\n"


def _verdict(plan: Plan) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in plan.new_findings)
    if errors:
        return f"❌ coord: {errors:,} thing{'' if errors == 1 else 's'} to mend before this can be merged"
    return "✅ coord: nothing is in the way" if plan.changes else "✅ coord: no experiment is changed"


def _summary(plan: Plan) -> str:
    lines = [f"{headline(plan)} {prose(check_words(plan))}".strip()]
    errors = [finding for finding in plan.new_findings if finding.severity is Severity.ERROR]
    for finding in errors[:_MOST_LINES]:
        lines.append(f"* {code(finding.code)} {prose(shortened(finding.message, 400))}")
        if finding.hint:
            lines.append(f"  → {prose(shortened(finding.hint, 300))}")
    if len(errors) > _MOST_LINES:
        lines.append(f"* and {len(errors) - _MOST_LINES:,} more")
    return "\n".join(lines)


def _table(plan: Plan) -> str:
    if not plan.changes:
        return ""
    rows = ["| | experiment | what | change | buckets |", "|---|---|---|---|---|"]
    for change in plan.changes[:_MOST_ROWS]:
        what = plain(experiment_words(change.experiment))
        fields = ", ".join(dict.fromkeys(field.field for field in change.fields))
        told = f"{change.action.value}{f': {plain(fields)}' if fields else ''}"
        grave = "" if change.type is Type.SAFE else f" **{TYPES[change.type]}**"
        sign = code(SIGNS[change.action])
        rows.append(
            f"| {sign} | {code(change.experiment.key)} | {what} | {told}{grave} | {bucket_words(change)} |"
        )
    if len(plan.changes) > _MOST_ROWS:
        rows.append(f"| | and {len(plan.changes) - _MOST_ROWS:,} more | | | |")
    return "\n".join(rows)


def _details(change: ExperimentChange) -> str:
    lines = [f"* {_field(field)}" for field in change.fields]
    meets = change.meets
    if change.action is Action.REMOVED and change.type is not Type.SAFE:
        lines.append("* **forbidden** (CHG005): it has started, and stays on record")
    if meets:
        lines += ["", "| meets | share of its buckets | days | |", "|---|---|---|---|"]
        for one in meets[:_MOST_LINES]:
            share = share_words(one).removesuffix(" overlap with")
            lines.append(f"| {code(one.other.key)} | {share} | {days_words(one)} | {plain(note(one))} |")
    if len(meets) > _MOST_LINES:
        lines.append(f"| and {len(meets) - _MOST_LINES:,} more | | | |")
    return _folded(code(change.experiment.key), lines) if lines else ""


def _field(field: FieldChange) -> str:
    before, after = (shortened(value, _MOST_VALUE) for value in (field.before, field.after))
    values = f"{code(before)} → {code(after) or 'nothing'}" if before else code(after)
    return f"{code(field.field)}: {values}. {type_words(field)}: {plain(field.reason)}"


def _budgets(plan: Plan) -> str:
    shown = list(shown_budgets(plan))
    rows = ["| limit | allowed | fullest before | fullest after |", "|---|---|---|---|"]
    for one in shown[:_MOST_ROWS]:
        over = one.after is not None and one.after.used > one.limit.allowed
        before, after = stretch_words(one.limit, one.before), stretch_words(one.limit, one.after)
        allowed = amount(one.limit.kind, one.limit.allowed)
        told = f"**{plain(after)}**" if over else plain(after)
        rows.append(f"| {plain(limit_words(one.limit))} | {allowed} | {plain(before)} | {told} |")
    if len(shown) > _MOST_ROWS:
        rows.append(f"| and {len(shown) - _MOST_ROWS:,} more | | | |")
    return _folded("Budgets", rows) if shown else ""


def _drafts(plan: Plan) -> str:
    lines = []
    for one in plan.drafts[:_MOST_LINES]:
        text = f"no longer fits: {prose(one.exceeds)}" if one.exceeds else "fits again"
        lines.append(f"* draft {code(one.experiment.key)} {text}")
    if len(plan.drafts) > _MOST_LINES:
        lines.append(f"* and {len(plan.drafts) - _MOST_LINES:,} more drafts")
    return "\n".join(lines)


def _files(plan: Plan) -> str:
    lines = [f"* {plain(shortened(file_words(one), 300))}" for one in plan.files[:_MOST_ROWS]]
    if len(plan.files) > _MOST_ROWS:
        lines.append(f"* and {len(plan.files) - _MOST_ROWS:,} more")
    return _folded("Other files", lines) if lines else ""


def _folded(title: str, lines: list[str]) -> str:
    return "\n".join(["<details><summary>" + _html(title) + "</summary>", "", *lines, "", "</details>"])


def _html(title: str) -> str:
    """Names are letters, digits and dashes; GitHub does not read Markdown in a summary."""
    return f"<code>{title.strip('`')}</code>" if title.startswith("`") else title
