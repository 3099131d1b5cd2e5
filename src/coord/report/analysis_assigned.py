"""The metrics by the variant that the hash gives, beside those by the variant that units met."""

from collections.abc import Iterator
from typing import NamedTuple

from coord.analysis.results import Analysis, AsAssigned
from coord.report.analysis_looks import marked
from coord.report.analysis_words import cut
from coord.report.audit_tables import add_wrapped
from coord.report.markdown_text import shortened
from coord.report.styled import Page

HEADING = ("metric", "as met", "as assigned")


class Pair(NamedTuple):
    """A metric both ways. same: whether its verdict is."""

    name: str
    met: str
    assigned: str
    same: bool


def pairs(analysis: Analysis) -> Iterator[Pair]:
    """Every metric of every variant; none where no unit crossed over."""
    if analysis.as_assigned is None:
        return
    several = len({one.variant for one in analysis.metrics}) > 1
    other = {(one.metric, one.variant): one for one in analysis.as_assigned.metrics}
    for one in analysis.metrics:
        found = other.get((one.metric, one.variant))
        if found is not None:
            name = f"{cut(one.metric)} ({cut(one.variant)})" if several else cut(one.metric)
            yield Pair(name, marked(one), marked(found), one.verdict is found.verdict)


def meaning(found: AsAssigned) -> str:
    """What is compared."""
    units = ", ".join(f"{cut(name)} {number:,}" for name, number in found.units.items())
    return (
        "All units by the variant that the hash gives them, those that were seen in several variants too: "
        f"{units}."
    )


def as_assigned(page: Page, analysis: Analysis) -> None:
    """A table of both; a row stands out where the verdicts differ."""
    rows = list(pairs(analysis))
    if analysis.as_assigned is None or not rows:
        return
    met = max(len(HEADING[1]), *(len(one.met) for one in rows))
    assigned = max(len(HEADING[2]), *(len(one.assigned) for one in rows))
    most = max(len(HEADING[0]), page.width - 6 - met - assigned)
    names = [shortened(one.name, most) for one in rows]
    name = max(len(HEADING[0]), *map(len, names))
    page.line()
    page.line(("As assigned", "bold"))
    add_wrapped(page, meaning(analysis.as_assigned), indent="  ")
    page.line((f"  {HEADING[0]:{name}}  {HEADING[1]:{met}}  {HEADING[2]}", "dim"))
    for shown, one in zip(names, rows, strict=True):
        page.line((f"  {shown:{name}}  {one.met:{met}}  {one.assigned}", "" if one.same else "yellow"))
