"""What `coord analyze` reads: a table with one row per unit, or exposures and events."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.analysis.plan import AnalysisPlan
    from coord.domain.catalog import Catalog
    from coord.domain.metrics import Metric
    from coord.domain.model import Experiment
    from coord.logs.logged import Logged
    from coord.logs.measured import Table


class Inputs(NamedTuple):
    """The files that were named, and what was said of them."""

    units: Sequence[str]
    exposures: Sequence[str]
    events: Sequence[str]
    unit_column: str | None
    variant_column: str | None
    segment: str | None
    covariates: bool
    rejects: Path | None


def check_inputs(inputs: Inputs) -> None:
    """Raise UsageError for files that do not go together."""
    logs = bool(inputs.exposures or inputs.events)
    if inputs.units and logs:
        raise UsageError(
            "--units is a table with one row per unit, --exposures and --events are logs. Give either."
        )
    if not inputs.units and not logs:
        raise UsageError(
            "Nothing to analyse is named. Give logs with --exposures FILE --events FILE, or a table with one "
            "row per unit with --units FILE."
        )
    if logs and not (inputs.exposures and inputs.events):
        lacking = "--events" if inputs.exposures else "--exposures"
        raise UsageError(f"Give {lacking} FILE as well: exposures say who met what, events what they did.")
    if logs and inputs.segment:
        raise UsageError("--segment splits a table with one row per unit. Give one with --units FILE.")
    if logs and inputs.variant_column:
        raise UsageError("--variant-column is for --units; of logs coord.yaml names it, in logs.exposures.")


def check_experiment(experiment: "Experiment") -> None:
    """Raise CoordError for what has no arms to compare."""
    if not experiment.variants:
        raise CoordError(f"{experiment.key} is a holdback: it has no variants that could be compared.")
    if not experiment.ranges:
        raise CoordError(
            f"{experiment.key} has adaptive weights, so no arm has a share that it should have, and nothing "
            "can be compared. Run `coord explain SYS001`."
        )


def read_units(catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs) -> "Table":
    """The table of units, measured."""
    from coord.logs.unit_files import UnitColumns  # noqa: PLC0415
    from coord.logs.unit_table import measure_units  # noqa: PLC0415
    from coord.report.audit_progress import megabytes  # noqa: PLC0415

    columns = UnitColumns(
        _unit_column(catalog, plan, inputs),
        inputs.variant_column or catalog.logs.exposures.variant,
        optional=inputs.unit_column is None,
    )
    with megabytes("Reading", _bytes(inputs.units)) as advance:
        return measure_units(
            inputs.units,
            columns,
            _metrics(plan),
            [variant.logged_as for variant in plan.experiment.variants],
            dimensions=_dimensions(catalog, plan),
            segment=inputs.segment,
            covariates=inputs.covariates,
            rejects_to=inputs.rejects,
            progress=advance,
        )


def read_logs(catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs, as_of: date, today: date) -> "Logged":
    """Exposures and events, measured."""
    from coord.logs.logged import LogSpec  # noqa: PLC0415
    from coord.logs.measure_logs import LogFiles, measure_logs  # noqa: PLC0415
    from coord.logs.placed import placement_of  # noqa: PLC0415
    from coord.report.audit_progress import megabytes  # noqa: PLC0415

    experiment = plan.experiment
    spec = LogSpec(
        experiment=experiment.logged_as,
        arms=tuple(variant.logged_as for variant in experiment.variants),
        days=plan.days,
        as_of=as_of,
        today=today,
        placement=placement_of(catalog, experiment),
        audience=experiment.audience,
        dimensions=tuple(_dimensions(catalog, plan)),
    )
    files = LogFiles(
        inputs.exposures,
        inputs.events,
        _unit_column(catalog, plan, inputs),
        catalog.logs,
        rejects_of_exposures=inputs.rejects,
    )
    with megabytes("Reading", _bytes([*inputs.exposures, *inputs.events])) as advance:
        return measure_logs(
            spec,
            files,
            _metrics(plan),
            looks=plan.looks_until(min(as_of, plan.days.end)),
            covariates=inputs.covariates,
            progress=advance,
        )


def _bytes(named: Sequence[str]) -> int:
    """The size of all files that are named."""
    from coord.logs.places import find_files  # noqa: PLC0415

    return sum(path.stat().st_size for path in find_files(named))


def _unit_column(catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs) -> str:
    from coord.logs.columns import unit_column  # noqa: PLC0415

    space = catalog.spaces[plan.experiment.space]
    return inputs.unit_column or unit_column(catalog.logs.exposures.unit, [space])


def _metrics(plan: "AnalysisPlan") -> "list[Metric]":
    return list({asked.metric.name: asked.metric for asked in plan.asked}.values())


def _dimensions(catalog: "Catalog", plan: "AnalysisPlan") -> list[str]:
    return sorted(catalog.surfaces[plan.experiment.surface].dimensions)
