"""How the figures of an audit are laid out."""

from collections.abc import Sequence
from itertools import zip_longest

from coord.analysis.audit import Counts
from coord.analysis.audit_causes import MISMATCHES
from coord.report.styled import Page
from coord.report.summary import many
from coord.report.visible import visible
from coord.report.words import table, wrapped


def missed(counts: Counts) -> int:
    """How many rows contradict the files."""
    return sum(counts[cause] for cause in MISMATCHES)


def missed_of(counts: Counts) -> list[str]:
    """The mismatches, the rows, and the share."""
    rows = sum(counts.values())
    return [f"{missed(counts):,}", f"{rows:,}", percent(missed(counts), rows)]


def percent(part: int, total: int) -> str:
    """A share with two decimals; 0% and 100% only when it is just that."""
    if not part or part == total:
        return "100%" if part else "0%"
    return f"{min(99.99, max(0.01, 100 * part / total)):.2f}%"


def add_table(
    page: Page, heading: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    """A table under a heading; each row may have a note, which goes below it where it does not fit behind."""
    page.line()
    first, *lines = aligned([heading, *rows])
    page.line((first, "bold"))
    for line, note in zip_longest(lines, notes, fillvalue=""):
        together = f"{line}  {visible(note)}".rstrip()
        if len(together) <= page.width:
            page.line(together)
        else:
            page.line(line)
            add_wrapped(page, note, indent="    ")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows in columns; those that only have figures below the first row are set to the right."""
    shown = [list(row) for row in rows]
    for place in range(len(shown[0])):
        cells = [row[place] for row in shown]
        if all(_is_figure(cell) for cell in cells[1:] if cell):
            width = max(map(len, cells))
            for row in shown:
                row[place] = row[place].rjust(width)
    return table(shown)


def _is_figure(cell: str) -> bool:
    return cell.rstrip("%").replace(",", "").replace(".", "").isdecimal()


def more(page: Page, number: int, word: str, elsewhere: str = " (--format json lists all)") -> None:
    """What a table leaves out, and where it is."""
    if number > 0:
        page.line(f"  and {many(number, word)} more{elsewhere}")


def add_wrapped(page: Page, text: str, *, indent: str = "", style: str = "") -> None:
    """A text in lines that are no longer than others."""
    for number, line in enumerate(wrapped(text, page.width - len(indent) - 2)):
        page.line((f"{indent}{'  ' if number else ''}{line}", style))
