"""Below the results of an analysis: harm, covariates, why numbers are missing, rows left out, the plan."""

from collections.abc import Iterable, Iterator

from coord.analysis.figures import effect_text, p_text
from coord.analysis.results import Analysis, MetricResult
from coord.report.analysis_checks import history_words
from coord.report.analysis_words import (
    cut,
    harm_words,
    listing,
    plan_words,
    rows_words,
    sentence,
    value_words,
    variants_of,
)
from coord.report.audit_tables import add_wrapped
from coord.report.markdown_text import shortened
from coord.report.styled import Page
from coord.report.words import table

_LONGEST = 600


def details(page: Page, analysis: Analysis) -> None:
    """Everything there is to say below the tables; nothing for what does not occur."""
    _listed(page, "Harm", harms(analysis), "red")
    _covariates(page, analysis)
    _listed(page, "Notes", notes(analysis), "")
    page.line()
    for told in rows_words(analysis):
        add_wrapped(page, shortened(told, _LONGEST), style="dim")
    told = f"{plan_words(analysis.plan)}{history_words(analysis.checks)}"
    add_wrapped(page, shortened(f"Plan: {told}", _LONGEST), style="dim")


def _listed(page: Page, heading: str, lines: Iterable[str], style: str) -> None:
    told = list(lines)
    if told:
        page.line()
        page.line((heading, f"bold {style}".strip()))
    for one in told:
        add_wrapped(page, shortened(one, _LONGEST), indent="  ", style=style)


def harms(analysis: Analysis) -> Iterator[str]:
    """Where harm was found, and since when."""
    yield from _merged(analysis, ((one, harm_words(one)) for one in analysis.metrics))


def notes(analysis: Analysis) -> Iterator[str]:
    """Why numbers are missing, what limits verdicts, and what there is to know."""
    said: list[tuple[MetricResult, str | None]] = []
    for one in analysis.metrics:
        said += [(one, one.reason), (one, value_words(one, analysis.units))]
        said += [(one, note) for note in one.notes]
    yield from _merged(analysis, said)


def _merged(analysis: Analysis, said: Iterable[tuple[MetricResult, str | None]]) -> Iterator[str]:
    """The texts, each once, behind the metrics that it is about; with the variant where there are several."""
    several = len(variants_of(analysis)) > 1
    about: dict[str, list[str]] = {}
    for metric, text in said:
        if text:
            name = f"{cut(metric.metric)} ({cut(metric.variant)})" if several else cut(metric.metric)
            about.setdefault(text, []).append(name)
    for text, names in about.items():
        yield f"{listing(list(dict.fromkeys(names)))}: {sentence(text)}"


def covariates(analysis: Analysis) -> list[list[str]]:
    """Metric, change of the variance, and what a plain comparison gives, for each metric with a covariate."""
    several = len(variants_of(analysis)) > 1
    rows = []
    for one in analysis.metrics:
        if one.variance_reduction is not None:
            name = f"{cut(one.metric)} ({cut(one.variant)})" if several else cut(one.metric)
            plain = ["-", "-"]
            if one.raw is not None:
                plain = [effect_text(one.raw.relative, one.raw.effect).text, p_text(one.raw.p_value)]
            change = -100 * one.variance_reduction
            rows.append([name, f"{change:+.{0 if abs(change) >= 1 else 2}f}%", *plain])
    return rows


def _covariates(page: Page, analysis: Analysis) -> None:
    rows = covariates(analysis)
    if not rows:
        return
    page.line()
    heading = ["Adjusted for the past", "variance", "unadjusted", "p"]
    cells = [heading, *([f"  {shortened(row[0], 40)}", *row[1:]] for row in rows)]
    if max(map(len, table(cells))) > page.width:
        cells = [row[:-1] for row in cells]  # the interval says as much as p
    first, *lines = table(cells)
    page.line((first, "bold"))
    for line in lines:
        page.line(line)
