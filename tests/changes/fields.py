"""Every field that a schema allows, found by walking it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[2] / "schemas"

Field = tuple[str, ...]
"""The way to a field: names, `*` for a name that is free, `[]` for any item of a list."""

_ALTERNATIVES = {"allOf", "anyOf", "oneOf"}
_BRANCHES = {"if", "then", "else", "not"}
_WITHOUT_FIELDS = {
    *("$schema", "$id", "title", "description", "examples", "default", "definitions"),
    *("type", "enum", "const", "required", "pattern", "propertyNames", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
}


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of file."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.schema.json").read_text("utf-8"))
    return found


@cache
def fields(kind: str) -> frozenset[Field]:
    """Every field of a kind of file, those that hold others too."""
    return frozenset(walk(schema(kind), schema(kind)))


def walk(part: Any, top: Mapping[str, Any]) -> Iterator[Field]:
    """Every field below a part of a schema. A keyword that is not known here is an error, not a gap."""
    for keyword, value in part.items() if isinstance(part, dict) else ():
        if keyword == "$ref":
            yield from walk(top["definitions"][value.removeprefix("#/definitions/")], top)
        elif keyword in _ALTERNATIVES:
            for one in value:
                yield from walk(one, top)
        elif keyword in _BRANCHES:
            yield from walk(value, top)
        elif keyword == "items":
            yield from _below("[]", value, top)
        elif keyword == "properties":
            for name, inner in value.items():
                if inner is not False:
                    yield from _below(name, inner, top)
        elif keyword in {"additionalProperties", "patternProperties"}:
            free = value.values() if keyword == "patternProperties" else [value]
            for inner in free:
                if inner is not False:
                    yield from _below("*", inner, top)
        elif keyword not in _WITHOUT_FIELDS:
            raise AssertionError(f"the walk does not know the keyword {keyword}")


def _below(name: str, part: Any, top: Mapping[str, Any]) -> Iterator[Field]:
    yield (name,)
    yield from ((name, *rest) for rest in walk(part, top))


def field_at(kind: str, pointer: tuple[str | int, ...]) -> Field:
    """The field that a pointer into a file leads to."""
    field: Field = ()
    for part in pointer:
        name = "[]" if isinstance(part, int) else part
        field = (*field, name) if (*field, name) in fields(kind) else (*field, "*")
    assert field in fields(kind), pointer
    return field
