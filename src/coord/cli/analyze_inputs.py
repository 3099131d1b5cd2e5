"""What `coord analyze` reads: a table with one row per unit, or exposures and events."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coord.cli.analyze_checks import check_columns, check_somebody
from coord.cli.engines import DUCKDB, opening_of, reading

if TYPE_CHECKING:
    from coord.analysis.plan import AnalysisPlan
    from coord.domain.catalog import Catalog
    from coord.domain.metrics import Metric
    from coord.domain.model import Logs
    from coord.logs.logged import Logged
    from coord.logs.measured import Table


class Inputs(NamedTuple):
    """The files, or tables of a database, that were named, and what was said of them."""

    units: Sequence[str]
    exposures: Sequence[str]
    events: Sequence[str]
    unit_column: str | None
    variant_column: str | None
    segment: str | None
    covariates: bool
    rejects: Path | None
    engine: str = DUCKDB


def read_units(catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs) -> "Table":
    """The table of units, measured."""
    from coord.logs.duck import duck  # noqa: PLC0415
    from coord.logs.unit_files import UnitColumns  # noqa: PLC0415
    from coord.logs.unit_table import measure_units  # noqa: PLC0415

    columns = UnitColumns(
        unit_column_of(catalog, plan.experiment.space, inputs.unit_column),
        inputs.variant_column or catalog.logs.exposures.variant,
        optional=inputs.unit_column is None,
    )
    check_columns(inputs.unit_column, columns.variant, inputs.segment)
    with reading(inputs.engine, inputs.units) as advance:
        table = measure_units(
            inputs.units,
            columns,
            metrics_of(plan),
            [variant.logged_as for variant in plan.experiment.variants],
            dimensions=_dimensions(catalog, plan),
            segment=inputs.segment,
            covariates=inputs.covariates,
            rejects_to=inputs.rejects,
            progress=advance,
            opening=duck if inputs.engine == DUCKDB else opening_of(inputs.engine),
        )
    check_somebody(table, inputs.units, columns.variant, plan.experiment)
    return table


def read_logs(catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs, as_of: date, today: date) -> "Logged":
    """Exposures and events, measured."""
    from coord.logs.logged import LogSpec  # noqa: PLC0415
    from coord.logs.measure_logs import LogFiles, measure_logs  # noqa: PLC0415
    from coord.logs.placed import placement_of  # noqa: PLC0415

    experiment = plan.experiment
    unit = unit_column_of(catalog, experiment.space, inputs.unit_column)
    check_columns(unit, catalog.logs.exposures.variant, inputs.segment)
    spec = LogSpec(
        experiment=experiment.logged_as,
        arms=tuple(variant.logged_as for variant in experiment.variants),
        days=plan.days,
        as_of=as_of,
        today=today,
        placement=placement_of(catalog, experiment),
        audience=experiment.audience,
        dimensions=tuple(_dimensions(catalog, plan)),
        segment=inputs.segment,
    )
    files = LogFiles(
        inputs.exposures,
        inputs.events,
        unit,
        logs_of(catalog, inputs.unit_column),
        rejects=inputs.rejects,
    )
    with reading(inputs.engine, [*inputs.exposures, *inputs.events]) as advance:
        return measure_logs(
            spec,
            files,
            metrics_of(plan),
            looks=sorted(
                {*plan.looks_until(min(as_of, plan.days.end)), *filter(None, [plan.started.reached])}
            ),
            covariates=inputs.covariates,
            progress=advance,
            opening=opening_of(inputs.engine),
        )


def logs_of(catalog: "Catalog", unit: str | None) -> "Logs":
    """What columns of logs are called; a column of units that was given goes before what the files say."""
    logs = catalog.logs
    if unit is None:
        return logs
    return logs._replace(exposures=logs.exposures._replace(unit=unit), events=logs.events._replace(unit=unit))


def unit_column_of(catalog: "Catalog", space: str, given: str | None) -> str:
    """The column of the units of a space: the one that was given, or the one that the files say."""
    from coord.logs.columns import unit_column  # noqa: PLC0415

    return given or unit_column(catalog.logs.exposures.unit, [catalog.spaces[space]])


def metrics_of(plan: "AnalysisPlan") -> "list[Metric]":
    """The metrics of a plan, each once."""
    return list({asked.metric.name: asked.metric for asked in plan.asked}.values())


def _dimensions(catalog: "Catalog", plan: "AnalysisPlan") -> list[str]:
    return sorted(catalog.surfaces[plan.experiment.surface].dimensions)
