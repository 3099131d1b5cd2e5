"""Sets of buckets against Python's own sets."""

from hypothesis import given
from hypothesis import strategies as st

from coord.domain.buckets import count, from_bytes, from_numbers, from_range, full, numbers, to_bytes

SETS = st.sets(st.integers(0, 300))


@given(SETS, SETS)
def test_the_algebra_is_that_of_sets(one: set[int], other: set[int]) -> None:
    a, b = from_numbers(sorted(one)), from_numbers(sorted(other))
    assert set(numbers(a & b)) == one & other
    assert set(numbers(a | b)) == one | other
    assert set(numbers(a & ~b)) == one - other
    assert count(a) == len(one)
    assert from_bytes(to_bytes(a, 301)) == a


@given(st.integers(0, 50), st.integers(0, 50))
def test_ranges_are_half_open(low: int, high: int) -> None:
    assert list(numbers(from_range(low, high))) == list(range(low, high))


def test_the_bitset_has_the_least_significant_bit_first() -> None:
    assert to_bytes(from_numbers([0, 9]), 12) == bytes([1, 2])
    assert list(numbers(full(3))) == [0, 1, 2]
