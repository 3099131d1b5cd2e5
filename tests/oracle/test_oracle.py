"""The check says what the brute force says: nothing missed, nothing invented, on any organisation.

`COORD_EXAMPLES=20000 pytest tests/oracle` runs longer than a plain run does.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from oracle.compare import differences
from oracle.examples import day, experiment, organisation
from oracle.files import ranges
from oracle.organisations import organisations, to_files
from oracle.shapes import Entry, Experiment, Ledger, Organisation, Step, Waiver, percent
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


def test_what_cannot_fit_from_today_on_is_an_error_whatever_did_not_fit_before() -> None:
    """Two that need 120% from the 1st to the 12th; until the 4th a third made it 130%."""
    x = experiment("x", 1, 12, 60, low=0, components=(), exclusive_with=("home/y", "home/z"))
    y = experiment("y", 1, 12, 60, low=40, components=(), exclusive_with=("home/z",))
    z = experiment("z", 1, 4, 10, low=0, components=())
    _agree(organisation(x, y, z, today=6))


def test_a_set_that_cannot_fit_is_said_beside_another_of_the_past() -> None:
    """One rollout against two tests that never meet each other: 123% until the 3rd, 115% from the 6th."""
    rollout = experiment("c", 1, 8, 33, kind="rollout", components=(), exclusive_with=("home/a", "home/b"))
    rollout = replace(rollout, steps=(Step(day(1), Fraction(33, 100)), Step(day(6), Fraction(90, 100))))
    a = experiment("a", 1, 3, 90, audience=(("country", ("NO",)),))
    b = experiment("b", 1, 11, 25, audience=(("country", ("SE",)),))
    _agree(organisation(rollout, a, b, today=6))


def test_two_waivers_of_one_finding_both_match_it() -> None:
    waivers = tuple(Waiver("BUD001", "home/a", None, reason, day(9)) for reason in ("first", "second"))
    _agree(organisation(experiment("a", 2, 9, 60), experiment("b", 2, 9, 60), waivers=waivers))


def _ramp(*days: int) -> Experiment:
    """10% and then 10% more, which are the buckets from 50 that home/a has."""
    entries = Entry(frozenset(range(10))), Entry(frozenset(range(50, 60)))
    steps = tuple(Step(day(number), Fraction(10 * place, 100)) for place, number in enumerate(days, start=1))
    return experiment("ramp", days[0], 20, 10, steps=steps, ledger=Ledger(entries))


def test_a_cool_down_is_about_the_buckets_held_in_it_and_not_later() -> None:
    """The step that takes the buckets of home/a comes when they have rested."""
    _agree(organisation(experiment("a", 2, 9, 20, low=50), _ramp(9, 15), cooldown=3))


def test_a_step_inside_a_cool_down_counts_though_the_experiment_began_before() -> None:
    _agree(organisation(experiment("a", 2, 9, 20, low=50), _ramp(5, 10), cooldown=3))


def _agree(org: Organisation) -> None:
    files = to_files(org)
    assert differences(org, files, check_files(files, today=org.today.isoformat())) == []


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
