"""Days and half-open intervals of days."""

from datetime import date
from typing import NamedTuple


def parse_day(text: str) -> date:
    """The day written as `YYYY-MM-DD`; ValueError when the calendar has no such day."""
    return date.fromisoformat(text)


class Days(NamedTuple):
    """The half-open interval [start, end): `end` is the first day after. Empty when end <= start."""

    start: date
    end: date

    @property
    def length(self) -> int:
        """Number of days in the interval."""
        return max(0, (self.end - self.start).days)

    def __bool__(self) -> bool:
        """Whether there is any day in the interval."""
        return self.start < self.end

    def __contains__(self, day: object) -> bool:
        """Whether the interval has the day."""
        return isinstance(day, date) and self.start <= day < self.end

    def meet(self, other: "Days") -> "Days":
        """The days in both intervals; empty when they only touch."""
        return Days(max(self.start, other.start), min(self.end, other.end))

    def meets(self, other: "Days") -> bool:
        """Whether some day is in both intervals."""
        return max(self.start, other.start) < min(self.end, other.end)
