"""Experiments as rows of a calendar."""

from collections.abc import Sequence
from datetime import date, timedelta

from coord.domain.dates import Days
from coord.domain.model import Experiment, Kind
from coord.domain.shares import format_share
from coord.report.styled import Page
from coord.report.visible import visible

SPAN = timedelta(weeks=12)
_CELL = timedelta(days=2)
_LABELS = timedelta(weeks=2)
_MARKS = {Kind.AB_TEST: "#", Kind.ROLLOUT: "=", Kind.HOLDBACK: "-"}
_WIDEST = 40


def timeline(page: Page, experiments: Sequence[Experiment], today: date) -> None:
    """A row for each experiment that runs in the coming weeks; one character is two days."""
    span = Days(today, today + SPAN)
    rows = [(e, e.days) for e in experiments if e.days and e.days.meets(span)]
    later = len(experiments) - len(rows)
    page.line(("  Timeline", "bold"), " (# A/B test, = rollout, - holdback, + not yet at full traffic)")
    width = min(_WIDEST, max((len(visible(e.key)) for e, _ in rows), default=0))
    labels = "".join(f"{today + number * _LABELS:%m-%d}  " for number in range(SPAN // _LABELS))
    page.line(f"    {'':{width}}  {labels}".rstrip())
    for experiment, days in rows:
        cells = "".join(_mark(experiment, days, span.start + n * _CELL) for n in range(SPAN // _CELL))
        key = _short(visible(experiment.key), width)
        page.line(f"    {key:{width}}  {cells}  {format_share(experiment.traffic)}")
    if later:
        page.line(f"    {later} more start on {span.end} or later")


def _mark(experiment: Experiment, days: Days, first: date) -> str:
    """What happens in two days: the kind's mark if it runs on one of them."""
    both = days.meet(Days(first, first + _CELL))
    if not both:
        return "."
    last = both.end - timedelta(days=1)
    rising = experiment.traffic_on(last) < experiment.traffic
    return "+" if rising else _MARKS[experiment.kind]


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 2]}.."
