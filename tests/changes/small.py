"""Small random organisations without errors, as values of files, and draws for them by the real allocator."""

from collections.abc import Collection
from datetime import date, timedelta
from random import Random
from typing import Any

from changes.assigner import Unit, experiments, slot
from changes.trees import compared, encoded, experiment_path, ledger_path, read, surface_path
from coord.allocation.allocate import allocate
from coord.domain.buckets import numbers
from coord.domain.findings import Severity

Files = dict[str, Any]

TODAY = date(2026, 3, 10)
COORD, METRICS = "surfaces/coord.yaml", "surfaces/metrics.yaml"
COMPONENTS = {"home": ("header", "shelf"), "search": ("results", "box")}
COUNTRIES, PLATFORMS = ("SE", "US"), ("ios", "android")
SIZE = 100
SALT = "salt-of-users"


def organisation(rng: Random) -> Files:
    """Three to eight experiments on two surfaces, in every state; drawn, and without an error on TODAY."""
    files: Files = {
        COORD: {
            "spaces": {
                "user": {"unit": "user_id", "salt": SALT, "buckets": SIZE},
                "spare": {"unit": "user_id", "salt": "salt-of-spares", "buckets": SIZE},
            },
            "teams": ["one", "two"],
        },
        METRICS: {
            "metrics": {
                name: {"event": name, "aggregate": "count", "window": "1d", "direction": "increase"}
                for name in ("plays", "opens")
            }
        },
    }
    for name in COMPONENTS:
        files[surface_path(name)] = _surface(name)
    for number in range(rng.randint(3, 8)):
        add_experiment(rng, files, f"e{number}", TODAY + timedelta(days=rng.randint(-20, 12)))
    draw(files, TODAY)
    if rng.random() < 0.3:
        _migrate_one(rng, files)
    return without_errors(files, TODAY)


def _surface(name: str) -> dict[str, Any]:
    return {
        "surface": name,
        "title": name,
        "owner": "one",
        "space": "user",
        "components": dict.fromkeys(COMPONENTS[name], "A part"),
        "audience": {
            "country": {"fixed": True, "values": list(COUNTRIES)},
            "platform": {"values": list(PLATFORMS)},
        },
        "metrics": {"success": [{"metric": "plays", "mde": "5%"}]},
        "policy": {"min_days": 1, "max_days": 1000},
    }


def add_experiment(rng: Random, files: Files, name: str, start: date) -> str:
    """Write the file of another experiment that starts on a day."""
    surface = rng.choice(list(COMPONENTS))
    kind = rng.choice(("ab_test", "ab_test", "ab_test", "rollout", "rollout", "holdback"))
    end = start + timedelta(days=rng.randint(5, 35))
    value: dict[str, Any] = {
        "experiment": name,
        "surface": surface,
        "kind": kind,
        "title": name,
        "owner": rng.choice(("one", "two")),
        "hypothesis": "It gets better.",
        "status": "draft" if rng.random() < 0.15 else "active",
        "start": start.isoformat(),
        "end": end.isoformat(),
        "traffic": f"{rng.randint(5, 35)}%",
    }
    if kind == "holdback":
        value["traffic"] = f"{rng.randint(2, 8)}%"
        holds: list[Any] = [None, "all", list(COMPONENTS), [surface]]
        value |= {"holds": said} if (said := rng.choice(holds)) else {}
    else:
        value["components"] = some_components(rng, surface)
        value["variants"] = variants(rng, kind)
        value["analysis"] = {"method": rng.choice(("group_sequential", "always_valid", "fixed"))}
        if kind == "rollout" or rng.random() < 0.2:
            value["traffic"] = steps(rng, start, end)
    if rng.random() < 0.35:
        value["audience"] = audience(rng)
    others = [key for key, _ in experiments(files)]
    if others and rng.random() < 0.3:
        value["exclusive_with"] = [rng.choice(others)]
    files[experiment_path(f"{surface}/{name}")] = value
    return f"{surface}/{name}"


