"""Resolving an experiment's file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from coord.config.layout import experiment_path, key_of, stem, surface_of
from coord.config.metrics import requirements
from coord.config.organisation import check_team
from coord.config.values import Reader
from coord.domain.audience import Audience
from coord.domain.dates import Days
from coord.domain.model import (
    Analysis,
    Experiment,
    Kind,
    Outcome,
    Space,
    Step,
    Surface,
    System,
    SystemId,
    Variant,
    slots,
)
from coord.domain.shares import format_share
from coord.domain.spelling import nearest, suggestion


@dataclass(frozen=True, slots=True)
class Known:
    """What an experiment can refer to. None: the file that would say is broken; nothing is reported."""

    spaces: Mapping[str, Space]
    teams: Collection[str]
    surfaces: Mapping[str, Surface]
    broken_surfaces: Collection[str]
    metrics: Collection[str] | None
    experiment_files: Collection[str]


def resolve_experiment(reader: Reader, known: Known) -> Experiment | None:
    """The experiment; None, with findings, when its days or its traffic are impossible."""
    value = reader.document.value
    path = reader.document.path
    surface, key = known.surfaces[surface_of(path)], key_of(path)
    check_team(reader, value["owner"], known.teams, "owner")
    days = _days(reader, value)
    steps = _steps(reader, value, known.spaces[surface.space].buckets)
    components = _components(reader, value, surface, known)
    variants = _variants(reader, value)
    experiment = Experiment(
        key=key,
        surface=surface.name,
        name=stem(path),
        path=path,
        kind=Kind(value["kind"]),
        owner=value["owner"],
        space=surface.space,
        draft=value["status"] == "draft",
        days=days,
        steps=steps,
        components=components,
        surfaces=_surfaces(reader, value, surface, components, known),
        exclusive_with=_exclusive_with(reader, value, key, known),
        audience=_audience(reader, value.get("audience", {}), surface),
        salt=value.get("salt", key),
        logged_as=value.get("logged_as", key),
        variants=variants,
        metrics=requirements(reader, value, known.metrics),
        analysis=_analysis(reader, value.get("analysis", {})),
        outcome=_outcome(reader, value.get("outcome")),
        title=value["title"],
        hypothesis=value["hypothesis"],
        holds_all=value.get("holds") == "all",
        evaluate_from=reader.optional(value, "evaluate_from"),
    )
    return (
        None if any(f.code == "SYN004" and _of_time(f.place.pointer) for f in reader.findings) else experiment
    )


def _of_time(pointer: tuple[str | int, ...]) -> bool:
    return pointer[0] in {"start", "end", "traffic"}


def _days(reader: Reader, value: Mapping[str, Any]) -> Days | None:
    start, end = reader.optional(value, "start"), reader.optional(value, "end")
    return Days(start, end) if start and end else None


def _steps(reader: Reader, value: Mapping[str, Any], buckets: int) -> tuple[Step, ...]:
    traffic = value.get("traffic")
    if isinstance(traffic, str):
        share = reader.traffic(traffic, buckets, "traffic")
        start = _quiet_day(value.get("start"))
        return (Step(start, share),) if share and start else ()
    steps = []
    for text, percent in (traffic or {}).items():
        day = reader.day(text, "traffic", text, at_key=True)
        share = reader.traffic(percent, buckets, "traffic", text)
        if day and share:
            steps.append(Step(day, share))
    if len(steps) < len(traffic or {}):
        return ()
    steps.sort()
    _check_steps(reader, value, steps)
    return tuple(steps)


def _quiet_day(text: str | None) -> date | None:
    """The day, when there is one; `start` itself has reported what is wrong with it."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _check_steps(reader: Reader, value: Mapping[str, Any], steps: list[Step]) -> None:
    if steps and "start" in value and steps[0].day != _quiet_day(value["start"]):
        message = f"the first traffic step is on {steps[0].day}, and must be on the start, {value['start']}"
        reader.report("SYN004", message, ("traffic", steps[0].day.isoformat()), at_key=True)
    for before, after in pairwise(steps):
        if after.traffic < before.traffic:
            message = (
                f"traffic falls from {format_share(before.traffic)} to {format_share(after.traffic)} "
                f"on {after.day}; steps never decrease"
            )
            reader.report("SYN004", message, ("traffic", after.day.isoformat()))


def _analysis(reader: Reader, value: Mapping[str, Any]) -> Analysis:
    days = (
        reader.day(look, "analysis", "looks", number) for number, look in enumerate(value.get("looks", ()))
    )
    looks, default = tuple(sorted(filter(None, days))), Analysis()
    planned = None if value.get("planned") is None else int(value["planned"])
    return Analysis(value.get("method"), value.get("spending", default.spending), looks, planned)


