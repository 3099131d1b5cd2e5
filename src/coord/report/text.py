"""Findings for a person at a terminal: the source line with a caret, every side, why, and what to do."""

from io import StringIO
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from coord.checks.result import LocatedFinding, Location, Result
from coord.domain.findings import Severity, Skipped
from coord.report.summary import shown, statistics, summary
from coord.report.visible import visible, visible_line

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_WIDTH = 110  # of a source line that is shown
_MOST_SIDES = 8


def render(result: Result, *, infos: bool, with_statistics: bool, color: bool) -> str:
    """The whole report, with terminal styles when `color`."""
    text = Text()
    for finding in shown(result, infos=infos):
        _finding(text, finding)
    _skipped(text, result)
    if with_statistics:
        for number, code in statistics(result):
            text.append(f"{number:>6,}  {code}\n")
    good = not any(finding.severity is Severity.ERROR for finding in result.findings)
    text.append(summary(result, infos=infos) + "\n", style="green" if good else "bold")
    return _to_string(text, color=color)


def _to_string(text: Text, *, color: bool) -> str:
    if not color:
        return text.plain
    console = Console(file=StringIO(), force_terminal=True, color_system="standard", soft_wrap=True)
    console.print(text, end="", highlight=False)
    output: StringIO = console.file  # type: ignore[assignment]
    return output.getvalue()


def _finding(text: Text, finding: LocatedFinding) -> None:
    style = _STYLES[finding.severity]
    text.append(f"{finding.severity}[{finding.code}]", style=style)
    text.append(f": {visible(finding.message)}\n", style="bold")
    sides = finding.related[:_MOST_SIDES]
    lines = [finding.location.line, *(side.location.line for side in sides)]
    margin = " " * len(str(max(lines)))
    _place(text, finding.location, margin, style, "-->", "")
    for side in sides:
        _place(text, side.location, margin, "blue", ":::", visible(side.message))
    if len(finding.related) > _MOST_SIDES:
        text.append(f"{margin} = and {len(finding.related) - _MOST_SIDES} more (--format json lists all)\n")
    waived = finding.data.get("waived")
    notes = (
        ("why", finding.why),
        ("waived", f"until {waived['until']}: {waived['reason']}" if waived else None),
        ("help", finding.hint),
    )
    for name, note in notes:
        if note:
            text.append(f"{margin} = ", style="blue")
            text.append(f"{name}: ", style="bold")
            text.append(f"{visible(note)}\n")
    text.append("\n")


def _place(text: Text, location: Location, margin: str, style: str, arrow: str, label: str) -> None:
    text.append(f"{margin}{arrow} ", style="blue")
    text.append(f"{visible(location.path)}:{location.line}:{location.column}")
    if location.source is None or not location.source.strip():
        text.append(f" {label}\n" if label else "\n")
        return
    source, column = _window(location.source, location.column - 1)
    text.append(f"\n{margin} |\n", style="blue")
    text.append(f"{location.line:>{len(margin)}} | ", style="blue")
    text.append(f"{source}\n")
    text.append(f"{margin} | ", style="blue")
    caret = " " * cell_len(source[:column]) + "^" * max(1, cell_len(_value(source, column)))
    text.append(caret + (f" {label}" if label else "") + "\n", style=style)


def _window(source: str, column: int) -> tuple[str, int]:
    """The part of a long line around the column, and the column in it."""
    line = visible_line(source)
    if len(line) <= _WIDTH:
        return line, column
    start = max(0, min(column - _WIDTH // 2, len(line) - _WIDTH))
    return line[start : start + _WIDTH], column - start


def _value(source: str, column: int) -> str:
    """What the caret underlines: to the end of the key, or of the line without its comment."""
    rest = source[column:]
    for end in (": ", " #"):
        rest = rest.partition(end)[0]
    return rest.rstrip().removesuffix(":")


def _skipped(text: Text, result: Result) -> None:
    def path_and_reason(row: Skipped) -> tuple[str, str]:
        return row.path, row.reason

    for (path, reason), rows in groupby(sorted(result.skipped, key=path_and_reason), key=path_and_reason):
        codes = ", ".join(row.code for row in rows)
        text.append("skipped", style="bold yellow")
        text.append(f": {visible(path)}: {visible(reason)} (not checked: {codes})\n")
    if result.skipped:
        text.append("\n")
