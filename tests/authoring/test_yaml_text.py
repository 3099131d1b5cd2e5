"""What is written is read back as itself, whatever it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.authoring.yaml_text import field, inline, scalar
from coord.config.yaml_reader import read_yaml

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
_INDICATORS = list("{}[],:?-&*!|>%@`#='\"")
_WORDS = ["no", "ON", "~", "null", "1e3", "0x1f", "*x", "&x", "!t", "a,b", "a:", "---", "...", "<<", ">-"]
_SPACED = ["", " a ", "- a", "a: b", "a #b", "? a", "\t", "a\nb", "\x1b[31m", "\u2028"]
TRICKY = st.sampled_from([*_INDICATORS, *_WORDS, *_SPACED])
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT | TRICKY
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | TRICKY, inner, max_size=3),
    max_leaves=8,
)


def _read(text: str) -> Any:
    return read_yaml(text.encode())[1]


@given(TEXT | TRICKY, VALUES)
def test_every_value_is_read_back(key: str, value: Any) -> None:
    assert _read("\n".join(field(key, value)) + "\n") == {key: value}


@given(VALUES)
def test_values_on_one_line_are_read_back(value: Any) -> None:
    text = inline([value])
    assert "\n" not in text
    assert text.isprintable()
    assert _read(text) == [value]


@pytest.mark.parametrize(
    "text", ["podcast-shelf", "2026-03-02", "20%", "A shelf, and more", "Ärger mit 日本"]
)
def test_what_is_safe_stays_plain(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize("text", ["no", "NO", "on", "yes", "1", "true", "a: b", "a #b", ""])
def test_what_another_tool_could_misread_is_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


def test_collections_of_names_stay_on_one_line_and_variants_do_not() -> None:
    assert field("components", ["header", "search/results"]) == ["components: [header, search/results]"]
    assert field("variants", [{"name": "a"}, {"name": "b"}]) == [
        "variants:",
        "  - {name: a}",
        "  - {name: b}",
    ]
    assert field("components", {"header": "On top"}) == ["components:", "  header: On top"]
