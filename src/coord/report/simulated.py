"""A simulated allocation, for a person: shares, overlaps, isolation, experiments per unit."""

from collections.abc import Sequence
from fractions import Fraction

from coord.domain.model import Kind
from coord.domain.shares import format_share
from coord.report.simulated_lines import headed
from coord.report.simulated_overlaps import overlaps
from coord.report.status import broken_files
from coord.report.styled import Page
from coord.report.summary import many
from coord.report.words import WIDTH, bar, table, wrapped
from coord.simulate.results import AtOnce, ExperimentShares, Simulated

UNLIKELY = 0.001
"""A p-value below this is marked."""


def text(found: Simulated, broken: Sequence[str], *, color: bool, width: int = WIDTH) -> str:
    """The whole result, in lines of at most `width` where names allow it.

    `broken` are files with errors, which are left out.
    """
    page = Page(width)
    where = f"made up with seed {found.seed}" if found.file is None else f"of the column {found.file.column}"
    times = f" {found.replicates} times" if found.replicates > 1 else ""
    headed(
        page,
        "Allocation",
        f" on {found.day}: {many(found.units, 'unit')}{times}, {where},"
        f" in {many(len(found.experiments), 'experiment')} in force",
    )
    _file(page, found)
    _idle(page, found)
    if found.experiments:
        page.line()
        _shares(page, found)
        overlaps(page, found)
        page.line()
        _isolation(page, found)
        for one in found.at_once:
            page.line()
            _at_once(page, one, found.units * found.replicates)
    broken_files(page, broken)
    return page.render(color=color)


def _file(page: Page, found: Simulated) -> None:
    """What was not used of a file, and what it has twice."""
    for reason, number in found.file.rejects.items() if found.file else ():
        if number:
            page.line((f"  {many(number, 'row')} not used: {reason}", "yellow"))
    if found.file and found.file.left_out:
        who = ", ".join(found.file.left_out)
        for line in wrapped(f"left out, as they randomise other units: {who}", page.width - 2):
            page.line((f"  {line}", "yellow"))
    if found.file and found.file.repeated:
        again = many(found.file.repeated, "row")
        page.line((f"  {again} of units that were there before; each counts again", "yellow"))


def _idle(page: Page, found: Simulated) -> None:
    """Who was asked for and is not in force; when nothing is, who comes next."""
    if found.experiments:
        for experiment in found.idle:
            days = experiment.days
            when = f"{days.start} until {days.end}" if days and not experiment.draft else "a draft"
            page.line((f"  {experiment.key} is not in force: {when}", "yellow"))
        return
    coming = [e for e in found.idle if not e.draft and e.order[0] > found.day]
    hint = "."
    if coming:
        first = min(coming, key=lambda experiment: experiment.order)
        hint = f"; {first.key} starts on {first.order[0]} (--today {first.order[0]} simulates that day)."
    for line in wrapped(f"Nothing is in force on {found.day}{hint}", page.width):
        page.line((line, "yellow"))


def _shares(page: Page, found: Simulated) -> None:
    units = found.units * found.replicates
    heading, *lines = _table(found.experiments, units, page.width)
    page.line((heading, "bold"))
    for one, line in zip(found.experiments, lines, strict=True):
        p = one.fit.p_value
        page.line((line, "red" if one.buckets is None or (p is not None and p < UNLIKELY) else ""))
        for more in wrapped(_variants(one), page.width - 6):
            page.line(f"      {more}")
    if any(one.burned for one in found.experiments):
        note = "burned: of the units in an experiment's buckets, those that are not in its audience."
        for line in wrapped(note, page.width - 2):
            page.line(f"  {line}")


def _table(experiments: Sequence[ExperimentShares], units: int, width: int) -> list[str]:
    """With bars where they fit."""
    headings = ["Shares", "eligible", "burned", "planned", "reached", "", "chi-square"]
    rows = [headings, *(_share(one, units) for one in experiments)]
    lines = table(rows)
    if max(map(len, lines)) > width:
        lines = table([row[:5] + row[6:] for row in rows])
    return lines


def _share(one: ExperimentShares, units: int) -> list[str]:
    in_buckets = one.burned + one.reached.number
    return [
        f"  {one.experiment.key}",
        percent(one.reached.of, units),
        percent(one.burned, in_buckets),
        format_share(one.reached.planned),
        percent(one.reached.number, one.reached.of),
        bar(Fraction(one.reached.number, one.reached.of or 1)),
        _fit(one),
    ]


def _variants(one: ExperimentShares) -> str:
    return ", ".join(f"{name} {percent(figure.number, figure.of)}" for name, figure in one.variants)


def _fit(one: ExperimentShares) -> str:
    if one.buckets is None:
        return "no ledger"
    p = one.fit.p_value
    if p is None:
        return "too few units" if one.fit.df else ""
    return f"p {p_text(p)} (df {one.fit.df})"


def p_text(p: float) -> str:
    """A p-value with two digits that count."""
    return f"{p:.2f}" if p >= 0.1 else f"{p:.3f}" if p >= UNLIKELY else f"{p:.1e}"


def percent(part: int, of: int) -> str:
    """A share with two decimals; 0% and 100% only when it is just that."""
    if not of:
        return "-"
    shown = f"{100 * part / of:.2f}%"
    if part and shown == "0.00%":
        return "<0.01%"
    if part < of and shown == "100.00%":
        return ">99.99%"
    return "0%" if not part else "100%" if part == of else shown


def _isolation(page: Page, found: Simulated) -> None:
    """What must be 0, and who it is when it is not."""
    pairs = [one for one in found.overlaps if one.exclusive and not one.waived]
    wrong = [one for one in pairs if one.wrong]
    backs = [one for one in wrong if Kind.HOLDBACK in {one.a.kind, one.b.kind}]
    both = [one for one in wrong if one not in backs]
    page.line(("Isolation", "bold"), f": {many(len(pairs), 'pair')} must be exclusive")
    _verdict(page, "units in two experiments that must be exclusive", len(both), found.violations.number)
    _verdict(page, "units of a holdback in an experiment's buckets", len(backs), found.leaks.number)
    for one in wrong:
        share = percent(one.share.number, one.share.of)
        page.line((f"    {one.a.key} and {one.b.key}: {one.share.number:,} units ({share})", "red"))
    if wrong:
        what = "`coord check --select BKT001,REF003` says since when, and what to do."
        for line in wrapped(what, page.width - 4):
            page.line(f"    {line}")


def _verdict(page: Page, what: str, pairs: int, units: int) -> None:
    style = "red" if units else "green"
    where = f", in {many(pairs, 'pair')}" if pairs else ""
    page.line("  ", (f"{units:,} {what}{where}", style))


def _at_once(page: Page, one: AtOnce, units: int) -> None:
    mean, planned = one.mean.value, float(one.mean.planned)
    headed(
        page,
        f"Experiments per {one.randomised}",
        f": {mean:.3f} on average (se {one.mean.se:.3f}), {planned:.3f} planned; holdbacks do not count",
    )
    rows = [
        [f"  {number}", percent(count, units), bar(Fraction(count, units or 1), 20)]
        for number, count in enumerate(one.units)
        if count
    ]
    for line in _aligned(rows):
        page.line(line)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of figures, the points of the figures below each other."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
