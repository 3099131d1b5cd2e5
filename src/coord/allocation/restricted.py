"""Restricted sampling: how far the buckets that were free differ from the population in what they met before.

An exclusive experiment samples from what the others leave, which biases its estimate for the whole
population by delta * (p_free - p): p is the share of units recently exposed on its component, p_free that
share among the buckets that were free, delta how much earlier exposure changes the effect (Schultzberg,
Kjellin, Rydberg, arXiv 2012.10202). Everything but delta is in the ledgers.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from fractions import Fraction

from coord.allocation.drawing import taken_by
from coord.domain.buckets import Buckets, count, full
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind, Ledger

RECENT = timedelta(days=90)
"""How long after its end an experiment's units count as recently exposed."""


def restriction(
    catalog: Catalog, experiment: Experiment, ledgers: Mapping[str, Ledger], clear: Collection[str]
) -> Fraction | None:
    """The index p_free - p of its first entry, for the component where it is farthest from 0.

    `clear` are the experiments that the draw kept clear of. Between -1 and 1. None when it has no component
    or nothing was free.
    """
    if not experiment.days:
        return None
    size = catalog.spaces[experiment.space].buckets
    known = (catalog.experiments[key] for key in clear if key in catalog.experiments)
    same = (other for other in known if other.space == experiment.space)
    free = full(size) & ~taken_by(catalog, same, ledgers)
    if not free:
        return None
    found = []
    for component in experiment.components:
        exposed = _recently_exposed(catalog, experiment, component, ledgers)
        found.append(Fraction(count(exposed & free), count(free)) - Fraction(count(exposed), size))
    return max(found, key=abs, default=None)


def _recently_exposed(
    catalog: Catalog, experiment: Experiment, component: str, ledgers: Mapping[str, Ledger]
) -> Buckets:
    """The buckets of those that ran on the component at its start or ended in the 90 days before."""
    start = experiment.order[0]
    recent = (
        other
        for other in catalog.by_component.get(component, ())
        if other.days and other.days.start < start and start - other.days.end < RECENT
    )
    exposing = (o for o in recent if o.kind is not Kind.HOLDBACK and o.space == experiment.space)
    return taken_by(catalog, exposing, ledgers)
