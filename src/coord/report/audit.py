"""The result of an audit, for a person at a terminal: the verdict, the causes, then what the rows show."""

from collections.abc import Sequence
from fractions import Fraction

from coord.analysis.audit import Audit, Counts
from coord.analysis.audit_causes import MISMATCHES, Cause
from coord.analysis.audit_dates import moment_words
from coord.analysis.audit_examples import Example
from coord.domain.shares import format_share
from coord.report.status import broken_files
from coord.report.styled import Page
from coord.report.summary import many
from coord.report.words import WIDTH, table, wrapped

_MEANINGS = {
    Cause.OK: "as the files say",
    Cause.WRONG_VARIANT: "the unit has another variant by the hash",
    Cause.NOT_ALLOCATED: "the experiment does not hold the unit's bucket on that day",
    Cause.HELD_BACK: "a holdback keeps the unit out",
    Cause.NOT_ELIGIBLE: "the unit is not in the audience",
    Cause.OUTSIDE_DATES: "the experiment is not in force on that day",
    Cause.UNKNOWN_VARIANT: "the experiment has no variant of that name",
    Cause.UNKNOWN_EXPERIMENT: "no experiment of that name; not judged",
    Cause.UNUSABLE: "the row cannot be used; not judged",
}
_MOST, _PAIRS, _EXAMPLES = 20, 10, 3


def render(audit: Audit, tolerance: Fraction, *, color: bool) -> str:
    """The whole report."""
    page = Page()
    _heading(page, audit, tolerance)
    _causes(page, audit)
    _experiments(page, audit)
    _explanations(page, audit)
    _holdbacks(page, audit)
    _pairs(page, audit)
    _days(page, audit)
    _dimensions(page, audit)
    _examples(page, audit)
    _unknown(page, audit)
    _rejects(page, audit)
    _notes(page, audit)
    broken_files(page, audit.broken)
    return page.render(color=color)


def _heading(page: Page, audit: Audit, tolerance: Fraction) -> None:
    passed = audit.share <= tolerance
    style = "bold green" if passed else "bold red"
    if not audit.rows:
        page.line(("There are no rows to audit.", "bold yellow"))
    elif audit.mismatches:
        limit = f"{'within' if passed else 'above'} the tolerance of {format_share(tolerance)}"
        told = f"{_percent(audit.mismatches, audit.rows)} of the rows contradict the files, {limit}."
        page.line(("Passed: " if passed else "Failed: ", style), (told, style))
    else:
        page.line(("Passed: no row contradicts the files.", style))
    files = audit.files[0].path if len(audit.files) == 1 else many(len(audit.files), "file")
    against = f"the files at {audit.commit[:12]}" if audit.commit else "the files as they are"
    _wrapped(
        page,
        f"{files} against {against}: {many(audit.rows, 'row')}, {many(audit.units, 'unit')}{_span(audit)}",
    )


def _span(audit: Audit) -> str:
    if audit.span is None:
        return ""
    first, last = (moment_words(moment)[:10] for moment in audit.span)
    return f", {first}" if first == last else f", {first} to {last}"


def _causes(page: Page, audit: Audit) -> None:
    page.line()
    rows = [
        [cause.value, f"{audit.counts[cause]:,}", _percent(audit.counts[cause], audit.rows), meaning]
        for cause, meaning in _MEANINGS.items()
        if audit.counts[cause] or cause is Cause.OK
    ]
    shown = [cause for cause in _MEANINGS if audit.counts[cause] or cause is Cause.OK]
    for cause, line in zip(shown, _aligned(rows, (1, 2)), strict=True):
        page.line(f"  {line}" if cause not in MISMATCHES else (f"  {line}", "red"))


def _experiments(page: Page, audit: Audit) -> None:
    """Those with mismatches, most first, with the causes that occur."""
    bad = [(one.key, counts) for one, counts in audit.by_experiment if _missed(counts)]
    if not bad:
        return
    causes = [cause for cause in MISMATCHES if any(counts[cause] for _, counts in bad)]
    bad.sort(key=lambda item: (-_missed(item[1]), item[0]))
    heading = ["By experiment", "rows", *(cause.value for cause in causes)]
    rows = [[f"  {key}", f"{sum(n.values()):,}", *(f"{n[c]:,}" for c in causes)] for key, n in bad[:_MOST]]
    _table(page, heading, rows)
    _more(page, len(bad) - _MOST, "experiment")
    clean = len(audit.by_experiment) - len(bad)
    if clean:
        page.line(f"  {many(clean, 'other experiment')} without a mismatch")


def _explanations(page: Page, audit: Audit) -> None:
    if not audit.explanations:
        return
    page.line()
    page.line(("What the rows show", "bold"))
    for one in audit.explanations[:_MOST]:
        page.line(f"  {one.experiment}  {one.cause.value}, {many(one.rows, 'row')}")
        _wrapped(page, one.text, indent="    ")
    _more(page, len(audit.explanations) - _MOST, "explanation")


def _holdbacks(page: Page, audit: Audit) -> None:
    if audit.leaks:
        rows = [[f"  {one.holdback}", f"{one.rows:,}", f"{one.units:,}"] for one in audit.leaks[:_MOST]]
        _table(page, ["Leaks of holdbacks", "rows", "units"], rows)
        _more(page, len(audit.leaks) - _MOST, "holdback")


