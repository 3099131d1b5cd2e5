"""One unit and many get the same answers, and those of an assigner that shares no code with the product."""

import json
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from changes import assigner
from changes.assigner import Unit
from coord.allocation.assign import Reason, assign, in_force, valid_unit
from coord.allocation.assign_many import REASONS, assign_many, usable
from coord.allocation.columns import column
from coord.allocation.trace import trace
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind
from manifest.generated import FIRST, organisation

UNITS = [f"unit-{number}" for number in range(300)] + ["åäö", "007", "1e5", "漢" * 33, "NA", " "]
COUNTRIES, PLATFORMS = [None, "SE", "US", "BR", "Åland", "elsewhere"], [None, "ios", "android"]
DAYS = [FIRST + timedelta(days=days) for days in (0, 3, 10, 25, 60)]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return organisation(3, 24)


@pytest.fixture(scope="module")
def catalog(files: dict[str, bytes]) -> Catalog:
    return load(MemoryFiles(files)).catalog


def _context(number: int) -> dict[str, str]:
    country = COUNTRIES[number % len(COUNTRIES)]
    platform = PLATFORMS[number // len(COUNTRIES) % len(PLATFORMS)]
    known = {"country": country, "platform": platform}
    return {name: value for name, value in known.items() if value is not None}


def _expected(files: dict[str, Any], key: str, number: int, day: date) -> tuple[str | None, str]:
    """The variant and the reason by the pages that specify them, in the order of the reasons."""
    experiment, unit, context = files[_path(key)], UNITS[number], _context(number)
    if not assigner.runs(experiment, day):
        return None, "not_running"
    if not _eligible(experiment, context):
        return None, "not_eligible"
    space = files["surfaces/coord.yaml"]["spaces"][assigner.space_of(files, key)]
    bucket = assigner.slot(f"{space['salt']}|{unit}", space["buckets"])
    for other, holdback in assigner.experiments(files):
        mine = other == key if experiment["kind"] == "holdback" else holdback["kind"] == "holdback"
        keeps = mine and (other == key or assigner.exclusive(files, key, other))
        same = assigner.space_of(files, other) == assigner.space_of(files, key)
        if keeps and same and _eligible(holdback, context) and bucket in assigner.held(files, other, day):
            return None, "held_back"
    if experiment["kind"] == "holdback" or bucket not in assigner.held(files, key, day):
        return None, "not_allocated"
    found = assigner.placed({**files, "one": key}, [Unit(space["unit"], unit, _values(context))], day)
    return next(variant for (_, name), variant in found.items() if name == key), "assigned"


def _eligible(experiment: Any, context: dict[str, str]) -> bool:
    return all(context.get(name) in values for name, values in experiment.get("audience", {}).items())


def _values(context: dict[str, str]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset({value})) for name, value in context.items())


def _path(key: str) -> str:
    surface, name = key.split("/")
    return f"surfaces/{surface}/experiments/{name}.yaml"


def test_answers_are_those_of_the_specification(files: dict[str, bytes], catalog: Catalog) -> None:
    values = {path: json.loads(text) for path, text in files.items()}
    seen = set()
    for place, experiment in enumerate(catalog.experiments.values()):
        day = DAYS[place % len(DAYS)]
        for number in range(place, len(UNITS), 7):
            found = assign(catalog, experiment, UNITS[number], day, _context(number))
            assert (found.variant, found.reason.value) == _expected(values, experiment.key, number, day)
            seen.add(found.reason)
    assert seen == set(Reason)


def test_many_at_once_get_what_each_gets(catalog: Catalog) -> None:
    units = column(UNITS)
    contexts = {
        name: pa.array([_context(number).get(name) for number in range(len(UNITS))], pa.string())
        for name in ("country", "platform")
    }
    for experiment in catalog.experiments.values():
        for day in DAYS[:3]:
            many = assign_many(catalog, experiment, units, day, contexts)
            for number, unit in enumerate(UNITS):
                one = assign(catalog, experiment, unit, day, _context(number))
                assert (int(many.buckets[number]), REASONS[many.reasons[number]]) == (one.bucket, one.reason)
                assert _name(experiment, int(many.variants[number])) == one.variant


def _name(experiment: Experiment, place: int) -> str | None:
    return None if place < 0 else experiment.variants[place].name


def test_a_trace_says_what_every_step_found(catalog: Catalog) -> None:
    for experiment in catalog.experiments.values():
        for number in range(0, len(UNITS), 11):
            one = trace(catalog, experiment, UNITS[number], DAYS[1], _context(number))
            reason = one.assignment.reason
            assert (reason is Reason.NOT_RUNNING) == (not one.in_force)
            if one.in_force:
                assert (reason is Reason.NOT_ELIGIBLE) == bool(one.outside)
            if reason is Reason.HELD_BACK and experiment.kind is not Kind.HOLDBACK:
                assert one.holdback is not None
            if reason is Reason.ASSIGNED:
                assert one.held
                low, high = next(
                    (low, high) for name, low, high in experiment.ranges if name == one.assignment.variant
                )
                assert low <= one.slot < high


@pytest.mark.parametrize("unit", ["", "x" * 101, "é" * 51, "\ud800"])
def test_what_cannot_be_a_unit_is_refused(unit: str, catalog: Catalog) -> None:
    assert not valid_unit(unit)
    with pytest.raises(ValueError, match="1 to 100 bytes"):
        assign(catalog, next(iter(catalog.experiments.values())), unit, FIRST)


def test_usable_units_of_a_column() -> None:
    texts = ["", "x", "x" * 100, "x" * 101, "é" * 50, "é" * 51]
    assert usable(column(texts)).tolist() == [valid_unit(text) for text in texts]


def test_a_ramp_moves_nobody(catalog: Catalog) -> None:
    """33% to 66% to 100%, or whatever the steps are: who is in stays in, with the same variant."""
    ramps = [experiment for experiment in catalog.active if len(experiment.steps) > 1]
    assert ramps
    for experiment in ramps:
        context = {name: min(values) for name, values in experiment.audience.items()}
        before: dict[str, str | None] = {}
        for step in (step for step in experiment.steps if in_force(experiment, step.day)):
            now = {unit: assign(catalog, experiment, unit, step.day, context) for unit in UNITS}
            stay = {unit: one.variant for unit, one in now.items() if one.reason is not Reason.HELD_BACK}
            assert all(stay.get(unit, variant) == variant for unit, variant in before.items())
            before = {unit: one.variant for unit, one in now.items() if one.reason is Reason.ASSIGNED}
