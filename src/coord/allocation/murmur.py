"""MurmurHash3 x64 128-bit, seed 0, its first 64 bits, of a whole column of texts at once (Austin Appleby).

The hash takes in 16 bytes after 16 bytes, so it runs over arrays: block by block, for all texts of a chunk
that have such a block. Where texts differ in length they are ordered by it; those that still have bytes are
then a slice. The rest of the project calls `coord.allocation.hashing`; a test holds it equal to mmh3.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coord.allocation.columns import Column

Hashes = NDArray[np.uint64]
"""One word for each text, or two rows of them: the two halves of the state, or of a block."""

_ROWS = 1 << 14
"""Texts hashed at a time: the arrays of so many stay in the processor's cache."""

_SLACK = 32
"""Bytes around the texts of a chunk, so that whole words may be read at their ends."""


def _words(*values: int) -> Hashes:
    """One number, or one for each half, as numpy takes it fastest."""
    found = np.array(values, np.uint64)
    return found.reshape(()) if len(values) == 1 else found.reshape(-1, 1)


_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_BEFORE, _LEFT, _RIGHT, _AFTER = _words(_C1, _C2), _words(31, 33), _words(33, 31), _words(_C2, _C1)
_TURNS = (
    (_words(27), _words(37), _words(0x52DCE729)),
    (_words(31), _words(33), _words(0x38495AB5)),
)
_FIVE = _words(5)
_SPREAD, _HALF = (_words(0xFF51AFD7ED558CCD), _words(0xC4CEB9FE1A85EC53)), _words(33)
_LOW_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
"""By a number of bytes, the mask that keeps so many of a little-endian word."""


_LONG = 1 << 10
"""Bytes of a text from which arrays do not pay; what is no id must not be slow either."""


def hashes(prefix: bytes, ids: Column, alone: Callable[[bytes], int]) -> Hashes:
    """The hash of `prefix` followed by each text; `alone` hashes one that is far too long for an id."""
    result = np.empty(len(ids), np.uint64)
    scratch = tuple(np.empty((2, min(_ROWS, len(ids))), np.uint64) for _ in range(3))
    head = _Head(prefix)
    for begin in range(0, len(ids), _ROWS):
        bounds = ids.offsets[begin : begin + _ROWS + 1]
        texts = _chunk(ids.data, bounds, len(head.rest))
        if texts.widths[-1] > _LONG:
            keys = (prefix + bytes(ids.data[low:high]) for low, high in pairwise(bounds.tolist()))
            result[begin : begin + _ROWS] = [alone(key) for key in keys]
        else:
            places = slice(begin, begin + _ROWS) if texts.order is None else texts.order + begin
            result[places] = _hash(head, texts, scratch)
    return result


class _Head:
    """What comes before every text: the state after the whole blocks of the prefix, and the bytes left."""

    def __init__(self, prefix: bytes) -> None:
        whole = len(prefix) // 16 * 16
        self.length, self.rest = whole, prefix[whole:]
        self.state = np.zeros((2, 1), np.uint64)
        for at in range(0, whole, 16):
            block = np.frombuffer(prefix[at : at + 16], "<u8").reshape(2, 1).copy()
            _scramble(block, np.empty_like(block))
            _stir(self.state, self.state, block, np.empty_like(block))


class _Texts(NamedTuple):
    """The texts of a chunk, the shortest first; text i begins at byte `starts[i]` of `buffer`.

    `widths` are their lengths with what is left of the prefix: one for each, or a single one where all are
    the same. `order` says which row of the chunk text i is; None where that is so, and each is in its place.
    """

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    widths: NDArray[np.int64]
    order: NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.starts)

    def narrower(self, width: int) -> int:
        """How many have a smaller width than this; they come first."""
        if self.order is None:
            return len(self.starts) if self.widths[0] < width else 0
        return int(np.searchsorted(self.widths, width))

    def read(self, at: int, first: int, out: Hashes) -> None:
        """The 8 bytes from byte `at` on of every text from number `first` on."""
        if self.order is None:
            length = int(self.starts[-1] - self.starts[0]) // max(1, len(self.starts) - 1)
            out[:] = np.ndarray(len(out), "<u8", self.buffer, int(self.starts[first]) + at, (length,))
        else:
            words: Hashes = np.ndarray(len(self.buffer) - 7, "<u8", self.buffer, 0, (1,))
            out[:] = words[self.starts[first:] + at]


