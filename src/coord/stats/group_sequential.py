"""Group sequential bounds: a few looks share one error, whenever they come and whatever they have seen.

Lan, DeMets, "Discrete sequential boundaries for clinical trials" (Biometrika 70, 1983): a look at information
t may spend f(t) minus what earlier looks spent, and its bound is the one that is crossed for the first time
there with just that chance. Information is units seen over units planned, actual and never clipped.

A two-sided error is two one-sided tests of half of it, for only one side of an interval decides: the bounds
of a side are computed as if the other did not exist. (Where crossing either side ends a trial they are lower
by at most 1e-4; that is `sides=2`, what published tables of two-sided designs have.)

The end is safe against over-run: the first look at or past the plan spends all that is left, on the
information it has; so does the last look at the experiment's end, however little it has. Looks after that
decide nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf
from statistics import NormalDist
from typing import NamedTuple

from coord.stats.crossing import Walk, crossed, crossing_chances, start, step_to
from coord.stats.reasons import Missing
from coord.stats.spending import NAMED, Spending

LEAST_STEP = 1e-3
"""A look with less new information than this waits: what it might spend is left for the next."""

_LEAST_LAST_STEP = 1e-4  # the look that spends the rest is taken to have at least so much more
_NORMAL = NormalDist()


class Look(NamedTuple):
    """A look at the data.

    information: units seen over units planned, as given.
    spent: the one-sided error spent up to and with this look, from 0 to error / 2.
    bound: the critical value of its intervals, in standard errors; null when nothing is spent here.
    reason: why there is no bound; null when there is one.
    """

    information: float
    spent: float
    bound: float | None
    reason: Missing | None


def looks(
    informations: Sequence[float],
    error: float,
    spending: str = "power2",
    *,
    ended: bool = False,
    sides: int = 1,
) -> tuple[Look, ...]:
    """The bounds of the looks so far.

    informations: of the looks in order of time, from 0. error: two-sided, of the whole comparison. spending:
    a word of `spending.NAMED`. ended: whether the last look is the experiment's end. sides: see above.

    A look has no bound, NOTHING_SPENT, when the error is used up, or it brings less than LEAST_STEP of new
    information, or so little error that no finite bound has it. Bounds of earlier looks never depend on later
    ones.
    """
    return _looks(tuple(informations), error, NAMED[spending], ended, sides)


@lru_cache(maxsize=512)
def _looks(
    informations: tuple[float, ...], error: float, spending: Spending, ended: bool, sides: int
) -> tuple[Look, ...]:
    whole, spent, walk, found = error / 2, 0.0, start(), []
    steps = _steps(informations, ended)
    for k, (information, t) in enumerate(zip(informations, steps, strict=True)):
        bound = None
        if t is not None:
            last = t >= 1 or (ended and k == len(steps) - 1)
            upto = whole if last else spending(t, whole)
            bound = _bound(walk, t, upto - spent, sides)
            if bound is not None:
                then = next((s for s in steps[k + 1 :] if s is not None), inf)
                walk, spent = step_to(walk, t, bound, then, sides=sides), upto
        found.append(Look(information, spent, bound, None if bound is not None else Missing.NOTHING_SPENT))
    return tuple(found)


def _steps(informations: tuple[float, ...], ended: bool) -> list[float | None]:
    """The information each look is taken to have; null where it spends nothing."""
    found: list[float | None] = []
    before = 0.0
    for k, t in enumerate(informations):
        last = ended and k == len(informations) - 1
        # past the plan nothing is left to spend
        if before >= 1 or not (last or t >= min(1.0, before + LEAST_STEP)):
            found.append(None)
            continue
        before = max(t, before + _LEAST_LAST_STEP)
        found.append(before)
    return found


def _bound(walk: Walk, information: float, spend: float, sides: int) -> float | None:
    """The bound that is crossed for the first time with chance `spend` on its side; by bisection."""
    if spend <= 0:
        return None
    high = -_NORMAL.inv_cdf(spend)  # without looks before
    low = -high - 1
    for _ in range(60):
        middle = (low + high) / 2
        if crossed(walk, information, middle, sides=sides) > spend * sides:
            low = middle
        else:
            high = middle
    return high


def inflation(informations: Sequence[float], error: float, power: float, spending: str = "power2") -> float:
    """How many times the units of a fixed plan the looks need, for the same power; at least 1.

    informations: of the planned looks, the last 1. error: two-sided. power: one-sided, above error / 2, below
    1.
    """
    bounds = tuple(look.bound for look in looks(informations, error, spending, ended=True))
    fixed = _NORMAL.inv_cdf(1 - error / 2) + _NORMAL.inv_cdf(power)
    low, high = fixed, 4 * fixed
    for _ in range(50):
        drift = (low + high) / 2
        if sum(crossing_chances(tuple(informations), bounds, drift=drift)) < power:
            low = drift
        else:
            high = drift
    return (high / fixed) ** 2


def evenly(number: int) -> tuple[float, ...]:
    """The information of so many equally spaced looks, the last of them 1."""
    return tuple(k / number for k in range(1, number + 1))
