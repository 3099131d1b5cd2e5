"""The one hash (version 1, frozen): MurmurHash3 x64 128-bit, seed 0, its first 64 bits, unsigned.

Bit-compatible with spotify/confidence-resolver. Nothing else in the project hashes units or buckets. Columns
of ids are hashed many at once, by the same arithmetic on arrays (Austin Appleby's MurmurHash3_x64_128).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import mmh3

from coord.allocation.columns import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Rows = NDArray[np.int64]


def h(key: str) -> int:
    """The 64-bit hash of a key's UTF-8 bytes."""
    return mmh3.hash64(key, 0, x64arch=True, signed=False)[0]


def slot(key: str, n: int) -> int:
    """The slot of a key among n: the upper 60 bits of its hash, modulo n."""
    return (h(key) >> 4) % n


def slots_of(prefix: str, ids: Column, n: int) -> "NDArray[np.int64]":
    """The slot of `prefix + id` among n (at most 2**63), for every id of a column."""
    import numpy as np  # noqa: PLC0415 - only columns need it

    slots = (hashes(prefix, ids) >> np.uint64(4)) % np.uint64(n)
    return slots.astype(np.int64)


_BLOCK = 16
_ROWS = 1 << 14
"""Rows hashed at a time: their arrays stay in the processor's cache."""


def hashes(prefix: str, ids: Column) -> "Hashes":
    """The hash of `prefix + id` for every id of a column."""
    import numpy as np  # noqa: PLC0415 - only columns need it

    result = np.empty(len(ids), np.uint64)
    head = prefix.encode()
    with np.errstate(over="ignore"):
        state = _State(head)
        for rows, texts in _chunks(ids):
            result[rows] = _hash_rows(state, texts)
    return result


class _State:
    """The hash after the whole blocks of a prefix, and the bytes of it that are left."""

    def __init__(self, prefix: bytes) -> None:
        import numpy as np  # noqa: PLC0415

        whole = len(prefix) // _BLOCK * _BLOCK
        self.rest = np.frombuffer(prefix[whole:], np.uint8)
        self.length = len(prefix)
        self.h1, self.h2 = np.zeros(1, np.uint64), np.zeros(1, np.uint64)
        blocks = np.frombuffer(prefix[:whole], "<u8")
        for block in range(0, len(blocks), 2):
            _mix(self.h1, self.h2, blocks[block : block + 1].copy(), blocks[block + 1 : block + 2].copy())


def _chunks(ids: Column) -> "Iterator[tuple[Rows, NDArray[np.uint8]]]":
    """Up to `_ROWS` rows of one length at a time: which, and their bytes, a row each."""
    import numpy as np  # noqa: PLC0415

    lengths = np.diff(ids.offsets)
    order = np.argsort(lengths, kind="stable")
    bounds = np.flatnonzero(np.diff(lengths[order])) + 1
    for same in np.split(order, bounds) if len(order) else ():
        length = int(lengths[same[0]])
        for begin in range(0, len(same), _ROWS):
            rows = same[begin : begin + _ROWS]
            start, last = int(ids.offsets[rows[0]]), int(rows[-1])
            if last - int(rows[0]) == len(rows) - 1:  # one after the other: nothing has to be gathered
                yield rows, ids.data[start : start + len(rows) * length].reshape(len(rows), length)
            else:
                yield rows, ids.data[ids.offsets[rows][:, None] + np.arange(length)]


def _hash_rows(state: _State, texts: "NDArray[np.uint8]") -> "Hashes":
    """The hashes of texts of one length."""
    import numpy as np  # noqa: PLC0415

    number, length = texts.shape
    rest = len(state.rest)
    width = rest + length
    whole, partial = divmod(width, _BLOCK)
    padded = np.zeros((number, (whole + bool(partial)) * _BLOCK), np.uint8)
    padded[:, :rest] = state.rest
    padded[:, rest:width] = texts
    words = np.ascontiguousarray(padded.view("<u8").T)
    h1, h2 = np.repeat(state.h1, number), np.repeat(state.h2, number)
    for block in range(whole):
        _mix(h1, h2, words[2 * block], words[2 * block + 1])
    if partial:
        high = np.empty_like(h1)
        _scramble(words[2 * whole], _C1, 31, _C2, high)
        _scramble(words[2 * whole + 1], _C2, 33, _C1, high)
        h1 ^= words[2 * whole]
        h2 ^= words[2 * whole + 1]
    return _finish(h1, h2, state.length + length)


_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _scramble(k: "Hashes", by: int, left: int, again: int, high: "Hashes") -> None:
    """Spread the bits of half a block, in place."""
    import numpy as np  # noqa: PLC0415

    k *= np.uint64(by)
    _rotate(k, left, high)
    k *= np.uint64(again)


def _rotate(x: "Hashes", left: int, high: "Hashes") -> None:
    import numpy as np  # noqa: PLC0415

    np.left_shift(x, np.uint64(left), out=high)
    x >>= np.uint64(64 - left)
    x |= high


def _mix(h1: "Hashes", h2: "Hashes", k1: "Hashes", k2: "Hashes") -> None:
    """Take in a block of 16 bytes; all four arrays are changed in place."""
    import numpy as np  # noqa: PLC0415

    high = np.empty_like(h1)
    _scramble(k1, _C1, 31, _C2, high)
    _scramble(k2, _C2, 33, _C1, high)
    _stir(h1, k1, h2, 27, 0x52DCE729, high)
    _stir(h2, k2, h1, 31, 0x38495AB5, high)


def _stir(one: "Hashes", k: "Hashes", other: "Hashes", left: int, plus: int, high: "Hashes") -> None:
    import numpy as np  # noqa: PLC0415

    one ^= k
    _rotate(one, left, high)
    one += other
    one *= np.uint64(5)
    one += np.uint64(plus)


def _finish(h1: "Hashes", h2: "Hashes", length: int) -> "Hashes":
    import numpy as np  # noqa: PLC0415

    high = np.empty_like(h1)
    h1 ^= np.uint64(length)
    h2 ^= np.uint64(length)
    h1 += h2
    h2 += h1
    _avalanche(h1, high)
    _avalanche(h2, high)
    h1 += h2
    return h1


def _avalanche(half: "Hashes", high: "Hashes") -> None:
    import numpy as np  # noqa: PLC0415

    for times in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
        np.right_shift(half, np.uint64(33), out=high)
        half ^= high
        half *= np.uint64(times)
