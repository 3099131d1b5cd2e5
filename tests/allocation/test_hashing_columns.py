"""Columns of ids are hashed as each id is: the batch against mmh3, on every length, prefix and script."""

import random
from collections.abc import Iterator
from itertools import pairwise

import mmh3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.allocation import murmur
from coord.allocation.columns import Column, column, from_arrow, take, to_arrow
from coord.allocation.hashing import hashes, slot, slots_of

SCRIPTS = ("abcXYZ019-_|", "åäöÅéß", "ключЯщ", "漢字かな", "🎧🎵𝄞", "a\x00\n\u200b", "עברית")


def _mmh3(key: str) -> int:
    return mmh3.hash64(key.encode(), 0, x64arch=True, signed=False)[0]


def _texts(random_: random.Random, most: int) -> Iterator[str]:
    """A text of every length up to so many bytes, in every script as far as its letters allow."""
    for script in SCRIPTS:
        for length in range(most + 1):
            text = ""
            while len(text.encode()) < length:
                text += random_.choice(script)
            yield text[:-1] if len(text.encode()) > most else text


def _list(texts: Column) -> list[str]:
    return [bytes(texts.data[begin:end]).decode() for begin, end in pairwise(texts.offsets.tolist())]


@pytest.mark.parametrize("length", range(41))
def test_every_length_script_and_prefix(length: int) -> None:
    random_ = random.Random(length)
    prefix = (
        "".join(random_.choice("salt-|0å") for _ in range(length)).encode()[:length].decode("utf-8", "ignore")
    )
    prefix += "." * (length - len(prefix.encode()))
    texts = list(_texts(random_, 120))
    random_.shuffle(texts)
    assert len(prefix.encode()) == length
    assert {len(text.encode()) for text in texts} == set(range(121))
    assert hashes(prefix, column(texts)).tolist() == [_mmh3(prefix + text) for text in texts]


@pytest.mark.parametrize("length", range(121))
def test_columns_of_one_length(length: int) -> None:
    texts = ["".join(random.Random(n).choices("abcdef0123", k=length)) for n in range(7)]
    for prefix in ("", "p", "MegaSalt-acme|", "exactly 16 bytes", "home/podcast-shelf|"):
        assert hashes(prefix, column(texts)).tolist() == [_mmh3(prefix + text) for text in texts]


@given(st.text(max_size=50), st.lists(st.text(max_size=60), max_size=60))
def test_any_text(prefix: str, texts: list[str]) -> None:
    ids = column(texts)
    assert hashes(prefix, ids).tolist() == [_mmh3(prefix + text) for text in texts]
    assert slots_of(prefix, ids, 10_000).tolist() == [slot(prefix + text, 10_000) for text in texts]


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 1000])
def test_the_size_of_chunks_does_not_matter(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"user-{n * n}" for n in range(500)] + ["same-length"] * 20 + [""]
    monkeypatch.setattr(murmur, "_ROWS", rows)
    assert hashes("salt|", column(texts)).tolist() == [_mmh3(f"salt|{text}") for text in texts]


def test_more_ids_than_a_chunk() -> None:
    texts = [f"{n:016x}" for n in range(2 * murmur._ROWS + 5)] + [str(n) for n in range(murmur._ROWS)]
    assert hashes("salt|", column(texts)).tolist() == [_mmh3(f"salt|{text}") for text in texts]


def test_what_is_far_too_long_for_an_id_is_hashed_and_not_slowly() -> None:
    texts = ["short", "x" * 20_000_000, ""]
    assert hashes("salt|", column(texts)).tolist() == [_mmh3(f"salt|{text}") for text in texts]


def test_slots_among_as_many_as_there_can_be() -> None:
    texts = ["a", "b", "c"]
    for n in (1, 2, 1_000_000, 2**61, 2**63):
        assert slots_of("p", column(texts), n).tolist() == [slot(f"p{text}", n) for text in texts]


@given(st.lists(st.text(max_size=20), max_size=30), st.data())
def test_some_texts_of_a_column(texts: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1)) if texts else st.just([]))
    assert _list(take(column(texts), np.array(rows, np.int64))) == [texts[row] for row in rows]
    assert to_arrow(column(texts)).to_pylist() == texts


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_columns_of_arrow(kind: pa.DataType) -> None:
    array = pa.array(["zero", "", "two", None, "vier", "fünf"], kind)
    assert _list(from_arrow(array)) == ["zero", "", "two", "", "vier", "fünf"]
    assert _list(from_arrow(array[2:5])) == ["two", "", "vier"]
    assert _list(from_arrow(array[:0])) == []
    assert hashes("p", from_arrow(array[4:])).tolist() == [_mmh3("pvier"), _mmh3("pfünf")]


def test_a_text_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        column(["fine", "\ud800"])
