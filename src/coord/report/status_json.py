"""The JSON document `coord.status/1` (schemas/status.schema.json)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from coord.domain.model import Experiment
from coord.domain.shares import format_share
from coord.report.levels_json import amount_json, stretch_json
from coord.report.meetings import meeting_json
from coord.status.experiment import Asked, ExperimentStatus
from coord.status.levels import Level
from coord.status.surface import Fullness, SurfaceStatus, state_of


def render_surfaces(
    surfaces: Sequence[SurfaceStatus], titles: Mapping[str, str], today: date, broken: Sequence[str]
) -> str:
    """The document about surfaces, with their titles by name; its `experiment` is null."""
    return _document(
        today, [_surface(status, titles[status.surface.name]) for status in surfaces], None, broken
    )


def render_experiment(status: ExperimentStatus, broken: Sequence[str]) -> str:
    """The document about one experiment; its `surfaces` are empty."""
    return _document(status.today, [], _experiment(status), broken)


def _document(today: date, surfaces: list[Any], experiment: Any, broken: Sequence[str]) -> str:
    data = {
        "format": "coord.status/1",
        "today": today.isoformat(),
        "surfaces": surfaces,
        "experiment": experiment,
        "broken": list(broken),
    }
    return json.dumps(data, indent=2) + "\n"


def _surface(status: SurfaceStatus, title: str) -> dict[str, Any]:
    surface, today = status.surface, status.today
    return {
        "surface": surface.name,
        "title": title,
        "owner": surface.owner,
        "space": surface.space,
        "running": [_row(e, today) for e in status.running],
        "scheduled": [_row(e, today) for e in status.scheduled],
        "drafts": [_row(e, today) for e in status.drafts],
        "over": status.over,
        "components": [_component(one) for one in status.components],
        "budgets": [_level(one) for one in status.budgets],
    }


def _row(experiment: Experiment, today: date) -> dict[str, Any]:
    days = experiment.days
    return {
        "experiment": experiment.key,
        "title": experiment.title,
        "kind": experiment.kind.value,
        "owner": experiment.owner,
        "state": state_of(experiment, today).value,
        "start": days.start.isoformat() if days else None,
        "end": days.end.isoformat() if days else None,
        "traffic_now": format_share(experiment.traffic_on(today)) if not experiment.draft else "0%",
        "traffic": [
            {"from": s.day.isoformat(), "traffic": format_share(s.traffic)} for s in experiment.steps
        ],
    }


def _component(one: Fullness) -> dict[str, Any]:
    return {
        "component": one.component,
        "full": format_share(one.now),
        "peak": {"full": format_share(one.peak), "day": one.peak_day.isoformat()},
        "limits": [_level(one.tests), _level(one.total)],
    }


def _level(one: Level) -> dict[str, Any]:
    limit = one.limit
    return {
        "limit": limit.kind,
        "team": limit.team,
        "allowed": amount_json(limit.kind, limit.allowed),
        "now": stretch_json(limit.kind, one.now),
        "peak": stretch_json(limit.kind, one.peak),
    }


def _experiment(status: ExperimentStatus) -> dict[str, Any]:
    experiment, ledger = status.experiment, status.ledger
    pairs = zip(experiment.variants, status.shares, strict=True)
    return {
        **_row(experiment, status.today),
        "surfaces": list(experiment.surfaces),
        "components": list(experiment.components),
        "audience": {name: sorted(values) for name, values in experiment.audience.items()},
        "variants": [{"name": v.name, "share": None if s is None else format_share(s)} for v, s in pairs],
        "traffic": [
            {
                "from": step.day.isoformat(),
                "traffic": format_share(step.traffic),
                "buckets": step.buckets,
                "in_force": step.in_force,
            }
            for step in status.steps
        ],
        "metrics": {
            "success": [_asked(one) for one in status.success],
            "guardrail": [_asked(one) for one in status.guardrail],
        },
        "ledger": {"path": ledger.path, "origin": ledger.origin.value, "buckets": ledger.buckets}
        if ledger
        else None,
        "space": {"name": experiment.space, "buckets": status.size},
        "meets": [meeting_json(one) for one in status.meets],
    }


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "value": _share(one.value),
        "by": [{"source": source, "value": _share(value)} for source, value in one.by],
    }


def _share(share: Fraction | None) -> str | None:
    return None if share is None else format_share(share)
