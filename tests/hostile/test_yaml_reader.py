"""Strict YAML against independent readings of the same text: values, and where every key and value stands."""

import json
import os
import string
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coord.config.documents import Document
from coord.config.layout import EXPERIMENT
from coord.config.yaml_reader import UnreadableYaml, read_yaml
from hostile.documents import Writer, documents
from hostile.yaml12 import core, finite, resolve, same

EXAMPLES = int(os.environ.get("COORD_EXAMPLES", "300"))
thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# what is text in YAML 1.2 and not a line break of 1.1 nor a byte order mark, which nobody needs raw
_REFUSED = "\x7f\ufeff\ufffe\uffff"
letters = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters=_REFUSED)
anything = st.text(letters, max_size=12)
spaced = st.text(st.one_of(letters, st.sampled_from(" \n\t:#-?,[]{}&*!|>'\"%@`~=<")), max_size=20)
numberlike = st.text("0123456789+-.eExXoOabcdefnNiIaAfFtrulsTRUEyYsS_:~", max_size=6)
_SURPRISING = """
on off yes no y n Yes ON true True TRUE false null Null ~ 0o17 010 0x1F 1:30 190:20:30 1_000 0b11 .5 5. +1 -0
1e3 1e-3 1E+3 .inf_ nan 2026-03-02 2026-03-02T00:00:00Z 20% = << - ? : , [] {} # | > ! & * @ ` % 1.5.2 0x 0o8
+0x1 -0o7 e3 . .e3 +. 1e 00 -00 +.5 ..5 1..5 12e03
"""
surprising = st.sampled_from(_SURPRISING.split())
texts = st.one_of(anything, spaced, numberlike, surprising)
numbers = st.one_of(
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((0.0, -0.0)),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=20,
)
tops = st.one_of(st.lists(values, max_size=5), st.dictionaries(texts, values, max_size=5))


class _Plain(yaml.SafeDumper):
    """Writes equal things twice instead of an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def read(text: str) -> Any:
    return read_yaml(text.encode())[1]


@thorough
@given(tops, st.sampled_from((None, 0, 2)), st.booleans())
def test_json_means_what_it_says(value: Any, indent: int | None, dense: bool) -> None:
    separators = (",", ":") if dense else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    assert same(read(text), value)


@thorough
@given(tops)
def test_json_in_ascii_means_what_it_says(value: Any) -> None:
    text = json.dumps(value)
    if "\\ud8" not in text and "\\ud9" not in text and "\\uda" not in text and "\\udb" not in text:
        assert same(read(text), value)
        return
    with pytest.raises(UnreadableYaml):  # YAML has no pairs of escapes; \U0001F600 is one character there
        read(text)


@thorough
@given(
    tops,
    st.sampled_from((None, "'", '"', "|", ">")),
    st.sampled_from((True, False, None)),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.booleans(),
    st.sampled_from((20, 80, 10_000)),
    st.integers(2, 6),
)
def test_yaml_is_read_as_1_2_says(
    value: Any, style: str | None, flow: bool | None, newline: str, wide: bool, width: int, indent: int
) -> None:
    text = yaml.dump(
        value,
        Dumper=_Plain,
        default_style=style,
        default_flow_style=flow,
        line_break=newline,
        allow_unicode=wide,
        width=width,
        indent=indent,
        sort_keys=False,
    )
    if any(getattr(event, "tag", None) for event in yaml.parse(text)):
        return  # a number in quotes is tagged
    expected = core(text)
    if "inf" in repr(expected) and not finite(expected):  # text such as 1E400, which PyYAML leaves plain
        with pytest.raises(UnreadableYaml):
            read(text)
    else:
        assert same(read(text), expected)


@settings(thorough, max_examples=3 * EXAMPLES)
@given(st.one_of(numberlike, surprising, st.text(string.printable, max_size=5)))
def test_a_plain_scalar_is_resolved_by_the_core_schema(word: str) -> None:
    try:
        expected = core(f"- {word}\n")
    except (yaml.YAMLError, OverflowError):
        return
    if not isinstance(expected, list) or len(expected) != 1 or isinstance(expected[0], dict | list):
        return
    plain = word.strip(" ")
    if (
        plain != word
        or not plain
        or (plain[0] in "!&*|>'\"#%@`[]{},?:-" and not same(expected, [resolve(plain)]))
    ):
        return
    if isinstance(expected[0], float) and expected[0] in {float("inf"), float("-inf")}:
        with pytest.raises(UnreadableYaml):
            read(f"- {word}\n")
    elif "\t" not in word and all(mark not in word for mark in "\r\x0b\x0c"):
        assert same(read(f"- {word}\n"), expected)


@pytest.mark.parametrize(
    "number", [".inf", "-.inf", "+.INF", ".Inf", ".nan", ".NaN", ".NAN", "1e400", "-1e400"]
)
def test_numbers_are_finite(number: str) -> None:
    with pytest.raises(UnreadableYaml) as caught:
        read(f"a: {number}\n")
    assert caught.value.position[:2] == (1, 4)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.parametrize(("levels", "accepted"), [(63, True), (64, True), (65, False), (66, False)])
def test_depth_is_counted_exactly(opening: str, levels: int, accepted: bool) -> None:
    text = opening * (levels - 1) + "[]" + {"[": "]", "{a: ": "}", "- ": ""}[opening] * (levels - 1)
    if accepted:
        value = read(text)
        for _ in range(levels - 1):
            value = value["a"] if isinstance(value, dict) else value[0]
        assert value == []
    else:
        with pytest.raises(UnreadableYaml, match="deeper than 64"):
            read(text)


@pytest.mark.parametrize(("size", "accepted"), [(9_000, True), (12_000, False)])
def test_what_aliases_add_is_bounded(size: int, accepted: bool) -> None:
    text = f"a: &a [{'x, ' * 99}x]\nb: [{', '.join(['*a'] * (size // 100))}]\n"
    if accepted:
        assert len(read(text)["b"]) == size // 100
    else:
        with pytest.raises(UnreadableYaml):
            read(text)


def _document(text: str) -> Document:
    read_text, value = read_yaml(text.encode())
    return Document("surfaces/x/experiments/y.yaml", EXPERIMENT, read_text, value)


def _line(text: str, newline: str, number: int) -> str:
    return text.split(newline)[number - 1]


@thorough
@given(documents(), st.booleans())
def test_positions_are_where_things_were_written(writer: Writer, mark: bool) -> None:
    document = _document("\ufeff" * mark + writer.text)
    for pointer, (line, column, written) in writer.at_values.items():
        assert document.position(pointer, at_key=False)[:2] == (line, column), (pointer, writer.text)
        assert _line(writer.text, writer.newline, line)[column - 1 :].startswith(written)
    for pointer, (line, column) in writer.at_keys.items():
        assert document.position(pointer, at_key=True)[:2] == (line, column), (pointer, writer.text)
        assert document.line(line) == _line(writer.text, writer.newline, line)


@thorough
@given(documents())
def test_what_is_not_there_is_placed_at_what_is_around_it(writer: Writer) -> None:
    document = _document(writer.text)
    for pointer in list(writer.at_keys)[:3]:
        assert document.position((*pointer, "not there"), at_key=True) == document.position(
            pointer, at_key=False
        )


def test_every_position_after_two_byte_order_marks_is_right_or_none_is_given() -> None:
    try:
        document = _document("\ufeff\ufeffa: 1\nb: 2\n")
    except UnreadableYaml as error:
        refused = error
    else:
        assert document.position(("b",), at_key=True)[:2] == (2, 1)
        return
    assert refused.position[:2] == (1, 1)
