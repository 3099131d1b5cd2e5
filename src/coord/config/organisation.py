"""Resolving coord.yaml, metrics.yaml and surface.yaml."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from coord.config.layout import surface_of
from coord.config.values import Reader
from coord.domain.audience import Dimension
from coord.domain.model import Budget, Policy, Space, Surface, Waiver
from coord.domain.shares import WHOLE, format_share, parse_share


def resolve_coord(reader: Reader) -> tuple[dict[str, Space], frozenset[str]]:
    """The spaces and teams of coord.yaml."""
    value = reader.document.value
    for key in ("alpha", "power", "srm_alpha"):
        if key in value.get("decision", {}):
            reader.share(value["decision"][key], "decision", key, zero=False, whole=False)
    for number, team in enumerate(value["teams"]):
        if team in value["teams"][:number]:
            reader.report("REF002", f"the team {team} is listed twice", ("teams", number))
    spaces = {
        name: Space(name, space["unit"], space["salt"], int(space["buckets"]))
        for name, space in value["spaces"].items()
    }
    return spaces, frozenset(value["teams"])


def resolve_metrics(reader: Reader) -> frozenset[str]:
    """The names of the catalogue's metrics."""
    metrics = reader.document.value["metrics"]
    for name, metric in metrics.items():
        if isinstance(metric.get("cap"), dict):
            reader.share(
                metric["cap"]["quantile"], "metrics", name, "cap", "quantile", zero=False, whole=False
            )
        if "quantile" in metric:
            reader.share(metric["quantile"], "metrics", name, "quantile", zero=False, whole=False)
        window = metric.get("window")
        if isinstance(window, dict) and _days(window.get("from", "0d")) >= _days(window["to"]):
            message = f"the window from {window['from']} to {window['to']} is empty"
            reader.report("SYN004", message, ("metrics", name, "window"))
    return frozenset(metrics)


def _days(text: str) -> int:
    return int(text[:-1])


def resolve_surface(
    reader: Reader, spaces: Mapping[str, Space], teams: Collection[str], metrics: Collection[str] | None
) -> Surface | None:
    """The surface; None when it cannot be used (its space is unknown or a limit is impossible)."""
    value, name = reader.document.value, surface_of(reader.document.path)
    if value["owner"] not in teams:
        reader.report("REF001", f"the team {value['owner']} is not in coord.yaml", ("owner",), ADD_TEAM)
    if value["space"] not in spaces:
        message = f"the space {value['space']} is not in coord.yaml"
        reader.report("REF001", message, ("space",), f"declared are {', '.join(sorted(spaces))}")
        return None
    check_metrics(reader, value.get("metrics", {}), metrics)
    budget = _budget(reader, value.get("budget", {}), teams)
    policy = Policy(**{key: int(days) for key, days in value.get("policy", {}).items()})
    if policy.min_days > policy.max_days:
        message = f"min_days {policy.min_days} is above max_days {policy.max_days}: no length is allowed"
        reader.report("SYN004", message, ("policy", "min_days"))
    if budget is None:
        return None
    return Surface(
        name,
        reader.document.path,
        value["owner"],
        value["space"],
        tuple(value["components"]),
        _dimensions(reader, value.get("audience", {})),
        budget,
        policy,
        tuple(
            _waiver(reader, name, number, waiver) for number, waiver in enumerate(value.get("waivers", ()))
        ),
    )


ADD_TEAM = "name an existing team, or add it to `teams` in surfaces/coord.yaml"


def check_metrics(reader: Reader, metrics: Mapping[str, Any], known: Collection[str] | None) -> None:
    """Report required or added metrics that are not in the catalogue (unless that is broken)."""
    for role, required in metrics.items():
        for number, metric in enumerate(required):
            pointer = ("metrics", role, number)
            if known is not None and metric["metric"] not in known:
                message = f"the metric {metric['metric']} is not in metrics.yaml"
                reader.report("REF001", message, (*pointer, "metric"), "add it to surfaces/metrics.yaml")
            for key in ("mde", "margin"):
                if key in metric:
                    reader.share(metric[key], *pointer, key, zero=False)
            reader.optional(metric, "since", *pointer)


def _budget(reader: Reader, value: Mapping[str, Any], teams: Collection[str]) -> Budget | None:
    component = reader.share(value.get("component", "100%"), "budget", "component")
    for team in value.get("teams", {}):
        if team not in teams:
            message = f"the team {team} is not in coord.yaml"
            reader.report("REF001", message, ("budget", "teams", team), ADD_TEAM, at_key=True)
    if component is None:
        return None
    per_unit = value.get("per_unit")
    return Budget(
        component,
        None if per_unit is None else Fraction(repr(per_unit)),
        int(value["concurrent"]) if "concurrent" in value else None,
        {team: parse_share(share) for team, share in value.get("teams", {}).items()},
    )


def _dimensions(reader: Reader, value: Mapping[str, Any]) -> dict[str, Dimension]:
    result = {}
    for name, dimension in value.items():
        values = dimension["values"]
        if isinstance(values, dict):
            total = sum((parse_share(share) for share in values.values()), Fraction(0))
            if total > WHOLE:
                message = f"the shares of {name} sum to {format_share(total)}, more than everybody"
                reader.report("SYN004", message, ("audience", name, "values"))
        result[name] = Dimension(name, tuple(values), dimension.get("fixed", False))
    return result


def _waiver(reader: Reader, surface: str, number: int, value: Mapping[str, Any]) -> Waiver:
    return Waiver(
        surface,
        reader.at("waivers", number),
        value["rule"],
        value["experiment"],
        value.get("with"),
        value.get("reason"),
        reader.optional(value, "until", "waivers", number),
    )
