"""The JSON document `coord.manifest/1` (schemas/manifest.schema.json)."""

from base64 import b64encode
from typing import Any

from coord.allocation.assign import Prepared
from coord.allocation.manifest import Manifest
from coord.domain.audience import Audience
from coord.domain.model import VARIANT_SLOTS, Experiment, Space
from coord.report.json_report import inert_json

HASH = {"function": "murmur3_x64_128", "seed": 0, "shift": 4, "slots": VARIANT_SLOTS}
"""Version 1 of the hash, for readers to compare with their own."""


def render(manifest: Manifest) -> str:
    """The document as text: the same bytes for the same files and day."""
    return inert_json(manifest_document(manifest))


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """The document: every key always present, null where it does not apply, in a stable order."""
    return {
        "format": "coord.manifest/1",
        "today": manifest.today.isoformat(),
        "hash": HASH,
        "spaces": [_space(space) for space in manifest.spaces],
        "experiments": [_experiment(one) for one in manifest.experiments],
    }


def _space(space: Space) -> dict[str, Any]:
    return {"space": space.name, "unit": space.unit, "salt": space.salt, "buckets": space.buckets}


def _experiment(prepared: Prepared) -> dict[str, Any]:
    experiment, held = prepared.experiment, prepared.held
    return {
        "experiment": experiment.key,
        "logged_as": experiment.logged_as,
        "surface": experiment.surface,
        "kind": experiment.kind.value,
        "space": experiment.space,
        "start": held.days.start.isoformat(),
        "end": held.days.end.isoformat(),
        "audience": _audience(held.audience),
        "holdbacks": [back.key for back in prepared.holdbacks],
        "steps": [{"from": day.isoformat(), "bitset": b64encode(bits).decode()} for day, bits in held.steps],
        "salt": experiment.salt,
        "variants": _variants(experiment),
    }


def _audience(audience: Audience) -> dict[str, list[str]]:
    return {name: sorted(audience[name]) for name in sorted(audience)}


def _variants(experiment: Experiment) -> list[dict[str, Any]]:
    slots = {name: [low, high] for name, low, high in experiment.ranges}
    return [
        {
            "name": variant.name,
            "logged_as": variant.logged_as,
            "slots": slots.get(variant.name, [0, 0]),  # adaptive weights: none
            "serves": None if variant.serves is None else dict(variant.serves),
        }
        for variant in experiment.variants
    ]