def some_components(rng: Random, surface: str) -> list[str]:
    """One or two components, now and then of the other surface."""
    own = list(COMPONENTS[surface])
    visited = [f"{name}/{part}" for name, parts in COMPONENTS.items() if name != surface for part in parts]
    if rng.random() < 0.3:
        return [own[0], visited[0]]
    return [rng.choice([*own, *own[:1], rng.choice(visited)])]


def variants(rng: Random, kind: str) -> list[dict[str, Any]]:
    """The variants of a kind, some with weights, some with a system."""
    found: list[dict[str, Any]] = [{"name": "control"}, {"name": "new", "weight": rng.choice((1, 1, 3))}]
    if rng.random() < 0.15:
        found[1]["system"] = {"kind": "ranker", "platform": "ml", "id": rng.choice("ab"), "version": "1"}
    return found if kind == "ab_test" or rng.random() < 0.5 else found[1:]


def audience(rng: Random) -> dict[str, list[str]]:
    """Some values of one dimension or both."""
    whole = {"country": [rng.choice(COUNTRIES)], "platform": [rng.choice(PLATFORMS)]}
    names = rng.choice((["country"], ["platform"], ["country", "platform"]))
    return {name: whole[name] for name in names}


def steps(rng: Random, start: date, end: date) -> dict[str, str]:
    """Rising traffic."""
    days = sorted({0, *(rng.randint(1, max(1, (end - start).days - 1)) for _ in range(2))})
    shares = sorted(rng.randint(3, 40) for _ in days)
    dates = [(start + timedelta(days=day)).isoformat() for day in days]
    return {day: f"{share}%" for day, share in zip(dates, shares, strict=True)}


def draw(files: Files, today: date, keys: Collection[str] | None = None, *, redraw: bool = False) -> None:
    """What `coord allocate` writes, for these or for all that are not over."""
    catalog = read(files).catalog
    waiting = {e.key for e in catalog.active if e.days and e.days.end > today}
    chosen = waiting & {*(waiting if keys is None else keys)}
    for outcome in allocate(catalog, chosen, today, redraw=redraw, only_needed=keys is None):
        if outcome.ledger:
            size = catalog.spaces[outcome.experiment.space].buckets
            files[ledger_path(outcome.experiment.key)] = {
                "experiment": outcome.experiment.key,
                "space": outcome.ledger.space,
                "version": 1,
                "entries": [
                    {"migrated": True, "buckets": encoded(numbers(entry.buckets), size)}
                    if entry.migrated
                    else {
                        "avoids": dict(entry.avoids),
                        "buckets": encoded(numbers(entry.buckets), size),
                        "digest": entry.digest,
                    }
                    for entry in outcome.ledger.entries
                ],
            }


def migrated(ledger: dict[str, Any]) -> dict[str, Any]:
    """The same buckets, as if brought in from another system."""
    entries = [{"migrated": True, "buckets": entry["buckets"]} for entry in ledger["entries"]]
    return ledger | {"entries": entries}


def _migrate_one(rng: Random, files: Files) -> None:
    ledgers = [path for path in files if "/allocations/" in path]
    if ledgers:
        path = rng.choice(ledgers)
        files[path] = migrated(files[path])


def without_errors(files: Files, today: date) -> Files:
    """The files without the experiments that have errors."""
    while True:
        result = compared(files, files, today)
        wrong = {f.experiment for f in result.findings if f.severity is Severity.ERROR} - {None}
        if not wrong:
            assert not [f.message for f in result.findings if f.severity is Severity.ERROR]
            return files
        files = {path: value for path, value in files.items() if _key(path) not in wrong}


def _key(path: str) -> str | None:
    parts = path.removesuffix(".yaml").split("/")
    return f"{parts[1]}/{parts[3]}" if len(parts) == 4 else None


def population() -> list[Unit]:
    """Units such that every bucket of the space has one of each country, and of none that is declared."""
    found: dict[tuple[int, str], Unit] = {}
    number = 0
    while len(found) < SIZE * 3:
        name = f"unit-{number}"
        country = (*COUNTRIES, "elsewhere")[number % 3]
        values = (("country", frozenset({country})), ("platform", frozenset({*PLATFORMS})))
        found.setdefault((slot(f"{SALT}|{name}", SIZE), country), Unit("user_id", name, values))
        number += 1
    return list(found.values())
