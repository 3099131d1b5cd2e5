"""Work shared out to threads: all of it, in order, a few pieces at a time."""

import threading
import time
from collections.abc import Iterator

import pytest

from coord.simulate.threads import in_order, processors


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_results_come_in_the_order_of_the_pieces(threads: int | None) -> None:
    def work(piece: int) -> int:
        time.sleep(0.002 * (piece % 3))
        return piece * piece

    assert list(in_order(work, range(40), threads)) == [piece * piece for piece in range(40)]
    assert processors() >= 1


def test_pieces_are_taken_as_they_are_needed() -> None:
    taken = 0

    def pieces() -> Iterator[int]:
        nonlocal taken
        for piece in range(1000):
            taken += 1
            yield piece

    results = in_order(lambda piece: piece, pieces(), 2)
    assert [next(results) for _ in range(10)] == list(range(10))
    assert taken <= 10 + 3


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_ends_it(threads: int) -> None:
    done = []

    def work(piece: int) -> int:
        if piece == 5:
            raise ValueError("five")
        done.append(piece)
        return piece

    before = threading.active_count()
    with pytest.raises(ValueError, match="five"):
        list(in_order(work, range(10_000), threads))
    assert len(done) < 100
    for _ in range(100):
        if threading.active_count() == before:
            break
        time.sleep(0.02)
    assert threading.active_count() == before
