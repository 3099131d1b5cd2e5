"""What is said of a text that is not YAML, and where."""

import pytest

from coord.config.yaml_reader import UnreadableYaml, read_yaml


def _refused(text: str) -> tuple[str, int, int, int]:
    with pytest.raises(UnreadableYaml) as caught:
        read_yaml(text.encode())
    return caught.value.message, *caught.value.position


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: b: c\n", "a `: ` inside plain text; put the text in quotes", 1, 5),
        ("a: [b: c: d]\n", "a `: ` inside plain text; put the text in quotes", 1, 9),
        ("a: 1\n  b: 2\n", "a key cannot stand here; check its indentation and the line above", 2, 4),
        ("a: 1\nb\nc: 1\n", "no `:` follows this key", 2, 1),
        ("a: [x, y\nb: 1\n", "the list that begins on line 1 has no `]`", 1, 4),
        ("a:\n  - {b: 1\n  - {c: 2}\n", "the mapping that begins on line 2 has no `}`", 2, 5),
        ("a: [x", "the list that begins on line 1 has no `]`", 1, 4),
        ('a: ["x" "y"]\n', "a `,` or `]` is missing before this", 1, 9),
        ('a: [\n  "x"\n  "y"\n]\n', "a `,` or `]` is missing before this", 3, 3),
        ('a: "x\nb: 1\n', "the quoted text that begins on line 1 has no end", 1, 4),
        ("a: @x\n", "plain text cannot begin like this; put it in quotes", 1, 4),
        ("a:\n\tb: 1\n", "a tab is used as indentation; use spaces", 2, 1),
        ("a:\n  - x\n  y: 1\n", "a list item is expected here; check the indentation", 3, 3),
        ("a: [, x]\n", "a value is expected here", 1, 5),
        ('a: "\\q"\n', "while parsing a quoted scalar, found unknown escape character", 1, 5),
    ],
)
def test_what_no_parser_accepts(text: str, message: str, line: int, column: int) -> None:
    assert _refused(text) == (message, line, column, 1)


def test_what_is_too_much_is_underlined_as_a_whole() -> None:
    assert _refused('a: !!int "1"\n') == ("the tag `!!int` is not allowed; values are plain", 1, 4, 9)
    assert _refused("a: !x 1\n") == ("the tag `!x` is not allowed; values are plain", 1, 4, 4)
    assert _refused("abc: 1\nabc: 2\n") == ("the key `abc` stands twice in this mapping", 2, 1, 3)
