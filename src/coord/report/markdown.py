"""Findings for a comment on a pull request, or a document: the verdict, what is new, and the rest folded."""

from collections.abc import Sequence

from coord.checks.result import LocatedFinding, Location, Result
from coord.domain.findings import Severity
from coord.report.markdown_page import MarkdownPage
from coord.report.markdown_text import code, plain, prose, shortened
from coord.report.skips import Skip, skips, undated
from coord.report.summary import counted, shown, verdict, was_there_before

MARKER = "<!-- coord-check -->"
"""The first line: a bot finds by it the comment that it wrote, and writes that anew."""

MOST_BYTES = 65_000
"""A comment on GitHub holds 65,536 characters; a little is left for whoever posts it."""

_MOST_SIDES = 8
_LONGEST = 600  # of a message or a path, in characters: one finding never takes the whole page


def render(result: Result, *, infos: bool, most_bytes: int = MOST_BYTES) -> str:
    """The report, never longer than so many bytes; infos are folded unless asked for."""
    page = MarkdownPage(most_bytes)
    found = shown(result, infos=infos)
    page.say(f"{MARKER}\n\n**coord check**: {verdict(result, infos=infos)}")
    page.say(_judged(result))
    left = page.fill([finding for finding in found if finding.counts], _finding)
    _left_out(page, left, _command(result, infos=infos))
    gaps: list[Skip | str] = [*skips(result), *filter(None, [undated(result)])]
    if gaps:
        page.say("Not everything was checked:")
        _left_out(page, page.fill(gaps, _gap, "\n"), "coord check --format json")
    old = [finding for finding in found if not finding.counts]
    _folded(page, was_there_before(old), old, _command(result, infos=infos))
    if not infos:
        notes = [finding for finding in shown(result, infos=True) if finding.severity is Severity.INFO]
        _folded(page, _infos(result, notes), notes, _command(result, infos=True))
    return page.render()


def _judged(result: Result) -> str:
    base = f", compared with {code(result.base[:12])}" if result.base else ""
    return f"Judged as of {result.today}{base}."


def _finding(finding: LocatedFinding) -> str:
    """A finding in full: what, every place, why it matters, and what to do."""
    waived = finding.data.get("waived")
    lines = [f"**{finding.severity} {code(finding.code)}** {_told(finding.message)}", ""]
    lines.append(f"* {_place(finding.location)}")
    lines += [f"* {_place(side.location)}: {_told(side.message)}" for side in finding.related[:_MOST_SIDES]]
    if len(finding.related) > _MOST_SIDES:
        lines.append(f"* and {len(finding.related) - _MOST_SIDES:,} more (`--format json` lists all)")
    notes = (
        ("why", finding.why),
        ("waived", f"until {waived['until']}: {waived['reason']}" if waived else None),
        ("help", finding.hint),
    )
    lines += [f"* {name}: {_told(note)}" for name, note in notes if note]
    return "\n".join(lines)


def _in_short(finding: LocatedFinding) -> str:
    waived = finding.data.get("waived")
    note = f" (waived until {plain(waived['until'])}: {_told(waived['reason'])})" if waived else ""
    what = f"{finding.severity} {code(finding.code)} {_place(finding.location)}"
    return f"* {what}: {_told(finding.message)}{note}"


def _place(location: Location) -> str:
    return code(shortened(location.place, _LONGEST))


def _told(text: str) -> str:
    return prose(shortened(text, _LONGEST))


def _gap(gap: Skip | str) -> str:
    if isinstance(gap, str):
        return f"* {_told(gap)}"
    return f"* {code(shortened(gap.path, _LONGEST))}: {_told(gap.reason)} ({gap.what}: {plain(gap.codes)})"


def _folded(page: MarkdownPage, title: str, findings: Sequence[LocatedFinding], command: str) -> None:
    """Findings in short that open at a click."""
    if not findings:
        return
    page.say(f"<details><summary>{title}</summary>")
    _left_out(page, page.fill(findings, _in_short, "\n"), command)
    page.say("</details>")


def _infos(result: Result, notes: Sequence[LocatedFinding]) -> str:
    new = sum(finding.counts for finding in notes)
    return counted(notes) + (f", {new:,} new" if result.base and new else "")


def _command(result: Result, *, infos: bool) -> str:
    """What shows everything in a terminal."""
    base = f" --base {result.base[:12]}" if result.base else ""
    return f"coord check{base}{' --fail-on info' if infos else ''}"


def _left_out(page: MarkdownPage, number: int, command: str) -> None:
    if number:
        are, them = ("is", "it") if number == 1 else ("are", "them")
        page.say(f"{number:,} more {are} left out here; {code(command)} lists {them}.")
