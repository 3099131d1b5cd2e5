"""Random changes of every kind to the files of a small organisation, the way people make them and worse."""

import copy
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from changes import moves_of_fields, moves_of_ledgers
from changes.assigner import experiments
from changes.small import COMPONENTS, COORD, METRICS, Files, add_experiment, draw
from changes.trees import experiment_path, ledger_path, surface_path
from changes.world import Move, World, running, some


def change(rng: Random, world: World, only: str | None = None) -> tuple[str, Files]:
    """What a change of one kind, or of several at once, makes of the files; its kinds, and the files."""
    files = copy.deepcopy(world.files)
    several = rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=rng.choice((1, 1, 1, 2, 3)))
    kinds = [only] if only else several
    for kind in kinds:
        try:
            MOVES[kind](rng, files, world)
        except (KeyError, IndexError, ValueError, TypeError):
            continue  # it needs what these files do not have
    if rng.random() < 0.6 or any("traffic" in kind or kind == "new experiment" for kind in kinds):
        _allocated(rng, files, world)
    return "+".join(kinds), files


def _allocated(rng: Random, files: Files, world: World) -> None:
    """As people do: `coord allocate`, now and then with `--redraw`."""
    try:
        draw(files, world.today, redraw=rng.random() < 0.5)
    except (KeyError, ValueError):
        return


def _field(rng: Random, files: Files, world: World) -> None:
    key, value = running(rng, files, world)
    moves_of_fields.change_field(rng, key, value, world.today, list(dict(experiments(files))))


def _only_field(name: str) -> Move:
    def move(rng: Random, files: Files, world: World) -> None:
        key, value = running(rng, files, world)
        others = list(dict(experiments(files)))
        moves_of_fields.FIELDS[name](rng, key, value, world.today, others)

    return move


def _new_experiment(rng: Random, files: Files, world: World) -> None:
    number = 1 + max(int(key.rsplit("e", 1)[1].split("-")[0]) for key, _ in world_keys(world))
    start = world.today + timedelta(days=rng.choice((0, 1, 2, 5, 9, -3)))
    add_experiment(rng, files, f"e{number + rng.randint(0, 9)}", start)


def world_keys(world: World) -> list[tuple[str, Any]]:
    """Every experiment that there is or was, so that names are not used twice by chance."""
    files = {**dict(world.past), **world.files}
    return list(experiments(files))


def _gone(rng: Random, files: Files, world: World) -> None:
    """An experiment, with its ledger and with what names it, or without."""
    key, _ = some(rng, files)
    del files[experiment_path(key)]
    if rng.random() < 0.8:
        files.pop(ledger_path(key), None)
    if rng.random() < 0.7:
        for _, value in experiments(files):
            if key in value.get("exclusive_with", []):
                value["exclusive_with"].remove(key)


def _renamed(rng: Random, files: Files, world: World) -> None:
    key, value = some(rng, files)
    name = f"{value['experiment']}-{rng.randint(2, 99)}"
    new = f"{key.split('/')[0]}/{name}"
    files[experiment_path(new)] = files.pop(experiment_path(key)) | {"experiment": name}
    if ledger_path(key) in files:
        files[ledger_path(new)] = files.pop(ledger_path(key)) | {"experiment": new}


def _revived(rng: Random, files: Files, world: World) -> None:
    """A file as it once was, with its ledger of some time or without."""
    found = [(path, value) for path, value in world.past if "/experiments/" in path]
    path, value = rng.choice([(path, value) for path, value in found if files.get(path) != value])
    files[path] = copy.deepcopy(value)
    ledgers = [old for p, old in world.past if p == path.replace("/experiments/", "/allocations/")]
    if ledgers and rng.random() < 0.7:
        files[path.replace("/experiments/", "/allocations/")] = copy.deepcopy(rng.choice(ledgers))


