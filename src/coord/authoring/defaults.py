"""What a new file says where nobody said anything, and what somebody must say."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from coord.authoring.facts import Facts
from coord.authoring.names import What
from coord.authoring.settings import Values

LATER = "To be written before the start; what is expected to change, for whom, and why."
_ARMS = [{"name": "control", "weight": 1}, {"name": "treatment", "weight": 1}]


class Missing(NamedTuple):
    """A key that has no default: what stands for its value in a usage line, and what can be chosen."""

    key: str
    example: str
    choices: tuple[str, ...] = ()


def title_of(name: str) -> str:
    """A title made of a name: `podcast-shelf` is `Podcast shelf`."""
    text = name.rpartition("/")[2].replace("-", " ")
    return text[:1].upper() + text[1:]


def with_defaults(what: What, name: str, values: Values, facts: Facts) -> Values:
    """The values, and for the keys that are not given their defaults, where there are any."""
    defaults = _of_surface(name, facts) if what is What.SURFACE else _of_experiment(name, values, facts)
    return {**{key: value for key, value in defaults.items() if value is not None}, **values}


def _of_surface(name: str, facts: Facts) -> Values:
    return {
        "surface": name,
        "title": title_of(name),
        "owner": only(facts.teams),
        "space": only(facts.spaces),
        "components": {"page": "All of it. Name its parts as soon as two experiments want to run here"},
    }


def _of_experiment(name: str, values: Values, facts: Facts) -> Values:
    surface, _, stem = name.partition("/")
    status, holdback = values.get("status", "draft"), values.get("kind") == "holdback"
    return {
        "experiment": stem,
        "surface": surface,
        "kind": "ab_test",
        "title": title_of(name),
        "owner": facts.owner,
        "hypothesis": LATER if status == "draft" else None,
        "status": "draft",
        "components": None if holdback else [],
        "holds": [surface] if holdback else None,
        "variants": None if holdback else [dict(arm) for arm in _ARMS],
    }


def only(names: tuple[str, ...]) -> str | None:
    """The one name there is; None when there is a choice."""
    return names[0] if len(names) == 1 else None


def missing(what: What, values: Mapping[str, Any], facts: Facts, today: date) -> list[Missing]:
    """The required keys that have no value."""
    start, end = days_ahead(facts, today)
    if what is What.SURFACE:
        needed = [Missing("owner", "TEAM", facts.teams), Missing("space", "SPACE", facts.spaces)]
    elif values.get("status") == "active":
        needed = [
            Missing("hypothesis", '"What changes, and why"'),
            Missing("start", start.isoformat()),
            Missing("end", end.isoformat()),
            Missing("traffic", "20%"),
        ]
    else:
        needed = []
    return [one for one in needed if one.key not in values]


def days_ahead(facts: Facts, today: date, start: str | None = None) -> tuple[date, date]:
    """A start (by default the next Monday) and an end two weeks later, or as the policy allows."""
    first = _after(today, 7 - today.weekday())
    with suppress(ValueError):  # the check says what is wrong with a day that does not exist
        first = date.fromisoformat(start) if start else first
    policy = facts.policy or {}
    length = max(policy.get("min_days", 7), min(14, policy.get("max_days", 56)))
    return first, _after(first, length)


def _after(day: date, days: int) -> date:
    """The day so many days later, or the last that can be written."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))
