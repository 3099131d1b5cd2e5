"""The one hash (version 1, frozen): MurmurHash3 x64 128-bit, seed 0, its first 64 bits, unsigned.

Bit-compatible with spotify/confidence-resolver. Nothing else in the project hashes units or buckets.
"""

import mmh3


def h(key: str) -> int:
    """The 64-bit hash of a key's UTF-8 bytes."""
    return mmh3.hash64(key, 0, x64arch=True, signed=False)[0]


def slot(key: str, n: int) -> int:
    """The slot of a key among n: the upper 60 bits of its hash, modulo n."""
    return (h(key) >> 4) % n
