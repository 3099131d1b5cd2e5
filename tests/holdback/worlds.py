"""A holdback with logs, and what must be found in them: unit by unit, in plain Python."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from audit.worlds import SPACES, Plan, World, moment, slot
from logs.files import write

DAY = 86_400
START, END = 0, 56
BUCKETS = set(range(100, 300))
METRICS: dict[str, dict[str, Any]] = {
    "minutes": {"event": "play", "value": "minutes", "aggregate": "sum", "window": "7d", "covariate": "14d"},
    "late": {"event": "play", "aggregate": "count", "window": {"from": "7d", "to": "14d"}, "cap": 2},
    "price": {"event": "order", "value": "minutes", "aggregate": "mean", "window": "14d", "covariate": "10d"},
    "ctr": {
        "ratio": {
            "numerator": {"event": "click", "aggregate": "count"},
            "denominator": {"event": "play", "aggregate": "count"},
        },
        "window": "14d",
        "covariate": "14d",
    },
    "long": {"event": "play", "aggregate": "count", "window": "29d"},
    "length_p50": {"event": "play", "value": "minutes", "quantile": "50%", "window": "14d"},
}
EVENT = ("timestamp", "user_id", "event", "minutes", "country")
EXPOSURE = ("timestamp", "user_id", "experiment", "variant", "country")


class Event(NamedTuple):
    """What a unit did; seconds since the first day."""

    at: int
    unit: str
    event: str
    minutes: str
    country: str


class Exposure(NamedTuple):
    at: int
    unit: str
    experiment: str
    variant: str
    country: str


@dataclass
class Logs:
    """An organisation, its logs, and the days that matter, as offsets from the first day."""

    world: World
    exposures: list[Exposure]
    events: list[Event]
    as_of: int
    evaluate_from: int | None = None
    country: tuple[str, ...] = ()
    _indexed: tuple[int, Mapping[str, list[Event]]] = field(default=(0, {}))

    @property
    def anchor(self) -> int:
        return max(START, self.as_of - 28) if self.evaluate_from is None else self.evaluate_from

    def put(self, root: Path, *, countries: bool = True) -> list[str]:
        """Write everything; the arguments that name it."""
        files = self.world.files()
        files["surfaces/metrics.yaml"] = json.dumps(
            {"metrics": {name: {**one, "direction": "increase"} for name, one in METRICS.items()}}
        )
        for surface, metrics in (("home", ["minutes", "ctr", "length_p50"]), ("radio", ["late", "minutes"])):
            value = json.loads(files["surfaces/home/surface.yaml"])
            value |= {"surface": surface, "metrics": {"success": [{"metric": one} for one in metrics]}}
            files[f"surfaces/{surface}/surface.yaml"] = json.dumps(value)
        path = "surfaces/home/experiments/back.yaml"
        guardrail = [{"metric": "price"}, {"metric": "long"}]
        value = json.loads(files[path]) | {"metrics": {"guardrail": guardrail}}
        if self.evaluate_from is not None:
            value["evaluate_from"] = moment(self.evaluate_from)[:10]
        value |= {
            "holds": ["home", "radio"],
            "audience": {"country": [*self.country]} if self.country else {},
        }
        files[path] = json.dumps(value)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        last = None if countries else -1
        rows = [(moment(0, one.at), *one[1:])[:last] for one in self.exposures]
        write(root / "exposures.csv", rows, EXPOSURE[:last])
        rows = [(moment(0, one.at), *one[1:])[:last] for one in self.events]
        write(root / "events.parquet", rows, EVENT[:last])
        named = ["--exposures", str(root / "exposures.csv"), "--events", str(root / "events.parquet")]
        return [*named, "--root", str(root), "--today", moment(self.as_of)[:10]]

    # what must be found

    def held(self, unit: str) -> bool:
        return slot(f"{SPACES['user']['salt']}|{unit}", 1000) in BUCKETS

    def units(self, *, countries: bool = True) -> tuple[list[str], list[str]]:
        """The units that are analysed: held ones, and the rest."""
        neutral = {"tv/else", "home/back"}
        counts = [x for x in self.exposures if x.experiment in neutral or x.at < START * DAY]
        seen = [(one.at, one.unit, one.country) for one in self.events]
        seen += [(one.at, one.unit, one.country) for one in counts]
        anyone = not (self.country and countries)
        fits = {
            unit
            for at, unit, country in seen
            if at < self.anchor * DAY and (anyone or country in self.country)
        }
        found = sorted(fits)
        return [one for one in found if self.held(one)], [one for one in found if not self.held(one)]

    def values(self, unit: str, event: str, low: int, high: int) -> list[str]:
        if self._indexed[0] != len(self.events):
            by_unit = defaultdict[str, list[Event]](list)
            for one in self.events:
                by_unit[one.unit].append(one)
            self._indexed = len(self.events), by_unit
        mine = self._indexed[1].get(unit, ())
        return [one.minutes for one in mine if one.event == event and low * DAY <= one.at < high * DAY]

    def minutes(self, unit: str) -> tuple[float, float]:
        """The sum in a week from the anchor, and in the two weeks before the holdback."""
        spans = ((self.anchor, self.anchor + 7), (START - 14, START))
        now, before = (sum(map(float, self.values(unit, "play", *span))) for span in spans)
        return now, before

    def ctr(self, unit: str) -> tuple[int, int, int, int]:
        spans = ((self.anchor, self.anchor + 14), (START - 14, START))
        found = [len(self.values(unit, name, *span)) for span in spans for name in ("click", "play")]
        return found[0], found[1], found[2], found[3]

    def late(self, unit: str) -> int:
        return min(2, len(self.values(unit, "play", self.anchor + 7, self.anchor + 14)))

    def price(self, unit: str) -> float | None:
        found = [float(one) for one in self.values(unit, "order", self.anchor, self.anchor + 14)]
        return sum(found) / len(found) if found else None


def logs(
    seed: int,
    *,
    units: int = 700,
    as_of: int = 50,
    evaluate_from: int | None = None,
    country: Sequence[str] = (),
) -> Logs:
    """Random logs; held units meet nothing on the surfaces that they are kept out of."""
    chance = random.Random(seed)
    plans = [
        Plan("home/back", START, END, {START: BUCKETS}, kind="holdback"),
        Plan("home/test", 5, 40, {5: set(range(400, 900))}),
        Plan("radio/test", 5, 60, {5: set(range(300, 1000))}),
        Plan("tv/else", -10, 60, {-10: set(range(500))}, space="device"),
    ]
    found = Logs(World(plans), [], [], as_of, evaluate_from, tuple(country))
    for number in range(units):
        unit, liking = f"u{number}", chance.random() ** 2
        first = chance.choice((-20, -20, 10, 40)) * DAY
        where = chance.choice(("SE", "US", ""))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(first, 55 * DAY)
            name = chance.choice(("play", "play", "click", "order", "other"))
            more = 2 if at >= START * DAY and not found.held(unit) else 0
            minutes = f"{chance.random() * 40 * liking + more:.2f}"
            found.events.append(Event(at, unit, name, minutes, where))
        if chance.random() < 0.3:
            name = chance.choice(("tv/else", "home/back")) if found.held(unit) else chance.choice(_NAMES)
            found.exposures.append(
                Exposure(chance.randrange(5 * DAY, 50 * DAY), unit, name, "control", where)
            )
    others = (one for one in (f"only{k}" for k in range(200)) if not found.held(one))
    found.exposures += [Exposure(20 * DAY, unit, "home/test", "control", "SE") for unit in others]
    found.exposures += [Exposure(-DAY, "before", "home/old", "control", "SE")]
    return found


_NAMES = ("home/test", "radio/test", "tv/else", "home/unknown")
