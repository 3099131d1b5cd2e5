"""Nobody adds a field to a schema without saying how a change of it is treated."""

import pytest

from changes.fields import Field, fields, walk
from coord.config.layout import KINDS
from coord.domain.change.compare import _FROZEN, _VALUES
from coord.domain.change.growing import GROWING
from coord.domain.change.table import TABLE, Treatment, treatment

NAMES = {"experiment", "surface"}
EVERY = [(kind.name, field) for kind in KINDS for field in sorted(fields(kind.name))]


@pytest.mark.parametrize(("kind", "field"), EVERY, ids=lambda p: p if isinstance(p, str) else "/".join(p))
def test_every_field_of_every_schema_has_a_treatment(kind: str, field: Field) -> None:
    assert treatment(kind, field) is not None


def test_an_unknown_field_has_none() -> None:
    assert treatment("experiment", ("colour",)) is None
    assert treatment("metrics", ("colour", "minutes", "title")) is None


def test_a_field_of_a_free_name_is_found_under_any_name() -> None:
    assert treatment("metrics", ("metrics", "minutes", "title")) is Treatment.FREE
    assert treatment("metrics", ("metrics", "minutes", "window")) is Treatment.PLAN
    assert treatment("metrics", ("metrics", "title", "window")) is Treatment.PLAN


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, tuple(path.split("/"))) for kind, table in TABLE.items() for path in table]
)
def test_the_table_names_only_fields_that_there_are(kind: str, field: Field) -> None:
    assert field in fields(kind)


def test_the_table_has_every_kind_of_file() -> None:
    assert TABLE.keys() == {kind.name for kind in KINDS}


def test_a_comparison_looks_at_every_field_of_an_experiment() -> None:
    top = {field[0] for field in fields("experiment")}
    assert _VALUES.keys() == top - NAMES == TABLE["experiment"].keys() - NAMES


def test_every_frozen_field_has_a_reason_and_every_growing_one_a_judgement() -> None:
    treated = {how: {f for f, one in TABLE["experiment"].items() if one is how} for how in Treatment}
    assert treated[Treatment.FROZEN] == _FROZEN.keys()
    assert treated[Treatment.GROWS] == GROWING.keys()
    assert all(_FROZEN.values())


def test_the_walk_goes_everywhere() -> None:
    """The walk is code too: a schema that uses everything it follows."""
    text = {"type": "string"}
    top = {
        "properties": {
            "plain": text,
            "list": {"items": {"properties": {"inner": text}}},
            "never": False,
            "any": True,
            "referred": {"$ref": "#/definitions/there"},
        },
        "patternProperties": {"^x": {"properties": {"matched": text}}},
        "additionalProperties": {"properties": {"free": text}},
        "allOf": [{"properties": {"all": text}}, {"anyOf": [{"oneOf": [{"properties": {"one": text}}]}]}],
        "if": {"properties": {"asked": text}},
        "then": {"properties": {"then": text}},
        "else": {"not": {"properties": {"else": text}}},
        "definitions": {"there": {"properties": {"far": text}}, "unused": {"properties": {"nowhere": text}}},
    }
    found = {"/".join(field) for field in walk(top, top)}
    assert found == {
        *("plain", "list", "list/[]", "list/[]/inner", "any", "referred", "referred/far"),
        *("*", "*/matched", "*/free", "all", "one", "asked", "then", "else"),
    }
    with pytest.raises(AssertionError, match="dependentSchemas"):
        list(walk({"dependentSchemas": {}}, top))
