"""Words that several rules use."""

from collections.abc import Sequence

from coord.domain.dates import Days


def days_in_words(days: Days) -> str:
    """The interval in a sentence; the end is the first day after."""
    return f"from {days.start} until {days.end}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, final = names
    return f"{', '.join(others)} {last} {final}" if others else final


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 bucket`, `2 buckets`, with thousands separated."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
