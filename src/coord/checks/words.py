"""Words that several rules use."""

from coord.domain.dates import Days
from coord.domain.exclusivity import Reason


def days_in_words(days: Days) -> str:
    """The interval in a sentence; the end is the first day after."""
    return f"from {days.start} until {days.end}"


def reason_in_words(reason: Reason) -> str:
    """Why two experiments must be exclusive."""
    if reason.kind == "component":
        return f"both touch {reason.what}, so each would change what the other measures"
    if reason.kind == "exclusive_with":
        return f"{reason.what} says so in `exclusive_with`"
    if reason.kind == "holdback":
        return f"{reason.by} keeps its units out of every experiment on {reason.what}"
    return f"both serve the system {reason.what}, which would learn from both"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 bucket`, `2 buckets`, with thousands separated."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
