"""Who is in what on a day, by the pages that specify it; nothing here is the product's but its files.

Buckets and variants come from real hashes. A unit has one value of every dimension that is constant for it
and any number of values of the others.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

import mmh3

from changes.trees import decoded, digest

Files = Mapping[str, Any]


class Unit(NamedTuple):
    """A person or a device: `kind` is what spaces call their unit."""

    kind: str
    name: str
    values: tuple[tuple[str, frozenset[str]], ...]


@cache
def slot(key: str, size: int) -> int:
    """The slot of a key."""
    return (_hash(key) >> 4) % size


def _hash(key: str) -> int:
    return int(mmh3.hash64(key, 0, x64arch=True, signed=False)[0])


def experiments(files: Files) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every experiment by its full name."""
    for path, value in files.items():
        parts = path.split("/")
        if parts[2:3] == ["experiments"]:
            yield f"{parts[1]}/{parts[3].removesuffix('.yaml')}", value


def space_of(files: Files, key: str) -> str | None:
    """The name of the space that an experiment hashes in."""
    surface = files.get(f"surfaces/{key.split('/', maxsplit=1)[0]}/surface.yaml", {})
    name: str = surface.get("space", "")
    return name if name in files["surfaces/coord.yaml"]["spaces"] else None


def runs(experiment: Mapping[str, Any], day: date) -> bool:
    """Whether it is in force on a day: half-open, and drafts never are."""
    if experiment["status"] != "active":
        return False
    return bool(experiment["start"] <= day.isoformat() < experiment["end"])


def over(experiment: Mapping[str, Any], day: date) -> bool:
    """Whether it has ended."""
    return bool(experiment["status"] == "active" and experiment["end"] <= day.isoformat())


def held(files: Files, key: str, day: date) -> frozenset[int]:
    """The buckets of the ledger's entries in force: entry i from the day of step i."""
    experiment = files[_path(key, "experiments")]
    ledger = files.get(_path(key, "allocations"))
    if ledger is None or ledger["space"] != space_of(files, key) or not runs(experiment, day):
        return frozenset()
    traffic = experiment["traffic"]
    days = sorted(traffic) if isinstance(traffic, dict) else [experiment["start"]]
    entries = zip(days, ledger["entries"], strict=False)
    return frozenset().union(*(_buckets(e["buckets"]) for since, e in entries if since <= day.isoformat()))


@cache
def _buckets(text: str) -> frozenset[int]:
    return frozenset(decoded(text))


def placed(files: Files, units: list[Unit], day: date) -> dict[tuple[Unit, str], str]:
    """The variant of every unit in every experiment that it is in; a holdback has none but itself."""
    found = {}
    for key, experiment in experiments(files):
        buckets, name = held(files, key, day), space_of(files, key)
        if not buckets or name is None:
            continue
        space = files["surfaces/coord.yaml"]["spaces"][name]
        for unit in units:
            inside = slot(f"{space['salt']}|{unit.name}", space["buckets"]) in buckets
            if unit.kind == space["unit"] and inside and _eligible(experiment, unit):
                found[unit, key] = _variant(key, experiment, unit)
    return found


def _eligible(experiment: Mapping[str, Any], unit: Unit) -> bool:
    wanted = experiment.get("audience", {})
    return all(values & set(wanted[name]) for name, values in unit.values if name in wanted)


def _variant(key: str, experiment: Mapping[str, Any], unit: Unit) -> str:
    variants = experiment.get("variants", [])
    if not variants:
        return "held back"
    upto = list(accumulate(variant.get("weight", 1) for variant in variants))
    mine = slot(f"{experiment.get('salt', key)}|{unit.name}", 10000)
    bounds = (10000 * weight // upto[-1] for weight in upto)
    name: str = next(v["name"] for v, bound in zip(variants, bounds, strict=True) if mine < bound)
    return name


def exclusive(files: Files, one: str, other: str) -> bool:
    """Whether two experiments must be exclusive, whatever their audiences."""
    first, second = files[_path(one, "experiments")], files[_path(other, "experiments")]
    if _components(one, first) & _components(other, second) or _systems(first) & _systems(second):
        return True
    if other in first.get("exclusive_with", []) or one in second.get("exclusive_with", []):
        return True
    held_back = "holdback" in {first["kind"], second["kind"]}
    return held_back and bool(_surfaces(files, one, first) & _surfaces(files, other, second))


def _components(key: str, experiment: Mapping[str, Any]) -> set[str]:
    own = key.split("/", maxsplit=1)[0]
    return {name if "/" in name else f"{own}/{name}" for name in experiment.get("components", [])}


def _systems(experiment: Mapping[str, Any]) -> set[tuple[str, str]]:
    systems = [variant.get("system", {}) for variant in experiment.get("variants", [])]
    return {(system["platform"], system["id"]) for system in systems if "id" in system}


def _surfaces(files: Files, key: str, experiment: Mapping[str, Any]) -> set[str]:
    """The surfaces it belongs to; a holdback belongs to those it holds."""
    own = key.split("/", maxsplit=1)[0]
    if experiment["kind"] != "holdback":
        return {own, *(name.split("/")[0] for name in _components(key, experiment))}
    holds = experiment.get("holds", [own])
    if holds != "all":
        return set(holds)
    surfaces = {path.split("/")[1]: file for path, file in files.items() if path.endswith("/surface.yaml")}
    return {name for name, file in surfaces.items() if file["space"] == space_of(files, key)}


def waived(files: Files, one: str, other: str, day: date) -> bool:
    """Whether an owner has said that the two may overlap on a day."""
    surfaces = (file for path, file in files.items() if path.endswith("/surface.yaml"))
    waivers = (waiver for surface in surfaces for waiver in surface.get("waivers", []))
    return any(
        w["rule"] == "BKT001"
        and {w["experiment"], w.get("with")} == {one, other}
        and w.get("reason")
        and w.get("until", "") > day.isoformat()
        for w in waivers
    )


def drawn(files: Files, key: str, number: int) -> bool:
    """Whether an entry, counted from 0, is the draw that its seed and what it kept clear of give."""
    ledger, experiment = files[_path(key, "allocations")], files[_path(key, "experiments")]
    size = files["surfaces/coord.yaml"]["spaces"][ledger["space"]]["buckets"]
    entry, taken = ledger["entries"][number], _upto(ledger, number)
    for other in entry["avoids"]:
        theirs = files.get(_path(other, "allocations"), {"entries": []})
        states = [_upto(theirs, count + 1) for count in range(len(theirs["entries"]))]
        taken |= next((s for s in states if digest(s, size) == entry["avoids"][other]), frozenset())
    traffic = experiment["traffic"]
    shares = [traffic[day] for day in sorted(traffic)] if isinstance(traffic, dict) else [traffic]
    if number >= len(shares):
        return False
    wanted = round(float(shares[number].rstrip("%")) * size / 100) - len(_upto(ledger, number))
    seed = f"{key}/{number + 1}"
    order = sorted((_hash(f"{seed}|{bucket}"), bucket) for bucket in range(size) if bucket not in taken)
    return {bucket for _, bucket in order[:wanted]} == decoded(entry["buckets"])


def _upto(ledger: Mapping[str, Any], number: int) -> frozenset[int]:
    return frozenset().union(*(_buckets(entry["buckets"]) for entry in ledger["entries"][:number]))


def _path(key: str, folder: str) -> str:
    surface, name = key.split("/")
    return f"surfaces/{surface}/{folder}/{name}.yaml"
