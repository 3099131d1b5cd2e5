"""Random changes of one field of an experiment."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from changes.small import COMPONENTS, audience, some_components, variants

Change = Callable[[Random, str, dict[str, Any], date, list[str]], None]
"""Takes the full name of the experiment, what its file says, the day, and the names of all."""


def change_field(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    """Change one field or other."""
    FIELDS[rng.choice(list(FIELDS))](rng, key, value, today, others)


def _text(name: str, options: tuple[Any, ...]) -> Change:
    def change(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
        value[name] = rng.choice(options)
        if value[name] is None:
            del value[name]

    return change


def _start(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    day = (today + timedelta(days=rng.choice((-5, -1, 0, 1, 2, 7)))).isoformat()
    if isinstance(value["traffic"], dict):
        first = min(value["traffic"])
        later = {since: share for since, share in value["traffic"].items() if since > max(first, day)}
        value["traffic"] = {day: value["traffic"][first], **later}
    value["start"] = day


def _end(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    end = date.fromisoformat(value["end"])
    days = (today, today - timedelta(days=1), today + timedelta(days=rng.randint(1, 9)))
    value["end"] = rng.choice((*days, end + timedelta(days=rng.randint(1, 30)))).isoformat()


def _traffic(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    """Raised or lowered, in place or as a step; steps moved, taken back, added."""
    traffic = value["traffic"]
    if isinstance(traffic, str):
        share = int(traffic.rstrip("%"))
        if rng.random() < 0.4:
            value["traffic"] = f"{max(1, share + rng.randint(-15, 15))}%"
            return
        traffic = value["traffic"] = {value["start"]: traffic}
    how = rng.choice(("more", "more", "gone", "changed", "later"))
    last = max(traffic)
    if how == "more":
        day = (today + timedelta(days=rng.choice((-1, 0, 1, 3, 6)))).isoformat()
        traffic[day] = f"{min(100, int(traffic[last].rstrip('%')) + rng.randint(0, 15))}%"
    elif how == "gone" and len(traffic) > 1:
        del traffic[last]
    elif how == "later" and len(traffic) > 1:
        traffic[(today + timedelta(days=rng.randint(1, 5))).isoformat()] = traffic.pop(last)
    else:
        traffic[last] = f"{max(1, int(traffic[last].rstrip('%')) + rng.randint(-10, 10))}%"
    value["traffic"] = dict(sorted(traffic.items()))


def _components(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    surface = key.split("/", maxsplit=1)[0]
    value["components"] = rng.choice(([], some_components(rng, surface), list(COMPONENTS[surface])))


def _exclusive_with(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    named = value.setdefault("exclusive_with", [])
    other = rng.choice(others)
    if other in named:
        named.remove(other)
    elif named and rng.random() < 0.4:
        named.pop()
    else:
        named.append(other)


def _holds(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    if value["kind"] == "holdback":
        value["holds"] = rng.choice(("all", list(COMPONENTS), [rng.choice(list(COMPONENTS))]))


def _audience(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    value["audience"] = rng.choice(({}, audience(rng), audience(rng)))


def _kind(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    value["kind"] = rng.choice(("ab_test", "rollout", "holdback"))
    if value["kind"] == "holdback":
        for name in ("components", "variants"):
            value.pop(name, None)
    else:
        value.pop("holds", None)
        value.setdefault("variants", variants(rng, value["kind"]))


def _variants(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    found = value["variants"]
    how = rng.choice(("weight", "name", "order", "more", "less", "serves", "system", "logged_as", "same"))
    one = rng.choice(found)
    if how == "weight":
        one["weight"] = rng.randint(1, 4)
    elif how == "name":
        one["name"] = f"v{rng.randint(0, 9)}"
    elif how == "order":
        found.reverse()
    elif how == "more":
        found.append({"name": f"v{rng.randint(0, 9)}"})
    elif how == "less":
        found.pop()
    elif how == "serves":
        one["serves"] = {"flag": rng.choice(("a", "b"))}
    elif how == "system":
        one["system"] = {"kind": "ranker", "platform": "ml", "id": rng.choice("ab"), "version": "1"}
    elif how == "logged_as":
        one["logged_as"] = f"as-{rng.randint(0, 9)}"
    else:
        one.setdefault("weight", 1)


def _metrics(rng: Random, key: str, value: dict[str, Any], today: date, others: list[str]) -> None:
    metrics = [{"metric": rng.choice(("plays", "opens")), "mde": rng.choice(("1%", "3%"))}]
    guards = [{"metric": "opens", "margin": rng.choice(("1%", "3%"))}] if rng.random() < 0.5 else []
    both = {"success": metrics, "guardrail": guards}
    value["metrics"] = rng.choice(({"success": metrics}, {"guardrail": guards}, both))


FIELDS: Mapping[str, Change] = {
    "title": _text("title", ("Another", "Yet another")),
    "owner": _text("owner", ("one", "two")),
    "hypothesis": _text("hypothesis", ("It gets better.", "It gets worse.")),
    "status": _text("status", ("draft", "active")),
    "kind": _kind,
    "start": _start,
    "end": _end,
    "traffic": _traffic,
    "components": _components,
    "exclusive_with": _exclusive_with,
    "holds": _holds,
    "audience": _audience,
    "salt": _text("salt", ("one-salt", "another-salt", None)),
    "logged_as": _text("logged_as", ("one-name", "another-name", None)),
    "variants": _variants,
    "metrics": _metrics,
    "analysis": _text("analysis", ({"method": "always_valid"}, {"method": "fixed"}, {"planned": 7}, {})),
    "evaluate_from": _text("evaluate_from", ("2026-03-20", None)),
    "outcome": _text("outcome", ({"decision": "shipped"}, {"decision": "inconclusive", "note": "-"})),
}
