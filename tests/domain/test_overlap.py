"""Two holdings that come to share more with a step: what is told is the most, and that it grows."""

from datetime import date

from coord.domain.buckets import from_range
from coord.domain.dates import Days
from coord.domain.holding import Holding, overlap

MARCH = [date(2026, 3, day) for day in range(1, 32)]


def _holding(start: int, end: int, *steps: tuple[int, int, int]) -> Holding:
    """Steps are (day, low, high)."""
    held, taken = 0, []
    for day, low, high in steps:
        held |= from_range(low, high)
        taken.append((MARCH[day], held))
    return Holding(Days(MARCH[start], MARCH[end]), tuple(taken))


def test_an_overlap_that_grows_with_a_step_says_so() -> None:
    stays = _holding(0, 20, (0, 0, 30))
    found = overlap(stays, _holding(0, 20, (0, 20, 40), (10, 10, 20)))
    assert found is not None
    assert (found.days, found.buckets, found.grows) == (Days(MARCH[0], MARCH[20]), from_range(10, 30), True)


def test_an_overlap_that_begins_with_a_step_does_not_grow() -> None:
    found = overlap(_holding(0, 20, (0, 0, 30)), _holding(0, 20, (0, 40, 60), (10, 10, 20)))
    assert found is not None
    assert (found.days.start, found.buckets, found.grows) == (MARCH[10], from_range(10, 20), False)
