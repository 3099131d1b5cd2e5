"""`--set key=value`: text from a command line into the value that the schema asks for."""

import re
from collections.abc import Iterable
from typing import Any

from coord.authoring.names import What
from coord.authoring.words import inert
from coord.config.schemas import schema, schema_errors
from coord.config.yaml_reader import UnreadableYaml, read_yaml
from coord.errors import UsageError

Values = dict[str, Any]

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_FROM_NAME = ("surface", "experiment")


def parse_settings(what: What, items: Iterable[str]) -> Values:
    """The values of all `key=value`; `key.inner=value` goes inside a mapping. Raises UsageError."""
    values: Values = {}
    for item in items:
        key, equals, text = item.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f'--set is "{inert(item)}", and must be KEY=VALUE, such as title="Podcast shelf".'
            )
        put(what, values, key.strip(), text)
    return values


def put(what: What, values: Values, key: str, text: str) -> None:
    """Set a key, dots leading inside. Raises UsageError."""
    way = key.split(".", 1)
    if way[0] in _FROM_NAME:
        raise UsageError(f"--set {way[0]} is not for you to give: NAME says it already.")
    value = _parsed(what, way, text)
    target = values if len(way) == 1 else values.setdefault(way[0], {})
    if not isinstance(target, dict) or way[-1] in target:
        raise UsageError(f"--set gives {inert(key)} twice. Give it once.")
    target[way[-1]] = value


def refusals(what: What, values: Values, key: str | None = None) -> list[str]:
    """What the schema says against the values, a missing key aside; only about one key when it is given."""
    errors = (e for e in schema_errors(what, values) if e.pointer)  # those at the top are missing keys
    return [inert(e.message) for e in errors if key is None or e.pointer[0] == key]


def _parsed(what: What, way: list[str], text: str) -> Any:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"--set {inert(way[0])} is not UTF-8 text.") from None
    node = _node(what, way)
    types = {node.get("type")} if isinstance(node.get("type"), str) else {*node.get("type", ())}
    if types & {"array", "object"} and text.lstrip()[:1] in {"[", "{"}:
        return _read(way, text)
    if "array" in types and node.get("then", {}).get("const") != text:
        return _listed(node, text)
    if way == ["components"]:
        return {name: f"What belongs to {name}, and what does not" for name in _split(text)}
    if types & {"integer", "number"} and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return {"true": True, "false": False}.get(text, text) if "boolean" in types else text


def _read(way: list[str], text: str) -> Any:
    try:
        return read_yaml(text.encode())[1]
    except UnreadableYaml as error:
        raise UsageError(f"--set {inert('.'.join(way))} cannot be read: {inert(error.message)}.") from None


def _listed(node: dict[str, Any], text: str) -> list[Any]:
    """Names separated by commas; where the list is of mappings, each is the one key that they need."""
    needed = node.get("items", {}).get("required", ())
    return [{needed[0]: name} if needed else name for name in _split(text)]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _node(what: What, way: list[str]) -> dict[str, Any]:
    """The part of the schema that a key must keep to; empty for an unknown one."""
    root = schema(what)
    node: Any = root
    for key in way:
        node = node.get("properties", {}).get(key) or node.get("additionalProperties")
        node = _resolved(root, node) if isinstance(node, dict) else {}
    return {**node, "items": _resolved(root, node.get("items", {}))}


def _resolved(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref", "").rpartition("/")[2]
    return {**root["definitions"][reference], **node} if reference else node
