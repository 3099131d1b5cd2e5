"""Random changes of ledgers: drawn anew, forged, spoilt, lost."""

import copy
from random import Random
from typing import Any

from changes.assigner import experiments
from changes.small import COORD, Files, draw, migrated
from changes.trees import decoded, digest, encoded, ledger_path
from changes.world import World, running


def redrawn(rng: Random, files: Files, world: World) -> None:
    """An honest draw of one ledger, whether it may be drawn again or not."""
    key, value = running(rng, files, world)
    files.pop(ledger_path(key), None)
    kept = value.get("exclusive_with")
    if rng.random() < 0.5:  # drawn while another one is to be avoided, which changes the draw
        value["exclusive_with"] = [rng.choice([k for k, _ in experiments(files) if k != key])]
    draw(files, world.today, [key])
    value.pop("exclusive_with", None)
    if kept is not None:
        value["exclusive_with"] = kept


def forged(rng: Random, files: Files, world: World) -> None:
    """Buckets chosen by hand, sealed with the right digest, the number of them as before."""
    key, _ = running(rng, files, world)
    ledger = files[ledger_path(key)]
    size = files[COORD]["spaces"][ledger["space"]]["buckets"]
    number = rng.randrange(len(ledger["entries"]))
    held = set().union(*(decoded(e["buckets"]) for i, e in enumerate(ledger["entries"]) if i != number))
    wanted = len(decoded(ledger["entries"][number]["buckets"]))
    chosen = rng.sample(sorted({*range(size)} - held), wanted)
    entry = ledger["entries"][number]
    entry["buckets"] = encoded(chosen, size)
    if rng.random() < 0.3:
        files[ledger_path(key)] = migrated(ledger)
        return
    if rng.random() < 0.8:
        _seal(ledger, size)


def _seal(ledger: dict[str, Any], size: int) -> None:
    held: set[int] = set()
    for entry in ledger["entries"]:
        held |= decoded(entry["buckets"])
        if "digest" in entry:
            entry["digest"] = digest(held, size)


def ledger_edited(rng: Random, files: Files, world: World) -> None:
    """Entries taken away, swapped, said to keep clear of something else."""
    key, _ = running(rng, files, world)
    ledger = files[ledger_path(key)]
    how = rng.choice(("pop", "swap", "avoids", "space", "migrated", "more"))
    entries = ledger["entries"]
    if how == "pop" and len(entries) > 1:
        entries.pop()
    elif how == "swap":
        entries.reverse()
    elif how == "avoids":
        somebody = rng.choice([other for other, _ in experiments(files)])
        entries[0]["avoids"] = rng.choice(({somebody: "0" * 64}, {}))
    elif how == "space":
        ledger["space"] = rng.choice(("user", "spare"))
    elif how == "migrated":
        files[ledger_path(key)] = migrated(ledger)
    else:
        entries.append(copy.deepcopy(entries[-1]))


def ledger_gone(rng: Random, files: Files, world: World) -> None:
    key, _ = running(rng, files, world)
    del files[ledger_path(key)]
