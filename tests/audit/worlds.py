"""Organisations with logs, and what an audit must find: computed row by row, with mmh3 and nothing else."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import mmh3

from allocation.trees import encoded, fingerprint
from coord.config.files import MemoryFiles
from coord.config.load import Tree, load

DAY0 = date(2026, 3, 2)
SPACES = {
    "user": {"unit": "user_id", "salt": "MegaSalt-acme", "buckets": 1000},
    "device": {"unit": "device_id", "salt": "MegaSalt-devices", "buckets": 500},
}
DIMENSIONS: dict[str, list[str]] = {"country": ["SE", "US", "BR"], "platform": ["ios", "android"]}
HEADER = ("timestamp", "user_id", "experiment", "variant", "country", "platform")


def slot(key: str, number: int) -> int:
    return (mmh3.hash64(key, 0, x64arch=True, signed=False)[0] >> 4) % number


def day(offset: int) -> date:
    return DAY0 + timedelta(days=offset)


def moment(offset: int, seconds: int = 0) -> str:
    """A moment of a day, as text."""
    begin = datetime(DAY0.year, DAY0.month, DAY0.day, tzinfo=UTC)
    return (begin + timedelta(days=offset, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Row(NamedTuple):
    """A row of exposures; `seconds` since the first day, None for a timestamp that cannot be read."""

    seconds: int | None
    unit: str
    experiment: str
    variant: str
    country: str = "SE"
    platform: str = "ios"

    @property
    def offset(self) -> int:
        assert self.seconds is not None
        return self.seconds // 86_400

    @property
    def cells(self) -> tuple[str, ...]:
        return ("soon" if self.seconds is None else moment(0, self.seconds), *self[1:])


@dataclass
class Plan:
    """An experiment: days are offsets, `steps` all buckets held from an offset on, `arms` weights by name."""

    key: str
    start: int
    end: int
    steps: dict[int, set[int]]
    arms: dict[str, int] = field(default_factory=lambda: {"control": 1, "treatment": 1})
    audience: dict[str, list[str]] = field(default_factory=dict)
    kind: str = "ab_test"
    space: str = "user"
    components: Sequence[str] = ("header",)
    exclusive_with: Sequence[str] = ()
    salt: str | None = None
    logged_as: str | None = None
    arms_logged_as: dict[str, str] = field(default_factory=dict)
    draft: bool = False
    ledger: bool = True

    @property
    def logged(self) -> str:
        return self.logged_as or self.key

    def held(self, offset: int) -> set[int]:
        """The buckets held on a day."""
        if self.draft or not self.ledger or not self.start <= offset < self.end:
            return set()
        return max(((at, buckets) for at, buckets in self.steps.items() if at <= offset), default=(0, set()))[
            1
        ]

    def arm(self, unit: str, salt: str | None = None) -> str:
        """The variant of a unit, by its logged name."""
        place = slot(f"{salt or self.salt or self.key}|{unit}", 10_000)
        total, upto = sum(self.arms.values()), 0
        for name, weight in self.arms.items():
            upto += weight
            if place < 10_000 * upto // total:
                return self.arms_logged_as.get(name, name)
        raise AssertionError(place)


@dataclass
class World:
    """Everything there is, on two surfaces: `home` on the space user and `tv` on the space device."""

    plans: list[Plan]
    logs: Mapping[str, Any] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        files = {
            "coord.yaml": {"spaces": SPACES, "teams": ["one"], **({"logs": self.logs} if self.logs else {})},
            "metrics.yaml": {"metrics": {"m": _METRIC}},
            "home/surface.yaml": _surface("home", "user"),
            "tv/surface.yaml": _surface("tv", "device"),
        }
        for plan in self.plans:
            surface, name = plan.key.split("/")
            files[f"{surface}/experiments/{name}.yaml"] = _experiment(plan)
            if plan.ledger and not plan.draft:
                files[f"{surface}/allocations/{name}.yaml"] = _ledger(plan)
        return {f"surfaces/{path}": json.dumps(value) for path, value in files.items()}

    def tree(self) -> Tree:
        tree = load(MemoryFiles({path: text.encode() for path, text in self.files().items()}))
        assert not tree.broken, tree.findings
        return tree

    def cause(self, row: Row, known: Iterable[str] = tuple(DIMENSIONS)) -> str:
        """The cause of a row, in the order in which causes apply."""
        if (
            row.seconds is None
            or not 0 < len(row.unit.encode()) <= 100
            or not row.experiment
            or not row.variant
        ):
            return "unusable"
        plan = next((plan for plan in self.plans if plan.logged == row.experiment), None)
        if plan is None:
            return "unknown_experiment"
        names = [plan.arms_logged_as.get(name, name) for name in plan.arms] if plan.kind != "holdback" else []
        if row.variant not in names:
            return "unknown_variant"
        if plan.draft or not plan.start <= row.offset < plan.end:
            return "outside_dates"
        values = {name: getattr(row, name) for name in known}
        if any(name in values and values[name] not in asked for name, asked in plan.audience.items()):
            return "not_eligible"
        bucket = slot(f"{SPACES[plan.space]['salt']}|{row.unit}", int(str(SPACES[plan.space]["buckets"])))
        for other in self.plans:
            holds = (
                other.kind == "holdback" and other.space == plan.space and bucket in other.held(row.offset)
            )
            if holds and all(_covers(name, asked, values, plan) for name, asked in other.audience.items()):
                return "held_back"
        if bucket not in plan.held(row.offset):
            return "not_allocated"
        return "ok" if plan.arm(row.unit) == row.variant else "wrong_variant"

    def pairs(self, rows: Iterable[Row]) -> dict[tuple[str, str], int]:
        """The units in two experiments that share a component, on days on which both are in force."""
        met: dict[tuple[str, str], set[str]] = {}
        usable = [row for row in rows if self.cause(row) not in {"unusable", "unknown_experiment"}]
        plans = [plan for plan in self.plans if plan.kind != "holdback" and not plan.draft]
        for one in plans:
            for other in plans:
                apart = set(one.audience.get("country", DIMENSIONS["country"] + ["rest"])).isdisjoint(
                    other.audience.get("country", DIMENSIONS["country"] + ["rest"])
                )
                exclusive = {*one.components} & {*other.components} or other.key in one.exclusive_with
                if one.key >= other.key or one.space != other.space or apart or not exclusive:
                    continue
                first, last = max(one.start, other.start), min(one.end, other.end)
                units = [
                    {
                        row.unit
                        for row in usable
                        if row.experiment == plan.logged and first <= row.offset < last
                    }
                    for plan in (one, other)
                ]
                met[one.key, other.key] = units[0] & units[1]
        return {pair: len(units) for pair, units in met.items() if units}


def _covers(name: str, asked: list[str], values: dict[str, str], plan: Plan) -> bool:
    """Whether a holdback's audience surely has a unit: by its value, or by what is assumed of it."""
    if name in values:
        return values[name] in asked
    return name in plan.audience and {*plan.audience[name]} <= {*asked}


