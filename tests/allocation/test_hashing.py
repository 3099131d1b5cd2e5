"""The published vectors of the hash and of the draw."""

import hashlib

import pytest

from coord.allocation.draw import draw, seed_of
from coord.allocation.hashing import h, slot
from coord.domain.buckets import count, digest, from_range, full, numbers, to_bytes


@pytest.mark.parametrize(
    ("key", "n", "expected"),
    [
        ("MegaSalt-confidence-test|roug", 1_000_000, 567493),  # spotify/confidence-resolver's own test
        ("MegaSalt-test|user-1", 1_000_000, 70125),
        ("MegaSalt-test|user-2", 1_000_000, 298006),
        ("country-se|user1", 1000, 719),
        ("exp1|user-1", 10000, 1496),
        ("exp1|user-2", 10000, 5379),
        ("exp1|åäö", 10000, 8423),
    ],
)
def test_slots_are_the_published_ones(key: str, n: int, expected: int) -> None:
    assert slot(key, n) == expected


def test_hashes_are_the_published_ones() -> None:
    assert h("") == 0
    assert h("a") == 9607679276477937801


def test_a_draw_takes_the_published_buckets() -> None:
    assert list(numbers(draw(full(20), 5, "home/demo/1"))) == [1, 2, 3, 14, 16]
    free = full(20) & ~from_range(0, 10)
    assert list(numbers(draw(free, 5, "home/demo/1"))) == [11, 14, 15, 16, 18]


def test_a_large_draw_has_the_published_start_and_digest() -> None:
    drawn = draw(full(10_000), 2000, seed_of("home/podcast-shelf", 1))
    assert list(numbers(drawn))[:8] == [4, 7, 11, 16, 17, 20, 30, 31]
    assert digest(drawn, 10_000) == "0f3d4470a9116f7bc020b43e0842ca2e4f604be0e499e60597aaea389cd744c1"
    assert hashlib.sha256(to_bytes(drawn, 10_000)).hexdigest() == digest(drawn, 10_000)
    assert len(to_bytes(drawn, 10_000)) == 1250


def test_a_draw_from_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="3 buckets wanted, 2 free"):
        draw(from_range(4, 6), 3, "a/b/1")
    assert count(draw(from_range(4, 6), 2, "a/b/1")) == 2
