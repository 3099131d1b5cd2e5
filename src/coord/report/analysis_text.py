"""The results of an analysis, for a person at a terminal: what to do, whether to trust it, the metrics."""

from coord.analysis.results import Analysis, Decision, Recommendation, Status
from coord.domain.model import Kind
from coord.report.analysis_assigned import as_assigned
from coord.report.analysis_checks import check_words, not_run_words, passed_words
from coord.report.analysis_days import days
from coord.report.analysis_looks import looks
from coord.report.analysis_notes import details
from coord.report.analysis_rows import Row, add_axis, add_between, add_rows, lay_out, legend, row
from coord.report.analysis_segments import segments
from coord.report.analysis_words import (
    RECOMMENDATIONS,
    UNTRUSTED,
    by_variant,
    control_of,
    cut,
    failed,
    groups,
    state_words,
    variants_of,
)
from coord.report.audit_tables import add_wrapped
from coord.report.markdown_text import shortened
from coord.report.styled import Page
from coord.report.words import WIDTH, wrapped

_STYLES = {
    Recommendation.SHIP: "bold green",
    Recommendation.END: "bold yellow",
    Recommendation.CONTINUE: "bold blue",
    Recommendation.ABORT: "bold red",
}
_LONGEST = 600


def render(analysis: Analysis, *, color: bool, width: int = WIDTH) -> str:
    """The whole report, in lines that are no longer than `width` where names allow it."""
    page = Page(width)
    _heading(page, analysis)
    for decision in analysis.decisions:
        _decision(page, decision)
    if not analysis.decisions:
        _no_decision(page, analysis)
    _checks(page, analysis)
    if failed(analysis):
        add_wrapped(page, UNTRUSTED, style="red")
    shown: list[Row] = []
    for variant in variants_of(analysis):
        shown += _variant(page, analysis, variant)
    if told := legend(shown):
        page.line()
        add_wrapped(page, told, indent="  ", style="dim")
    looks(page, analysis)
    days(page, analysis)
    as_assigned(page, analysis)
    details(page, analysis)
    segments(page, analysis)
    return page.render(color=color)


def _heading(page: Page, analysis: Analysis) -> None:
    experiment = shortened(analysis.experiment, 2 * 63 + 1)
    title = shortened(analysis.title, _LONGEST)
    if len(experiment) + 2 + len(title) <= page.width:
        page.line((experiment, "bold"), f"  {title}")
    else:
        page.line((experiment, "bold"))
        for line in wrapped(title, page.width):
            page.line(line)
    add_wrapped(page, f"{state_words(analysis)}: {by_variant(analysis)}", style="dim")


def _decision(page: Page, decision: Decision) -> None:
    """What to do with a variant, and why."""
    page.line()
    style = _STYLES[decision.recommendation]
    page.line((RECOMMENDATIONS[decision.recommendation], style), " ", (cut(decision.variant), "bold"))
    for reason in decision.reasons:
        first, *rest = wrapped(shortened(reason, _LONGEST), page.width - 4) or [""]
        page.line(f"  • {first}")
        for line in rest:
            page.line(f"    {line}")


def _no_decision(page: Page, analysis: Analysis) -> None:
    page.line()
    if analysis.kind is Kind.HOLDBACK:
        page.line(("A holdback is a report: there is nothing to decide.", "bold"))
    else:
        page.line(("There is nothing to decide.", "bold"))


def _checks(page: Page, analysis: Analysis) -> None:
    """A line when all is well; otherwise each that is not, the gravest first."""
    page.line()
    for status, style in ((Status.FAIL, "bold red"), (Status.WARN, "yellow")):
        for check in analysis.checks:
            if check.status is status:
                told = shortened(check_words(check), _LONGEST)
                add_wrapped(page, f"{'✗' if status is Status.FAIL else '!'} {told}", style=style)
    well = all(check.status in {Status.PASS, Status.NOT_RUN} for check in analysis.checks)
    told = passed_words(analysis.checks)
    add_wrapped(page, f"{'✓ ' if well else '  '}{told}" if analysis.checks else "no checks", style="dim")
    if idle := not_run_words(analysis.checks):
        add_wrapped(page, f"  {shortened(idle, _LONGEST)}", style="dim")


def _variant(page: Page, analysis: Analysis, variant: str) -> list[Row]:
    """The metrics of a variant, by role, on one axis. Returns the rows that are shown."""
    metrics = [one for one in analysis.metrics if one.variant == variant]
    rows = [row(one) for one in metrics]
    layout = lay_out(rows, page.width)
    page.line()
    control, shown = cut(control_of(analysis)), cut(variant)
    figures = f"  ({control} → {shown})"
    room = len(f"{shown} against {control}{figures}") <= page.width
    page.line((shown, "bold"), f" against {control}", (figures if room else "", "dim"))
    for group in groups(metrics):
        add_between(page, group.heading, layout)
        add_rows(page, [row(one) for one in group.metrics], layout, muted=failed(analysis))
    add_axis(page, layout)
    return rows
