"""Sets of buckets. A set is one integer: bit b is set when bucket b is in it.

Intersection, union and difference are `&`, `|` and `& ~`; they are exact and cost nanoseconds.
"""

import hashlib
from collections.abc import Iterator, Sequence

Buckets = int
"""A set of buckets as an integer bitset."""


def from_range(low: int, high: int) -> Buckets:
    """The buckets of the half-open range [low, high)."""
    return (1 << high) - (1 << low) if low < high else 0


def from_ranges(ranges: Sequence[tuple[int, int]], most: int) -> Buckets:
    """The union of half-open ranges, of which only the buckets below `most` are kept."""
    bits = bytearray(min(most, max((high for _, high in ranges), default=0)) // 8 + 1)
    upto = 0
    for start, end in sorted(ranges):
        low, high = max(start, upto), min(end, most)
        if low < high:
            _fill(bits, low, high)
            upto = high
    return from_bytes(bytes(bits))


def _fill(bits: bytearray, low: int, high: int) -> None:
    """Set the bits of a range that is not empty, whole bytes at once."""
    first, last = low >> 3, (high - 1) >> 3
    head, tail = 0xFF << (low & 7) & 0xFF, 0xFF >> (7 - ((high - 1) & 7))
    if first == last:
        bits[first] |= head & tail
        return
    bits[first] |= head
    bits[first + 1 : last] = b"\xff" * (last - first - 1)
    bits[last] |= tail


def from_numbers(numbers: Sequence[int]) -> Buckets:
    """The set of the given bucket numbers."""
    bits = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return from_bytes(bytes(bits))


def full(size: int) -> Buckets:
    """All buckets of a space of `size` buckets."""
    return (1 << size) - 1


def count(buckets: Buckets) -> int:
    """How many buckets are in the set."""
    return buckets.bit_count()


def numbers(buckets: Buckets) -> Iterator[int]:
    """The bucket numbers in the set, ascending."""
    for position, bit in enumerate(reversed(f"{buckets:b}")):
        if bit == "1":
            yield position


def to_bytes(buckets: Buckets, size: int) -> bytes:
    """The bitset of a space of `size` buckets, least significant bit first: ceil(size / 8) bytes."""
    return buckets.to_bytes((size + 7) // 8, "little")


def from_bytes(data: bytes) -> Buckets:
    """The set whose bitset is `data`, least significant bit first."""
    return int.from_bytes(data, "little")


def digest(buckets: Buckets, size: int) -> str:
    """SHA-256 of the bitset, in lower-case hexadecimal: the fingerprint a ledger carries."""
    return hashlib.sha256(to_bytes(buckets, size)).hexdigest()
