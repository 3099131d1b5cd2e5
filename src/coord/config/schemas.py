"""The JSON Schemas of the files.

Documents are validated by jsonschema-rs; the wording is ours, so that it says what to write.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coord.config.schema_words import SchemaError, in_words, missing_keys

if TYPE_CHECKING:
    import jsonschema_rs

    from coord.domain.findings import Pointer


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema `<name>.schema.json`."""
    result: dict[str, Any] = json.loads(schema_text(name))
    return result


def schema_text(name: str) -> str:
    """The text of `<name>.schema.json`, from the wheel or from a source tree."""
    packaged = files("coord") / "schemas"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "schemas"
    return (folder / f"{name}.schema.json").read_text("utf-8")


@cache
def _validator(name: str) -> "jsonschema_rs.Draft7Validator":
    import jsonschema_rs  # noqa: PLC0415 - costs 25 ms, and `coord --help` does not need it

    return jsonschema_rs.Draft7Validator(schema(name))


MOST_ERRORS = 100
"""How many things that its schema refuses are listed for one file."""


def schema_errors(name: str, value: Any) -> Iterator[SchemaError]:
    """Everything in a document that its schema refuses; nothing for a valid one."""
    validator = _validator(name)
    if validator.is_valid(value):
        return
    missing: dict[Pointer, list[str]] = {}
    for number, error in enumerate(_errors(validator, value)):
        if number == MOST_ERRORS:
            yield SchemaError(
                f"more than {MOST_ERRORS} things differ from the schema; the rest is not listed", ()
            )
            break
        if error.kind.name == "required":
            missing.setdefault(tuple(error.instance_path), []).append(error.kind.as_dict()["property"])
        else:
            yield from in_words(schema(name), name, value, error)
    for pointer, keys in missing.items():
        yield missing_keys(name, pointer, keys)
    if _copies(value) > MOST_COPIES:
        yield SchemaError("the file is so large that only the first thing wrong with it is listed", ())


MOST_COPIES = 1_000_000
"""How many entries of mappings the list of all errors may copy: each error about a key has its mapping."""


def _errors(
    validator: "jsonschema_rs.Draft7Validator", value: Any
) -> Iterator["jsonschema_rs.ValidationError"]:
    """All errors; only the first for a document so large that listing them could take all memory."""
    import jsonschema_rs  # noqa: PLC0415 - loaded already

    if _copies(value) <= MOST_COPIES:
        yield from validator.iter_errors(value)
        return
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


def _copies(value: Any) -> int:
    """The sum of the squared sizes of all mappings and lists."""
    total, rest = 0, [value]
    while rest:
        inside = rest.pop()
        if isinstance(inside, dict | list):
            total += len(inside) ** 2
            rest.extend(inside.values() if isinstance(inside, dict) else inside)
    return total
