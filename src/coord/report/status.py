"""The status of surfaces, for a person at a terminal."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from coord.domain.model import Experiment
from coord.domain.shares import WHOLE, format_share
from coord.report.styled import Page
from coord.report.timeline import timeline
from coord.report.words import KINDS, WIDTH, amount, bar, cell_words, in_days, table, whole_percent, wrapped
from coord.status.levels import Level, Stretch, until
from coord.status.surface import Fullness, SurfaceStatus

_MOST = 10
"""How many that are still to come are listed of each surface among others."""


def render(
    surfaces: Sequence[SurfaceStatus],
    titles: Mapping[str, str],
    today: date,
    broken: Sequence[str],
    *,
    detailed: bool,
    color: bool,
) -> str:
    """One block for each surface (titles by name); `detailed` adds who uses what, and a timeline."""
    page = Page()
    page.line(f"Status on {today}")
    for status in surfaces:
        page.line()
        _surface(page, status, titles[status.surface.name], detailed=detailed)
    if not surfaces:
        page.line("There are no surfaces.")
    broken_files(page, broken)
    return page.render(color=color)


def broken_files(page: Page, broken: Sequence[str]) -> None:
    """Say what is left out."""
    if broken:
        page.line()
        what = "1 file has errors and is" if len(broken) == 1 else f"{len(broken)} files have errors and are"
        page.line((f"{what} left out; `coord check` says more.", "yellow"))


def _surface(page: Page, status: SurfaceStatus, title: str, *, detailed: bool) -> None:
    surface = status.surface
    page.line((surface.name, "bold"), f": {title} (team {surface.owner}, space {surface.space})")
    _running_now(page, status)
    most = len(status.scheduled) + len(status.drafts) if detailed else _MOST
    if status.scheduled:
        headings = [f"To come ({len(status.scheduled)})", "kind", "team", "traffic", "starts", ""]
        _experiments(page, surface.name, headings, [_scheduled(e, status) for e in status.scheduled], most)
    if status.drafts:
        headings = [f"Drafts ({len(status.drafts)})", "kind", "team", "traffic", "days"]
        _experiments(page, surface.name, headings, [_draft(e) for e in status.drafts], most)
    _levels(page, status, detailed=detailed)
    if detailed:
        timeline(page, (*status.running, *status.scheduled), status.today)


def _running_now(page: Page, status: SurfaceStatus) -> None:
    over = f", {status.over} over" if status.over else ""
    heading = f"Running ({len(status.running)}{over})"
    columns = ["kind", "team", "traffic", "until", "next step"] if status.running else [""] * 5
    if not any(step.day > status.today for experiment in status.running for step in experiment.steps):
        columns[-1] = ""
    rows = [_running(experiment, status) for experiment in status.running]
    _experiments(page, status.surface.name, [heading, *columns], rows)


def _experiments(
    page: Page, name: str, headings: list[str], rows: list[list[str]], most: int | None = None
) -> None:
    """Experiments below the headings of their columns; at most so many of them."""
    heading, *lines = table([headings, *([f"  {row[0]}", *row[1:]] for row in rows[:most])])
    page.line((f"  {heading}", "bold"))
    for line in lines:
        page.line(f"  {line}")
    if most is not None and len(rows) > most:
        page.line(f"    and {len(rows) - most} more (coord status {name})")


def _running(experiment: Experiment, status: SurfaceStatus) -> list[str]:
    later = [step for step in experiment.steps if step.day > status.today]
    return [
        experiment.key,
        KINDS[experiment.kind],
        experiment.owner,
        format_share(experiment.traffic_on(status.today)),
        str(experiment.days.end) if experiment.days else "",
        f"{format_share(later[0].traffic)} on {later[0].day}" if later else "",
    ]


def _scheduled(experiment: Experiment, status: SurfaceStatus) -> list[str]:
    start = experiment.days.start if experiment.days else None
    return [
        experiment.key,
        KINDS[experiment.kind],
        experiment.owner,
        _traffic(experiment),
        str(start or ""),
        in_days(status.today, start) if start else "",
    ]


def _draft(experiment: Experiment) -> list[str]:
    days = f"{experiment.days.start} until {experiment.days.end}" if experiment.days else "no dates yet"
    return [experiment.key, KINDS[experiment.kind], experiment.owner, _traffic(experiment), days]


def _traffic(experiment: Experiment) -> str:
    """The traffic it starts with, and what it comes to."""
    shares = [format_share(step.traffic) for step in experiment.steps]
    if not shares:
        return "-"
    return shares[0] if len(shares) == 1 else f"{shares[0].rstrip('%')}-{shares[-1]}"


class _Row(NamedTuple):
    """A row of the table of levels; `full` is None in a heading."""

    cells: list[str]
    full: Fraction | None = None
    details: Sequence[str] = ()


def _levels(page: Page, status: SurfaceStatus, *, detailed: bool) -> None:
    """Components and budgets in one table, so that their columns stand below each other."""
    ahead = f"fullest before {until(status.today)}"
    rows = [_Row(["Components", "full now", "A/B tests", "everything", ahead])]
    rows += [_Row(_component(one), one.now, _who(one) if detailed else ()) for one in status.components]
    rows += [_Row(["Budgets", "", "", "", ""])] if status.budgets else []
    rows += [_Row(_budget(one, status.today), one.full(one.now)) for one in status.budgets]
    for row, line in zip(rows, table([row.cells for row in rows]), strict=True):
        page.line((f"  {line}", "bold" if row.full is None else _style(row.full)))
        for detail in row.details:
            for part in wrapped(detail, WIDTH - 8):
                page.line(f"        {part}")


def _style(full: Fraction) -> str:
    return "red" if full > WHOLE else "yellow" if full * 10 >= 9 else ""


def _component(one: Fullness) -> list[str]:
    tests, total = one.tests, one.total
    used = f"{_figure(tests)} of {amount('component', tests.limit.allowed)}"
    name = one.component.partition("/")[2]
    peak = _peak(one.now, one.peak, one.peak_day, whole_percent(one.peak))
    return [f"  {name}", f"{bar(one.now)} {whole_percent(one.now):>4}", used, _figure(total), peak]


def _budget(one: Level, today: date) -> list[str]:
    names = {"per_unit": "experiments per unit", "concurrent": "experiments at once"}
    kind, full = one.limit.kind, one.full(one.now)
    used = f"{_figure(one)} of {amount(kind, one.limit.allowed)}"
    day = one.peak.days.start
    peak = _peak(one.now.used, one.peak.used, day, amount(kind, one.peak.used)) if day > today else "now"
    name = names.get(kind) or f"team {one.limit.team}"
    return [f"  {name}", f"{bar(full)} {whole_percent(full):>4}", used, "", peak]


def _peak(now: Fraction, peak: Fraction, day: date, figure: str) -> str:
    return "now" if peak <= now else f"{figure} on {day}"


def _figure(one: Level) -> str:
    at_most = "at most " if one.now.bound else ""
    return at_most + amount(one.limit.kind, one.now.used)


def _who(one: Fullness) -> list[str]:
    """Who uses a component now and on its fullest day."""
    found = [f"now: {_uses(one.total.now)}"] if one.total.now.uses else []
    if one.peak > one.now:
        peak = one.fullest.peak
        found.append(f"{peak.days.start}: {_uses(peak)}")
    return found


def _uses(stretch: Stretch) -> str:
    cell = cell_words(stretch.cell)
    where = f"{cell}: " if cell else ""
    return where + ", ".join(f"{member.key} {format_share(share)}" for member, share in stretch.uses)
