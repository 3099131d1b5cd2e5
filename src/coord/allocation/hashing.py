"""The one hash (version 1, frozen): MurmurHash3 x64 128-bit, seed 0, its first 64 bits, unsigned.

Bit-compatible with spotify/confidence-resolver. Nothing else in the project hashes units or buckets. Columns
of ids are hashed many at once (`coord.allocation.murmur`), with the same result for every one.
"""

from typing import TYPE_CHECKING

import mmh3

from coord.allocation.columns import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]


def h(key: str) -> int:
    """The 64-bit hash of a key's UTF-8 bytes."""
    return mmh3.hash64(key, 0, x64arch=True, signed=False)[0]


def _of_bytes(key: bytes) -> int:
    return mmh3.hash64(key, 0, x64arch=True, signed=False)[0]


def slot(key: str, n: int) -> int:
    """The slot of a key among n: the upper 60 bits of its hash, modulo n."""
    return (h(key) >> 4) % n


def hashes(prefix: str, ids: Column) -> "Hashes":
    """The hash of `prefix + id` for every id of a column."""
    from coord.allocation import murmur  # noqa: PLC0415 - only columns need numpy

    return murmur.hashes(prefix.encode(), ids, _of_bytes)


def slots_of(prefix: str, ids: Column, n: int) -> "NDArray[np.int64]":
    """The slot of `prefix + id` among n (at most 2**63), for every id of a column."""
    import numpy as np  # noqa: PLC0415

    slots = hashes(prefix, ids)
    slots >>= np.uint64(4)
    slots %= np.uint64(n)
    return slots.view(np.int64)
