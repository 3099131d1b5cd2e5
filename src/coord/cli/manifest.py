"""`coord manifest`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import Output, Root, Today, emit, find_root, parse_today
from coord.errors import CoordError

if TYPE_CHECKING:
    from coord.checks.result import Result

DECIDING = ("SYN", "REF", "BKT001", "BKT003", "BKT004", "BKT005", "SYS001")
"""Rules and families whose errors make it uncertain who gets what.

Of others the manifest is right all the same, and an error of one experiment's budget or metric must not keep
the stop of another from being served.
"""


class Form(StrEnum):
    """How the manifest is written."""

    JSON = "json"


def manifest(
    root: Root = None,
    today: Today = None,
    output_format: Annotated[  # noqa: ARG001 - there is one
        Form, typer.Option("--format", help="How to write it.")
    ] = Form.JSON,
    output: Output = None,
) -> int:
    """What a runtime needs to assign units: spaces, experiments in force or to come, buckets, variants.

    The same files and day give the same bytes. A tree in which it is uncertain who gets what is refused with
    exit code 3: run `coord check`.
    """
    from coord.allocation.manifest import manifest as make  # noqa: PLC0415 - `coord --help` does without
    from coord.checks.runner import check  # noqa: PLC0415
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415
    from coord.report.manifest import render  # noqa: PLC0415

    day, tree = parse_today(today), load(WorkingTree(find_root(root)))
    _refuse(check(tree, day))
    emit(render(make(tree.catalog, day)), output)
    return 0


def _refuse(result: "Result") -> None:
    from coord.domain.findings import Severity  # noqa: PLC0415

    errors = [
        finding
        for finding in result.findings
        if finding.severity is Severity.ERROR and finding.code.startswith(DECIDING)
    ]
    if errors:
        shown = ", ".join(f"{error.code} in {error.location.path}" for error in errors[:3])
        more = f" and {len(errors) - 3} more" if len(errors) > 3 else ""
        raise CoordError(
            f"No manifest is made of files that leave it uncertain who gets what: {shown}{more}. "
            "Run `coord check`, which says how to mend them."
        )
