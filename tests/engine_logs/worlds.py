"""Small random logs full of what is awkward: edges of windows, ties, crossovers, empty values, odd ids."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from coord.domain.buckets import from_numbers
from coord.domain.dates import Days
from coord.domain.metrics import Cap, Metric, Source
from coord.domain.model import Experiment, Kind, Space, Step, Variant
from coord.logs.logged import LogSpec
from coord.logs.measure_logs import LogFiles
from coord.logs.placed import Keeper, Placement
from engine_logs.oracle import DAY, Event, Exposure, micros
from logs.files import write

START = date(2026, 3, 1)
IDS = ("00123", "123", "NA", "ключ,42", "1e5", "a b", 'q"uote', "null", *(f"u{i}" for i in range(22)))
COUNTRIES = ("SE", "US", "")


def metric(
    name: str,
    source: Source,
    denominator: Source | None = None,
    *,
    window: tuple[int, int] = (0, 3),
    covariate: int | None = None,
    missing: str = "zero",
    is_open: bool = False,
    quantile: Fraction | None = None,
) -> Metric:
    first, upto = window
    return Metric(name, first, upto, is_open, False, covariate, missing, source, denominator, quantile)


METRICS = (
    metric("spent", Source("buy", "sum", "value"), covariate=4),
    metric("spent_later", Source("buy", "sum", "value"), window=(2, 5), covariate=4),
    metric("capped", Source("buy", "sum", "value", Cap(20.0)), covariate=4),
    metric("pooled", Source("buy", "sum", "value", Cap(quantile=Fraction(7, 10))), covariate=4),
    metric("price", Source("buy", "mean", "value"), covariate=5, missing="drop"),
    metric("least", Source("buy", "min", "value"), missing="drop"),
    metric("most", Source("buy", "max", "value"), missing="drop", covariate=3),
    metric("bought", Source("buy", "any"), window=(0, 2)),
    metric("clicks", Source("click", "count"), covariate=4, is_open=True),
    metric("pages", Source("click", "count_distinct", "page"), window=(1, 4)),
    metric("ctr", Source("click", "count"), Source("view", "count"), covariate=4),
    metric("per_view", Source("buy", "sum", "value"), Source("view", "count"), missing="drop", covariate=4),
)


class World(NamedTuple):
    """Logs, and what is asked of them."""

    spec: LogSpec
    exposures: list[Exposure]
    events: list[Event]


def world(seed: int, *, placed: bool = True) -> World:
    chance = random.Random(seed)
    arms = ("control", "one", "two")[: chance.choice((2, 3))]
    days = Days(START, START + timedelta(days=chance.choice((8, 12))))
    as_of = chance.choice((days.end + timedelta(days=3), START + timedelta(days=6), days.end))
    today = max(as_of, days.end) if chance.random() < 0.7 else as_of
    audience = {"country": frozenset({"SE", ""})} if chance.random() < 0.2 else {}
    if audience:
        audience = {"country": frozenset({"SE", "US"})}
    placement = _placement(chance, arms, days) if placed else None
    spec = LogSpec("home/demo", arms, days, as_of, today, placement, audience, ("country",))
    exposures = [_exposure(chance, arms) for _ in range(chance.randrange(1, 90))]
    exposures.append(Exposure(micros(START) + DAY, "u1", "home/demo", "control", "SE"))
    events = [_event(chance) for _ in range(chance.randrange(400))]
    events += chance.sample(events, min(3, len(events)))
    return World(spec, exposures, events)


def _placement(chance: random.Random, arms: Sequence[str], days: Days) -> Placement:
    space = Space("user", "user_id", "MegaSalt", 100)
    variants = tuple(Variant(name, chance.randrange(1, 3), None, name) for name in arms)
    experiment = Experiment(
        key="home/demo",
        surface="home",
        name="demo",
        path="",
        kind=Kind.AB_TEST,
        owner="team",
        space="user",
        draft=False,
        days=days,
        steps=(Step(days.start, Fraction(1)),),
        components=(),
        surfaces=("home",),
        exclusive_with=frozenset(),
        audience={},
        salt="home/demo",
        logged_as="home/demo",
        variants=variants,
    )
    low, high = sorted((chance.randrange(40, 101), 100))
    steps = (
        (days.start, from_numbers(range(low))),
        (days.start + timedelta(days=2), from_numbers(range(high - 5))),
    )
    keeper = Keeper(
        "home/back",
        Days(days.start - timedelta(days=5), days.start + timedelta(days=chance.randrange(2, 9))),
        {"country": frozenset({"US"})} if chance.random() < 0.5 else {},
        ((days.start - timedelta(days=5), from_numbers(range(20, 30))),),
    )
    return Placement(experiment, space, steps, (keeper,))


def _moment(chance: random.Random, first: int, last: int) -> int:
    """Often where windows begin and end."""
    return (
        micros(START)
        + chance.randrange(first * 2, last * 2) * DAY // 2
        + chance.choice((-1, 0, 0, 1, 3_600_000_000))
    )


def _exposure(chance: random.Random, arms: Sequence[str]) -> Exposure:
    unit = chance.choice(IDS)
    mostly = arms[sum(unit.encode()) % len(arms)]
    variant = mostly if chance.random() < 0.9 else chance.choice((*arms, "stranger"))
    experiment = "home/demo" if chance.random() < 0.9 else "home/other"
    return Exposure(_moment(chance, -1, 14), unit, experiment, variant, chance.choice(COUNTRIES))


def _event(chance: random.Random) -> Event:
    value = "" if chance.random() < 0.1 else f"{chance.randrange(-500, 5000) / 100:.2f}"
    name = chance.choice(("buy", "buy", "click", "view", "other"))
    page = chance.choice(("", "home", "NA", "search"))
    return Event(_moment(chance, -6, 20), chance.choice((*IDS, "never")), name, value, page)


def iso(at: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def files(folder: Path, one: World, seed: int) -> LogFiles:
    """The logs as files: rows in any order, in one or several files of any format."""
    chance = random.Random(seed)
    exposures = [(iso(row.at), *row[1:]) for row in one.exposures]
    events = [(iso(row.at), *row[1:]) for row in one.events]
    return LogFiles(
        _written(
            chance, folder, "x", exposures, ("timestamp", "user_id", "experiment", "variant", "country")
        ),
        _written(chance, folder, "e", events, ("timestamp", "user_id", "event", "value", "page")),
        "user_id",
    )


def _written(
    chance: random.Random, folder: Path, stem: str, rows: Sequence[tuple[str, ...]], names: Sequence[str]
) -> list[str]:
    rows = chance.sample(rows, len(rows))
    cut = chance.randrange(len(rows) + 1)
    formats = ("csv", "csv.gz", "csv.zst", "tsv", "parquet")
    return [
        str(write(folder / f"{stem}{number}.{chance.choice(formats)}", part, names))
        for number, part in enumerate((rows[:cut], rows[cut:]))
        if part or number
    ]
