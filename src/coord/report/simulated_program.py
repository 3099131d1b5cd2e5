"""A simulated programme, for a person: what each policy finishes, who waits, and what the rate needs."""

from collections.abc import Callable, Sequence

from coord.domain.shares import format_share
from coord.report.simulated_lines import headed
from coord.report.styled import Page
from coord.report.summary import many
from coord.report.words import WIDTH, table, wrapped
from coord.simulate.fitting import Fitted
from coord.simulate.program import Estimate, PolicyResult, Programme

WORDS = {
    "serial": "one at a time",
    "ranges": "contiguous ranges",
    "reuse": "bucket reuse",
    "overlap": "all at once",
}
_BLOCKS = "▁▂▃▄▅▆▇█"

_NOTES = (
    "± is one standard error. Finished, running and waiting are counts at the end of the year; days waited"
    " is of all that were proposed, up to the end of the year; occupancy is the number of experiments that a"
    " unit is in on an average day; exposed are the units of an experiment that meet another one on its"
    " component, and power lost is what leaving them out costs; carries is the rate above which the queue"
    " grows."
)


def text(found: Programme, fitted: Fitted, *, color: bool, width: int = WIDTH) -> str:
    """The whole result, in lines of at most `width` where names allow it."""
    page = Page(width)
    headed(
        page,
        "A year's programme",
        f", made up {many(found.replicates, 'time')} with seed {found.seed}:"
        f" {pm(found.proposed, 1)} experiments proposed",
    )
    for line in table([[f"  {one.name}", one.value, one.source] for one in fitted.sources]):
        page.line(line)
    for line in wrapped(fitted.told, width - 2):
        page.line(f"  {line}")
    page.line()
    _policies(page, found.policies)
    page.line()
    _weeks(page, found.policies)
    page.line()
    for sentence in conclusions(found, fitted):
        for number, line in enumerate(wrapped(sentence, width - 4)):
            page.line(f"{'    ' if number else '  '}{line}")
    page.line()
    for line in wrapped(_NOTES, width - 2):
        page.line((f"  {line}", "dim"))
    return page.render(color=color)


def pm(one: Estimate, places: int, factor: float = 1.0) -> str:
    """An estimate with its standard error."""
    value = f"{one.value * factor:,.{places}f}"
    return value if one.se is None else f"{value} ±{one.se * factor:,.{places}f}"


def rounded(number: float) -> str:
    """A number of experiments: whole, with a decimal below 100."""
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:,.1f}"


def _policies(page: Page, policies: Sequence[PolicyResult]) -> None:
    """A row for each figure and a column for each policy, which fits every terminal."""
    rows = [
        ["Policy", *(one.name for one in policies)],
        ["", *(WORDS[one.name] for one in policies)],
        *([f"  {name}", *map(cell, policies)] for name, cell in _FIGURES),
    ]
    heading, *lines = table(rows)
    page.line((heading, "bold"))
    for line in lines:
        page.line(line)


_FIGURES: tuple[tuple[str, Callable[[PolicyResult], str]], ...] = (
    ("finished", lambda one: pm(one.figures["finished"], 1)),
    ("running", lambda one: f"{one.figures['running'].value:,.1f}"),
    ("waiting", lambda one: f"{one.figures['waiting'].value:,.1f}"),
    ("days waited", lambda one: pm(one.figures["wait_days"], 1)),
    ("occupancy", lambda one: f"{one.figures['occupancy'].value:.2f}"),
    ("exposed", lambda one: f"{100 * one.figures['exposed'].value:.0f}%"),
    ("power lost", lambda one: f"{100 * one.figures['power_lost'].value:.0f} points"),
    ("carries", lambda one: "any rate" if one.most is None else f"{rounded(one.most)} a year"),
)


def _weeks(page: Page, policies: Sequence[PolicyResult]) -> None:
    """How many run in each week, on one scale for all policies."""
    top = max((max(one.weeks) for one in policies), default=0.0)
    page.line(("Running at once", "bold"), f", week by week (the highest is {top:,.1f})")
    width = max(len(one.name) for one in policies)
    for one in policies:
        page.line(
            f"  {one.name:{width}}  {''.join(_block(week, top) for week in one.weeks)}  {_last(one):,.1f}"
        )


def _last(one: PolicyResult) -> float:
    """How many run in an average week of the last quarter."""
    quarter = one.weeks[-len(one.weeks) // 4 :]
    return sum(quarter) / len(quarter)


def _block(value: float, top: float) -> str:
    if value <= 0 or top <= 0:
        return " "
    return _BLOCKS[min(len(_BLOCKS) - 1, int(value / top * len(_BLOCKS)))]


def conclusions(found: Programme, fitted: Fitted) -> list[str]:
    """What it comes to, in sentences."""
    by_name = {one.name: one for one in found.policies}
    serial, ranges, reuse, overlap = (by_name[name] for name in WORDS)
    told = [
        f"One at a time, {_finished(serial)} are finished; in contiguous ranges {_finished(ranges)};"
        f" with bucket reuse {_finished(reuse)}; everything at once {_finished(overlap)}, where"
        f" {100 * overlap.figures['exposed'].value:.0f}% of an experiment's units meet a rival."
    ]
    needs, setting = found.needs, found.setting
    if needs.components is not None:
        components = many(needs.components, "component")
        told.append(
            f"Bucket reuse carries {setting.rate:,.0f} a year, with a wait of a week at most on average, from"
            f" {components} on."
        )
    elif not fitted.components and setting.exclusive:
        told.append(f"No number of components carries {setting.rate:,.0f} a year.")
    if needs.traffic is not None:
        limit = f"while each takes up to {format_share(needs.traffic)} of the traffic"
        told.append(f"With {many(setting.components, 'component')} it carries them {limit}.")
    if needs.busiest and fitted.components:
        place, load = needs.busiest
        told.append(
            f"{fitted.components[place]} is the busiest component: {100 * load:.0f}% of its room is asked for"
            " on an average day."
        )
    return told


def _finished(one: PolicyResult) -> str:
    return rounded(one.figures["finished"].value)
