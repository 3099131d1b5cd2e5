"""An independent reading of YAML 1.2: PyYAML's parser in Python, and the core schema's tables for scalars."""

import re
from math import isfinite
from typing import Any

import yaml

# https://yaml.org/spec/1.2.2/#1032-tag-resolution
_CORE = (
    (re.compile(r"null|Null|NULL|~|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


def core(text: str) -> Any:
    """The value of the one document, every key as text. Plain Python, no libyaml."""
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    return None if node is None else _value(node)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(node)
    return node.value if node.style else resolve(node.value)


def resolve(text: str) -> Any:
    """What a plain scalar means."""
    for pattern, make in _CORE:
        if pattern.fullmatch(text):
            return make(text)
    return text


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and from true, and 0.0 from -0.0."""
    return repr(one) == repr(other) if not isinstance(one, dict | list) else _same_inside(one, other)


def _same_inside(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        alike = isinstance(other, dict) and list(one) == list(other)
        return alike and all(same(one[key], other[key]) for key in one)
    return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))


def finite(value: Any) -> bool:
    """Whether no number inside is infinite."""
    if isinstance(value, dict | list):
        return all(map(finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or isfinite(value)
