"""`coord explain`."""

from enum import StrEnum
from typing import Annotated

import typer

from coord.cli.options import Output, emit, wants_color
from coord.errors import UsageError


class Form(StrEnum):
    """How rules are written."""

    TEXT = "text"
    MARKDOWN = "markdown"


def explain(
    code: Annotated[
        str | None, typer.Argument(help="A rule's code, or how it starts (default: list all rules).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every rule in full.")] = False,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Explain a rule of `coord check`: why, a bad example, a good one, how to fix it."""
    from coord.checks.registry import BY_CODE, RULES  # noqa: PLC0415 - `coord --help` does without
    from coord.report import explain as report  # noqa: PLC0415

    if code and everything:
        raise UsageError("Name a rule, or give --all.")
    wanted = (code or "").strip().upper()
    rules = [rule for rule in RULES if rule.code.startswith(wanted)]
    if not rules:
        raise UsageError(f"There is no rule {code}{_nearest(wanted, list(BY_CODE))}")
    if output_format is Form.MARKDOWN:
        emit(report.markdown(rules, everything=not wanted), output)
    else:
        full = everything or len(rules) == 1
        emit(report.render(rules, full=full, color=wants_color(output)), output)
    return 0


def _nearest(code: str, known: list[str]) -> str:
    """The end of a sentence: the rule or family that was probably meant, or all families."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    families = list(dict.fromkeys(one[:3] for one in known))
    near = get_close_matches(code, known, n=1) or get_close_matches(code, families, n=1)
    return f"; did you mean {near[0]}?" if near else f". Rules are in the families {', '.join(families)}."