def _coord(rng: Random, files: Files, world: World) -> None:
    spaces = files[COORD]["spaces"]
    name = rng.choice(list(spaces))
    how = rng.choice(("salt", "unit", "buckets", "renamed", "gone", "decision", "teams", "more"))
    if how in {"salt", "unit"}:
        spaces[name][how] = f"{how}-{rng.randint(0, 99)}"
    elif how == "buckets":
        spaces[name]["buckets"] = rng.choice((100, 200))
    elif how == "renamed":
        spaces[f"{name}-2"] = spaces.pop(name)
        for surface in COMPONENTS:
            if files[surface_path(surface)]["space"] == name:
                files[surface_path(surface)]["space"] = f"{name}-2"
        for path, ledger in files.items():
            if "/allocations/" in path and ledger["space"] == name:
                ledger["space"] = f"{name}-2"
    elif how == "gone":
        del spaces[name]
    elif how == "decision":
        files[COORD]["decision"] = rng.choice(({"alpha": "1%"}, {"method": "always_valid"}, {}))
    elif how == "teams":
        files[COORD]["teams"] = ["one", "two", "three"]
    else:
        spaces["more"] = {"unit": "user_id", "salt": "salt-of-more", "buckets": 100}


def _surface(rng: Random, files: Files, world: World) -> None:
    name = rng.choice(list(COMPONENTS))
    surface = files[surface_path(name)]
    how = rng.choice(
        ("space", "components", "fixed", "values", "dimension", "metrics", "gone", "title", "policy")
    )
    if how == "space":
        surface["space"] = rng.choice(list(files[COORD]["spaces"]))
    elif how == "components":
        surface["components"].pop(rng.choice(COMPONENTS[name]), None)
    elif how == "fixed":  # that units are of one country is a fact; a file that says otherwise is careful
        for other in COMPONENTS:
            files[surface_path(other)]["audience"]["country"]["fixed"] = rng.random() < 0.5
    elif how == "values":
        for other in COMPONENTS:
            dimension = files[surface_path(other)]["audience"][rng.choice(("country", "platform"))]
            values = dimension["values"]
            dimension["values"] = [*values, "more"] if rng.random() < 0.5 else values[:1]
    elif how == "dimension":
        for other in COMPONENTS:
            files[surface_path(other)]["audience"].pop("country", None)
    elif how == "metrics":
        since = {} if rng.random() < 0.5 else {"since": (world.today + timedelta(days=1)).isoformat()}
        surface["metrics"]["guardrail"] = [{"metric": "opens", "margin": "5%"} | since]
    elif how == "gone":
        del files[surface_path(name)]
    elif how == "title":
        surface["title"] = "Another"
    else:
        surface["policy"] = {"min_days": 1, "max_days": 1000, "cooldown_days": rng.randint(0, 5)}


def _waiver(rng: Random, files: Files, world: World) -> None:
    keys = list(dict(experiments(files)))
    surface = files[surface_path(rng.choice(list(COMPONENTS)))]
    waivers = surface.setdefault("waivers", [])
    if waivers and rng.random() < 0.5:
        waivers.pop()
        return
    rule = rng.choice(("BKT001", "BKT001", "LIF003", "LIF001", "CHG001", "CHG006"))
    until = world.today + timedelta(days=rng.randint(1, 60))
    waiver = {"rule": rule, "experiment": rng.choice(keys), "reason": "agreed", "until": until.isoformat()}
    waivers.append(waiver | ({"with": rng.choice(keys)} if rule == "BKT001" else {}))


def _metrics(rng: Random, files: Files, world: World) -> None:
    metric = files[METRICS]["metrics"][rng.choice(("plays", "opens"))]
    metric |= rng.choice(({"window": "2d"}, {"title": "Plays"}, {"event": "other"}, {"open": True}))


MOVES: Mapping[str, Move] = {
    "field": _field,
    **{f"field {name}": _only_field(name) for name in moves_of_fields.FIELDS},
    "new experiment": _new_experiment,
    "redrawn": moves_of_ledgers.redrawn,
    "forged": moves_of_ledgers.forged,
    "ledger edited": moves_of_ledgers.ledger_edited,
    "ledger gone": moves_of_ledgers.ledger_gone,
    "gone": _gone,
    "renamed": _renamed,
    "revived": _revived,
    "coord": _coord,
    "surface": _surface,
    "waiver": _waiver,
    "metrics": _metrics,
}

WEIGHTS: Mapping[str, float] = {
    "field": 9,
    "field end": 1.5,
    "field traffic": 1.5,
    "field exclusive_with": 0.5,
    "new experiment": 2.5,
    "redrawn": 1.5,
    "forged": 1.5,
    "ledger edited": 1,
    "ledger gone": 0.7,
    "gone": 1,
    "renamed": 0.7,
    "revived": 1,
    "coord": 1,
    "surface": 1.5,
    "waiver": 1,
    "metrics": 0.4,
}
