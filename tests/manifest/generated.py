"""An organisation in which every step of an assignment matters, as files: the same one for the same seed.

Three spaces, the largest of 1,000,000 buckets; holdbacks, some for an audience only; rollouts in steps; arms
of unequal weight; drafts, experiments that are over or have no ledger; salts that are not ASCII.
"""

import json
import random
from base64 import b64encode
from datetime import date, timedelta
from typing import Any

from coord.domain.buckets import digest, from_numbers, to_bytes

FIRST = date(2026, 3, 2)
SPACES = {"user": 10_000, "device": 1_000, "household": 1_000_000}
SURFACES = {"home": "user", "search": "user", "speaker": "device", "family": "household"}
VALUES = {"country": ["SE", "US", "BR", "Åland"], "platform": ["ios", "android"]}
WEIGHTS = ((1, 1), (1, 1, 1), (7, 2, 1), (1, 999), (3, 3, 3, 1))
STEPS = ((20,), (50,), (100,), (1, 10, 50), (5, 30))

Files = dict[str, bytes]


def organisation(seed: int, experiments: int) -> Files:
    """The files of an organisation."""
    chance = random.Random(seed)
    files: dict[str, Any] = {"surfaces/coord.yaml": _coord(), "surfaces/metrics.yaml": METRICS}
    for surface, space in SURFACES.items():
        files[f"surfaces/{surface}/surface.yaml"] = _surface(surface, space)
    for number in range(experiments):
        surface = chance.choice(list(SURFACES))
        kind = "holdback" if number % 6 == 0 else chance.choice(("ab_test", "ab_test", "rollout"))
        written = _experiment(chance, surface, number, kind)
        files[f"surfaces/{surface}/experiments/{written['experiment']}.yaml"] = written
        if written["status"] == "active" and number % 11 != 10:
            path = f"surfaces/{surface}/allocations/{written['experiment']}.yaml"
            files[path] = _ledger(chance, surface, written)
    return {path: json.dumps(value).encode() for path, value in files.items()}


METRICS = {
    "metrics": {"plays": {"event": "play", "aggregate": "count", "window": "1d", "direction": "increase"}}
}


def _coord() -> dict[str, Any]:
    spaces = {
        name: {"unit": f"{name}_id", "salt": f"salt-of-{name}-ö", "buckets": buckets}
        for name, buckets in SPACES.items()
    }
    return {"spaces": spaces, "teams": ["one"]}


def _surface(name: str, space: str) -> dict[str, Any]:
    return {
        "surface": name,
        "title": name,
        "owner": "one",
        "space": space,
        "components": {"top": "Top", "list": "List"},
        "audience": {
            "country": {"fixed": True, "values": VALUES["country"]},
            "platform": {"values": VALUES["platform"]},
        },
    }


def _experiment(chance: random.Random, surface: str, number: int, kind: str) -> dict[str, Any]:
    start = FIRST + timedelta(days=chance.randrange(-40, 30))
    shares = chance.choice(((5,), (20,)) if kind == "holdback" else STEPS)
    days = [start + timedelta(days=9 * step) for step in range(len(shares))]
    dims = chance.sample(sorted(VALUES), k=chance.choice((0, 0, 1, 2)))
    written: dict[str, Any] = {
        "experiment": f"n{number}",
        "surface": surface,
        "kind": kind,
        "title": "Title",
        "owner": "one",
        "hypothesis": "It is better.",
        "status": "draft" if number % 13 == 12 else "active",
        "start": days[0].isoformat(),
        "end": (start + timedelta(days=chance.choice((7, 28, 60)))).isoformat(),
        "traffic": _traffic(days, shares),
        "audience": {name: chance.sample(VALUES[name], k=len(VALUES[name]) - 1) for name in dims},
        "logged_as": f"loggé {number}",
    }
    if kind == "holdback":
        return written | {"holds": chance.choice(("all", [surface]))}
    weights = chance.choice(WEIGHTS) if kind == "ab_test" else (chance.choice(WEIGHTS)[0],)
    variants = [
        {"name": f"arm-{place}", "weight": weight, "serves": {"value": [place, None, "<é>"]}}
        for place, weight in enumerate(weights)
    ]
    others = [f"{name}/top" for name, space in SURFACES.items() if space == SURFACES[surface] != name]
    salt = {"salt": f"säl{number}"} if number % 2 else {}
    return (
        written
        | {"components": ["top", *chance.sample(others, k=len(others) // 2)], "variants": variants}
        | salt
    )


def _traffic(days: list[date], shares: tuple[int, ...]) -> str | dict[str, str]:
    if len(shares) == 1:
        return f"{shares[0]}%"
    return {day.isoformat(): f"{share}%" for day, share in zip(days, shares, strict=True)}


def _ledger(chance: random.Random, surface: str, written: dict[str, Any]) -> dict[str, Any]:
    size = SPACES[SURFACES[surface]]
    first, stride = chance.randrange(size), chance.choice((7, 333_333_331, 999_999_937))  # prime to any size
    order = [(first + stride * place) % size for place in range(size)]
    entries, upto = [], 0
    traffic = written["traffic"]
    for share in [traffic] if isinstance(traffic, str) else traffic.values():
        count = int(share.rstrip("%")) * size // 100
        held = to_bytes(from_numbers(order[upto:count]), size)
        state = digest(from_numbers(order[:count]), size)
        entries.append({"avoids": {}, "buckets": f"base64:{b64encode(held).decode()}", "digest": state})
        upto = count
    return {
        "experiment": f"{surface}/{written['experiment']}",
        "space": SURFACES[surface],
        "version": 1,
        "entries": entries,
    }
