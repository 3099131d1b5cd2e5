"""The result of an audit, for a person at a terminal: the verdict, the causes, then what the rows show."""

from fractions import Fraction
from pathlib import Path

from coord.analysis.audit import Audit, Counts
from coord.analysis.audit_causes import MISMATCHES, Cause
from coord.analysis.audit_dates import moment_words
from coord.domain.shares import format_share, rough_share
from coord.report.audit_details import details
from coord.report.audit_tables import add_table, add_wrapped, aligned, missed, missed_of, more, percent
from coord.report.styled import Page
from coord.report.summary import many
from coord.report.words import WIDTH

_MEANINGS = {
    Cause.OK: "as the files say",
    Cause.WRONG_VARIANT: "another variant by the hash",
    Cause.NOT_ALLOCATED: "its bucket is not held on that day",
    Cause.HELD_BACK: "a holdback keeps the unit out",
    Cause.NOT_ELIGIBLE: "the unit is not in the audience",
    Cause.OUTSIDE_DATES: "not in force on that day",
    Cause.UNKNOWN_VARIANT: "no variant of that name",
    Cause.UNKNOWN_EXPERIMENT: "no experiment of that name; not judged",
    Cause.UNUSABLE: "the row cannot be used; not judged",
}
_MOST = 20


def render(
    audit: Audit, tolerance: Fraction, *, color: bool, width: int = WIDTH, rejects: Path | None = None
) -> str:
    """The whole report, in lines that are no longer than `width` where names allow it.

    `rejects` is the file that has the rows that cannot be used, if they were written.
    """
    page = Page(width)
    _verdict(page, audit, tolerance)
    _causes(page, audit)
    _experiments(page, audit)
    _explanations(page, audit)
    details(page, audit, rejects)
    return page.render(color=color)


def _verdict(page: Page, audit: Audit, tolerance: Fraction) -> None:
    passed = audit.share <= tolerance
    style = "bold green" if passed else "bold red"
    if not audit.rows:
        page.line(("There are no rows to audit.", "bold yellow"))
    elif not audit.judged:
        page.line(("No row could be judged, so nothing is known of the assignments.", "bold yellow"))
    elif audit.mismatches:
        limit = f"{'within' if passed else 'above'} the tolerance of {format_share(tolerance)}"
        told = f"{rough_share(audit.share)} of the rows contradict the files, {limit}."
        page.line((f"{'Passed' if passed else 'Failed'}: {told}", style))
    else:
        page.line(("Passed: no row contradicts the files.", style))
    page.line(f"{many(audit.rows, 'row')}, {many(audit.units, 'unit')}{_span(audit)}")
    files = audit.files[0].path if len(audit.files) == 1 else many(len(audit.files), "file")
    page.line(f"{files} against {f'commit {audit.commit[:12]}' if audit.commit else 'the files as they are'}")


def _span(audit: Audit) -> str:
    if audit.span is None:
        return ""
    first, last = (moment_words(moment)[:10] for moment in audit.span)
    return f", {first}" if first == last else f", {first} to {last}"


def _causes(page: Page, audit: Audit) -> None:
    page.line()
    shown = [cause for cause in _MEANINGS if audit.counts[cause] or cause is Cause.OK]
    rows = [["", "", "", ""]]
    for cause in shown:
        number = audit.counts[cause]
        rows.append([cause.value, f"{number:,}", percent(number, audit.rows), _MEANINGS[cause]])
    for cause, line in zip(shown, aligned(rows)[1:], strict=True):
        page.line((f"  {line}", "red" if cause in MISMATCHES else ""))


def _experiments(page: Page, audit: Audit) -> None:
    """Those with mismatches, most first, with their causes."""
    bad = [(one.key, counts) for one, counts in audit.by_experiment if missed(counts)]
    if not bad:
        return
    bad.sort(key=lambda item: (-missed(item[1]), item[0]))
    rows = [[f"  {key}", *missed_of(counts)] for key, counts in bad[:_MOST]]
    notes = [_by_cause(counts) for _, counts in bad[:_MOST]]
    add_table(page, ["By experiment", "mismatches", "of rows", ""], rows, notes)
    more(page, len(bad) - _MOST, "experiment")
    clean = len(audit.by_experiment) - len(bad)
    if clean:
        page.line(f"  {many(clean, 'other experiment')} without a mismatch")


def _by_cause(counts: Counts) -> str:
    """The causes of mismatches, most rows first."""
    found = sorted((cause for cause in MISMATCHES if counts[cause]), key=lambda cause: -counts[cause])
    return ", ".join(f"{cause.value} {counts[cause]:,}" if len(found) > 1 else cause.value for cause in found)


def _explanations(page: Page, audit: Audit) -> None:
    if not audit.explanations:
        return
    page.line()
    page.line(("What the rows show", "bold"))
    for one in sorted(audit.explanations, key=lambda one: -one.rows)[:_MOST]:
        page.line(f"  {one.experiment}: {one.cause.value} in {many(one.rows, 'row')}")
        add_wrapped(page, one.text, indent="    ")
    more(page, len(audit.explanations) - _MOST, "explanation")
