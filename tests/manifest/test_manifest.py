"""The manifest has what assigns units from its day on, and nothing else; decoded, it is the catalogue."""

import copy
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from coord.allocation.assign import assign, held_on, holdbacks_of
from coord.allocation.manifest import manifest
from coord.config.files import MemoryFiles, WorkingTree
from coord.config.load import load
from coord.domain.buckets import from_bytes
from coord.domain.catalog import Catalog
from coord.domain.model import Kind
from coord.report.manifest import manifest_document, render
from manifest.generated import FIRST, organisation
from manifest.readers import python_reader, units
from oracle.organisations import organisations, to_files
from oracle.shapes import Organisation

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "manifest.schema.json").read_text("utf-8"))
TODAY = date(2026, 3, 10)
READER = python_reader()


def catalog_of(files: dict[str, Any]) -> Catalog:
    data = {path: value if isinstance(value, bytes) else value.encode() for path, value in files.items()}
    return load(MemoryFiles(data)).catalog


@pytest.fixture(scope="module")
def generated() -> Catalog:
    return catalog_of(organisation(3, 30))


@pytest.fixture(scope="module")
def example() -> Catalog:
    return load(WorkingTree(ROOT)).catalog


def test_it_keeps_to_its_schema(generated: Catalog, example: Catalog) -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    empty = catalog_of({"surfaces/coord.yaml": "spaces: {}\nteams: []\n"})
    for catalog in (generated, example, empty):
        validator.validate(json.loads(render(manifest(catalog, TODAY))))
    document = manifest_document(manifest(generated, FIRST))
    for change in _spoiled(document):
        assert not validator.is_valid(change)


