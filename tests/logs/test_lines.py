"""Watching quotes and counting rows: the same however the bytes are cut, and nothing is swallowed unseen."""

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coord.logs import lines as lines_module
from coord.logs.lines import Lines, Unsound


def watched(data: bytes, cuts: list[int], delimiter: str = ",") -> int | str:
    """The number of rows, or the row that is unsound."""
    lines, bounds = Lines(delimiter), sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    try:
        for begin, end in pairwise(bounds):
            lines.feed(data[begin:end], data[end] if end < len(data) else None)
        return lines.finish()
    except Unsound as error:
        return f"unsound in {error.row}"


def slowly(text: str, delimiter: str = ",") -> int | str:
    """The same, character by character."""
    rows, field, inside, place, content = 0, True, False, 0, False
    while place < len(text):
        mark = text[place]
        if inside:
            if mark == '"':
                if text[place + 1 : place + 2] == '"':
                    place += 1
                elif text[place + 1 : place + 2] in {"", delimiter, "\n", "\r"}:
                    inside = False
                else:
                    return f"unsound in {rows + 1}"
        elif mark in "\r\n":
            rows, content, field = rows + content, False, True
        else:
            inside, field, content = mark == '"' and field, mark == delimiter, True
        place += 1
    return f"unsound in {rows + 1}" if inside else rows + content


texts = st.text(st.sampled_from('a,"\n\r'), max_size=60)


@given(texts, st.lists(st.integers(0, 60), max_size=6))
@example('a\n"b""', [5])
@example('"a\r\n\r\n",b\r\n\r\nc', [3, 7])
@example('x""y,"z"\n', [2])
@example('a""b\nc', [2])
@example('"a""b"\nc', [3])
def test_rows_and_quotes_are_seen_however_the_bytes_are_cut(text: str, cuts: list[int]) -> None:
    assert watched(text.encode(), cuts) == slowly(text)


@given(
    st.lists(st.lists(st.text(st.sampled_from('aå,;"\n\r'), max_size=5), min_size=2, max_size=3), max_size=20)
)
def test_what_a_writer_of_csv_writes_is_sound(rows: list[list[str]]) -> None:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows(rows)
    assert watched(output.getvalue().encode(), [7, 20, 33]) == len(rows)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2\n", 2),
        ("a,b\n1,2", 2),
        ("\n\na,b\n\n\n1,2\n\n", 2),
        ('a\n"1\n\n2"\n', 2),
        ('a\n5" screen\nx"y"z\n', 3),
        ('a\nb\n"c"d\ne\n', "unsound in 3"),
        ('a\n"b\nc\n', "unsound in 2"),
        ('a\nb,"c\n2,"d",e\n', "unsound in 2"),
        ("", 0),
    ],
)
def test_known_texts(text: str, found: int | str) -> None:
    assert watched(text.encode(), []) == found


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n\r\n\n3,4", "\n\na\n\nb\n", "a\rb\r\rc", "\r\n\r\n"])
def test_rows_without_quotes_are_counted_piece_by_piece(
    text: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "_PIECE", piece)
    for cut in range(len(text) + 1):
        assert watched(text.encode(), [cut]) == slowly(text)