def _outcome(reader: Reader, value: Mapping[str, Any] | None) -> Outcome | None:
    if value is None:
        return None
    return Outcome(value["decision"], reader.optional(value, "on", "outcome"), value.get("note"))


def _components(reader: Reader, value: Mapping[str, Any], surface: Surface, known: Known) -> tuple[str, ...]:
    found = []
    for number, text in enumerate(value.get("components", ())):
        owner, _, name = text.rpartition("/")
        owner = owner or surface.name
        pointer = ("components", number)
        if owner in known.broken_surfaces:
            continue
        if owner not in known.surfaces:
            hint = suggestion(owner, known.surfaces)
            reader.report("REF001", f"the surface {owner} does not exist", pointer, hint)
        elif name not in known.surfaces[owner].components:
            prefix = text.removesuffix(name)
            hint = suggestion(text, [prefix + component for component in known.surfaces[owner].components])
            reader.report("REF001", f"{owner} has no component {name}", pointer, hint)
        elif f"{owner}/{name}" not in found:
            found.append(f"{owner}/{name}")
    return tuple(found)


def _surfaces(
    reader: Reader, value: Mapping[str, Any], surface: Surface, components: tuple[str, ...], known: Known
) -> tuple[str, ...]:
    """The surfaces it belongs to: its own and those of its components; for a holdback, those it holds."""
    if value["kind"] != Kind.HOLDBACK:
        visited = (component.partition("/")[0] for component in components)
        return tuple(dict.fromkeys((surface.name, *visited)))
    holds = value.get("holds", [surface.name])
    if holds == "all":
        return tuple(sorted(s.name for s in known.surfaces.values() if s.space == surface.space))
    for number, name in enumerate(holds):
        if name not in known.surfaces and name not in known.broken_surfaces:
            message = f"the surface {name} does not exist"
            reader.report("REF001", message, ("holds", number), suggestion(name, known.surfaces))
    return tuple(name for name in holds if name in known.surfaces)


def _exclusive_with(reader: Reader, value: Mapping[str, Any], key: str, known: Known) -> frozenset[str]:
    named = value.get("exclusive_with", [])
    for number, other in enumerate(named):
        if other == key:
            message = "an experiment cannot be exclusive with itself"
            reader.report("REF001", message, ("exclusive_with", number))
        elif experiment_path(other) not in known.experiment_files:
            message = f"the experiment {other} does not exist"
            near = nearest(other, [key_of(path) for path in known.experiment_files])
            hint = f"did you mean {near}?" if near else None
            reader.report("REF001", message, ("exclusive_with", number), hint)
    return frozenset(other for other in named if other != key)


def _audience(reader: Reader, value: Mapping[str, Any], surface: Surface) -> Audience:
    result = {}
    for name, values in value.items():
        dimension = surface.dimensions.get(name)
        if dimension is None:
            message = f"{surface.name} declares no dimension {name}"
            hint = suggestion(name, surface.dimensions)
            reader.report("REF001", message, ("audience", name), hint, at_key=True)
            continue
        if not values:
            message = f"the audience has no value of {name}: nobody is eligible"
            hint = f"name a value, or leave `{name}` out to mean everybody"
            reader.report("REF001", message, ("audience", name), hint)
        for number, text in enumerate(values):
            if text not in dimension.values:
                message = f"{text} is not a declared value of {name}"
                hint = suggestion(text, dimension.values)
                reader.report("REF001", message, ("audience", name, number), hint)
        result[name] = frozenset(values)
    return result


def _variants(reader: Reader, value: Mapping[str, Any]) -> tuple[Variant, ...]:
    found: list[Variant] = []
    for number, variant in enumerate(value.get("variants", ())):
        if variant["name"] in [other.name for other in found]:
            message = f"two variants are called {variant['name']}"
            reader.report("REF002", message, ("variants", number, "name"), "give it another name")
        weight = variant.get("weight", 1)
        system = _system(variant["system"]) if "system" in variant else None
        weight = None if weight == "adaptive" else int(weight)
        logged_as = variant.get("logged_as", variant["name"])
        found.append(Variant(variant["name"], weight, system, logged_as, variant.get("serves")))
    weights = [variant.weight for variant in found if variant.weight is not None]
    if weights and len(weights) == len(found):
        for number, share in enumerate(slots(tuple(weights))):
            if share == 0:
                message = (
                    f"the variant {found[number].name} gets none of the 10,000 slots: its weight is too small"
                )
                reader.report(
                    "SYN004", message, ("variants", number, "weight"), "use weights of a similar size"
                )
    return tuple(found)


def _system(value: Mapping[str, Any]) -> System:
    identity = SystemId(value["platform"], value["id"]) if {"platform", "id"} <= value.keys() else None
    others = (value.get(key) for key in ("version", "learns_from", "updates"))
    return System(value["kind"], identity, *others)
