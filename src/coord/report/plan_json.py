"""The JSON document `coord.plan/1` (schemas/plan.schema.json)."""

from typing import Any

from coord.checks.result import LocatedFinding
from coord.domain.change.field import FieldChange
from coord.domain.findings import Severity
from coord.report.json_report import inert_json, json_pointer
from coord.report.levels_json import amount_json, stretch_json
from coord.report.meetings import meeting_json
from coord.review.budgets import BudgetChange
from coord.review.drafts import DraftChange
from coord.review.files import FileChange
from coord.review.plan import ExperimentChange, Plan
from coord.review.unreadable import Unreadable


def render(plan: Plan) -> str:
    """The document as text; escapes keep it inert on a terminal."""
    return inert_json(plan_document(plan))


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document: every key always present, null where it does not apply, in a stable order."""
    new = [finding.severity for finding in plan.new_findings]
    return {
        "format": "coord.plan/1",
        "base": plan.base,
        "behind": plan.checked.behind,
        "today": plan.today.isoformat(),
        "changes": [_change(change) for change in plan.changes],
        "budgets": [_budget(one) for one in plan.budgets],
        "drafts": [_draft(one) for one in plan.drafts],
        "files": [_file(one) for one in plan.files],
        "left_out": [_left_out(one) for one in plan.unreadable],
        "findings": [_finding(finding, finding.severity) for finding in plan.new_findings],
        "waived": [
            {**_finding(one.finding, one.severity), "reason": one.reason, "until": one.until}
            for one in plan.waived
        ],
        "new_findings": {severity.value: new.count(severity) for severity in Severity},
    }


def _change(change: ExperimentChange) -> dict[str, Any]:
    return {
        "experiment": change.experiment.key,
        "action": change.action.value,
        "type": change.type.value,
        "fields": [_field(field) for field in change.fields],
        "buckets": change.moved.buckets,
        "units": change.moved.units,
        "drawn": change.drawn,
        "freed": change.freed,
        "meets": [meeting_json(one) for one in change.meets],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "field": field.field,
        "before": field.before or None,
        "after": field.after or None,
        "type": field.type.value,
        "rule": field.rule,
        "reason": field.reason,
    }


def _budget(one: BudgetChange) -> dict[str, Any]:
    limit = one.limit
    return {
        "limit": limit.kind,
        "surface": limit.surface,
        "component": limit.component,
        "team": limit.team,
        "allowed": amount_json(limit.kind, limit.allowed) if one.after else None,
        "allowed_before": None if one.allowed_before is None else amount_json(limit.kind, one.allowed_before),
        "before": one.before and stretch_json(limit.kind, one.before),
        "after": one.after and stretch_json(limit.kind, one.after),
    }


def _draft(one: DraftChange) -> dict[str, Any]:
    return {"experiment": one.experiment.key, "fits": one.exceeds is None, "reason": one.exceeds}


def _file(one: FileChange) -> dict[str, Any]:
    return {
        "path": one.path,
        "pointer": json_pointer(one.pointer),
        "before": one.before,
        "after": one.after,
    }


def _finding(finding: LocatedFinding, severity: Severity) -> dict[str, Any]:
    location = finding.location
    return {
        "code": finding.code,
        "severity": severity.value,
        "message": finding.message,
        "why": finding.why,
        "hint": finding.hint,
        "experiment": finding.experiment,
        "location": {
            "path": location.path,
            "line": None if location.gone else location.line,
            "column": None if location.gone else location.column,
        },
    }


def _left_out(one: Unreadable) -> dict[str, Any]:
    return {"path": one.path, "side": one.side.value, "reason": one.reason}
