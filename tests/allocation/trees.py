"""Trees of files to allocate in, as a user has them."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import mmh3

from coord.config.yaml_reader import read_yaml

COORD = """\
spaces:
  user: {unit: user_id, salt: MegaSalt-acme, buckets: 1000}
teams: [home-platform, podcasts]
"""
METRICS = """\
metrics:
  minutes: {event: play, value: minutes, aggregate: sum, window: 1d, direction: increase}
"""
SURFACE = """\
surface: home
title: Mobile home screen
owner: home-platform
space: user
components: {header: The top, shelf: The shelves}
audience:
  country: {fixed: true, values: [SE, US]}
metrics:
  success: [{metric: minutes, mde: 1%}]
"""


def experiment_text(name: str, **changes: str) -> str:
    """An experiment's file; a field given as an empty text is left out."""
    fields = {
        "experiment": name,
        "surface": "home",
        "kind": "ab_test",
        "title": f"Test {name}",
        "owner": "podcasts",
        "hypothesis": "It gets better.",
        "status": "active",
        "start": "2026-03-16",
        "end": "2026-04-13",
        "traffic": "30%",
        "components": "[header]",
        "variants": "[{name: control}, {name: treatment}]",
    } | changes
    return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)


def tree(experiments: Mapping[str, Mapping[str, str]], surface: str = SURFACE) -> dict[str, str]:
    """The files of an organisation with these experiments on `home`."""
    files = {
        "surfaces/coord.yaml": COORD,
        "surfaces/metrics.yaml": METRICS,
        "surfaces/home/surface.yaml": surface,
    }
    for name, changes in experiments.items():
        files[f"surfaces/home/experiments/{name}.yaml"] = experiment_text(name, **changes)
    return files


def write(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    return root


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def ledger_path(root: Path, key: str) -> Path:
    surface, name = key.split("/")
    return root / "surfaces" / surface / "allocations" / f"{name}.yaml"


def ledger(root: Path, key: str) -> dict[str, Any]:
    value: dict[str, Any] = read_yaml(ledger_path(root, key).read_bytes())[1]
    return value


def put(root: Path, key: str, value: Mapping[str, Any]) -> None:
    """Write a ledger as JSON, which is valid YAML."""
    ledger_path(root, key).parent.mkdir(parents=True, exist_ok=True)
    ledger_path(root, key).write_text(json.dumps(value), "utf-8")


# A second implementation of draws, by sets of numbers; it shares nothing with the product but the page that
# specifies both.


def decoded(entry: Mapping[str, Any]) -> set[int]:
    """The buckets of an entry."""
    data = base64.b64decode("".join(entry["buckets"].removeprefix("base64:").split()))
    return {8 * place + bit for place, byte in enumerate(data) for bit in range(8) if byte >> bit & 1}


def bitset(buckets: Iterable[int], size: int) -> bytes:
    data = bytearray(-(-size // 8))
    for bucket in buckets:
        data[bucket // 8] |= 1 << (bucket % 8)
    return bytes(data)


def encoded(buckets: Iterable[int], size: int) -> str:
    return "base64:" + base64.b64encode(bitset(buckets, size)).decode()


def fingerprint(buckets: Iterable[int], size: int) -> str:
    return hashlib.sha256(bitset(buckets, size)).hexdigest()


def smallest(free: Iterable[int], wanted: int, seed: str) -> set[int]:
    """The free buckets with the smallest hashes of `seed|bucket`."""

    def rank(bucket: int) -> tuple[int, int]:
        return mmh3.hash64(f"{seed}|{bucket}", 0, x64arch=True, signed=False)[0], bucket

    return set(sorted(free, key=rank)[:wanted])
