"""How many units of a started experiment a change would give another variant, or throw out."""

from fractions import Fraction
from typing import NamedTuple

from coord.domain.buckets import Buckets, count
from coord.domain.catalog import Catalog
from coord.domain.change.field import Comparison
from coord.domain.model import VARIANT_SLOTS, Experiment
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
    stay = count(held & kept)
    if after.traffic_on(both.today) < both.in_force:  # throws out, whatever the ledger still says
        stay = min(stay, int(after.traffic_on(both.today) * both.head.spaces[after.space].buckets))
    share = Fraction(0) if after.draft else _eligible(both) * (1 - _other_variant(both.before, after))
    buckets = count(held) if share < 1 else count(held) - stay
    return Moved(buckets, _units(both, 1 - share * Fraction(stay, count(held))))


def gone(both: Comparison) -> Moved:
    """All of them, when the experiment is no more."""
    return Moved(count(_held(both.base, both.before, both)), _units(both, Fraction(1)))


def same_space(both: Comparison) -> bool:
    """Whether units fall into the same buckets as before."""
    before, after = both.base.spaces[both.before.space], both.head.spaces.get(both.after.space)
    return after is not None and before[1:] == after[1:]  # a name moves nobody


def _units(both: Comparison, share: Fraction) -> int | None:
    if not share:
        return 0
    met = units_met(both.base, both.before, both.today)
    return None if met is None else round(met * share)


def _held(catalog: Catalog, experiment: Experiment, both: Comparison) -> Buckets:
    """The buckets held today."""
    holding = catalog.holdings.get(experiment.key)
    return holding.on(both.today) if holding else 0


def _other_variant(before: Experiment, after: Experiment) -> Fraction:
    """The share of units that fall into a variant of another name."""
    ours, theirs = before.ranges, after.ranges
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


def _eligible(both: Comparison) -> Fraction:
    """The share of those who were eligible that still are."""
    share = Fraction(1)
    for name, values in both.after.audience.items():
        share *= _still(both, name, values)
    return share


def _still(both: Comparison, name: str, values: frozenset[str]) -> Fraction:
    """The same in one dimension; where shares are unknown every value counts alike, the rest being one."""
    surface, were = both.base.surfaces.get(both.before.surface), both.before.audience.get(name)
    declared = surface.dimensions.get(name) if surface else None
    shares = declared.shares if declared else None
    kept = values if were is None else were & values
    if shares:
        total = Fraction(1) if were is None else sum((shares.get(v, Fraction(0)) for v in were), Fraction(0))
        still = sum((shares.get(value, Fraction(0)) for value in kept), Fraction(0))
    else:
        everybody = len(declared.values if declared else values) + 1
        total, still = Fraction(everybody if were is None else len(were)), Fraction(len(kept))
    return min(Fraction(1), still / total) if total else Fraction(1)
