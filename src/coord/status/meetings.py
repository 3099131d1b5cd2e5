"""Whom an experiment meets: the part of its buckets that others hold too, and when."""

from dataclasses import dataclass
from fractions import Fraction

from coord.domain.audience import disjoint
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.exclusivity import Reason, reasons
from coord.domain.holding import overlap
from coord.domain.model import Experiment
from coord.domain.waivers import pair_waived


@dataclass(frozen=True, slots=True)
class Meeting:
    """Another experiment on common days.

    `share` is the part of this experiment's buckets that the other holds too, on the last of the days:
    counted in both ledgers, with `buckets` their number, else what is expected of a random draw. It is None
    where the two have different units. `reasons` say why the two must be exclusive; `apart`, that their
    audiences have no unit in common; `grows`, that the share is smaller on the first of the days.
    """

    other: Experiment
    days: Days
    share: Fraction | None
    buckets: int | None
    reasons: tuple[Reason, ...] = ()
    apart: bool = False
    waived: bool = False
    grows: bool = False

    @property
    def exact(self) -> bool:
        """Whether the share is counted and not expected."""
        return self.buckets is not None


def meetings(catalog: Catalog, experiment: Experiment) -> list[Meeting]:
    """Active experiments with common days: of its surfaces, and its rivals elsewhere; most shared first."""
    if not experiment.days:
        return []
    others = {other.key: other for name in experiment.surfaces for other in catalog.by_surface.get(name, ())}
    others |= {other.key: other for other in catalog.rivals(experiment)}
    others.pop(experiment.key, None)
    found = [
        _meeting(catalog, experiment, other, both)
        for other in others.values()
        if other.days and (both := experiment.days.meet(other.days))
    ]
    return sorted(found, key=lambda m: (m.share is None, -(m.share or 0), bool(m.reasons), m.other.order))


def _meeting(catalog: Catalog, experiment: Experiment, other: Experiment, both: Days) -> Meeting:
    why = reasons(experiment, other)
    if disjoint(experiment.audience, other.audience, catalog.fixed):
        return Meeting(other, both, Fraction(0), None, why, apart=True)
    waived = bool(why) and pair_waived(catalog, experiment, other)
    own, theirs = catalog.holdings.get(experiment.key), catalog.holdings.get(other.key)
    if own and theirs and experiment.space == other.space:
        common = overlap(own, theirs)
        held, shared = count(own.before(both.end)), count(common.buckets) if common else 0
        share = Fraction(shared, held) if held else Fraction(0)
        grows = common is not None and common.grows
        return Meeting(other, common.days if common else both, share, shared, why, waived=waived, grows=grows)
    return Meeting(other, both, _expected(catalog, experiment, other, both, why), None, why, waived=waived)


def _expected(
    catalog: Catalog, experiment: Experiment, other: Experiment, both: Days, why: tuple[Reason, ...]
) -> Fraction | None:
    """The share of a random draw: nothing where the draw avoids the other, else the other's traffic."""
    spaces = catalog.spaces
    if spaces[experiment.space].unit != spaces[other.space].unit:
        return None
    if why and experiment.space == other.space and not pair_waived(catalog, experiment, other):
        return Fraction(0)
    return max((step.traffic for step in other.steps if step.day < both.end), default=Fraction(0))
