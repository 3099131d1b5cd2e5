"""Two trees in memory, and the plan of the change from one to the other."""

import copy
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from coord.config.files import MemoryFiles
from coord.config.load import Base, Tree, load
from coord.review.plan import ExperimentChange, Plan, plan

Files = dict[str, Any]
"""Values of files by path; text stands for itself, so that a file can be broken."""

COMMIT = "0" * 40
TODAY = date(2026, 3, 10)
COORD, METRICS = "surfaces/coord.yaml", "surfaces/metrics.yaml"
SURFACE, BASELINE = "surfaces/home/surface.yaml", "surfaces/home/baseline.yaml"


def organisation(**experiments: Mapping[str, Any]) -> Files:
    """The surface `home` with these experiments; `daily_units` are 1,000, and a space has 1,000 buckets."""
    files: Files = {
        COORD: {
            "spaces": {"user": {"unit": "user_id", "salt": "salt-of-users", "buckets": 1000}},
            "teams": ["one", "two"],
        },
        METRICS: {
            "metrics": {
                name: {"event": name, "aggregate": "count", "window": "1d", "direction": "increase"}
                for name in ("plays", "opens")
            }
        },
        SURFACE: {
            "surface": "home",
            "title": "Home",
            "owner": "one",
            "space": "user",
            "components": {"header": "The top", "shelf": "The rest"},
            "audience": {
                "country": {"fixed": True, "values": {"SE": "10%", "US": "60%"}},
                "platform": {"values": ["ios", "android"]},
            },
            "metrics": {"success": [{"metric": "plays", "mde": "5%"}]},
        },
        BASELINE: {"surface": "home", "daily_units": 1000, "metrics": {}},
    }
    for name, fields in experiments.items():
        files |= experiment(name, **fields)
    return files


def experiment(name: str, *, buckets: str | list[str] | None = None, **fields: Any) -> Files:
    """The file of an experiment that runs in March on 30%, and its ledger where `buckets` are given.

    A list has a range for each step of traffic. A field that is None is left out.
    """
    value = {
        "experiment": name,
        "surface": "home",
        "kind": "ab_test",
        "title": f"Test {name}",
        "owner": "one",
        "hypothesis": "It gets better.",
        "status": "active",
        "start": "2026-03-02",
        "end": "2026-03-30",
        "traffic": "30%",
        "components": ["header"],
        "variants": [{"name": "control"}, {"name": "new"}],
    } | fields
    files: Files = {path_of(name): {key: field for key, field in value.items() if field is not None}}
    if buckets is not None:
        ranges = [buckets] if isinstance(buckets, str) else buckets
        entries = [{"migrated": True, "buckets": one} for one in ranges]
        files[ledger_of(name)] = {
            "experiment": f"home/{name}",
            "space": "user",
            "version": 1,
            "entries": entries,
        }
    return files


def path_of(name: str) -> str:
    """The file of an experiment on home."""
    return f"surfaces/home/experiments/{name}.yaml"


def ledger_of(name: str) -> str:
    """The ledger of an experiment on home."""
    return f"surfaces/home/allocations/{name}.yaml"


def changed(files: Files, path: str, **fields: Any) -> Files:
    """The files with fields of one of them put; None takes one away."""
    result = copy.deepcopy(files)
    value = {**result[path], **fields}
    result[path] = {key: field for key, field in value.items() if field is not None}
    return result


def without(files: Files, *paths: str) -> Files:
    """The files but for some."""
    return {path: value for path, value in files.items() if path not in paths}


def read(files: Mapping[str, Any]) -> Tree:
    """The tree of the files; JSON is valid YAML."""
    texts = {path: value if isinstance(value, str) else json.dumps(value) for path, value in files.items()}
    return load(MemoryFiles({path: text.encode() for path, text in texts.items()}))


def planned(base: Files | Tree, head: Files | Tree, today: date = TODAY) -> Plan:
    """The plan of a change."""
    before, after = (tree if isinstance(tree, Tree) else read(tree) for tree in (base, head))
    return plan(after, today=today, base=Base(COMMIT, before))


def only(base: Files, head: Files, today: date = TODAY) -> ExperimentChange:
    """The one experiment that a change touches."""
    (change,) = planned(base, head, today).changes
    return change


def errors(made: Plan) -> list[str]:
    """The codes of the new errors."""
    return sorted(found.code for found in made.new_findings if found.severity == "error")


BASE = organisation(a={"buckets": "0:300"})
"""An organisation with one experiment that runs, and holds 300 of 1,000 buckets."""
