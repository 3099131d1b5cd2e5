"""Resolving coord.yaml and surface.yaml."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from coord.config.layout import surface_of
from coord.config.metrics import requirements
from coord.config.values import Reader
from coord.domain.audience import Dimension
from coord.domain.model import (
    Budget,
    EventColumns,
    ExposureColumns,
    Logs,
    Policy,
    Space,
    Surface,
    Waiver,
)
from coord.domain.shares import WHOLE, format_share, parse_share
from coord.domain.spelling import nearest, suggestion


def resolve_coord(reader: Reader) -> tuple[dict[str, Space], frozenset[str], Logs]:
    """The spaces, the teams and the column names of logs of coord.yaml."""
    value = reader.document.value
    spaces = {
        name: Space(name, space["unit"], space["salt"], int(space["buckets"]))
        for name, space in value["spaces"].items()
    }
    columns = value.get("logs", {})
    logs = Logs(ExposureColumns(**columns.get("exposures", {})), EventColumns(**columns.get("events", {})))
    return spaces, frozenset(value["teams"]), logs


def resolve_surface(
    reader: Reader, spaces: Mapping[str, Space], teams: Collection[str], metrics: Collection[str] | None
) -> Surface | None:
    """The surface; None when it cannot be used (its space is unknown or a limit is impossible)."""
    value, name = reader.document.value, surface_of(reader.document.path)
    check_team(reader, value["owner"], teams, "owner")
    if value["space"] not in spaces:
        message = f"the space {value['space']} is not in coord.yaml"
        reader.report("REF001", message, ("space",), suggestion(value["space"], spaces))
        return None
    required = requirements(reader, value, metrics)
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
        required,
    )


def check_team(
    reader: Reader, team: str, teams: Collection[str], *pointer: str, at_key: bool = False
) -> None:
    """Report a team that coord.yaml does not have."""
    if team not in teams:
        near = nearest(team, teams)
        hint = "name an existing team, or add it to `teams` in surfaces/coord.yaml"
        hint = f"did you mean {near}?" if near else hint
        reader.report("REF001", f"the team {team} is not in coord.yaml", pointer, hint, at_key=at_key)


def _budget(reader: Reader, value: Mapping[str, Any], teams: Collection[str]) -> Budget | None:
    component = reader.share(value.get("component", "100%"), "budget", "component")
    for team in value.get("teams", {}):
        check_team(reader, team, teams, "budget", "teams", team, at_key=True)
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
        shares = {v: parse_share(s) for v, s in values.items()} if isinstance(values, dict) else None
        result[name] = Dimension(name, tuple(values), dimension.get("fixed", False), shares)
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
