"""Writing YAML that people go on with: plain where that is safe, quoted where a reader could be misled."""

import json
from typing import Any

from coord.config.yaml_reader import UnreadableYaml, read_yaml

_WIDTH = 60  # of a collection that stays on one line
_MISLEADING = frozenset({"yes", "no", "on", "off", "y", "n", "<<", "="})  # other values in YAML 1.1


def field(key: str, value: Any, depth: int = 0) -> list[str]:
    """The lines of `key: value`: collections on one line where flat and short, else in block style."""
    pad, name = "  " * depth, scalar(key)
    if not isinstance(value, dict | list):
        return [f"{pad}{name}: {scalar(value)}"]
    if not _stands_alone(key, value) and len(inline(value)) <= _WIDTH:
        return [f"{pad}{name}: {inline(value)}"]
    if isinstance(value, list):
        return [f"{pad}{name}:", *(f"{pad}  - {inline(item)}" for item in value)]
    return [f"{pad}{name}:", *(line for item in value.items() for line in field(*item, depth + 1))]


def _stands_alone(key: str, value: Any) -> bool:
    """Whether people expect one line for each part."""
    parts = value.values() if isinstance(value, dict) else value
    mapped = isinstance(value, dict) and key == "components"
    return bool(value) and (mapped or any(isinstance(part, dict | list) for part in parts))


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        pairs = (f"{scalar(key, flow=True)}: {inline(inner)}" for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    return scalar(value, flow=True)


def scalar(value: Any, *, flow: bool = False) -> str:
    """A scalar; inside brackets (`flow`) more must be quoted."""
    if not isinstance(value, str):
        return json.dumps(value)
    return value if _is_plain(value, flow=flow) else _quoted(value)


def _is_plain(text: str, *, flow: bool) -> bool:
    """Whether the text without quotes is read back as itself: as a value, as a list item and as a key."""
    if not text.isprintable() or text.lower() in _MISLEADING:
        return False
    value = (f"{{k: [{text}]}}", {"k": [text]}) if flow else (f"k: {text}\n", {"k": text})
    try:
        tried = (value, (f"- {text}\n", [text]), (f"{text}: k\n", {text: "k"}))
        return all(read_yaml(written.encode())[1] == wanted for written, wanted in tried)
    except UnreadableYaml:
        return False


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
