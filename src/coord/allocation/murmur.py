"""MurmurHash3 x64 128-bit, seed 0, its first 64 bits, of a whole column of texts at once (Austin Appleby).

The hash takes in 16 bytes after 16 bytes, so it runs over arrays: block by block, for all rows of a chunk that
have such a block. Where texts differ in length the rows are ordered by it; those that still have bytes are then
a slice. `coord.allocation.hashing` is what the rest of the project calls; a test holds the two equal on every id.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coord.allocation.columns import Column

Hashes = NDArray[np.uint64]

_ROWS = 1 << 12
"""Rows hashed at a time: the arrays of so many stay in the processor's cache."""

_SLACK = 32
"""Bytes around the texts of a chunk, so that whole words may be read at their ends."""


def _word(value: int) -> Hashes:
    """A number as numpy takes it fastest."""
    return np.array(value & (1 << 64) - 1, np.uint64)


_C1, _C2 = _word(0x87C37B91114253D5), _word(0x4CF5AD432745937F)
_PLUS1, _PLUS2, _FIVE = _word(0x52DCE729), _word(0x38495AB5), _word(5)
_SPREAD = _word(0xFF51AFD7ED558CCD), _word(0xC4CEB9FE1A85EC53)
_SHIFTS = [_word(by) for by in range(64)]
_LOW_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
"""By a number of bytes, the mask that keeps so many of a little-endian word."""


def hashes(prefix: bytes, ids: Column) -> Hashes:
    """The hash of `prefix` followed by each text."""
    result = np.empty(len(ids), np.uint64)
    scratch = _Scratch()
    for begin in range(0, len(ids), _ROWS):
        bounds = ids.offsets[begin : begin + _ROWS + 1]
        texts = scratch.load(ids.data, bounds, len(prefix))
        result[begin + texts.order if texts.order is not None else slice(begin, begin + _ROWS)] = _hash(
            prefix, texts, scratch
        )
    return result


class _Texts(NamedTuple):
    """The texts of a chunk in `buffer`, the shortest first; text i begins at byte `starts[i]`.

    `widths` are their lengths with the prefix: one for each, or a single one where all are the same.
    `order` says which row of the chunk text i is; None where all are in their places.
    """

    buffer: NDArray[np.uint8]
    number: int
    starts: NDArray[np.int64]
    widths: NDArray[np.int64]
    order: NDArray[np.int64] | None

    def shorter(self, width: int) -> int:
        """How many have a smaller width than this; they come first."""
        found = int(np.searchsorted(self.widths, width))
        return found if len(self.widths) > 1 else found * self.number

    def read(self, at: int, first: int, out: Hashes) -> None:
        """The 8 bytes from byte `at` on of every text from number `first` on."""
        if len(self.widths) == 1:  # one text after the other, all of one length
            length = int(self.starts[1] - self.starts[0]) if self.number > 1 else 0
            offset = int(self.starts[0]) + first * length + at
            out[:] = np.ndarray(len(out), "<u8", self.buffer, offset, (length,))
        else:
            words: Hashes = np.ndarray(len(self.buffer) - 7, "<u8", self.buffer, 0, (1,))
            out[:] = words[self.starts[first:] + at]


class _Scratch:
    """Arrays that every chunk uses again."""

    def __init__(self) -> None:
        self.buffer = np.zeros(0, np.uint8)
        self.halves = [np.empty(_ROWS, np.uint64) for _ in range(5)]

    def load(self, data: NDArray[np.uint8], bounds: NDArray[np.int64], more: int) -> _Texts:
        """Copy the texts of a chunk to where there is room around them; `more` is the length of the prefix."""
        size = int(bounds[-1] - bounds[0])
        if len(self.buffer) < size + 2 * _SLACK:
            self.buffer = np.zeros(size + 2 * _SLACK, np.uint8)
        self.buffer[_SLACK : _SLACK + size] = data[bounds[0] : bounds[-1]]
        starts, lengths = bounds[:-1] - (bounds[0] - _SLACK), np.diff(bounds)
        if (lengths == lengths[0]).all():
            return _Texts(self.buffer, len(lengths), starts, lengths[:1] + more, None)
        order = np.argsort(lengths, kind="stable")
        return _Texts(self.buffer, len(lengths), starts[order], lengths[order] + more, order)


def _hash(prefix: bytes, texts: _Texts, scratch: _Scratch) -> Hashes:
    h1, h2, k1, k2, spare = (half[: texts.number] for half in scratch.halves)
    h1.fill(0)
    h2.fill(0)
    for block in range(0, int(texts.widths[-1]), 16):
        some, whole = texts.shorter(block + 1), texts.shorter(block + 16)
        low, high, tmp = k1[some:], k2[some:], spare[some:]
        _load(prefix, texts, block, some, whole, low)
        _load(prefix, texts, block + 8, some, whole, high)
        _scramble(low, _C1, 31, _C2, tmp)
        _scramble(high, _C2, 33, _C1, tmp)
        h1[some:whole] ^= k1[some:whole]
        h2[some:whole] ^= k2[some:whole]
        if whole < texts.number:
            _stir(h1[whole:], k1[whole:], h2[whole:], 27, _PLUS1, spare[whole:])
            _stir(h2[whole:], k2[whole:], h1[whole:], 31, _PLUS2, spare[whole:])
    return _finish(h1, h2, texts.widths.astype(np.uint64), spare)


def _load(prefix: bytes, texts: _Texts, at: int, some: int, whole: int, out: Hashes) -> None:
    """The word at byte `at` of prefix and text; texts before number `whole` may end within it."""
    head = prefix[at : at + 8]
    if len(head) < 8:
        texts.read(at - len(prefix), some, out)
        ending = out[: whole - some]
        if len(ending):
            widths = texts.widths[some:whole] if len(texts.widths) > 1 else texts.widths
            ending &= _LOW_BYTES[np.clip(widths - at, 0, 8)]
        out &= ~_LOW_BYTES[len(head)]
        out |= _word(int.from_bytes(head, "little"))
    else:
        out.fill(int.from_bytes(head, "little"))


def _rotate(x: Hashes, left: int, spare: Hashes) -> None:
    np.left_shift(x, _SHIFTS[left], spare)
    np.right_shift(x, _SHIFTS[64 - left], x)
    np.bitwise_or(x, spare, x)


def _scramble(k: Hashes, by: Hashes, left: int, again: Hashes, spare: Hashes) -> None:
    """Spread the bits of half a block, in place."""
    np.multiply(k, by, k)
    _rotate(k, left, spare)
    np.multiply(k, again, k)


def _stir(one: Hashes, k: Hashes, other: Hashes, left: int, plus: Hashes, spare: Hashes) -> None:
    """Take half a block into one half of the state."""
    np.bitwise_xor(one, k, one)
    _rotate(one, left, spare)
    np.add(one, other, one)
    np.multiply(one, _FIVE, one)
    np.add(one, plus, one)


def _finish(h1: Hashes, h2: Hashes, widths: Hashes, spare: Hashes) -> Hashes:
    h1 ^= widths
    h2 ^= widths
    h1 += h2
    h2 += h1
    for half in (h1, h2):
        for times in _SPREAD:
            _fold(half, spare)
            np.multiply(half, times, half)
        _fold(half, spare)
    h1 += h2
    return h1


def _fold(half: Hashes, spare: Hashes) -> None:
    np.right_shift(half, _SHIFTS[33], spare)
    np.bitwise_xor(half, spare, half)
