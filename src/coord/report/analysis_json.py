"""The JSON document `coord.analysis/1` (schemas/analysis.schema.json)."""

from fractions import Fraction
from math import isfinite
from typing import Any

from coord.analysis.results import (
    Analysis,
    Arm,
    AsAssigned,
    Bounds,
    Check,
    DayResult,
    Deterioration,
    LookResult,
    MetricResult,
    PlanShown,
    Raw,
    SegmentResult,
)
from coord.report.json_report import inert_json

_DIGITS = 12
"""Sums of many threads differ in the last bits from run to run; what is written does not."""


def render(analysis: Analysis) -> str:
    """The document as text."""
    return inert_json(document(analysis))


def document(analysis: Analysis) -> dict[str, Any]:
    """The document: every key always present, null where it does not apply, in a stable order."""
    return {
        "format": "coord.analysis/1",
        "experiment": analysis.experiment,
        "title": analysis.title,
        "kind": analysis.kind.value,
        "as_of": analysis.as_of.isoformat(),
        "shown_as_of": analysis.shown_as_of.isoformat(),
        "ended": analysis.ended,
        "commit": analysis.commit,
        "rows": analysis.rows,
        "units": dict(analysis.units),
        "excluded": dict(analysis.excluded),
        "unknown_variants": [{"name": name, "rows": rows} for name, rows in analysis.unknown_variants],
        "checks": [_check(one) for one in analysis.checks],
        "metrics": [_metric(one) for one in analysis.metrics],
        "decisions": [
            {
                "variant": one.variant,
                "recommendation": one.recommendation.value,
                "reasons": list(one.reasons),
            }
            for one in analysis.decisions
        ],
        "plan": _plan(analysis.plan),
        "looks": [_look(one) for one in analysis.looks],
        "daily": [_day(one) for one in analysis.daily],
        "segments": [_segment(one) for one in analysis.segments],
        "as_assigned": None if analysis.as_assigned is None else _assigned(analysis.as_assigned),
        "personalisation": None,
    }


def rounded(value: float | Fraction | None) -> float | None:
    """The number to 12 digits; null for none, and for what is no number."""
    if value is None or not isfinite(value):
        return None
    return float(f"{float(value):.{_DIGITS}g}")


def _check(one: Check) -> dict[str, Any]:
    return {
        "name": one.name,
        "status": one.status.value,
        "p_value": rounded(one.p_value),
        "detail": one.detail,
    }


def _metric(one: MetricResult) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "role": one.role.value,
        "kind": one.kind,
        "direction": "decrease" if one.decrease else "increase",
        "variant": one.variant,
        "control": _arm(one.control),
        "treatment": _arm(one.treatment),
        "effect": _bounds(one.effect),
        "relative": _bounds(one.relative),
        "p_value": rounded(one.p_value),
        "p_noninferiority": rounded(one.p_noninferiority),
        "level": rounded(one.level),
        "basis": one.basis.value,
        "margin": rounded(one.margin),
        "mde": rounded(one.mde),
        "variance_reduction": rounded(one.variance_reduction),
        "verdict": one.verdict.value,
        "reason": one.reason,
        "notes": list(one.notes),
        "raw": None if one.raw is None else _raw(one.raw),
        "deterioration": None if one.deterioration is None else _deterioration(one.deterioration),
    }


def _arm(arm: Arm) -> dict[str, Any]:
    return {"n": arm.n, "mean": rounded(arm.mean), "std": rounded(arm.std)}


def _bounds(bounds: Bounds) -> dict[str, float | None]:
    return {"value": rounded(bounds.value), "lower": rounded(bounds.lower), "upper": rounded(bounds.upper)}


def _raw(raw: Raw) -> dict[str, Any]:
    return {
        "control": _arm(raw.control),
        "treatment": _arm(raw.treatment),
        "effect": _bounds(raw.effect),
        "relative": _bounds(raw.relative),
        "p_value": rounded(raw.p_value),
    }


def _deterioration(found: Deterioration) -> dict[str, Any]:
    return {
        "level": rounded(found.level),
        "value": rounded(found.value),
        "lower": rounded(found.lower),
        "upper": rounded(found.upper),
        "since": found.since.isoformat() if found.since else None,
    }


def _plan(plan: PlanShown) -> dict[str, Any]:
    return {
        "method": plan.method,
        "alpha": rounded(plan.alpha),
        "power": rounded(plan.power),
        "comparisons": plan.comparisons,
        "success": list(plan.success),
        "guardrail": list(plan.guardrail),
        "planned": plan.planned,
        "spending": plan.spending,
        "looks": [day.isoformat() for day in plan.looks],
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat(),
    }


def _segment(one: SegmentResult) -> dict[str, Any]:
    return {
        "dimension": one.dimension,
        "value": one.value,
        "units": dict(one.units),
        "metrics": [_metric(metric) for metric in one.metrics],
    }


def _look(one: LookResult) -> dict[str, Any]:
    """A look: of its metrics what it decided on."""
    return {
        "date": one.day.isoformat(),
        "units": one.units,
        "information": rounded(one.information),
        "metrics": [_brief(metric) for metric in one.metrics],
        "decisions": [
            {"variant": said.variant, "recommendation": said.recommendation.value} for said in one.decisions
        ],
    }


def _brief(one: MetricResult) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "role": one.role.value,
        "variant": one.variant,
        "effect": _bounds(one.effect),
        "relative": _bounds(one.relative),
        "level": rounded(one.level),
        "basis": one.basis.value,
        "verdict": one.verdict.value,
    }


def _day(one: DayResult) -> dict[str, Any]:
    return {
        "date": one.day.isoformat(),
        "units": dict(one.units),
        "srm": rounded(one.srm),
        "harmed": [{"metric": metric, "variant": variant} for metric, variant in one.harmed],
    }


def _assigned(one: AsAssigned) -> dict[str, Any]:
    return {"units": dict(one.units), "metrics": [_metric(metric) for metric in one.metrics]}