def _chunk(data: NDArray[np.uint8], bounds: NDArray[np.int64], prefix: int) -> _Texts:
    """The texts between the bounds: where they are, or copied if there is no room around them."""
    begin, end = int(bounds[0]), int(bounds[-1])
    starts, lengths = bounds[:-1], np.diff(bounds)
    if begin < _SLACK or end + _SLACK > len(data):
        data, starts = np.pad(data[begin:end], _SLACK), starts - (begin - _SLACK)
    if (lengths == lengths[0]).all():
        return _Texts(data, starts, lengths[:1] + prefix, None)
    order = np.argsort(lengths, kind="stable")
    return _Texts(data, starts[order], lengths[order] + prefix, order)


def _hash(head: _Head, texts: _Texts, scratch: tuple[Hashes, ...]) -> Hashes:
    state, block, spare = (part[:, : len(texts)] for part in scratch)
    widest = int(texts.widths[-1])
    state[:, : texts.narrower(16)] = head.state
    for at in range(0, widest, 16):
        # the first do not reach this block, those up to `whole` end in it, the rest have all of it
        some, whole = texts.narrower(at + 1), texts.narrower(at + 16)
        halves = 2 if at + 8 < widest else 1
        for half in range(halves):
            _load(head.rest, texts, at + 8 * half, some, whole, block[half, some:])
        _scramble(block[:halves, some:], spare[:halves, some:])
        if some < whole:
            state[:halves, some:whole] ^= block[:halves, some:whole]
        if whole < len(texts):
            before = state[:, whole:] if at else head.state
            _stir(before, state[:, whole:], block[:, whole:], spare[:, whole:])
    state ^= (texts.widths + head.length).astype(np.uint64)
    return _finish(state, spare)


def _load(prefix: bytes, texts: _Texts, at: int, some: int, whole: int, out: Hashes) -> None:
    """The word at byte `at` of prefix and text; texts before number `whole` may end within it."""
    first = prefix[at : at + 8]
    if len(first) == 8:
        out.fill(int.from_bytes(first, "little"))
        return
    texts.read(at - len(prefix), some, out)
    if some < whole:
        widths = texts.widths if texts.order is None else texts.widths[some:whole]
        out[: whole - some] &= _LOW_BYTES[np.clip(widths - at, 0, 8)]
    if first:
        out &= ~_LOW_BYTES[len(first)]
        out |= _words(int.from_bytes(first, "little"))


def _scramble(block: Hashes, spare: Hashes) -> None:
    """Spread the bits of a block, or of its first half: multiply, rotate, multiply."""
    halves = len(block)
    np.multiply(block, _BEFORE[:halves], block)
    np.left_shift(block, _LEFT[:halves], spare)
    np.right_shift(block, _RIGHT[:halves], block)
    np.bitwise_or(block, spare, block)
    np.multiply(block, _AFTER[:halves], block)


def _stir(before: Hashes, state: Hashes, block: Hashes, spare: Hashes) -> None:
    """Take a block into the state: one half, then the other with what became of the first."""
    for half, (left, right, plus) in enumerate(_TURNS):
        now, tmp = state[half], spare[half]
        np.bitwise_xor(before[half], block[half], now)
        np.left_shift(now, left, tmp)
        np.right_shift(now, right, now)
        np.bitwise_or(now, tmp, now)
        np.add(now, before[1] if half == 0 else state[0], now)
        np.multiply(now, _FIVE, now)
        np.add(now, plus, now)


def _finish(state: Hashes, spare: Hashes) -> Hashes:
    one: Hashes = state[0]
    two: Hashes = state[1]
    one += two
    two += one
    for times in _SPREAD:
        _fold(state, spare)
        np.multiply(state, times, state)
    _fold(state, spare)
    one += two
    return one


def _fold(state: Hashes, spare: Hashes) -> None:
    np.right_shift(state, _HALF, spare)
    np.bitwise_xor(state, spare, state)
