"""The details of an audit: holdbacks, pairs, days, dimensions, first rows, and what could not be judged."""

from pathlib import Path

from coord.analysis.audit import Audit
from coord.analysis.audit_causes import MISMATCHES, Cause
from coord.analysis.audit_dates import moment_words
from coord.analysis.audit_examples import Example
from coord.analysis.audit_names import shown
from coord.report.audit_tables import add_table, add_wrapped, aligned, missed, missed_of, more
from coord.report.status import broken_files
from coord.report.styled import Page
from coord.report.summary import many

_MOST, _FEW, _EXAMPLES = 20, 10, 2


def details(page: Page, audit: Audit, rejects: Path | None) -> None:
    """Everything there is to say below the verdict; nothing for what does not occur."""
    for part in (_holdbacks, _pairs, _days, _dimensions, _examples, _unknown):
        part(page, audit)
    _rejects(page, audit, rejects)
    _notes(page, audit)
    broken_files(page, audit.broken)


def _holdbacks(page: Page, audit: Audit) -> None:
    if audit.leaks:
        rows = [[f"  {one.holdback}", f"{one.rows:,}", f"{one.units:,}"] for one in audit.leaks[:_MOST]]
        add_table(page, ["Leaks of holdbacks", "rows", "units"], rows)
        more(page, len(audit.leaks) - _MOST, "holdback")


def _pairs(page: Page, audit: Audit) -> None:
    if audit.pairs:
        rows = [
            [f"  {one.a} and {one.b}", f"{one.units:,}", "waived" if one.waived else ""]
            for one in audit.pairs[:_FEW]
        ]
        add_table(page, ["Units in two experiments that must be exclusive", "units", ""], rows)
        more(page, len(audit.pairs) - _FEW, "pair")


def _days(page: Page, audit: Audit) -> None:
    """The days with mismatches; of many, how many there are, and the worst."""
    bad = [(day, counts) for day, counts in audit.by_day if missed(counts)]
    if not bad or len(audit.by_day) == 1:
        return
    shown = bad if len(bad) <= _FEW else [max(bad, key=lambda item: missed(item[1]) / sum(item[1].values()))]
    rows = [[f"  {day or 'long before or after'}", *missed_of(counts)] for day, counts in shown]
    title = "By day" if len(bad) <= _FEW else "The worst day"
    add_table(page, [title, "mismatches", "of rows", ""], rows)
    known = [day for day, _ in bad if day]
    span = f", the first on {known[0]}, the last on {known[-1]}" if len(known) > 1 else ""
    page.line(f"  mismatches on {len(bad):,} of {many(len(audit.by_day), 'day')}{span}")


def _dimensions(page: Page, audit: Audit) -> None:
    """Mismatches by the values of dimensions."""
    rows = [
        [f"  {name} {'any other' if value is None else value}", *missed_of(counts)]
        for name, value, counts in audit.by_dimension
        if sum(counts.values())
    ]
    if audit.mismatches and rows:
        add_table(page, ["By dimension", "mismatches", "of rows", ""], rows[:_MOST])
        more(page, len(rows) - _MOST, "value")


def _examples(page: Page, audit: Audit) -> None:
    """The first rows of each cause that counts, below its name."""
    found: list[Example] = []
    for cause in reversed(MISMATCHES):
        found += [one for one in audit.examples if one.cause is cause][:_EXAMPLES]
    if not found:
        return
    rows = [_example(audit, one) for one in found]
    heading, *lines = aligned([["row", "unit", "logged as", "at (UTC)", ""], *rows])
    page.line()
    page.line(("First rows", "bold"))
    page.line(f"    {heading}")
    before = None
    for one, line in zip(found, lines, strict=True):
        if one.cause is not before:
            page.line(f"  {one.cause.value}")
        page.line(f"    {line}")
        before = one.cause


def _example(audit: Audit, one: Example) -> list[str]:
    file = "" if len(audit.files) == 1 else f"{audit.files[one.file].path}:"
    note = ""
    if one.cause is Cause.WRONG_VARIANT:
        note = f"is {one.assigned}"
    elif one.cause is Cause.NOT_ALLOCATED:
        note = f"bucket {one.bucket}"
    logged = f"{shown(one.logged_experiment)} {shown(one.logged_variant)}"
    return [f"{file}{one.row:,}", one.unit, logged, moment_words(one.moment), note]


def _unknown(page: Page, audit: Audit) -> None:
    if audit.unknown:
        rows = [[f"  {shown(one.name)}", f"{one.rows:,}", one.hint] for one in audit.unknown[:_FEW]]
        add_table(page, ["Unknown experiments", "rows", ""], rows)
        left = audit.unknown_names - len(rows)
        if audit.more_names:
            more(page, left, "name", "")
            page.line("  there are more, too many to tell all apart")
        elif audit.unknown_names > len(audit.unknown):
            more(page, left, "name", f" (--format json lists {len(audit.unknown)})")
        else:
            more(page, left, "name")


def _rejects(page: Page, audit: Audit, rejects: Path | None) -> None:
    rows = []
    for reason, number in audit.rejects.items():
        if number:
            first = [one for one in audit.first_rejects if one.reason == reason]
            alone = len(audit.files) == 1
            where = ", ".join(f"{one.row:,}" if alone else f"{one.file}:{one.row:,}" for one in first)
            dots = ", …" if number > len(first) else ""
            rows.append([f"  {reason.replace('_', ' ')}", f"{number:,}", f"rows {where}{dots}"])
    if rows:
        add_table(page, ["Rows that cannot be used", "rows", ""], rows)
        page.line(f"  all of them are in {rejects}" if rejects else "  --rejects FILE writes all of them")


def _notes(page: Page, audit: Audit) -> None:
    """What the rows could not tell."""
    notes = []
    if audit.assumed:
        names = ", ".join(sorted({name for names in audit.assumed.values() for name in names}))
        where = many(len(audit.assumed), "audience")
        notes.append(f"Not in the rows, and taken for granted in {where}: {names}.")
    notes += [
        f"Without {', '.join(names)} it cannot be told whom {key} keeps out; its leaks are not all counted."
        for key, names in audit.left_out.items()
    ]
    notes += [f"{key} has adaptive weights: its variants were not compared." for key in audit.adaptive]
    if notes:
        page.line()
    for note in notes[:_MOST]:
        add_wrapped(page, note, style="yellow")
