"""Where a field of a document stands, and how much of its line it takes."""

import pytest

from coord.config.documents import Document
from coord.config.layout import EXPERIMENT
from coord.config.yaml_reader import read_yaml
from coord.domain.findings import Pointer

TEXT = """\
title: Two words  # and why
salt: "a: b"  # quoted
owner:
components: [shelves, search/result, é😀]
audience: {country: [SE, US], device: []}
traffic:
  2026-03-02: 1%
variants:
  - {name: control, weight: 1}
  - name: shelf
    weight: 2
holds: [
  home,  # here
  search]
hypothesis: It
  helps.
note: |
  text
alias: &a {x: 1}
again: *a
"""


def _underlined(pointer: Pointer, *, at_key: bool = False) -> str:
    text, value = read_yaml(TEXT.encode())
    document = Document("surfaces/home/experiments/a.yaml", EXPERIMENT, text, value)
    line, column, length = document.position(pointer, at_key=at_key)
    return document.line(line)[column - 1 : column - 1 + length]


@pytest.mark.parametrize(
    ("pointer", "underlined"),
    [
        (("title",), "Two words"),
        (("salt",), '"a: b"'),
        (("components",), "[shelves, search/result, é😀]"),
        (("components", 0), "shelves"),
        (("components", 1), "search/result"),
        (("components", 2), "é😀"),
        (("audience",), "{country: [SE, US], device: []}"),
        (("audience", "country"), "[SE, US]"),
        (("audience", "country", 1), "US"),
        (("audience", "device"), "[]"),
        (("traffic", "2026-03-02"), "1%"),
        (("variants", 0), "{name: control, weight: 1}"),
        (("variants", 0, "weight"), "1"),
        (("variants", 1, "weight"), "2"),
        (("holds", 0), "home"),
        (("again",), "*a"),
    ],
)
def test_a_value_is_underlined_from_its_first_character_to_its_last(
    pointer: Pointer, underlined: str
) -> None:
    assert _underlined(pointer) == underlined


@pytest.mark.parametrize(
    ("pointer", "underlined"),
    [
        (("traffic",), "traffic"),  # block style
        (("variants",), "variants"),
        (("owner",), "owner"),  # empty
        (("variants", 1), "name"),  # a block without a key: what it begins with
        ((), "title"),
        (("nothing", "here"), "title"),
        (("audience", "nothing"), "{country: [SE, US], device: []}"),
    ],
)
def test_what_has_no_value_on_one_line_is_underlined_at_its_key(pointer: Pointer, underlined: str) -> None:
    assert _underlined(pointer) == underlined


def test_the_key_is_underlined_where_it_is_at_fault() -> None:
    assert _underlined(("audience", "device"), at_key=True) == "device"
    assert _underlined(("traffic", "2026-03-02"), at_key=True) == "2026-03-02"
    assert _underlined(("components", 1), at_key=True) == "search/result"  # a list item has no key


def test_a_value_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    assert _underlined(("holds",)) == "["
    assert _underlined(("hypothesis",)) == "It"
    assert _underlined(("note",)) == "|"
