"""`--set key=value` as the schema asks for it."""

from typing import Any

import pytest

from coord.authoring.names import What, path_of
from coord.authoring.new_text import _ORDER
from coord.authoring.settings import parse_settings, refusals
from coord.config.schemas import schema
from coord.errors import UsageError


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("title=A: b, c", {"title": "A: b, c"}),
        ("title=1=2", {"title": "1=2"}),
        ("start=2026-03-02", {"start": "2026-03-02"}),
        ("traffic=20%", {"traffic": "20%"}),
        ("traffic={2026-03-02: 1%}", {"traffic": {"2026-03-02": "1%"}}),
        ("components=header, search/results", {"components": ["header", "search/results"]}),
        ("components=[header]", {"components": ["header"]}),
        ("components=", {"components": []}),
        ("variants=off,on", {"variants": [{"name": "off"}, {"name": "on"}]}),
        ("variants=[{name: a, weight: 3}]", {"variants": [{"name": "a", "weight": 3}]}),
        ("holds=all", {"holds": "all"}),
        ("holds=home,search", {"holds": ["home", "search"]}),
        ("audience.country=SE,NO", {"audience": {"country": ["SE", "NO"]}}),
        ("metrics.success=minutes_played", {"metrics": {"success": [{"metric": "minutes_played"}]}}),
        ("analysis.planned=5000", {"analysis": {"planned": 5000}}),
    ],
)
def test_text_becomes_the_value_that_the_schema_asks_for(item: str, expected: dict[str, Any]) -> None:
    assert parse_settings(What.EXPERIMENT, [item]) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("components.header=Above: the rest", {"components": {"header": "Above: the rest"}}),
        ("policy.min_days=14", {"policy": {"min_days": 14}}),
        ("budget.per_unit=2.5", {"budget": {"per_unit": 2.5}}),
    ],
)
def test_a_surface_is_set_likewise(item: str, expected: dict[str, Any]) -> None:
    assert parse_settings(What.SURFACE, [item]) == expected


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["title"], "KEY=VALUE"),
        (["=x"], "KEY=VALUE"),
        (["title=a", "title=b"], "title twice"),
        (["audience.country=SE", "audience.country=US"], "audience.country twice"),
        (["surface=search"], "NAME says it"),
        (["variants=[{name: a"], "cannot be read"),
        (["audience={country: !x SE}"], "cannot be read"),
        (["title=\udcff"], "not UTF-8"),
    ],
)
def test_what_cannot_be_understood_is_wrong_usage(items: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_settings(What.EXPERIMENT, items)


def test_the_schema_refuses_unknown_keys_and_bad_values_but_not_missing_ones() -> None:
    values = parse_settings(What.EXPERIMENT, ["ownr=x", "traffic=20", "kind=ab"])
    said = "; ".join(refusals(What.EXPERIMENT, values))
    for part in ("unknown key `ownr`", "did you mean `owner`", '`traffic` is "20"', '`kind` is "ab"'):
        assert part in said
    assert "missing" not in said


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc", "Home", "a b", "a\n", "\na", "-a", "a-", "", "a/b", "a" * 64, "a\x1b", "ä", "..", "."],
)
def test_hostile_names_are_no_names(name: str) -> None:
    with pytest.raises(UsageError, match="no name") as refused:
        path_of(What.SURFACE, name)
    assert str(refused.value).isprintable()
    with pytest.raises(UsageError, match="no name"):
        path_of(What.EXPERIMENT, f"home/{name}/" if name == "a/b" else f"home/{name}")


@pytest.mark.parametrize("what", What)
def test_every_key_of_the_schema_has_its_place_in_the_file(what: What) -> None:
    assert sorted(_ORDER[what].split()) == sorted(schema(what)["properties"])
