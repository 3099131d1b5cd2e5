"""The check says what the brute force says: nothing missed, nothing invented, on any organisation.

`COORD_EXAMPLES=20000 pytest tests/oracle` runs longer than a plain run does.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from oracle.compare import differences
from oracle.files import ranges
from oracle.organisations import organisations, to_files
from oracle.shapes import Experiment, Organisation, percent
from support import check_files

EXAMPLES = int(os.environ.get("COORD_EXAMPLES", "500"))
SCHEMA = Path(__file__).parents[2] / "schemas" / "check.schema.json"


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(organisations())
def test_the_check_equals_the_brute_force(org: Organisation) -> None:
    files = to_files(org)
    document = check_files(files, today=org.today.isoformat())
    found = differences(org, files, document)
    assert not found, "\n".join(["", *found, "", summary(org)])


@settings(max_examples=max(25, EXAMPLES // 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations())
def test_the_same_files_in_any_order_give_the_same_document(org: Organisation) -> None:
    files = to_files(org)
    today = org.today.isoformat()
    first = _without_root(check_files(files, today=today))
    assert _without_root(check_files(files, today=today)) == first
    assert _without_root(check_files(dict(reversed(files.items())), today=today)) == first
    assert [error.message for error in _validator().iter_errors(first)] == []


def _without_root(document: dict[str, Any]) -> dict[str, Any]:
    """Where the files were put is not what they say."""
    return document | {"root": "."}


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))


def summary(org: Organisation) -> str:
    """The organisation in a few lines, for a person looking at a failure."""
    lines = [f"today {org.today}, spaces {', '.join(f'{s.name} ({s.buckets})' for s in org.spaces)}"]
    for surface in org.surfaces:
        lines.append(f"{surface.name} in {surface.space}: {' '.join(surface.components)}")
        lines.append(f"  {surface.budget}, cool-down {surface.cooldown}")
        lines += [f"  {waiver}" for waiver in surface.waivers]
    return "\n".join([*lines, *map(_line, org.experiments)])


def _line(experiment: Experiment) -> str:
    steps = " ".join(f"{percent(step.share)}@{step.day:%m-%d}" for step in experiment.steps)
    holds = "all" if experiment.holds_all else experiment.holds
    parts = {
        "on": experiment.components,
        "not with": experiment.exclusive_with,
        "holds": holds,
        "for": dict(experiment.audience),
        "systems": [system.id for system in experiment.systems],
        "owner": experiment.owner,
    }
    said = " ".join(f"{name} {value}" for name, value in parts.items() if value)
    state = "draft " if experiment.draft else ""
    entries = experiment.ledger.entries if experiment.ledger else ()
    ledger = f" holding {', then '.join(ranges(entry.buckets) for entry in entries) or 'no ledger'}"
    dates = f"{experiment.start}..{experiment.end}"
    return f"{state}{experiment.kind} {experiment.key} {dates} {steps}{ledger} {said}"
