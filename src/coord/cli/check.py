"""`coord check`."""

import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.github import append_step_summary, path_prefix
from coord.cli.options import Base, Output, Root, Today, emit, find_root, parse_today, wants_color
from coord.errors import UsageError

if TYPE_CHECKING:
    from coord.checks.result import Result
    from coord.config.load import Base as Compared
    from coord.config.load import Tree


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Show only what touches these.")
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Format, typer.Option("--format", help="How to write findings.")] = Format.TEXT,
    output: Output = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only these rules (or families).")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Not these rules (or families).")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="Exit 1 from this severity on.")] = FailOn.ERROR,
    base: Base = None,
    replay: Annotated[bool, typer.Option("--replay", help="Draw every ledger again and compare.")] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings of each rule.")
    ] = False,
) -> int:
    """Check every rule on the whole tree: conflicts, budgets, ledgers, names.

    With --base also what may not change in experiments that have started. Then only findings that the change
    makes, or makes worse, decide the exit code; what was there before is listed after them.

    Exit code 0: fine. 1: findings of --fail-on or above. 2: wrong usage. 3: could not run.
    """
    from coord.checks.registry import RULES  # noqa: PLC0415 - `coord --help` does without
    from coord.checks.runner import check as run  # noqa: PLC0415
    from coord.checks.selection import narrow, parse_codes  # noqa: PLC0415
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415
    from coord.domain.findings import Severity  # noqa: PLC0415

    if statistics and output_format not in {Format.TEXT, Format.CONCISE}:
        raise UsageError(
            "--statistics goes with --format text or concise; the other formats list every finding."
        )
    selected, ignored = parse_codes(select or ()), parse_codes(ignore or ())
    if base is None and selected and all(rule.compares for rule in RULES if rule.code.startswith(selected)):
        raise UsageError(
            f"{', '.join(selected)} compare with a base: give --base REF, or select other rules."
        )
    day, folder = parse_today(today), find_root(root)
    under = tuple(_relative(path, folder, given=root is not None) for path in paths or ())
    tree, before = (load(WorkingTree(folder)), None) if base is None else _compared(folder, base)
    result = narrow(run(tree, day, _name(folder), replay=replay, base=before), selected, ignored, under)
    infos = fail_on is FailOn.INFO or bool(selected)
    emit(_render(result, output_format, output, folder, infos=infos, statistics=statistics), output)
    least = Severity(fail_on.value).rank
    return int(any(finding.severity.rank >= least and finding.counts for finding in result.findings))


def _compared(root: Path, ref: str) -> "tuple[Tree, Compared]":
    from coord.history.trees import read_both  # noqa: PLC0415 - only a comparison runs git

    return read_both(root, ref)


def _relative(path: Path, root: Path, *, given: bool) -> str:
    """A path from the working directory as one from the root. Raises UsageError where nothing is there."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are written
    if not os.path.lexists(absolute):
        raise UsageError(f"{path} does not exist{_meant(path, root, given=given)}.")
    try:
        return absolute.relative_to(Path(os.path.abspath(root))).as_posix()  # noqa: PTH100
    except ValueError:
        meant = _meant(path, root, given=given)
        raise UsageError(f"{path} is not below {root}, whose surfaces/ is checked{meant}.") from None


def _meant(path: Path, root: Path, *, given: bool) -> str:
    """Which file or folder a name or a path from the root stands for, and the command; nothing for none."""
    from coord.config.layout import experiment_path  # noqa: PLC0415 - only for a message

    if path.is_absolute() or ".." in path.parts:
        return ""
    name, start = path.as_posix(), "paths start at the working directory"
    is_surface = (root / "surfaces" / path / "surface.yaml").is_file()
    readings = {name: start, f"surfaces/{name}": "it is the name of a surface" if is_surface else start}
    if len(path.parts) == 2:
        readings[experiment_path(name)] = "it is the name of an experiment"
    for meant, reading in readings.items():
        if os.path.lexists(root / meant):
            options = f" --root {shlex.quote(str(root))}" if given else ""
            file = shlex.quote(Path(os.path.relpath(root / meant)).as_posix())
            return f"; {reading}: run `coord check {file}{options}`"
    return ""


def _name(root: Path) -> str:
    """The root as seen from here, so that output is the same on every machine where that is possible."""
    return Path(os.path.relpath(root)).as_posix()


def _render(
    result: "Result", form: Format, output: Path | None, root: Path, *, infos: bool, statistics: bool
) -> str:
    from coord.report import concise, json_report, markdown, sarif, text  # noqa: PLC0415

    if form is Format.JSON:
        return json_report.render(result)
    if form is Format.GITHUB:
        return _annotations(result, root, infos=infos)
    if form is Format.SARIF:
        return sarif.render(result, prefix=path_prefix(root))
    if form is Format.MARKDOWN:
        return markdown.render(result, infos=infos)
    if form is Format.CONCISE:
        return concise.render(result, infos=infos, with_statistics=statistics)
    return text.render(result, infos=infos, with_statistics=statistics, color=wants_color(output))


def _annotations(result: "Result", root: Path, *, infos: bool) -> str:
    """The annotations; what there is no room for goes to the step summary, where there is one."""
    from coord.report import github, markdown  # noqa: PLC0415

    in_summary = append_step_summary(lambda room: markdown.render(result, infos=infos, most_bytes=room))
    return github.render(result, infos=infos, in_summary=in_summary, prefix=path_prefix(root))
