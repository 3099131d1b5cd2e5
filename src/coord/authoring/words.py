"""Words for people about what they typed."""

from collections.abc import Collection
from difflib import get_close_matches


def inert(text: str) -> str:
    """The text with what a terminal would act on written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def near(word: str, known: Collection[str]) -> str:
    """`; did you mean x?` when something known is close, else nothing."""
    found = get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def some(names: Collection[str], most: int = 12) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(list(names)[:most]) + more
