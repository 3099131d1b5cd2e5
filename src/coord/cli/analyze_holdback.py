"""What `coord analyze` does otherwise for a holdback: held units against the rest."""

from datetime import date
from typing import TYPE_CHECKING

from coord.cli.analyze_inputs import Inputs, logs_of, metrics_of, unit_column_of
from coord.cli.engines import is_database, opening_of, reading
from coord.errors import UsageError

if TYPE_CHECKING:
    from coord.analysis.at_start import AtStart
    from coord.analysis.plan import AnalysisPlan
    from coord.analysis.results import Analysis
    from coord.domain.catalog import Catalog
    from coord.domain.model import Experiment


def plan_for(catalog: "Catalog", experiment: "Experiment", started: "AtStart") -> "AnalysisPlan":
    """The plan of an experiment; of a holdback, whose arms nobody wrote down."""
    from coord.analysis.holdback import HoldbackPlan  # noqa: PLC0415 - `coord --help` does without
    from coord.analysis.plan import AnalysisPlan  # noqa: PLC0415
    from coord.domain.model import Kind  # noqa: PLC0415

    made = HoldbackPlan if experiment.kind is Kind.HOLDBACK else AnalysisPlan
    return made(catalog, experiment, started)


def analyse_logs(
    catalog: "Catalog", plan: "AnalysisPlan", inputs: Inputs, as_of: date, today: date, commit: str | None
) -> "Analysis | None":
    """Exposures and events of a holdback, measured and judged; None for anything else."""
    from coord.analysis.holdback import HoldbackPlan, analyse  # noqa: PLC0415
    from coord.logs.held_back import holdback_spec, measure_held_back  # noqa: PLC0415
    from coord.logs.measure_logs import LogFiles  # noqa: PLC0415

    if not isinstance(plan, HoldbackPlan):
        return None
    if inputs.segment is not None:
        raise UsageError("--segment does not split the logs of a holdback, whose units need not be in them.")
    if is_database(inputs.engine):
        raise UsageError(
            "The logs of a holdback are read as files: whom it holds is computed by coord for every unit of "
            "the events. Export them, or give a table with --units whose column of variants says `held` or "
            "`rest`."
        )
    spec = holdback_spec(catalog, plan.experiment, as_of, today)
    files = LogFiles(
        inputs.exposures,
        inputs.events,
        unit_column_of(catalog, plan.experiment.space, inputs.unit_column),
        logs_of(catalog, inputs.unit_column),
        rejects=inputs.rejects,
    )
    with reading(inputs.engine, inputs.exposures, inputs.events, inputs.events) as advance:
        found = measure_held_back(
            spec,
            files,
            metrics_of(plan),
            covariates=inputs.covariates,
            progress=advance,
            opening=opening_of(inputs.engine),
        )
    return analyse(plan, found, commit=commit)
