"""What is measured of a surface before anything is tested on it: units per day, and metrics as they are."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from coord.analysis.baseline_figures import Figure, figure_of
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.metrics import Metric
from coord.domain.model import Experiment, Kind, Surface
from coord.domain.plans import plan_of
from coord.domain.reach import eligible_share
from coord.errors import CoordError
from coord.logs.first_met import FirstMet


class Measurement(NamedTuple):
    """What was measured of a surface.

    days: the measured period, of complete days. units: met for the first time in it.
    reach: the share of all units that could be met, mean of these days, above 0 to 1; null where none could.
    daily_units: units / days / reach: what would be met with all traffic; null where `reach` is.
    seen: the experiments that units met, none without exposures.
    as_of: windows that are closed by this day count. left_out: metrics that were not measured, and why.
    """

    surface: str
    days: Days
    as_of: date
    units: int
    reach: Fraction | None
    daily_units: float | None
    seen: tuple[str, ...]
    figures: tuple[Figure, ...]
    left_out: tuple[tuple[str, str], ...]
    rows: int
    excluded: tuple[tuple[str, int], ...]


def metrics_of(catalog: Catalog, surface: Surface) -> list[Metric]:
    """What the surface requires and what its experiments ask for besides, drafts included; each once.

    Raises CoordError for a metric that is not in the catalogue.
    """
    required = (*surface.metrics.success, *surface.metrics.guardrail)
    names = [one.metric for one in required]
    for experiment in (*catalog.active, *catalog.drafts):
        if experiment.surface == surface.name:
            plan = plan_of(catalog, experiment)
            names += [one.requirement.metric for one in (*plan.success, *plan.guardrail)]
    lacking = next((name for name in names if name not in catalog.metrics), None)
    if lacking is not None:
        raise CoordError(
            f"{surface.name} or an experiment of it asks for {lacking}, which is not in "
            "surfaces/metrics.yaml. Run `coord check`."
        )
    return [catalog.metrics[name] for name in dict.fromkeys(names)]


def experiments_of(catalog: Catalog, surface: Surface) -> list[Experiment]:
    """The experiments that units meet on the surface: not holdbacks, not drafts, and of its space."""
    return [
        one
        for one in catalog.by_surface.get(surface.name, ())
        if one.kind is not Kind.HOLDBACK and one.space == surface.space
    ]


def measurement(
    catalog: Catalog, surface: Surface, experiments: Sequence[Experiment], logged: FirstMet
) -> Measurement:
    """What logs say of a surface. `experiments` are those that were asked of the logs."""
    seen = [one for one, rows in zip(experiments, logged.met, strict=bool(logged.met)) if rows]
    days = [logged.days.start + timedelta(days=k) for k in range(logged.days.length)]
    reached = [_reach(catalog, seen, day) if logged.exposures else Fraction(1) for day in days]
    whole = sum(reached, Fraction(0))
    figures, left_out = [], []
    for metric in metrics_of(catalog, surface):
        found = figure_of(metric, logged.metrics[metric.name], logged)
        if isinstance(found, str):
            left_out.append((metric.name, found))
        else:
            figures.append(found)
    excluded = {**logged.excluded}
    excluded |= {f"event_{reason}": number for reason, number in logged.events.rejects.items()}
    return Measurement(
        surface=surface.name,
        days=logged.days,
        as_of=logged.as_of,
        units=logged.units,
        reach=whole / len(days) if whole else None,
        daily_units=float(logged.units / whole) if whole else None,
        seen=tuple(one.key for one in seen),
        figures=tuple(figures),
        left_out=tuple(left_out),
        rows=(logged.exposures.rows if logged.exposures else 0) + logged.events.rows,
        excluded=tuple((reason, number) for reason, number in excluded.items() if number),
    )


def _reach(catalog: Catalog, experiments: Sequence[Experiment], day: date) -> Fraction:
    """The share of units that one of the experiments could meet on a day.

    A bucket counts with the share of units that are eligible for the widest experiment in it. Where a ledger
    is missing, its experiment is taken to lie where the others are.
    """
    running = sorted(
        ((eligible_share(catalog, one), one) for one in experiments if one.days and day in one.days),
        key=lambda each: (-each[0], each[1].key),
    )
    reached, covered, least = Fraction(0), 0, Fraction(0)
    for share, one in running:
        holding = catalog.holdings.get(one.key)
        if holding is None:
            least = max(least, one.traffic_on(day) * share)
            continue
        held = holding.on(day)
        size = catalog.spaces[one.space].buckets
        reached += Fraction(count(held & ~covered), size) * share
        covered |= held
    return max(reached, least)
