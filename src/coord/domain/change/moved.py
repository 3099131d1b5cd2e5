"""How many units of a started experiment a change would give another variant, or throw out."""

from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.change.field import Comparison
from coord.domain.model import VARIANT_SLOTS, Experiment, slots
from coord.domain.reach import units_met


class Moved(NamedTuple):
    """`buckets` have units that change variant or leave; `units` is how many of those met so far.

    `units` is None where it is not known how many units a day brings.
    """

    buckets: int
    units: int | None


NOBODY = Moved(0, 0)


def moved(both: Comparison) -> Moved:
    """Who is moved today; nobody by an end that is reached."""
    after = both.after
    if after.days is not None and not after.draft and after.days.end <= both.today:
        return NOBODY
    held, kept = _held(both.base, both.before, both), _held(both.head, after, both)
    if not same_space(both):
        return gone(both)
    if not held:
        return NOBODY
    wanted = int(after.traffic_on(both.today) * both.head.spaces[after.space].buckets)
    stay = min(count(held & kept), wanted)  # a lower traffic throws out, whatever the ledger still says
    share = Fraction(0) if after.draft else _eligible(both) * (1 - _other_variant(both.before, after))
    buckets = count(held) if share < 1 else count(held) - stay
    return Moved(buckets, _units(both, 1 - share * Fraction(stay, count(held))))


def gone(both: Comparison) -> Moved:
    """All of them, when the experiment is no more."""
    return Moved(count(_held(both.base, both.before, both)), _units(both, Fraction(1)))


def same_space(both: Comparison) -> bool:
    """Whether units fall into the same buckets as before."""
    return both.base.spaces[both.before.space] == both.head.spaces.get(both.after.space)


def _units(both: Comparison, share: Fraction) -> int | None:
    if not share:
        return 0
    met = units_met(both.base, both.before, both.today)
    return None if met is None else round(met * share)


def _held(catalog: Catalog, experiment: Experiment, both: Comparison) -> int:
    """The buckets held today."""
    holding = catalog.holdings.get(experiment.key)
    return holding.before(both.today.fromordinal(both.today.toordinal() + 1)) if holding else 0


def _other_variant(before: Experiment, after: Experiment) -> Fraction:
    """The share of units that fall into a variant of another name."""
    ours, theirs = _ranges(before), _ranges(after)
    if not ours or not theirs:
        return Fraction(0) if ours == theirs else Fraction(1)
    if before.salt == after.salt:
        same = sum(
            max(0, min(high, other_high) - max(low, other_low))
            for name, low, high in ours
            for other, other_low, other_high in theirs
            if name == other
        )
        return 1 - Fraction(same, VARIANT_SLOTS)
    widths = {name: Fraction(high - low, VARIANT_SLOTS) for name, low, high in theirs}
    same_by_chance = (Fraction(high - low, VARIANT_SLOTS) * widths.get(name, 0) for name, low, high in ours)
    return 1 - sum(same_by_chance, Fraction(0))


def _ranges(experiment: Experiment) -> list[tuple[str, int, int]]:
    """Each variant's slots [low, high); none without variants or with adaptive weights."""
    weights = [variant.weight for variant in experiment.variants if variant.weight is not None]
    if not weights or len(weights) < len(experiment.variants):
        return []
    widths = slots(tuple(weights))
    ends = accumulate(widths)
    return [
        (variant.name, end - width, end)
        for variant, width, end in zip(experiment.variants, widths, ends, strict=True)
    ]


def _eligible(both: Comparison) -> Fraction:
    """The share of those who were eligible that still are; by number of values where shares are unknown."""
    share = Fraction(1)
    for name, values in both.after.audience.items():
        surface = both.base.surfaces.get(both.before.surface)
        declared = surface.dimensions.get(name) if surface else None
        weights = (declared.shares if declared else None) or {}
        everybody = declared.values if declared else ()
        were = both.before.audience.get(name, frozenset(everybody))
        total = sum((weights.get(value, Fraction(1)) for value in were), Fraction(0))
        still = sum((weights.get(value, Fraction(1)) for value in were & values), Fraction(0))
        share *= still / total if total else Fraction(1)
    return share
