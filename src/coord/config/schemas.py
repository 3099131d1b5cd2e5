"""The JSON Schemas of the files, and what their errors say to a person.

Documents are validated by jsonschema-rs; the wording is ours, so that it says what to write.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from coord.domain.findings import Pointer

if TYPE_CHECKING:
    import jsonschema_rs


class SchemaError(NamedTuple):
    """What a document does not keep to: where, and whether the key itself is at fault."""

    message: str
    pointer: Pointer
    at_key: bool = False


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema `<name>.schema.json`, from the wheel or from a source tree."""
    packaged = files("coord") / "schemas"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "schemas"
    result: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text("utf-8"))
    return result


@cache
def _validator(name: str) -> "jsonschema_rs.Draft7Validator":
    import jsonschema_rs  # noqa: PLC0415 - costs 25 ms, and `coord --help` does not need it

    return jsonschema_rs.Draft7Validator(schema(name))


def schema_errors(name: str, value: Any) -> Iterator[SchemaError]:
    """Everything in a document that its schema refuses; nothing for a valid one."""
    validator = _validator(name)
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        yield from _in_words(name, error)


def _in_words(name: str, error: "jsonschema_rs.ValidationError") -> Iterator[SchemaError]:
    keyword, pointer = error.kind.name, tuple(error.instance_path)
    what = f"`{pointer[-1]}`" if pointer and isinstance(pointer[-1], str) else "this value"
    details = error.kind.as_dict()
    if keyword == "additionalProperties":
        known = _known_keys(name, error.schema_path)
        for key in details["unexpected"]:
            yield SchemaError(f"unknown key `{key}`{_nearest(key, known)}", (*pointer, key), at_key=True)
    elif keyword == "propertyNames":
        inner = details["error"]
        yield SchemaError(f"the key {_sentence(inner)}", (*pointer, inner.instance), at_key=True)
    elif keyword == "required":
        yield SchemaError(f"the key `{details['property']}` is missing", pointer)
    elif keyword == "falseSchema":
        yield SchemaError(f"{what} does not belong in {_owner(pointer)} of this kind", pointer, at_key=True)
    else:
        yield SchemaError(f"{what} {_sentence(error)}", pointer)


def _sentence(error: "jsonschema_rs.ValidationError") -> str:
    """What a value must be, as the end of a sentence whose subject is the value."""
    keyword, details = error.kind.name, error.kind.as_dict()
    wanted = next((_PATTERNS[part] for part in reversed(error.schema_path) if part in _PATTERNS), None)
    if keyword == "type":
        return _wrong_type(error.instance, details["types"], wanted)
    if keyword == "pattern":
        return f"is {_quoted(error.instance)}, and must be {wanted or 'text without control characters'}"
    if keyword == "enum":
        options = [str(option) for option in details["options"]]
        is_now = _quoted(error.instance)
        return f"is {is_now}, and must be one of {', '.join(options)}{_nearest(str(error.instance), options)}"
    limit = details.get("limit")
    plain = {
        "minLength": "must not be empty",
        "maxLength": f"is longer than {limit} characters",
        "minItems": f"needs at least {limit}",
        "maxItems": f"has more than {limit}",
        "minProperties": "must not be empty",
        "maxProperties": f"has more than {limit}",
        "minimum": f"is {error.instance}, and must be at least {limit}",
        "maximum": f"is above the largest value, {limit}",
        "exclusiveMinimum": f"is {error.instance}, and must be above {limit}",
        "uniqueItems": "names the same thing twice",
        "const": f"is {_quoted(error.instance)}, and must be {details.get('expected_value')}",
    }
    return plain.get(keyword, f"is not accepted ({keyword})")


_NAME = "lower-case letters, digits and hyphens (at most 63, no hyphen at either end)"
_PATTERNS = {
    "name": _NAME,
    "componentName": f"a component's name, or `surface/component`: {_NAME}",
    "key": f"`surface/name`: {_NAME}",
    "identifier": "lower-case letters, digits and underscores, starting with a letter (at most 63)",
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
_TYPES = {"object": "a mapping", "array": "a list", "string": "text", "null": "empty"}


def _wrong_type(instance: Any, types: list[str], wanted: str | None) -> str:
    number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if number and wanted == _PATTERNS["share"]:
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


def _nearest(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _owner(pointer: Pointer) -> str:
    return "the document" if len(pointer) < 2 else f"`{pointer[-2]}`"


def _known_keys(name: str, path: Sequence[str | int]) -> dict[str, Any]:
    """The properties of the schema that refused unknown keys, found by the way to its keyword."""
    node: Any = schema(name)
    for part in path[:-1]:
        node = node[part]
    return dict(node.get("properties", {}))