def _pairs(page: Page, audit: Audit) -> None:
    if audit.pairs:
        rows = [
            [f"  {one.a} and {one.b}", f"{one.units:,}", "waived" if one.waived else ""]
            for one in audit.pairs[:_PAIRS]
        ]
        _table(page, ["In two experiments that must be exclusive", "units", ""], rows)
        _more(page, len(audit.pairs) - _PAIRS, "pair")


def _days(page: Page, audit: Audit) -> None:
    """The days with mismatches, when some have none."""
    bad = [(day, counts) for day, counts in audit.by_day if _missed(counts)]
    if bad and len(audit.by_day) > 1:
        rows = [[f"  {day or 'other days'}", *_missed_of(counts)] for day, counts in bad[:_MOST]]
        _table(page, ["Days with mismatches", "mismatches", "of rows", ""], rows)
        _more(page, len(bad) - _MOST, "day")
        if len(bad) < len(audit.by_day):
            page.line(f"  {many(len(audit.by_day) - len(bad), 'other day')} without a mismatch")


def _dimensions(page: Page, audit: Audit) -> None:
    """Mismatches by the values of dimensions."""
    rows = [
        [f"  {name} {'any other' if value is None else value}", *_missed_of(counts)]
        for name, value, counts in audit.by_dimension
        if sum(counts.values())
    ]
    if audit.mismatches and rows:
        _table(page, ["By dimension", "mismatches", "of rows", ""], rows[:_MOST])
        _more(page, len(rows) - _MOST, "value")


def _examples(page: Page, audit: Audit) -> None:
    """The first rows of each cause that counts."""
    causes = [cause for cause in MISMATCHES if any(one.cause is cause for one in audit.examples)]
    if not causes:
        return
    page.line()
    page.line(("First rows", "bold"))
    for cause in reversed(causes):
        found = [one for one in audit.examples if one.cause is cause][:_EXAMPLES]
        page.line(f"  {cause.value}")
        for one in found:
            _wrapped(page, _example(audit, one), indent="    ")


def _example(audit: Audit, one: Example) -> str:
    where = "" if len(audit.files) == 1 else f"{audit.files[one.file].path} "
    what = f"{one.unit} in {one.logged_experiment} as {one.logged_variant}"
    told = f"{where}row {one.row:,}: {what}, {moment_words(one.moment)} UTC"
    if one.assigned and one.cause is Cause.WRONG_VARIANT:
        return f"{told}; it is assigned {one.assigned}"
    return f"{told}; bucket {one.bucket}" if one.cause is Cause.NOT_ALLOCATED else told


def _unknown(page: Page, audit: Audit) -> None:
    if audit.unknown:
        rows = [[f"  {one.name}", f"{one.rows:,}", one.hint] for one in audit.unknown[:_PAIRS]]
        _table(page, ["Unknown experiments", "rows", ""], rows)
        _more(page, audit.unknown_names - len(rows), "name")


def _rejects(page: Page, audit: Audit) -> None:
    found = [(reason, number) for reason, number in audit.rejects.items() if number]
    if not found:
        return
    rows = []
    for reason, number in found:
        first = [one for one in audit.first_rejects if one.reason == reason]
        where = ", ".join(
            f"{one.row:,}" if len(audit.files) == 1 else f"{one.file}:{one.row}" for one in first
        )
        rows.append(
            [
                f"  {reason.replace('_', ' ')}",
                f"{number:,}",
                f"rows {where}{', …' if number > len(first) else ''}",
            ]
        )
    _table(page, ["Rows that cannot be used", "rows", ""], rows)
    page.line("  --rejects FILE writes all of them")


def _notes(page: Page, audit: Audit) -> None:
    """What the files of rows could not tell."""
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
        _wrapped(page, note, style="yellow")


def _missed(counts: Counts) -> int:
    return sum(counts[cause] for cause in MISMATCHES)


def _missed_of(counts: Counts) -> list[str]:
    rows = sum(counts.values())
    return [f"{_missed(counts):,}", f"{rows:,}", _percent(_missed(counts), rows)]


def _percent(part: int, total: int) -> str:
    """A share with two decimals; 0% and 100% only when it is just that."""
    if not part or part == total:
        return "100%" if part else "0%"
    return f"{min(99.99, max(0.01, 100 * part / total)):.2f}%"


def _table(page: Page, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table under a heading, its figures to the right."""
    page.line()
    first, *lines = _aligned([heading, *rows], range(1, len(heading)))
    page.line((first, "bold"))
    for line in lines:
        page.line(line)


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[int]) -> list[str]:
    widths = {place: max(len(row[place]) for row in rows) for place in right}
    numbers = [
        [
            cell.rjust(widths[place]) if place in widths and _is_figure(cell) else cell
            for place, cell in enumerate(row)
        ]
        for row in rows
    ]
    return table(numbers)


def _is_figure(cell: str) -> bool:
    return cell.rstrip("%").replace(",", "").replace(".", "").isdigit()


def _more(page: Page, number: int, word: str) -> None:
    if number > 0:
        page.line(f"  and {many(number, word)} more (--format json lists all)")


def _wrapped(page: Page, text: str, *, indent: str = "", style: str = "") -> None:
    for number, line in enumerate(wrapped(text, WIDTH - len(indent) - 2)):
        page.line((f"{indent}{'  ' if number else ''}{line}", style))
