"""`coord audit`."""

import re
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.options import Output, Root, emit, find_root, terminal_width, wants_color
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.config.load import Tree
    from coord.logs.reader import Reading


_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?%", re.ASCII)


class Form(StrEnum):
    """How the audit is written."""

    TEXT = "text"
    JSON = "json"


def audit(
    exposures: Annotated[
        list[str],
        typer.Option(
            "--exposures",
            metavar="FILE",
            help="CSV (plain, gz, zst) or Parquet, or a quoted pattern; may be given several times.",
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="REF", help="The files at another revision (default: as they are)."),
    ] = None,
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="SHARE", help="The share of rows that may be wrong.")
    ] = "0%",
    unit_column: Annotated[
        str | None, typer.Option("--unit-column", metavar="NAME", help="The column of the unit.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Write the rows that cannot be used.")
    ] = None,
    root: Root = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Compute every logged assignment again, and say which contradict the files, and why.

    A row of exposures says who (user_id) met which variant of which experiment, and when (timestamp). Columns
    called otherwise are named in surfaces/coord.yaml, in logs.exposures.

    Exit code 0: the share of rows that do is within --tolerance. 1: it is above. 2: wrong usage. 3: could not
    run.
    """
    from coord.analysis.audit import audit as run  # noqa: PLC0415 - `coord --help` does without
    from coord.analysis.audit import layout_of  # noqa: PLC0415
    from coord.logs.reader import Reading  # noqa: PLC0415
    from coord.logs.rejects import rejected  # noqa: PLC0415
    from coord.report import audit as report  # noqa: PLC0415
    from coord.report import audit_json  # noqa: PLC0415
    from coord.report.audit_progress import megabytes  # noqa: PLC0415
    from coord.report.words import WIDTH  # noqa: PLC0415

    share = _share(tolerance)
    tree, commit = _tree(find_root(root), at)
    layout = layout_of(tree.catalog, unit_column)
    reading = Reading(exposures, layout)
    with rejected(rejects, reading), megabytes("Auditing", reading.bytes) as advance:
        _check_output(output, rejects, reading)
        found = run(tree.catalog, reading, commit=commit, broken=sorted(tree.broken), progress=advance)
    if output_format is Form.JSON:
        text = audit_json.render(found, share)
    else:
        width = terminal_width(output, WIDTH)
        text = report.render(found, share, color=wants_color(output), width=width, rejects=rejects)
    emit(text, output)
    return 0 if found.share <= share else 1


def _check_output(output: Path | None, rejects: Path | None, reading: "Reading") -> None:
    """Refuse to write the report over what is read, or over the rows that cannot be used."""
    if output is None or (output.exists() and not output.is_file()):
        return
    if any(output.resolve() == Path(one.path).resolve() for one in reading.files):
        raise UsageError(f"{output} is one of the files that are read. Give --output another name.")
    if rejects is not None and output.resolve() == rejects.resolve():
        raise UsageError(f"--output and --rejects are both {output}. Give one of them another name.")


def _share(text: str) -> Fraction:
    from coord.domain.shares import WHOLE, parse_share  # noqa: PLC0415

    if not _SHARE.fullmatch(text) or (share := parse_share(text)) > WHOLE:
        raise UsageError(f"--tolerance is {text}, and must be a share from 0% to 100%, such as 0.5%.")
    return share


def _tree(root: Path, at: str | None) -> "tuple[Tree, str | None]":
    """The files as they are or as they were, and the commit where they were so."""
    from coord.config.files import ROOT_FILE, WorkingTree  # noqa: PLC0415
    from coord.config.load import load  # noqa: PLC0415

    if at is None:
        tree, commit = load(WorkingTree(root)), None
    else:
        from coord.history.repository import Repository  # noqa: PLC0415 - only where asked for

        repository = Repository.around(root)
        commit = repository.commit(at)
        tree = load(repository.files(commit))
    if ROOT_FILE in tree.broken:
        where = f" at {commit[:12]}" if commit else ""
        raise CoordError(
            f"{ROOT_FILE}{where} has errors, so no assignment can be computed. Run `coord check`."
        )
    return tree, commit
