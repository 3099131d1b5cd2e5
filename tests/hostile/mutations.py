"""Mutations of a tree: of its bytes, of its lines, and of its values."""

import copy
import json
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import strategies as st

from hostile.rich import rich

# fmt: off
FRAGMENTS = (
    *("\t", "  ", "- ", "- - ", "? ", ": ", ":", "#", " # x", "\n", "\r", "\r\n", "---\n", "...\n"),
    *("%YAML 1.2\n",),
    *("[", "]", "{", "}", ",", "{{", "[[", "]]", '"', "'", "''", '\\"', "\\", "|", ">", "|+\n"),
    *(">-\n", "|9", "&a "),
    *("*a", "<<: *a", "!!str ", "! ", "!x ", "@", "`", "%", "\ufeff", "\u0085", "\u2028", "\u202e"),
    *("\0", "\x1b[31m"),
    *("\x7f", "😀", '"\\u0000"', '"\\ud800"', '"\\e[0m"', "~", "null", "true", ".nan", ".inf"),
    *("1e999", "2026-02-30"),
    *("::error::", "##[error]", "%0A", "[/]", "../", "a: 1\n", "{a: 1}", "[a, b]", "x" * 200, "9" * 400),
)

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 1.0, 0.5, 1e3, 1e-7, -0.0, 10**30, 10**399, -(10**399), 1e308),
    *("", " ", "a", "1", "on", "null", "x" * 70, "x" * 3000, "é", "😀", "\n", "a\n", "\0"),
    *("\x1b[31m", "\u202e", "a|b"),
    *("0%", "1%", "5%", "20%", "100%", "101%", "9999%", "0.5%", "33.333333%", "0.000001%", "99.999999%"),
    *("2026-03-02", "2026-03-01", "2026-02-30", "0001-01-01", "0000-01-01", "9999-12-31"),
    *("2026-12-31", "20%"),
    *("home", "search", "home-team", "growth", "user", "device", "header", "shelves"),
    *("search/header", "home/one"),
    *("home/ranker", "home/quiet", "search/left", "nope", "nope/nope", "../x", "all", "adaptive"),
    *("one", "ranker"),
    *("ab_test", "rollout", "holdback", "draft", "active", "BKT001", "BUD001", "WVR003", "ZZZ999"),
    *("SE", "ios", "XX"),
    *("minutes_played", "crashes", "ctr", "7d", "999d", "0d", "llm", "rules", "ml", "home-ranker"),
    *("0:20", "0:100", "0:9999999", "5:5", "99:100", "0:1 0:1", "base64:", "base64:AA=="),
    *("base64:!", "base64:////"),
    *([], {}, [None], [[]], [{}], {"": None}, {"a": 1}, ["a", "a"], ["header"], ["search/header"]),
    *(["home"],),
    *({"2026-03-02": "5%"}, {"2026-03-02": "100%"}, {"9999-12-31": "5%"}, {"metric": "ctr"}),
    *({"name": "a"}, ["SE"]),
)
# fmt: on

nasty = st.sampled_from(NASTY)


def _flip(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, max(0, len(data) - 1)))
    return data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]


def _delete(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + data[at + draw(st.integers(1, 30)) :]


def _insert(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.sampled_from(FRAGMENTS)).encode() + data[at:]


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _lines(draw: st.DrawFn, data: bytes) -> bytes:
    """Duplicate a line, swap two, indent one, or take one away."""
    lines = data.split(b"\n")
    first, second = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
    match draw(st.integers(0, 3)):
        case 0:
            lines.insert(second, lines[first])
        case 1:
            lines[first], lines[second] = lines[second], lines[first]
        case 2:
            lines[first] = draw(st.sampled_from((b" ", b"  ", b"\t", b"- "))) + lines[first]
        case _:
            del lines[first]
    return b"\n".join(lines)


def _value(draw: st.DrawFn, data: bytes) -> bytes:
    """What follows a colon becomes something else."""
    pieces = data.split(b": ")
    if len(pieces) == 1:
        return data
    at = draw(st.integers(1, len(pieces) - 1))
    _, end, after = pieces[at].partition(b"\n")
    new = draw(st.one_of(nasty.map(lambda v: json.dumps(v, ensure_ascii=False)), st.sampled_from(FRAGMENTS)))
    pieces[at] = new.encode() + end + after
    return b": ".join(pieces)


_OF_BYTES: tuple[Callable[[st.DrawFn, bytes], bytes], ...] = (_flip, _delete, _insert, _cut, _lines, _value)


@st.composite
def broken_bytes(draw: st.DrawFn, paths: tuple[str, ...]) -> dict[str, bytes]:
    """The rich tree with one to four mutations of the bytes of these files."""
    files = {path: text.encode() for path, text in rich().items()}
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(paths))
        files[path] = draw(st.sampled_from(_OF_BYTES))(draw, files[path])
    return files


def _slots(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    if not isinstance(value, dict | list):
        return []
    here = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in here] + [slot for key in here for slot in _slots(value[key])]


def _mutate(draw: st.DrawFn, value: Any, others: list[Any]) -> None:
    """One change of a value inside: replaced, taken from elsewhere, taken away, doubled, renamed or added."""
    slots = _slots(value)
    if not slots:
        return
    container, key = draw(st.sampled_from(range(len(slots))).map(slots.__getitem__))
    kind = draw(st.integers(0, 7))
    if kind <= 3:
        container[key] = copy.deepcopy(draw(nasty))
    elif kind == 4:
        container[key] = copy.deepcopy(draw(st.sampled_from(range(len(others))).map(others.__getitem__)))
    elif kind == 5:
        del container[key]
    elif isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    else:
        new = draw(
            st.sampled_from(("zzz", "", "2026-03-05", "header", "SE", "start", "traffic", "a\n", "x" * 70))
        )
        container[new] = container[key] if kind == 6 else container.pop(key)


def _parsed() -> dict[str, Any]:
    return {path: yaml.load(text, Loader=_AsJson) for path, text in rich().items()}


class _AsJson(yaml.SafeLoader):
    """Days stay text."""


_AsJson.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@st.composite
def broken_values(draw: st.DrawFn, paths: tuple[str, ...], most: int = 4) -> dict[str, str]:
    """The rich tree with some values of these files changed, written as JSON (which is YAML)."""
    values = _parsed()
    others = [container[key] for value in values.values() for container, key in _slots(value)]
    for _ in range(draw(st.integers(1, most))):
        _mutate(draw, values[draw(st.sampled_from(paths))], others)
    return {path: json.dumps(value, ensure_ascii=False) for path, value in values.items()}


_KEYS = {key for value in _parsed().values() for _, key in _slots(value)}
_WORDS = sorted(key for key in _KEYS if isinstance(key, str))

json_values = st.recursive(
    st.one_of(nasty, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(_WORDS), inner, max_size=6)
    ),
    max_leaves=15,
)