def _spoiled(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document without one of its keys, for each key of each kind of object."""
    one = next(e for e in document["experiments"] if e["steps"] and e["variants"])
    small = {**document, "experiments": [one]}
    paths: tuple[tuple[str | int, ...], ...] = (
        (),
        ("hash",),
        ("spaces", 0),
        ("experiments", 0),
        ("experiments", 0, "steps", 0),
        ("experiments", 0, "variants", 0),
    )
    for path in paths:
        for key in _at(small, path):
            spoiled = copy.deepcopy(small)
            del _at(spoiled, path)[key]
            yield spoiled


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def test_the_schema_describes_every_key() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    objects = [SCHEMA, SCHEMA["properties"]["hash"], *SCHEMA["definitions"].values()]
    for one in objects:
        assert one["description"]
        assert sorted(one.get("required", ())) == sorted(one.get("properties", ()))
        for name, value in one.get("properties", {}).items():
            assert "description" in value, name


def test_what_runs_on_the_day_or_later_is_in_it(generated: Catalog, example: Catalog) -> None:
    for catalog in (generated, example):
        for days in (0, 20, 41):
            today = FIRST + timedelta(days=days)
            expected = [
                key
                for key, one in sorted(catalog.experiments.items())
                if not one.draft and one.days and one.days.end > today
            ]
            document = manifest_document(manifest(catalog, today))
            assert [one["experiment"] for one in document["experiments"]] == expected
            used = {one["space"] for one in document["experiments"]}
            assert [space["space"] for space in document["spaces"]] == sorted(used)
            assert 0 < len(expected) < len(catalog.experiments)


def test_nothing_is_left_when_all_are_over(generated: Catalog) -> None:
    document = manifest_document(manifest(generated, date(2030, 1, 1)))
    assert document["spaces"] == document["experiments"] == []


def test_one_that_is_stopped_on_its_first_day_is_never_in_it() -> None:
    files = organisation(3, 30)
    catalog = catalog_of(files)
    path = next(one.path for one in catalog.active if one.days and one.days.start > FIRST)
    written = json.loads(files[path])
    files[path] = json.dumps(written | {"end": written["start"]}).encode()
    key = f"{written['surface']}/{written['experiment']}"
    assert key in {one.experiment.key for one in manifest(catalog, FIRST).experiments}
    assert key not in {one.experiment.key for one in manifest(catalog_of(files), FIRST).experiments}


def test_the_same_files_and_day_give_the_same_bytes() -> None:
    files = organisation(3, 30)
    chance = random.Random(1)
    first = render(manifest(catalog_of(files), TODAY))
    for _ in range(3):
        shuffled = chance.sample(sorted(files), k=len(files))
        assert render(manifest(catalog_of({path: files[path] for path in shuffled}), TODAY)) == first
    assert render(manifest(catalog_of(files), TODAY + timedelta(days=1))) != first


def test_what_a_variant_serves_is_handed_on_as_it_is_written() -> None:
    files = organisation(3, 30)
    path = next(p for p, v in sorted(files.items()) if b'"ab_test"' in v and b'"active"' in v)
    written = json.loads(files[path])
    serves = {
        "__proto__": [1, -0.5, 1e-9, 2**53 + 1],
        "ключ": {"": None, "on": "on"},
        "##[error]": "<script>::error::\u001b[31m\u2028\u202e",
    }
    written["variants"][0]["serves"] = serves
    files[path] = json.dumps(written).encode()
    text = render(manifest(catalog_of(files), date(2026, 1, 1)))
    assert text.isascii()
    assert "\x1b" not in text
    assert "##[" not in text
    key = f"{written['surface']}/{written['experiment']}"
    served = {
        one["experiment"]: one["variants"][0]["serves"]
        for one in json.loads(text)["experiments"]
        if one["variants"]
    }
    assert served[key] == serves


def test_adaptive_weights_have_no_slots() -> None:
    """They are SYS001, which an owner may waive; `coord assign` has no variant for them, nor have readers."""
    files = organisation(3, 30)
    path = next(p for p, v in sorted(files.items()) if b'"ab_test"' in v and b'"100%"' in v)
    written = json.loads(files[path])
    for variant in written["variants"]:
        variant["weight"] = "adaptive"
    files[path] = json.dumps(written).encode()
    catalog = catalog_of(files)
    one = next(one for one in catalog.active if one.path == path)
    assert one.days
    document = manifest_document(manifest(catalog, one.days.start))
    (found,) = [each for each in document["experiments"] if each["experiment"] == one.key]
    assert {tuple(variant["slots"]) for variant in found["variants"]} == {(0, 0)}
    reader = READER.Manifest(json.dumps(document))
    everybody = {name: min(values) for name, values in one.audience.items()}
    answer = assign(catalog, one, "user-1", one.days.start, everybody)
    assert tuple(reader.assign(one.key, "user-1", everybody, one.days.start)) == (answer.reason, None)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(organisations())
def test_decoded_it_holds_what_the_catalogue_holds(org: Organisation) -> None:
    """Any small organisation, conflicts and all: the buckets held on every day, and the answers for units."""
    catalog = catalog_of(to_files(org))
    text = render(manifest(catalog, org.today))
    reader = READER.Manifest(text)
    ids = units(org.today.toordinal(), 14)
    for day in (org.today + timedelta(days=days) for days in (0, 1, 2, 5, 9, 16, 30, 90)):
        context = {dim.name: dim.values[day.day % len(dim.values)] for dim in org.dimensions}
        for key, one in catalog.experiments.items():
            held = reader.experiments.get(key)
            assert _bits(held, day) == held_on(catalog, one, day)
            backs = {back.key for back in holdbacks_of(catalog, one, day)}
            if held and one.kind is not Kind.HOLDBACK and READER.runs(held, day.isoformat()):
                named = [reader.experiments[back] for back in held["holdbacks"]]
                assert {back["experiment"] for back in named if READER.runs(back, day.isoformat())} == backs
            for unit in ids:
                expected = assign(catalog, one, unit, day, context)
                reason, variant = reader.assign(key, unit, context, day)
                assert (reason, variant and variant["name"]) == (expected.reason, expected.variant)


def _bits(one: dict[str, Any] | None, day: date) -> int:
    if one is None or not READER.runs(one, day.isoformat()):
        return 0
    begun = [step["bitset"] for step in one["steps"] if step["from"] <= day.isoformat()]
    return from_bytes(begun[-1]) if begun else 0
