"""What the errors of a schema say to a person: what is written, and what to write instead."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from coord.domain.findings import Pointer
from coord.domain.spelling import nearest

if TYPE_CHECKING:
    import jsonschema_rs


class SchemaError(NamedTuple):
    """What a document does not keep to: where, and whether the key itself is at fault."""

    message: str
    pointer: Pointer
    at_key: bool = False
    hint: str | None = None


def missing_keys(name: str, pointer: Pointer, keys: Sequence[str]) -> SchemaError:
    """All the keys that one mapping lacks."""
    *others, last = (f"`{key}`" for key in keys)
    what = f"the keys {', '.join(others)} and {last} are" if others else f"the key {last} is"
    of_active = name == "experiment" and not pointer and {*keys} <= {"start", "end", "traffic"}
    hint = f"write {'them' if others else 'it'}, or set `status: draft`" if of_active else None
    return SchemaError(f"{what} missing", pointer, hint=hint)


def in_words(
    schema: Mapping[str, Any], name: str, document: Any, error: "jsonschema_rs.ValidationError"
) -> Iterator[SchemaError]:
    """One error of the schema `name`; several where several keys are at fault."""
    keyword, pointer = error.kind.name, tuple(error.instance_path)
    what = f"`{pointer[-1]}`" if pointer and isinstance(pointer[-1], str) else "this value"
    what = what if pointer else "the file"
    details: dict[str, Any] = error.kind.as_dict()
    instance: Any = error.instance
    if keyword == "additionalProperties":
        known = _known_keys(schema, error.schema_path)
        for key in details["unexpected"]:
            near = nearest(key, known)
            meant = f"; did you mean `{near}`?" if near else ""
            yield SchemaError(f"unknown key `{key}`{meant}", (*pointer, key), at_key=True)
    elif keyword == "propertyNames":
        inner = details["error"]
        yield SchemaError(f"the key {_sentence(inner)}", (*pointer, inner.instance), at_key=True)
    elif keyword == "falseSchema":
        where = _where_it_may_not_be(name, document)
        yield SchemaError(f"{what} does not belong in {where}", pointer, at_key=True)
    elif keyword == "uniqueItems":
        thing, second = _named_twice(instance)
        yield SchemaError(f"{what} names {thing} twice", (*pointer, *second))
    elif keyword in {"minItems", "maxItems"}:
        of_kind = document["kind"] if error.schema_path[0] == "allOf" else None
        yield SchemaError(f"{what} {_wrong_length(keyword, details['limit'], instance, of_kind)}", pointer)
    else:
        yield SchemaError(f"{what} {_sentence(error)}", pointer)


def _where_it_may_not_be(name: str, document: Any) -> str:
    if name == "experiment":
        return f"an experiment of kind {document['kind']}"
    return {"metrics": "a metric with `ratio`", "allocation": "an entry that is migrated"}[name]


def _named_twice(items: Sequence[Any]) -> tuple[str, Pointer]:
    """What a list names twice, and the pointer from the list to where it does so again."""
    seen = set()
    for number, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            return str(item) if isinstance(item, str) else "the same thing", (number,)
        seen.add(text)
    return "the same thing", ()


def _wrong_length(keyword: str, limit: int, items: Sequence[Any], of_kind: str | None) -> str:
    """A list too short or too long, for every document or for experiments of one kind."""
    bound = f"needs at least {limit}" if keyword == "minItems" else f"has at most {limit}"
    if of_kind is None:
        return f"has {len(items)}, and {bound}"
    article = "an" if of_kind[0] == "a" else "a"
    return f"has {len(items)}; {article} {of_kind} {bound if limit else 'has none'}"


def _sentence(error: "jsonschema_rs.ValidationError") -> str:
    """What a value must be, as the end of a sentence whose subject is the value."""
    keyword, details, instance = error.kind.name, error.kind.as_dict(), error.instance
    definitions = [part for part in reversed(error.schema_path) if part in _PATTERNS]
    wanted = _PATTERNS[definitions[0]] if definitions else None
    if keyword == "type":
        return _wrong_type(instance, details["types"], None if wanted in _SPELLINGS else wanted)
    if keyword == "pattern":
        return f"is {_quoted(instance)}, and must be {wanted or 'text without control characters'}"
    if keyword == "enum":
        options = [str(option) for option in details["options"]]
        near = nearest(str(instance), options)
        meant = f"; did you mean `{near}`?" if near else ""
        return f"is {_quoted(instance)}, and must be one of {', '.join(options)}{meant}"
    if keyword == "const":
        expected = str(details["expected_value"])
        return f"is {_quoted(instance)}, and must be {_CONSTANTS.get(expected, expected)}"
    limit = details.get("limit")
    plain = {
        "minLength": "must not be empty",
        "maxLength": f"is longer than {limit} characters",
        "minProperties": "must not be empty",
        "maxProperties": f"has more than {limit}",
        "minimum": f"is {instance}, and must be at least {limit}",
        "maximum": f"is above the largest value, {limit}",
        "exclusiveMinimum": f"is {instance}, and must be above {limit}",
    }
    return plain.get(keyword, f"is not accepted ({keyword})")


_NAME = "lower-case letters, digits and hyphens (at most 63, no hyphen at either end)"
_KEY = f"`surface/name`: {_NAME}"
_COMPONENT = f"a component's name, or `surface/component`: {_NAME}"
_IDENTIFIER = "lower-case letters, digits and underscores, starting with a letter (at most 63)"
_SPELLINGS = {_NAME, _KEY, _COMPONENT, _IDENTIFIER}
"""How text is spelt: nothing to tell somebody whose value is no text at all."""

_PATTERNS = {
    "name": _NAME,
    "componentName": _COMPONENT,
    "key": _KEY,
    "identifier": _IDENTIFIER,
    "share": "a percent string such as 20% or 0.5% (at most six decimals)",
    "traffic": "a percent string such as 20% or 0.5% (at most six decimals)",
    "date": "a day written YYYY-MM-DD",
    "window": "a number of whole days such as 7d",
    "days": "a number of whole days such as 7d",
    "digest": "a SHA-256 digest of 64 lower-case hexadecimal digits",
    "ruleCode": "a rule's code such as BKT001",
    "drawn": "a bitset written `base64:…`",
    "migrated": "ranges such as `0:2000 4000:4100`, or a bitset written `base64:…`",
}
_CONSTANTS = {
    "adaptive": "a whole number such as 1",  # `adaptive` itself is only accepted so that a rule can refuse it
    "all": "`all` or a list of surfaces",
    "True": "true",
}
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "null": "empty",
    "integer": "a whole number",
    "boolean": "true or false",
}


def _wrong_type(instance: Any, types: Sequence[str], wanted: str | None) -> str:
    number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if number and 0 <= instance < 10_000 and wanted == _PATTERNS["share"]:
        return f"is the number {instance}; write {_as_percent(instance)}"
    if wanted is None or "string" not in types:
        wanted = " or ".join(_TYPES.get(name, f"a {name}") for name in types)
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "empty"}
    return f"is {names.get(type(instance), 'a number')}, and must be {wanted}"


def _as_percent(number: float) -> str:
    return f"{number:g}%" if number > 1 else f"{number * 100:g}% (or {number:g}%)"


def _quoted(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


def _known_keys(schema: Mapping[str, Any], path: Sequence[str | int]) -> dict[str, Any]:
    """The properties of the schema that refused unknown keys, found by the way to its keyword."""
    node: Any = schema
    for part in path[:-1]:
        node = node[part]
    return dict(node.get("properties", {}))
