"""Who overlaps whom: a matrix of few experiments, or the pairs that stand out among many."""

from collections.abc import Sequence
from statistics import NormalDist

from coord.report.simulated_lines import headed
from coord.report.styled import Page
from coord.report.visible import visible
from coord.report.words import table, wrapped
from coord.simulate.results import Overlap, Simulated

MATRIX = 12
"""The most experiments that are shown as a matrix."""

_CELL = 7
"""Columns of a terminal for a figure."""

_MOST_PAIRS = 10
_BY_CHANCE = 0.001
"""How likely it may be that a pair, of all there are, is told to stand out though nothing is wrong."""

_LEAST = 25
"""Units that a pair must be expected to share for that."""


def overlaps(page: Page, found: Simulated) -> None:
    """The matrix, or the largest deviations; nothing for a single experiment."""
    if not found.overlaps:
        return
    page.line()
    if len(found.experiments) <= MATRIX:
        _matrix(page, found)
    else:
        _largest(page, found)
    _far(page, found.overlaps)


def _matrix(page: Page, found: Simulated) -> None:
    """In blocks of so many columns as fit."""
    keys = [one.experiment.key for one in found.experiments]
    pairs = {(one.a.key, one.b.key): one for one in found.overlaps}
    headed(
        page,
        "Overlap",
        ": % of all units; below the diagonal as counted, above it by ledgers (x: must be exclusive)",
    )
    names = [f"  {number:>2} {key}" for number, key in enumerate(keys, 1)]
    width = min(max(len(visible(name)) for name in names), page.width // 2)
    fit = (page.width - width) // _CELL
    for begin in range(0, len(keys), fit):
        columns = range(begin, min(begin + fit, len(keys)))
        page.line((" " * width + "".join(f"{number + 1:>{_CELL}}" for number in columns), "bold"))
        for row, name in enumerate(names):
            cells = (_cell(pairs, keys, row, column) for column in columns)
            page.line(f"{visible(name):{width}}" + "".join(f"{cell:>{_CELL}}" for cell in cells))


def _cell(pairs: dict[tuple[str, str], Overlap], keys: Sequence[str], row: int, column: int) -> str:
    low, high = sorted((row, column))
    one = pairs.get((keys[low], keys[high]))
    if row == column:
        return "."
    if one is None:  # other units
        return "-"
    if row > column:
        return figure(one.share.value)
    return "x" if one.exclusive and not one.waived else figure(float(one.share.planned))


def figure(share: float) -> str:
    """A share in percent, without the sign; 0 only when it is just that."""
    return "0" if not share else f"{max(100 * share, 0.01):.2f}"


def _largest(page: Page, found: Simulated) -> None:
    """Of many pairs the ones that are farthest from plan, in standard errors."""
    shown = sorted(found.overlaps, key=lambda one: -abs(one.distance))[:_MOST_PAIRS]
    headed(
        page,
        "Overlap",
        f": of {len(found.overlaps):,} pairs the {len(shown)} farthest from plan (--format csv has all)",
    )
    rows = [["  ", "", "counted", "by ledgers", "independent", "off by, in se"]]
    rows += [[f"  {one.a.key}", one.b.key, *_figures(one)] for one in shown]
    lines = table(rows)
    if max(map(len, lines)) > page.width:
        figures = table([["  ", *rows[0][2:]], *(["  ", *row[2:]] for row in rows[1:])])
        names = ["", *(f"{row[0]} and {row[1]}" for row in rows[1:])]
        lines = [line for pair in zip(names, figures, strict=True) for line in pair if line]
    for line in lines:
        page.line(line)


def _figures(one: Overlap) -> list[str]:
    return [
        f"{figure(one.share.value)}%",
        "exclusive" if one.exclusive and not one.waived else f"{figure(float(one.share.planned))}%",
        f"{figure(float(one.independent))}%",
        f"{one.distance:+.1f}",
    ]


def _far(page: Page, pairs: Sequence[Overlap]) -> None:
    """Units that do not spread over buckets as they should."""
    limit = NormalDist().inv_cdf(1 - _BY_CHANCE / 2 / len(pairs))
    expected = [one for one in pairs if not one.wrong and one.share.planned * one.share.of >= _LEAST]
    for one in [one for one in expected if abs(one.distance) > limit][:_MOST_PAIRS]:
        what = (
            f"{one.a.key} and {one.b.key} share {figure(one.share.value)}% of the units, and by their ledgers"
            f" {figure(float(one.share.planned))}%: these units do not spread evenly over buckets."
        )
        for line in wrapped(what, page.width - 2):
            page.line((f"  {line}", "yellow"))
