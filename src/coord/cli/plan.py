"""`coord plan`."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import (
    Base,
    Output,
    Root,
    Today,
    emit,
    find_root,
    parse_today,
    terminal_width,
    wants_color,
)
from coord.errors import UsageError

if TYPE_CHECKING:
    from coord.review.plan import Plan


class Format(StrEnum):
    """How the plan is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def plan(
    base: Base = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Format, typer.Option("--format", help="How to write the plan.")] = Format.TEXT,
    output: Output = None,
) -> int:
    """What a change does to everybody: experiments, buckets, who meets whom, budgets, drafts.

    The change is everything between --base and the files as they are, committed or not. Exit code 0 whatever
    the plan says, as `coord check --base` decides; 2: wrong usage. 3: could not run.
    """
    from coord.history.trees import read_both  # noqa: PLC0415 - `coord --help` does without
    from coord.review.plan import plan as make  # noqa: PLC0415

    if base is None:
        raise UsageError(
            "A plan compares with a base: give --base REF, such as --base origin/main, "
            "or --base HEAD for what is not committed yet."
        )
    day, folder = parse_today(today), find_root(root)
    made = make(*read_both(folder, base), day)
    emit(_render(made, output_format, output, _given(root, today)), output)
    return 0


def _given(root: Path | None, today: str | None) -> str:
    """The options that a command which the plan names needs too; `--root .` is what it looks at anyway."""
    day = ["--today", today] if today else []
    folder = ["--root", str(root)] if root is not None and root != Path() else []
    return "".join(f" {shlex.quote(word)}" for word in (*day, *folder))


def _render(made: "Plan", form: Format, output: Path | None, options: str) -> str:
    if form is Format.JSON:
        from coord.report import plan_json  # noqa: PLC0415 - only what is asked for is loaded

        return plan_json.render(made)
    if form is Format.MARKDOWN:
        from coord.report import plan_markdown  # noqa: PLC0415

        return plan_markdown.render(made, options=options)
    from coord.report import plan_text  # noqa: PLC0415
    from coord.report.words import WIDTH  # noqa: PLC0415

    width = terminal_width(output, WIDTH)
    return plan_text.render(made, color=wants_color(output), width=width, options=options)
