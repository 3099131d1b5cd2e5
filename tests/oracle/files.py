"""An organisation written out as the files people would keep, in JSON, which is valid YAML."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from oracle.shapes import Budget, Dimension, Entry, Experiment, Ledger, Organisation, Surface, Waiver, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

METRICS = {"plays": {"event": "play", "aggregate": "count", "window": "1d", "direction": "increase"}}


def to_files(org: Organisation) -> dict[str, str]:
    """Every file of the organisation, by posix path relative to the root."""
    files = {"surfaces/coord.yaml": _text(_coord(org)), "surfaces/metrics.yaml": _text({"metrics": METRICS})}
    for surface in org.surfaces:
        files[f"surfaces/{surface.name}/surface.yaml"] = _text(_surface(org, surface))
    for experiment in org.experiments:
        files[experiment_path(experiment)] = _text(_experiment(experiment))
        if experiment.ledger is not None:
            space = org.surface(experiment.surface).space
            buckets = org.space(space).buckets
            ledger = _ledger(experiment.key, space, experiment.ledger, buckets)
            files[f"surfaces/{experiment.surface}/allocations/{experiment.name}.yaml"] = _text(ledger)
    return files


def experiment_path(experiment: Experiment) -> str:
    return f"surfaces/{experiment.surface}/experiments/{experiment.name}.yaml"


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"


def _coord(org: Organisation) -> dict[str, Any]:
    spaces = {
        space.name: {"unit": f"{space.name}_id", "salt": f"salt-{space.name}", "buckets": space.buckets}
        for space in org.spaces
    }
    return {"spaces": spaces, "teams": list(org.teams)}


def _surface(org: Organisation, surface: Surface) -> dict[str, Any]:
    reverse = surface != org.surfaces[0]  # the order in which values are declared means nothing
    dimensions = [dimension for dimension in org.dimensions if dimension.name in surface.dimensions]
    return {
        "surface": surface.name,
        "title": f"Surface {surface.name}",
        "owner": org.teams[0],
        "space": surface.space,
        "components": {name: f"Component {name}" for name in surface.components},
        "audience": {dimension.name: _dimension(dimension, reverse) for dimension in dimensions},
        "metrics": {"success": [{"metric": "plays", "mde": "5%"}]},
        "budget": _budget(surface.budget),
        "policy": {"min_days": 1, "max_days": 365, "cooldown_days": surface.cooldown},
        "waivers": [_waiver(waiver) for waiver in surface.waivers],
    }


def _dimension(dimension: Dimension, reverse: bool) -> dict[str, Any]:
    values = dimension.values[::-1] if reverse else dimension.values
    if dimension.fixed:
        return {"fixed": True, "values": dict.fromkeys(values, "20%")}
    return {"values": list(values)}


def _budget(budget: Budget) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if budget.component is not None:
        written["component"] = percent(budget.component)
    if budget.per_unit is not None:
        written["per_unit"] = json.loads(budget.per_unit)
    if budget.concurrent is not None:
        written["concurrent"] = budget.concurrent
    if budget.teams:
        written["teams"] = {team: percent(share) for team, share in budget.teams}
    return written


def _waiver(waiver: Waiver) -> dict[str, Any]:
    written = {"rule": waiver.rule, "experiment": waiver.experiment}
    if waiver.other is not None:
        written["with"] = waiver.other
    return written | {"reason": waiver.reason, "until": waiver.until.isoformat()}


def _experiment(experiment: Experiment) -> dict[str, Any]:
    written: dict[str, Any] = {
        "experiment": experiment.name,
        "surface": experiment.surface,
        "kind": experiment.kind,
        "title": f"Experiment {experiment.name}",
        "owner": experiment.owner,
        "hypothesis": "It is better.",
        "status": "draft" if experiment.draft else "active",
        "exclusive_with": list(experiment.exclusive_with),
        "audience": {dimension: list(values) for dimension, values in experiment.audience},
    }
    return written | _timing(experiment) | _role(experiment)


def _timing(experiment: Experiment) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if experiment.start is not None:
        written["start"] = experiment.start.isoformat()
    if experiment.end is not None:
        written["end"] = experiment.end.isoformat()
    if len(experiment.steps) == 1:
        written["traffic"] = percent(experiment.steps[0].share)
    elif experiment.steps:
        written["traffic"] = {step.day.isoformat(): percent(step.share) for step in experiment.steps}
    return written


def _role(experiment: Experiment) -> dict[str, Any]:
    """What only a holdback has, or what it has not."""
    if experiment.kind == "holdback":
        if experiment.holds_all:
            return {"holds": "all"}
        return {} if experiment.holds is None else {"holds": list(experiment.holds)}
    own = f"{experiment.surface}/"
    components = [name.removeprefix(own) for name in experiment.components]
    variants: list[dict[str, Any]] = [{"name": "control"}] if experiment.kind == "ab_test" else []
    for number, system in enumerate(experiment.systems, start=1):
        said = {"kind": system.kind, "platform": system.platform, "id": system.id, "version": "1"}
        said = {key: value for key, value in said.items() if value is not None}
        variants.append({"name": f"arm-{number}", "system": said})
    if not experiment.systems:
        variants.append({"name": "arm-1"})
    return {"components": components, "variants": variants}


def _ledger(key: str, space: str, ledger: Ledger, buckets: int) -> dict[str, Any]:
    written: dict[str, Any] = {"experiment": key, "space": space, "version": 1}
    if ledger.migrated:
        written["migrated"] = True
    entries: list[dict[str, Any]] = []
    held: set[int] = set()
    for entry in ledger.entries:
        held |= entry.buckets
        entries.append(_entry(entry, held, ledger.migrated, buckets))
    return written | {"entries": entries}


def _entry(entry: Entry, held: set[int], migrated: bool, buckets: int) -> dict[str, Any]:
    if migrated:
        return {"buckets": ranges(entry.buckets)}
    if entry.migrated:
        return {"migrated": True, "buckets": ranges(entry.buckets)}
    return {
        "avoids": {},
        "buckets": "base64:" + base64.b64encode(bitset(entry.buckets, buckets)).decode(),
        "digest": hashlib.sha256(bitset(held, buckets)).hexdigest(),
    }


def bitset(held: Iterable[int], buckets: int) -> bytes:
    """One bit a bucket, least significant bit first."""
    bits = bytearray((buckets + 7) // 8)
    for bucket in held:
        bits[bucket // 8] |= 1 << (bucket % 8)
    return bytes(bits)


def ranges(held: Iterable[int]) -> str:
    """Half-open ranges: `0:20 40:41`."""
    runs: list[list[int]] = []
    for bucket in sorted(held):
        if runs and runs[-1][1] == bucket:
            runs[-1][1] = bucket + 1
        else:
            runs.append([bucket, bucket + 1])
    return " ".join(f"{low}:{high}" for low, high in runs)
