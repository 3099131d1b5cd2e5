"""Markdown that keeps to a size: what must be said is said, and lists are cut."""

from collections.abc import Callable, Sequence
from typing import TypeVar

_KEPT_BACK = 4_000
"""Bytes for what must be said: a verdict, headings, how much is left out. That is short by construction."""

Item = TypeVar("Item")


class MarkdownPage:
    """Paragraphs and lists up to a number of bytes of UTF-8, which is never less than that of characters."""

    def __init__(self, most: int) -> None:
        """Start empty."""
        self._written: list[str] = []
        self._room = most - _KEPT_BACK

    def say(self, paragraph: str) -> None:
        """Add a paragraph, whatever room there is."""
        self._written.append(paragraph)

    def fill(self, items: Sequence[Item], written: Callable[[Item], str], apart: str = "\n\n") -> int:
        """Add as many of the items as fit, in their order. Returns how many are left out."""
        taken: list[str] = []
        for item in items:
            block = written(item)
            size = len(f"{block}{apart}".encode())
            if size > self._room:
                break
            self._room -= size
            taken.append(block)
        if taken:
            self._written.append(apart.join(taken))
        return len(items) - len(taken)

    def render(self) -> str:
        """The whole text."""
        return "\n\n".join(self._written) + "\n"
