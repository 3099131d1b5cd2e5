"""Lines of a plan's text: paragraphs that keep to the page, and how much of a list is not shown."""

from collections.abc import Sequence

from coord.report.styled import Page
from coord.report.words import wrapped


def paragraph(page: Page, text: str, style: str = "", indent: str = "    ") -> None:
    """A paragraph; its further lines are indented more."""
    for number, line in enumerate(wrapped(text, page.width - len(indent) - 2)):
        page.line(indent if not number else f"{indent}  ", (line, style))


def more(page: Page, items: Sequence[object], most: int, indent: str = "  ") -> None:
    """How many of the items there are beyond `most`; nothing for none."""
    if len(items) > most:
        page.line(f"{indent}and {len(items) - most:,} more (--format json lists all)")
