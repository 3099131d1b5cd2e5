"""How many units an experiment meets, from what was measured on its surface."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

from coord.domain.catalog import Catalog
from coord.domain.model import Experiment


def units_met(catalog: Catalog, experiment: Experiment, until: date) -> float | None:
    """Units met for the first time before a day, over all arms; None without `daily_units`."""
    baseline = catalog.baselines.get(experiment.surface)
    if baseline is None or baseline.daily_units is None or experiment.days is None:
        return None
    last = max(experiment.days.start, until).toordinal()
    bounds = [*(min(step.day.toordinal(), last) for step in experiment.steps), last]
    spans = zip(experiment.steps, pairwise(bounds), strict=True)
    traffic = sum((step.traffic * (end - start) for step, (start, end) in spans), Fraction(0))
    return baseline.daily_units * float(traffic) * float(eligible_share(catalog, experiment))


def eligible_share(catalog: Catalog, experiment: Experiment) -> Fraction:
    """The share of the surface's units that are eligible; without declared shares nothing is known."""
    share = Fraction(1)
    for name, values in experiment.audience.items():
        declared = catalog.surfaces[experiment.surface].dimensions[name].shares
        if declared:
            share *= sum((declared.get(value, Fraction(0)) for value in values), Fraction(0))
    return share
