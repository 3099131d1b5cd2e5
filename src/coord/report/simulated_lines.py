"""Lines that open a part of a simulation."""

from textwrap import wrap

from coord.report.styled import Page
from coord.report.visible import visible


def headed(page: Page, heading: str, rest: str) -> None:
    """A heading, set off, and what follows it; further lines are indented."""
    text = heading + visible(rest)
    first, *more = wrap(
        text, page.width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    page.line((heading, "bold"), first.removeprefix(heading))
    for line in more:
        page.line(line)
