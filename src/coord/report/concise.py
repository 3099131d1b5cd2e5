"""One line for each finding, as editors and grep like it."""

from coord.checks.result import Result
from coord.report.skips import skips, undated
from coord.report.summary import shown, statistics, summary
from coord.report.visible import visible


def render(result: Result, *, infos: bool, with_statistics: bool) -> str:
    """`path:line:column: severity CODE message` lines and a summary."""
    lines = []
    for finding in shown(result, infos=infos):
        told = finding.message if finding.counts else f"existing: {finding.message}"
        lines.append(f"{finding.location.place}: {finding.severity} {finding.code} {told}")
    lines += [f"{skip.path}:1:1: skipped {skip.codes} {skip.reason}" for skip in skips(result)]
    lines += filter(None, [undated(result)])
    if with_statistics:
        lines += [f"{number:>6,}  {code}" for number, code in statistics(result)]
    return "".join(f"{visible(line)}\n" for line in [*lines, summary(result, infos=infos)])
