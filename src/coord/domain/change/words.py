"""The value of a field in words, short enough for a line."""

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import singledispatch
from typing import Any

from coord.domain.metrics import Metrics, Requirement
from coord.domain.model import Analysis, Outcome, Step, System, Variant
from coord.domain.shares import format_share


@singledispatch
def in_words(value: Any) -> str:
    """The value; empty for what is not there."""
    return "" if value is None else str(value)


@in_words.register
def _(value: Fraction) -> str:
    return format_share(value)


@in_words.register
def _(value: date) -> str:
    return value.isoformat()


@in_words.register
def _(value: Step) -> str:
    return f"{format_share(value.traffic)} from {value.day}"


@in_words.register
def _(value: Variant) -> str:
    told = [f"weight {value.weight or 'adaptive'}"]
    if value.logged_as != value.name:
        told.append(f"logged as {value.logged_as}")
    if value.serves is not None:
        told.append(f"serves {json.dumps(value.serves, sort_keys=True)}")
    if value.system:
        told.append(in_words(value.system))
    return f"{value.name} ({', '.join(told)})"


@in_words.register
def _(value: Analysis) -> str:
    looks = f"looks on {in_words(value.looks)}" if value.looks else "weekly looks"
    sequential = [f"spending {value.spending}", looks] if value.method == "group_sequential" else []
    planned = [] if value.planned is None else [f"{value.planned:,} units planned"]
    return ", ".join([value.method or "default method", *sequential, *planned])


@in_words.register
def _(value: Outcome) -> str:
    return ", ".join(str(part) for part in value if part is not None)


@in_words.register
def _(value: Metrics) -> str:
    return ", ".join(_metric(role, one) for role, asked in value._asdict().items() for one in asked)


@in_words.register(Mapping)
def _(value: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {in_words(inner)}" for name, inner in sorted(value.items()))


@in_words.register(frozenset)
def _(value: frozenset[str]) -> str:
    return ", ".join(sorted(map(str, value)))


@in_words.register(tuple)
def _(value: tuple[Any, ...]) -> str:
    return ", ".join(map(in_words, value))


@in_words.register
def _(system: System) -> str:
    name = f" {system.identity.platform}/{system.identity.id}" if system.identity else ""
    version = f" {system.version}" if system.version else ""
    rest = [f"updates {system.updates}"] if system.updates else []
    rest += [f"learns from {system.learns_from}"] if system.learns_from else []
    return ", ".join([f"{system.kind}{name}{version}", *rest])


def _metric(role: str, asked: Requirement) -> str:
    figure = asked.mde if role == "success" else asked.margin
    return f"{asked.metric} ({role}{f' {format_share(figure)}' if figure is not None else ''})"
