"""`coord baseline`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coord.cli.analyze_checks import check_files, check_written
from coord.cli.analyze_inputs import Inputs, logs_of, unit_column_of
from coord.cli.engines import check_named, reading
from coord.cli.options import AsOf, Output, Root, Today, emit, find_root, parse_day, parse_today
from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coord.analysis.baseline import Measurement
    from coord.config.load import Tree
    from coord.domain.model import Experiment, Surface


class Form(StrEnum):
    """How it is written."""

    TEXT = "text"
    JSON = "json"


def baseline(
    surface: Annotated[str, typer.Argument(metavar="SURFACE", help="The surface.")],
    events: Annotated[
        list[str],
        typer.Option(
            "--events",
            metavar="FILE",
            help="Logs: what units did, and when. CSV (plain, gz, zst) or Parquet, or a quoted pattern.",
        ),
    ],
    exposures: Annotated[
        list[str] | None,
        typer.Option("--exposures", metavar="FILE", help="Logs: who met which variant, and when; likewise."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write surfaces/SURFACE/baseline.yaml, in place of what is there.")
    ] = False,
    unit_column: Annotated[
        str | None, typer.Option("--unit-column", metavar="NAME", help="The column of the unit.")
    ] = None,
    as_of: AsOf = None,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="FILE", help="Write the exposures that cannot be used."),
    ] = None,
    root: Root = None,
    today: Today = None,
    output_format: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    output: Output = None,
) -> int:
    """Measure what tests on a surface can count on: units per day, and its metrics' means and spreads.

    Of units that met an experiment of the surface; without --exposures, of all units of the events, which
    are then those of this surface.

    Exit code 0 when something was measured; 2: wrong usage. 3: could not run, or nothing could be measured.
    """
    from coord.analysis.baseline import experiments_of, measurement, metrics_of  # noqa: PLC0415
    from coord.authoring.baseline_text import baseline_path, baseline_text  # noqa: PLC0415
    from coord.config.files import WorkingTree  # noqa: PLC0415 - `coord --help` does without
    from coord.config.load import load  # noqa: PLC0415
    from coord.config.store import exclusive, write_all  # noqa: PLC0415
    from coord.logs.first_met import measure_first_met  # noqa: PLC0415
    from coord.logs.measure_logs import LogFiles  # noqa: PLC0415
    from coord.report import baseline as report  # noqa: PLC0415

    folder, day = find_root(root), parse_today(today)
    upto = day if as_of is None else min(day, parse_day("--as-of", as_of))
    tree = load(WorkingTree(folder))
    check_files(tree)
    of, catalog = _surface(tree, surface), tree.catalog
    inputs = Inputs((), exposures or (), events, unit_column, None, None, covariates=True, rejects=rejects)
    check_named(inputs.engine, [*inputs.exposures, *inputs.events])
    check_written(inputs, output)
    unit, logs = unit_column_of(catalog, of.space, unit_column), logs_of(catalog, unit_column)
    files = LogFiles(inputs.exposures, events, unit, logs, rejects=rejects)
    experiments = experiments_of(catalog, of)
    passes = (inputs.exposures, events) if exposures else (events, events, events)
    with reading(inputs.engine, *passes) as advance:
        logged = measure_first_met(experiments, files, metrics_of(catalog, of), upto, day, advance)
    found = measurement(catalog, of, experiments, logged)
    _check(found, experiments if exposures else None)
    if write:
        with exclusive(folder):
            write_all(folder, {baseline_path(of.name): baseline_text(found)})
    emit((report.document if output_format is Form.JSON else report.text)(found, written=write), output)
    return 0


def _surface(tree: "Tree", name: str) -> "Surface":
    """The surface of a name. Raises UsageError, or CoordError when its file has errors."""
    from coord.domain.spelling import suggestion  # noqa: PLC0415

    found = tree.catalog.surfaces.get(name)
    if found is not None:
        return found
    if f"surfaces/{name}/surface.yaml" in tree.broken:
        raise CoordError(
            f"surfaces/{name}/surface.yaml has errors, so nothing is known of it. Run `coord check`."
        )
    raise UsageError(f"There is no surface {name}; {suggestion(name, tree.catalog.surfaces)}")


def _check(found: "Measurement", experiments: "Sequence[Experiment] | None") -> None:
    """Raise CoordError when nothing was measured. `experiments` are those that exposures were asked for."""
    if experiments is not None and not found.seen:
        names = sorted({one.logged_as for one in experiments})
        which = f" ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})" if names else ", which has none"
        raise CoordError(
            f"The exposures have no row of an experiment of {found.surface}{which} on its days. If logs call "
            "an experiment something else, say so in its file: `logged_as`. Without --exposures, all units "
            "of the events are measured."
        )
    if not found.days.length:
        raise CoordError(
            "The logs have no complete day to measure: the last day counts when it is over, and without "
            "--exposures the days on which covariates look back come first. Export more days."
        )
    if not found.figures and found.daily_units is None:
        why = "; ".join(f"{metric}: {reason}" for metric, reason in found.left_out)
        raise CoordError(f"Nothing could be measured of {found.surface}. {why}")
