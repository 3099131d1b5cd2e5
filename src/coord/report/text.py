"""Findings for a person at a terminal: the source line with a caret, every side, why, and what to do."""

from io import StringIO
from unicodedata import combining, east_asian_width

from coord.checks.result import LocatedFinding, Location, Result
from coord.domain.findings import Severity
from coord.report.skips import gaps
from coord.report.summary import outside, shown, statistics, summary
from coord.report.visible import visible, visible_line

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_WIDTH = 110  # of a source line that is shown
_MOST_SIDES = 8


class _Text:
    """Pieces of text with their styles."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []

    def append(self, text: str, style: str = "") -> None:
        self.pieces.append((text, style))

    def plain(self) -> str:
        return "".join(text for text, _ in self.pieces)

    def styled(self) -> str:
        from rich.console import Console  # noqa: PLC0415 - costs 40 ms, and only a terminal needs it
        from rich.text import Text  # noqa: PLC0415

        output = StringIO()
        console = Console(file=output, force_terminal=True, color_system="standard", soft_wrap=True)
        console.print(Text.assemble(*self.pieces), end="", highlight=False)
        return output.getvalue()


def render(result: Result, *, infos: bool, with_statistics: bool, color: bool) -> str:
    """The whole report, with terminal styles when `color`."""
    text = _Text()
    findings = shown(result, infos=infos)
    for finding in findings:
        if finding.counts:
            _finding(text, finding)
    _existing(text, [finding for finding in findings if not finding.counts])
    _skipped(text, result)
    if with_statistics:
        for number, code in statistics(result):
            text.append(f"{number:>6,}  {code}\n")
    good = not any(finding.severity is Severity.ERROR and finding.counts for finding in result.findings)
    text.append(summary(result, infos=infos) + "\n", "green" if good else "bold")
    if left := outside(result, infos=infos):
        text.append(f"{left}\n", "dim")
    return text.styled() if color else text.plain()


def _finding(text: _Text, finding: LocatedFinding) -> None:
    style = _STYLES[finding.severity]
    text.append(f"{finding.severity}[{finding.code}]", style)
    text.append(f": {visible(finding.message)}\n", "bold")
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
            text.append(f"{margin} = ", "blue")
            text.append(f"{name}: ", "bold")
            text.append(f"{visible(note)}\n")
    text.append("\n")


def _existing(text: _Text, findings: list[LocatedFinding]) -> None:
    """What was there before a change, in short: enough to find it, and no more in the way than that."""
    for finding in findings:
        text.append(f"existing {finding.severity}[{finding.code}]: {visible(finding.message)}\n", "dim")
        text.append(f"  --> {visible(finding.location.place)}\n", "dim")
    if findings:
        text.append("\n")


def _place(text: _Text, location: Location, margin: str, style: str, arrow: str, label: str) -> None:
    text.append(f"{margin}{arrow} ", "blue")
    text.append(visible(location.place))
    if location.source is None or not location.source.strip():
        text.append(f" {label}\n" if label else "\n")
        return
    source, column = _window(location.source, location.column - 1)
    text.append(f"\n{margin} |\n", "blue")
    text.append(f"{location.line:>{len(margin)}} | ", "blue")
    text.append(f"{source}\n")
    text.append(f"{margin} | ", "blue")
    underlined = source[column : column + location.length]
    caret = " " * _width(source[:column]) + "^" * max(1, _width(underlined))
    text.append(caret + (f" {label}" if label else "") + "\n", style)


def _window(source: str, column: int) -> tuple[str, int]:
    """The part of a long line around the column, and the column in it."""
    start = max(0, min(column - _WIDTH // 2, len(source) - _WIDTH))
    return visible_line(source[start : start + _WIDTH]), column - start


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(1 for character in text if combining(character))


def _skipped(text: _Text, result: Result) -> None:
    for line in (told := gaps(result)):
        word, _, rest = line.partition(":")
        text.append(word, "bold yellow")
        text.append(f":{visible(rest)}\n")
    if told:
        text.append("\n")
