"""The metrics of an analysis as rows with a drawn interval: one line on a wide terminal, two elsewhere."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from coord.analysis.figures import Effect, effect_of, limit, p_text
from coord.analysis.results import MetricResult, Verdict
from coord.report.analysis_figures import means_text
from coord.report.analysis_forest import MARGIN, ZERO, Axis, Span, axis_of, draw, ticks
from coord.report.analysis_words import LESS_IS_BETTER, verdict_words
from coord.report.markdown_text import shortened
from coord.report.styled import Page, Piece
from coord.report.visible import visible

STYLES = {
    Verdict.BETTER: "green",
    Verdict.NO_WORSE: "green",
    Verdict.WORSE: "red",
    Verdict.INCONCLUSIVE: "dim",
    Verdict.INVALID: "yellow",
}
_VERDICT, _P = len("· inconclusive"), len("p 3.5e-112")
_ABSOLUTE = "(absolute)"
_FAR = 1e6
"""Nothing is drawn farther from 0: sums of greater numbers could overflow."""
_LEAST, _GOOD, _MOST = 8, 20, 48
"""Columns of a drawn interval; names are cut for a good one."""
_ROOMY = 24
"""Columns that must be left for it before a row is one line."""


class Row(NamedTuple):
    """A metric with its name as it is shown, and its figures in words."""

    name: str
    metric: MetricResult
    effect: Effect
    means: str


class Layout(NamedTuple):
    """How wide the columns are. one_line: a row is one. drawn: whether there is any interval."""

    name: int
    value: int
    interval: int
    means: int
    one_line: bool
    axis: Axis
    drawn: bool

    @property
    def before(self) -> int:
        """The columns in front of the drawn interval."""
        more = _VERDICT + self.means + _P + 6 if self.one_line else 0
        return 2 + self.name + 2 + self.value + 1 + self.interval + 2 + more


def row(metric: MetricResult, name: str | None = None) -> Row:
    """The row of a metric, under its own name or another."""
    shown = metric.metric if name is None else name
    if name is None and metric.decrease:
        shown += f" {LESS_IS_BETTER}"
    return Row(shown, metric, effect_of(metric), " → ".join(means_text(metric)))


def span(metric: MetricResult) -> Span | None:
    """What is drawn of a metric: its relative interval; nothing where there is none."""
    value, lower, upper = metric.relative
    if value is None or lower is None or upper is None:
        return None
    near, low, high = (max(-_FAR, min(_FAR, one)) for one in (value, lower, upper))
    return Span(near, low, high, limit(metric))


def lay_out(rows: Sequence[Row], width: int) -> Layout:
    """Columns for the rows in lines of this width; names are cut where they would leave no room."""
    value = max((len(one.effect.value) for one in rows), default=0)
    interval = max((len(one.effect.interval) for one in rows), default=0)
    means = max((len(one.means) for one in rows), default=0)
    fixed = 2 + 2 + value + 1 + interval + 2
    longest = max([_VERDICT + 2, *(len(shortened(one.name, width)) for one in rows)])
    name = max(_VERDICT + 2, min(longest, width - fixed - _GOOD))
    draft = Layout(name, value, interval, means, one_line=True, axis=Axis(-1, 1, 0), drawn=False)
    one_line = width - draft.before >= _ROOMY
    room = width - draft._replace(one_line=one_line).before
    spans = [found for one in rows if (found := span(one.metric))]
    axis = axis_of(spans, max(_LEAST, min(_MOST, room)))
    return draft._replace(one_line=one_line, axis=axis, drawn=bool(spans))


def add_rows(page: Page, rows: Sequence[Row], layout: Layout, *, muted: bool = False) -> None:
    """Every row with its drawn interval; `muted` where its verdict is worth nothing."""
    for one in rows:
        style = "dim" if muted else STYLES[one.metric.verdict]
        for pieces in _lines(one, layout, style):
            page.line(*pieces)


def add_between(page: Page, text: str, layout: Layout) -> None:
    """A quiet line between rows; 0 goes on in it."""
    page.line(("  ", "dim"), *_quiet(text, 2, layout))


def _lines(one: Row, layout: Layout, style: str) -> Iterator[list[Piece]]:
    loud = style if style != "dim" else ""
    name = _cut(one.name, layout.name).ljust(layout.name)
    effect = f"{one.effect.value:>{layout.value}} {one.effect.interval:{layout.interval}}"
    verdict, p = verdict_words(one.metric), one.metric.p_value
    tested = "" if p is None else f"p {p_text(p)}"
    if layout.one_line:
        figures = f"  {one.means:{layout.means}}  {effect}  {tested:{_P}}  "
        yield [f"  {name}  ", (f"{verdict:{_VERDICT}}", style), figures, *_picture(one, layout, style)]
        return
    yield [f"  {name}  ", (effect, loud), "  ", *_picture(one, layout, style)]
    told = _quiet(f"{one.means}{tested and ', '}{tested}", layout.name + 4, layout)
    yield ["    ", (verdict.ljust(layout.name - 2), style), "  ", *told]


def _cut(name: str, width: int) -> str:
    """A name in so many columns, with the mark at its end."""
    mark = f" {LESS_IS_BETTER}"
    if not name.endswith(mark):
        return shortened(name, width)
    return shortened(name.removesuffix(mark), width - len(mark)) + mark


def _quiet(text: str, start: int, layout: Layout) -> Iterator[Piece]:
    """A text that begins in a column, and behind it 0, where there is room for it."""
    text = visible(text)
    zero = layout.before + layout.axis.column(0.0)
    gap = zero - start - len(text)
    yield f"{text}{' ' * gap}{ZERO}" if layout.drawn and gap > 1 else text, "dim"


def _picture(one: Row, layout: Layout, style: str) -> Iterator[Piece]:
    """The drawn interval, in the verdict's colour on a quiet ground."""
    found = span(one.metric)
    if found is None:
        absolute = one.effect.interval and not one.effect.relative
        shown = absolute and layout.axis.width >= len(_ABSOLUTE)
        yield from _quiet(_ABSOLUTE if shown else "", layout.before, layout)
        return
    picture = draw(layout.axis, found).rstrip()
    for ground, cells in groupby(picture, key=lambda cell: cell in {ZERO, MARGIN, " "}):
        yield "".join(cells), "dim" if ground else style


def add_axis(page: Page, layout: Layout) -> None:
    """The scale below the intervals; nothing where none is drawn."""
    if layout.drawn:
        page.line((f"{'':{layout.before}}{ticks(layout.axis)}".rstrip(), "dim"))


def legend(rows: Sequence[Row]) -> str:
    """What the marks mean that occur in the rows."""
    parts = ["├─●─┤ estimate and interval"]
    spans = [found for one in rows if (found := span(one.metric))]
    if any(one.margin is not None for one in spans):
        parts.append(f"{MARGIN} margin")
    parts.append(f"{ZERO} no change")
    if any(one.name.endswith(LESS_IS_BETTER) for one in rows):
        parts.append(f"{LESS_IS_BETTER} less is better")
    return ", ".join(parts) if spans else parts[-1] if len(parts) > 2 else ""