_METRIC = {"event": "play", "aggregate": "count", "window": "1d", "direction": "increase"}


def _surface(name: str, space: str) -> dict[str, Any]:
    return {
        "surface": name,
        "title": name,
        "owner": "one",
        "space": space,
        "components": {"header": "x", "shelf": "x", "footer": "x"},
        "audience": {
            "country": {"fixed": True, "values": DIMENSIONS["country"]},
            "platform": {"values": DIMENSIONS["platform"]},
        },
        "metrics": {"success": [{"metric": "m", "mde": "1%"}]},
    }


def _experiment(plan: Plan) -> dict[str, Any]:
    surface, name = plan.key.split("/")
    size = int(str(SPACES[plan.space]["buckets"]))
    value: dict[str, Any] = {
        "experiment": name,
        "surface": surface,
        "kind": plan.kind,
        "title": name,
        "owner": "one",
        "hypothesis": "x",
        "status": "draft" if plan.draft else "active",
        "start": day(plan.start).isoformat(),
        "end": day(plan.end).isoformat(),
        "traffic": {day(at).isoformat(): _share(len(held), size) for at, held in sorted(plan.steps.items())},
        "components": list(plan.components),
        "exclusive_with": list(plan.exclusive_with),
        "audience": plan.audience,
        "variants": [
            {"name": arm, "weight": weight, "logged_as": plan.arms_logged_as.get(arm, arm)}
            for arm, weight in plan.arms.items()
        ],
    }
    if plan.kind == "holdback":
        value = {**value, "traffic": next(iter(value["traffic"].values()))}
        value = {key: value[key] for key in value if key not in {"variants", "components", "exclusive_with"}}
    value |= {"salt": plan.salt} if plan.salt else {}
    return value | ({"logged_as": plan.logged_as} if plan.logged_as else {})


def _share(held: int, size: int) -> str:
    return f"{held * 100 / size:g}%"


def _ledger(plan: Plan) -> dict[str, Any]:
    entries, before, size = [], set[int](), int(str(SPACES[plan.space]["buckets"]))
    for _, held in sorted(plan.steps.items()):
        entries.append(
            {"avoids": {}, "buckets": encoded(held - before, size), "digest": fingerprint(held, size)}
        )
        before = held
    return {"experiment": plan.key, "space": plan.space, "version": 1, "entries": entries}


def some(chance: random.Random, number: int, size: int = 1000, besides: Iterable[int] = ()) -> set[int]:
    """Random buckets, none of some others."""
    return set(chance.sample(sorted(set(range(size)) - set(besides)), number))


def right_row(world: World, plan: Plan, chance: random.Random) -> Row:
    """A row that is as the files say, of a random unit on a random day."""
    while True:
        unit = f"user-{chance.randrange(2000)}"
        values = {name: chance.choice(plan.audience.get(name, DIMENSIONS[name])) for name in DIMENSIONS}
        seconds = chance.randrange(plan.start * 86_400, plan.end * 86_400)
        row = Row(seconds, unit, plan.logged, plan.arm(unit), **values)
        if world.cause(row) == "ok":
            return row
