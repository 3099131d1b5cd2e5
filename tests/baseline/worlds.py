"""A surface with experiments and logs, and what must be measured: unit by unit, in plain Python."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from audit.worlds import Plan, World, moment
from logs.files import write

DAY = 86_400
METRICS: dict[str, dict[str, Any]] = {
    "minutes": {"event": "play", "value": "minutes", "aggregate": "sum", "window": "5d", "covariate": "10d"},
    "ctr": {
        "ratio": {
            "numerator": {"event": "click", "aggregate": "count"},
            "denominator": {"event": "play", "aggregate": "count"},
        },
        "window": "5d",
        "covariate": "10d",
    },
    "price": {"event": "order", "value": "minutes", "aggregate": "mean", "window": "7d"},
    "week": {"event": "play", "aggregate": "any", "window": "7d", "open": True},
    "long": {"event": "play", "aggregate": "count", "window": "60d"},
    "length_p50": {"event": "play", "value": "minutes", "quantile": "50%", "window": "5d"},
    "pooled": {
        "event": "play",
        "value": "minutes",
        "aggregate": "sum",
        "window": "5d",
        "cap": {"quantile": "90%"},
    },
    "typo": {"event": "play", "value": "minuts", "aggregate": "sum", "window": "5d"},
    "nobody": {"event": "nothing", "aggregate": "count", "window": "5d"},
    "elsewhere": {"event": "play", "aggregate": "count", "window": "5d"},
}
SURFACE = {"success": [{"metric": "minutes"}], "guardrail": [{"metric": "ctr"}]}
OF_TEST = {"success": [{"metric": one} for one in ("price", "week", "length_p50", "pooled")]}
OF_OTHER = {"guardrail": [{"metric": one} for one in ("long", "typo", "nobody")]}
EVENT = ("timestamp", "user_id", "event", "minutes")
EXPOSURE = ("timestamp", "user_id", "experiment", "variant")


class Event(NamedTuple):
    """What a unit did; seconds since the first day."""

    at: int
    unit: str
    event: str
    minutes: str


class Exposure(NamedTuple):
    at: int
    unit: str
    experiment: str


@dataclass
class Logs:
    """An organisation and its logs."""

    world: World
    exposures: list[Exposure]
    events: list[Event]
    today: int = 40

    def put(self, root: Path) -> list[str]:
        """Write everything; the arguments that name it."""
        files = self.world.files()
        metrics = {name: {**one, "direction": "increase"} for name, one in METRICS.items()}
        files["surfaces/metrics.yaml"] = json.dumps({"metrics": metrics})
        changes = {
            "surfaces/home/surface.yaml": SURFACE,
            "surfaces/tv/surface.yaml": {"success": [{"metric": "elsewhere"}]},
            "surfaces/home/experiments/test.yaml": OF_TEST,
            "surfaces/home/experiments/other.yaml": OF_OTHER,
        }
        for path, asked in changes.items():
            files[path] = json.dumps(json.loads(files[path]) | {"metrics": asked})
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        rows = [(moment(0, one.at), one.unit, one.experiment, "control") for one in self.exposures]
        write(root / "exposures.csv.gz", rows, EXPOSURE)
        write(root / "events.csv", [(moment(0, one.at), *one[1:]) for one in self.events], EVENT)
        named = ["--exposures", str(root / "exposures.csv.gz"), "--events", str(root / "events.csv")]
        return [*named, "--root", str(root), "--today", moment(self.today)[:10]]

    # what must be found

    def met(self) -> dict[str, int]:
        """When units met an experiment of the surface for the first time, on its days."""
        plans = {plan.logged: plan for plan in self.world.plans if plan.key.startswith("home/")}
        first: dict[str, int] = {}
        for one in self.exposures:
            plan = plans.get(one.experiment)
            if plan and plan.kind != "holdback" and plan.start * DAY <= one.at < plan.end * DAY:
                first[one.unit] = min(one.at, first.get(one.unit, one.at))
        return first

    def seen(self, since: int) -> dict[str, int]:
        """When units had their first event from a day on."""
        first: dict[str, int] = {}
        for one in self.events:
            if one.at >= since * DAY:
                first[one.unit] = min(one.at, first.get(one.unit, one.at))
        return first

    def windows(
        self, first: dict[str, int], event: str, low: int, high: int, closed: int
    ) -> dict[str, list[str]]:
        """By unit whose first `closed` days are over, the minutes of its events in days of its own."""
        by_unit = defaultdict[str, list[Event]](list)
        for one in self.events:
            if one.event == event:
                by_unit[one.unit].append(one)
        over = (max(one.at for one in self.events) // DAY + 1) * DAY
        return {
            unit: [x.minutes for x in by_unit[unit] if at + low * DAY <= x.at < at + high * DAY]
            for unit, at in first.items()
            if at + closed * DAY <= over
        }


def logs(seed: int, *, units: int = 600) -> Logs:
    """Random logs of a surface whose experiments hold some of its buckets, one of them for some countries."""
    chance = random.Random(seed)
    plans = [
        Plan("home/test", 0, 20, {0: set(range(100)), 5: set(range(300))}),
        Plan("home/other", 4, 60, {4: set(range(200, 500))}, components=("shelf",), logged_as="the other"),
        Plan("home/back", 0, 60, {0: set(range(900, 1000))}, kind="holdback"),
        Plan("home/later", 50, 60, {50: set(range(500))}, components=("footer",), draft=True),
        Plan("tv/else", 0, 60, {0: set(range(500))}, space="device"),
    ]
    found = Logs(World(plans), [], [])
    names = ("home/test", "home/test", "the other", "tv/else", "home/back", "=cmd", "home/later")
    for number in range(units):
        unit, liking = f"u{number}", chance.random() ** 2
        first = chance.randrange(0, 28)
        for _ in range(chance.randrange(0, 4)):
            at = chance.randrange(first * DAY, 30 * DAY)
            found.exposures.append(Exposure(at, unit, chance.choice(names)))
        for _ in range(chance.randrange(3, 30)):
            at = chance.randrange(max(-12, first - 12) * DAY, min(33, first + 12) * DAY)
            name = chance.choice(("play", "play", "click", "order", "other"))
            found.events.append(Event(at, unit, name, f"{chance.random() * 40 * liking:.2f}"))
    found.exposures += [Exposure(0, "first", "home/test"), Exposure(30 * DAY - 1, "last", "the other")]
    found.events += [Event(33 * DAY - 1, "last", "other", ""), Event(-12 * DAY, "first", "other", "")]
    return found
