"""A fleet that runs on Confidence is audited as it is: the same hash, the same slots."""

import json
import random
from pathlib import Path

import mmh3

from coord.analysis.audit import audit, layout_of
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.logs.reader import Reading
from logs.files import NAMES, write

ACCOUNT = "confidence-test"
RANGES = [(0, 150_000), (500_000, 600_000)]
WEIGHTS = {"control": 5, "a": 3, "b": 2}


def _murmur(key: str, buckets: int) -> int:
    """As the resolver does: the upper of the two halves' first, unsigned, without its lowest four bits."""
    return (mmh3.hash64(key, 0, x64arch=True, signed=False)[0] >> 4) % buckets


def _files() -> dict[str, bytes]:
    test = {
        "experiment": "test",
        "surface": "home",
        "kind": "ab_test",
        "title": "x",
        "owner": "one",
        "hypothesis": "x",
        "status": "active",
        "start": "2026-03-02",
        "end": "2026-03-30",
        "traffic": "25%",
        "salt": "segments/abc123",
        "logged_as": "flags/test/rules/1",
        "variants": [{"name": name, "weight": weight} for name, weight in WEIGHTS.items()],
    }
    files = {
        "coord.yaml": {
            "spaces": {
                "user": {"unit": "targeting_key", "salt": f"MegaSalt-{ACCOUNT}", "buckets": 1_000_000}
            },
            "teams": ["one"],
        },
        "metrics.yaml": {
            "metrics": {"m": {"event": "e", "aggregate": "count", "window": "1d", "direction": "increase"}}
        },
        "home/surface.yaml": {
            "surface": "home",
            "title": "x",
            "owner": "one",
            "space": "user",
            "components": {"x": "x"},
            "metrics": {"success": [{"metric": "m", "mde": "1%"}]},
        },
        "home/experiments/test.yaml": test,
        "home/allocations/test.yaml": {
            "experiment": "home/test",
            "space": "user",
            "version": 1,
            "migrated": True,
            "entries": [{"buckets": " ".join(f"{low}:{high}" for low, high in RANGES)}],
        },
    }
    return {f"surfaces/{path}": json.dumps(value).encode() for path, value in files.items()}


def _fleet(number: int) -> list[tuple[str, str, str, str]]:
    """What the resolver would log: units in the segment's buckets, by the slots of its salt."""
    chance, rows = random.Random(1), []
    units = ["roug", *(f"user-{n}" for n in range(number)), "åäö", "007", "9007199254740993"]
    for unit in units:
        bucket = _murmur(f"MegaSalt-{ACCOUNT}|{unit}", 1_000_000)
        if any(low <= bucket < high for low, high in RANGES):
            place, upto = _murmur(f"segments/abc123|{unit}", 10_000), 0
            for name, weight in WEIGHTS.items():
                upto += weight * 1000
                if place < upto:
                    moment = f"2026-03-{chance.randrange(2, 30):02d}T{chance.randrange(24):02d}:30:00Z"
                    rows.append((moment, unit, "flags/test/rules/1", name))
                    break
    return rows


def test_a_fleet_that_runs_on_confidence_audits_clean(tmp_path: Path) -> None:
    """`roug` is Spotify's own test: its bucket is 567493."""
    assert _murmur("MegaSalt-confidence-test|roug", 1_000_000) == 567_493
    rows = _fleet(20_000)
    assert rows[0][1] == "roug"
    assert len(rows) > 4000
    tree = load(MemoryFiles(_files()))
    assert not tree.broken
    layout = layout_of(tree.catalog)
    path = write(tmp_path / "x.csv", rows, [name.replace("user_id", "targeting_key") for name in NAMES])
    with Reading([str(path)], layout) as reading:
        found = audit(tree.catalog, reading)
    assert found.counts["ok"] == found.rows == len(rows)  # type: ignore[index]
    assert found.unit_column == "targeting_key"
