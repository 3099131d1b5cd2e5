"""A fleet that runs on Confidence is audited as it is: the same hash, the same slots.

Published cells are from spotify/confidence-resolver, confidence-resolver/src/lib.rs (its tests `test_hash`,
`test_parse_state_bitsets` and `test_resolve_flags_fallthrough` on test-payloads/resolver_state.json) and
confidence-resolver/test-payloads/resolver-spec/{state,tests}.json (`mat_unit_not_in_mat`).
"""

import base64
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mmh3
import pytest

from coord.allocation.hashing import slot
from coord.analysis.audit import Audit, audit, layout_of
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.logs.reader import Reading
from logs.files import NAMES, write

ACCOUNT = "confidence-test"
RANGES = [(0, 150_000), (500_000, 600_000)]
WEIGHTS = {"control": 5, "a": 3, "b": 2}

Row = tuple[str, str, str, str]


def _murmur(key: str, buckets: int) -> int:
    """As the resolver does: the first of the two halves, unsigned, without its lowest four bits."""
    return (mmh3.hash64(key, 0, x64arch=True, signed=False)[0] >> 4) % buckets


def _experiment(name: str, salt: str, traffic: str, weights: Mapping[str, int]) -> dict[str, Any]:
    return {
        "experiment": name,
        "surface": "home",
        "kind": "ab_test",
        "title": "x",
        "owner": "one",
        "hypothesis": "x",
        "status": "active",
        "start": "2026-03-02",
        "end": "2026-03-30",
        "traffic": traffic,
        "salt": salt,
        "logged_as": f"flags/{name}/rules/1",
        "variants": [{"name": arm, "weight": weight} for arm, weight in weights.items()],
    }


def _ledger(name: str, buckets: str) -> dict[str, Any]:
    entries = [{"buckets": buckets}]
    return {"experiment": f"home/{name}", "space": "user", "version": 1, "migrated": True, "entries": entries}


def _files(account: str, ledgers: Mapping[str, str], *experiments: dict[str, Any]) -> dict[str, bytes]:
    space = {"unit": "targeting_key", "salt": f"MegaSalt-{account}", "buckets": 1_000_000}
    metric = {"event": "e", "aggregate": "count", "window": "1d", "direction": "increase"}
    files: dict[str, Any] = {
        "coord.yaml": {"spaces": {"user": space}, "teams": ["one"]},
        "metrics.yaml": {"metrics": {"m": metric}},
        "home/surface.yaml": {
            "surface": "home",
            "title": "x",
            "owner": "one",
            "space": "user",
            "components": {"x": "x"},
            "metrics": {"success": [{"metric": "m", "mde": "1%"}]},
        },
    }
    files |= {f"home/experiments/{one['experiment']}.yaml": one for one in experiments}
    files |= {f"home/allocations/{name}.yaml": _ledger(name, buckets) for name, buckets in ledgers.items()}
    return {f"surfaces/{path}": json.dumps(value).encode() for path, value in files.items()}


def _audited(files: dict[str, bytes], rows: Sequence[Row], folder: Path) -> Audit:
    tree = load(MemoryFiles(files))
    assert not tree.broken, tree.findings
    path = write(folder / "x.csv", rows, [name.replace("user_id", "targeting_key") for name in NAMES])
    return audit(tree.catalog, Reading([str(path)], layout_of(tree.catalog)))


def _fleet(number: int) -> list[Row]:
    """What the resolver would log: units in the segment's buckets, by the slots of the segment's id."""
    chance, rows = random.Random(1), []
    units = ["roug", *(f"user-{n}" for n in range(number)), "åäö", "007", "9007199254740993"]
    for unit in units:
        bucket = _murmur(f"MegaSalt-{ACCOUNT}|{unit}", 1_000_000)
        if any(low <= bucket < high for low, high in RANGES):
            place, upto = _murmur(f"abc123|{unit}", 10_000), 0
            for name, weight in WEIGHTS.items():
                upto += weight * 1000
                if place < upto:
                    moment = f"2026-03-{chance.randrange(2, 30):02d}T{chance.randrange(24):02d}:30:00Z"
                    rows.append((moment, unit, "flags/test/rules/1", name))
                    break
    return rows


