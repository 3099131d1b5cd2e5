"""Assigns units from a manifest that `coord manifest` wrote. Copy it into your service; it needs mmh3."""

import json
from base64 import b64decode
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import mmh3

HASH: dict[str, Any] = {"function": "murmur3_x64_128", "seed": 0, "shift": 4, "slots": 10000}


class Answer(NamedTuple):
    """Why, and which variant (`name`, `logged_as`, `serves`); None unless the reason is `assigned`."""

    reason: str
    variant: dict[str, Any] | None = None


def slot(key: str, number: int) -> int:
    """The slot of a key: the first 64 bits of its hash, without the lowest four, modulo a number."""
    return (mmh3.hash64(key, 0, x64arch=True, signed=False)[0] >> 4) % number


class Manifest:
    """A manifest, ready to assign units. It never changes; load the next one into a new object."""

    def __init__(self, text: str | bytes) -> None:
        """Take the text of the file. Raises ValueError for a format or hash that is not known here."""
        document = json.loads(text)
        if document.get("format") != "coord.manifest/1" or document["hash"] != HASH:
            raise ValueError("this is no manifest of format coord.manifest/1")
        self.spaces = {space["space"]: space for space in document["spaces"]}
        self.experiments = {one["experiment"]: one for one in document["experiments"]}
        for one in document["experiments"]:
            for step in one["steps"]:
                step["bitset"] = b64decode(step["bitset"])

    def assign(
        self, name: str, unit: str, context: dict[str, str] | None = None, day: date | None = None
    ) -> Answer:
        """What a unit gets from an experiment on a day (default: UTC today), and why."""
        if not 0 < len(unit.encode()) <= 100:
            raise ValueError("a unit is text of 1 to 100 bytes")
        today, known = (day or datetime.now(UTC).date()).isoformat(), context or {}
        one = self.experiments.get(name)
        if one is None or not runs(one, today):  # what is over, or unknown, is not in the manifest
            return Answer("not_running")
        if not eligible(one, known):
            return Answer("not_eligible")
        space = self.spaces[one["space"]]
        bucket = slot(f"{space['salt']}|{unit}", space["buckets"])
        for back in map(self.experiments.__getitem__, one["holdbacks"]):
            if runs(back, today) and holds(back, bucket, today) and eligible(back, known):
                return Answer("held_back")
        if not holds(one, bucket, today):
            return Answer("not_allocated")
        place = slot(f"{one['salt']}|{unit}", HASH["slots"])
        arms = (arm for arm in one["variants"] if arm["slots"][0] <= place < arm["slots"][1])
        return Answer("assigned", next(arms, None))


def runs(one: dict[str, Any], today: str) -> bool:
    """Whether an experiment is in force: its end is the first day after it."""
    return bool(one["start"] <= today < one["end"])


def eligible(one: dict[str, Any], context: dict[str, str]) -> bool:
    """Whether the value of every dimension of the audience is one of those named."""
    return all(context.get(name) in values for name, values in one["audience"].items())


def holds(one: dict[str, Any], bucket: int, today: str) -> bool:
    """Whether the last step that has begun has the bucket's bit, the least significant bit first."""
    begun = [step["bitset"] for step in one["steps"] if step["from"] <= today]
    return bool(begun and begun[-1][bucket >> 3] >> (bucket & 7) & 1)
