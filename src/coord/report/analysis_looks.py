"""The looks of a sequential plan, for a person: how far it was on each, and what the metrics said."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from coord.analysis.figures import effect_of
from coord.analysis.results import Analysis, LookResult, MetricResult, Recommendation, Role, Verdict
from coord.domain.model import Kind
from coord.report.analysis_words import LESS_IS_BETTER, MARKS, cut, failed
from coord.report.audit_tables import aligned, more
from coord.report.markdown_text import shortened
from coord.report.styled import Page
from coord.report.words import whole_percent

CHECKS_ASIDE = "what the metrics said on each day, checks aside"
_STYLES = {Recommendation.SHIP: "green", Recommendation.ABORT: "red"}
_MOST_LOOKS, _MOST_METRICS, _MOST_BLOCKS, _NAME = 26, 12, 2, 20


class LookRow(NamedTuple):
    """A look at one variant. cells: day, units, share of the plan (if it names a size), what it said.

    metrics: an interval, or since when harm is known, for each metric that decides.
    """

    recommendation: Recommendation
    cells: tuple[str, ...]
    metrics: tuple[str, ...]


class LookTable(NamedTuple):
    """The looks at one variant, the first one first. heading: of the cells; names: of the metrics."""

    variant: str
    heading: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[LookRow, ...]


def look_tables(analysis: Analysis) -> list[LookTable]:
    """A table for each variant; none where the plan decides once, and for a holdback."""
    if analysis.plan.method == "fixed" or analysis.kind is Kind.HOLDBACK or not analysis.looks:
        return []
    variants = dict.fromkeys(one.variant for look in analysis.looks for one in look.decisions)
    return [_table(analysis.looks, variant) for variant in variants]


def _table(looks: Sequence[LookResult], variant: str) -> LookTable:
    sized = any(look.information is not None for look in looks)
    heading = ("day", "units", *(("of plan",) if sized else ()), "said")
    deciding = {one.metric: one for look in looks for one in _deciding(look, variant)}
    names = tuple(f"{name} {LESS_IS_BETTER}" if one.decrease else name for name, one in deciding.items())
    return LookTable(variant, heading, names, tuple(_rows(looks, variant, list(deciding), sized=sized)))


def _deciding(look: LookResult, variant: str) -> Iterator[MetricResult]:
    return (one for one in look.metrics if one.variant == variant and one.role is not Role.OTHER)


def _rows(
    looks: Sequence[LookResult], variant: str, metrics: Sequence[str], *, sized: bool
) -> Iterator[LookRow]:
    shipped = False
    for look in looks:
        said = next((one.recommendation for one in look.decisions if one.variant == variant), None)
        if said is None:
            continue
        first = said is Recommendation.SHIP and not shipped
        shipped = shipped or first
        share = "-" if look.information is None else whole_percent(Fraction(look.information))
        told = f"{said.value} (first)" if first else said.value
        cells = (look.day.isoformat(), f"{look.units:,}", *((share,) if sized else ()), told)
        found = {one.metric: one for one in _deciding(look, variant)}
        yield LookRow(said, cells, tuple(_shown(found[name]) if name in found else "-" for name in metrics))


def _shown(metric: MetricResult) -> str:
    """What decided on that day: the interval, or that harm was known."""
    harm = metric.deterioration
    if metric.verdict is Verdict.WORSE and harm is not None and harm.since is not None:
        return f"{MARKS[metric.verdict]} worse since {harm.since}"
    return marked(metric)


def marked(metric: MetricResult) -> str:
    """The interval behind the mark of its verdict, such as `✓ [+1.0%, +5.2%]`."""
    return f"{MARKS[metric.verdict]} {effect_of(metric).interval or 'no interval'}"


def looks(page: Page, analysis: Analysis) -> None:
    """The looks so far, the metrics side by side as far as there is room."""
    tables = look_tables(analysis)
    for table in tables:
        page.line()
        title = f"Looks at {cut(table.variant)}" if len(tables) > 1 else "Looks"
        room = len(title) + 2 + len(CHECKS_ASIDE) <= page.width
        page.line((title, "bold"), (f"  {CHECKS_ASIDE}" if room else "", "dim"))
        _add(page, table, muted=failed(analysis))


def _add(page: Page, table: LookTable, *, muted: bool) -> None:
    """The table; metrics that find no room beside the looks go below, behind their days."""
    rows, done = _latest(table), 0
    for number, (start, end) in enumerate(_blocks(table, rows, page.width - 2)):
        kept, done = (1 if number else len(table.heading)), end
        head = [*table.heading[:kept], *(shortened(name, _NAME) for name in table.names[start:end])]
        first, *lines = aligned([head, *([*row.cells[:kept], *row.metrics[start:end]] for row in rows)])
        page.line((f"  {first}", "dim"))
        for row, line in zip(rows, lines, strict=True):
            page.line((f"  {line}", "dim" if muted else _STYLES.get(row.recommendation, "")))
    more(page, len(table.names) - done, "metric")
    more(page, len(table.rows) - len(rows), "look")


def _latest(table: LookTable) -> list[LookRow]:
    """The latest looks, and the one that was the first to ship."""
    ships = [row for row in table.rows if row.recommendation is Recommendation.SHIP][:1]
    late = table.rows[-_MOST_LOOKS:]
    return [*(row for row in ships if row not in late), *late]


def _blocks(table: LookTable, rows: Sequence[LookRow], width: int) -> Iterator[tuple[int, int]]:
    """Which metrics go below each other, as [start, end): the first has the cells of the look beside them."""
    columns = [
        [shortened(name, _NAME), *(row.metrics[k] for row in rows)] for k, name in enumerate(table.names)
    ]
    wide = [2 + max(map(len, column)) for column in columns][:_MOST_METRICS]
    cells = [table.heading, *(row.cells for row in rows)]
    used = sum(max(map(len, column)) + 2 for column in zip(*cells, strict=True)) - 2
    start = 0
    for number in range(_MOST_BLOCKS):
        end = start
        while end < len(wide) and (used + wide[end] <= width or (number and end == start)):
            used += wide[end]
            end += 1
        if number and end == start:
            return
        yield start, end
        start, used = end, len("2026-03-02")