def test_a_fleet_that_runs_on_confidence_audits_clean(tmp_path: Path) -> None:
    rows = _fleet(20_000)
    assert rows[0][1] == "roug"
    assert len(rows) > 4000
    ledgers = {"test": " ".join(f"{low}:{high}" for low, high in RANGES)}
    files = _files(ACCOUNT, ledgers, _experiment("test", "abc123", "25%", WEIGHTS))
    found = _audited(files, rows, tmp_path)
    assert found.counts["ok"] == found.rows == len(rows)  # type: ignore[index]
    assert found.unit_column == "targeting_key"


def test_a_fleet_on_another_account_does_not(tmp_path: Path) -> None:
    """What is audited is the hash: with another salt of the space a quarter of the units is in by chance."""
    ledgers = {"test": " ".join(f"{low}:{high}" for low, high in RANGES)}
    files = _files("another", ledgers, _experiment("test", "abc123", "25%", WEIGHTS))
    found = _audited(files, _fleet(20_000), tmp_path)
    assert 0.7 < found.share < 0.8


@pytest.mark.parametrize(
    ("key", "number", "low", "high"),
    [
        ("MegaSalt-confidence-test|roug", 1_000_000, 567_493, 567_494),
        # visitor 57 falls through flags/fallthrough-test-1: its segment's assignment `control`
        ("h2f3kemn2nqbnc7k5lk2|57", 10_000, 9_000, 10_000),
        # visitor 26 falls through the first rule of flags/fallthrough-test-2, and the second gives `enabled`
        ("qnbpewfufewyn5rpsylm|26", 10_000, 9_000, 10_000),
        ("dvlllobhnpxcojqn6vfa|26", 10_000, 5_000, 10_000),
        # user1 gets `control` of flags/mat-read-flag
        ("country-se|user1", 1_000, 500, 1_000),
    ],
)
def test_published_cells_hold(key: str, number: int, low: int, high: int) -> None:
    assert low <= slot(key, number) < high


def test_published_assignments_audit_clean(tmp_path: Path) -> None:
    """The salt of a variant is the id of its segment, without `segments/`."""
    fallthrough = {"variant": 9, "control": 1}
    experiments = [
        _experiment("fallthrough-test-1", "h2f3kemn2nqbnc7k5lk2", "100%", fallthrough),
        _experiment("fallthrough-test-2", "qnbpewfufewyn5rpsylm", "100%", fallthrough),
        _experiment("last", "dvlllobhnpxcojqn6vfa", "100%", {"disabled": 1, "enabled": 1}),
    ]
    ledgers = {one["experiment"]: "0:1000000" for one in experiments}
    published = [("57", "fallthrough-test-1", "control"), ("26", "fallthrough-test-2", "control")]
    published.append(("26", "last", "enabled"))
    rows = [("2026-03-02", unit, f"flags/{name}/rules/1", arm) for unit, name, arm in published]
    files = _files("confidence-demo-june", ledgers, *experiments)
    found = _audited(files, rows, tmp_path)
    assert found.counts["ok"] == found.rows == 3  # type: ignore[index]


def test_the_bits_of_a_segment_are_those_of_a_ledger() -> None:
    """The first 16 bits of segments/qnbpewfufewyn5rpsylm are published, least significant bit first."""
    first = [3, 6, 8, 9, 11, 12, 13, 14, 15]
    bits = base64.b64encode(b"\x48\xfb" + bytes(124_998)).decode()
    one = _experiment("test", "qnbpewfufewyn5rpsylm", "0.0009%", WEIGHTS)
    tree = load(MemoryFiles(_files(ACCOUNT, {"test": f"base64:{bits}"}, one)))
    assert not tree.broken, tree.findings
    held = tree.catalog.holdings["home/test"].ever
    assert [bucket for bucket in range(1_000_000) if held >> bucket & 1] == first
