"""How often something becomes of simulated experiments, counted in replicates."""

from collections.abc import Callable, Sequence
from datetime import date
from math import sqrt
from typing import NamedTuple

import numpy as np

from analysis.worlds import UNITS
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Analysis, Recommendation
from coord.analysis.unit_analysis import analyse
from coord.simulate.decision import Course
from coord.simulate.decision_draws import Draws
from coord.simulate.decision_truth import Truth
from coord.simulate.replicates import replicate


class Rate(NamedTuple):
    """In what share of replicates something happened."""

    value: float
    replicates: int

    def near(self, expected: float, errors: float = 4, give: float = 0.002) -> bool:
        """Whether it is `expected`, which is known to within `give`, up to so many Monte Carlo errors."""
        return abs(self.value - expected) <= give + errors * sqrt(expected * (1 - expected) / self.replicates)

    def at_most(self, bound: float, errors: float = 4) -> bool:
        """Whether it can be a chance of at most `bound`."""
        return self.value <= bound + errors * sqrt(bound * (1 - bound) / self.replicates)


def rates(
    seed: int, replicates: int, happens: Callable[[np.random.Generator], tuple[bool, ...]]
) -> tuple[Rate, ...]:
    """In what share of replicates each of several things happens."""
    found = list(replicate(lambda child: happens(np.random.default_rng(child)), seed, replicates))
    return tuple(Rate(sum(column) / replicates, replicates) for column in zip(*found, strict=True))


def shipping(
    plan: AnalysisPlan,
    truth: Truth,
    seed: int,
    replicates: int,
    *,
    looks: Sequence[date] | None = None,
    units: int = UNITS,
) -> Rate:
    """How often some variant ships; looked at once, at the end, where nothing else is said."""
    course, draws = Course(plan, units, tuple(looks or (plan.days.end,))), Draws(plan, truth)

    def happens(draw: np.random.Generator) -> tuple[bool]:
        found = course.outcomes(draws, draw).values()
        return (any(one.recommendation is Recommendation.SHIP for one in found),)

    return rates(seed, replicates, happens)[0]


def analysed(
    plan: AnalysisPlan,
    truth: Truth,
    seed: int,
    replicates: int,
    found: Callable[[Analysis], tuple[bool, ...]],
) -> tuple[Rate, ...]:
    """How often several things are found in an analysis at the end."""
    draws, shares = Draws(plan, truth), [float(share) for share in plan.shares]

    def happens(draw: np.random.Generator) -> tuple[bool, ...]:
        moments = draws.more(draws.none(), draw.multinomial(UNITS, shares).tolist(), draw)
        return found(analyse(plan, draws.table(moments), plan.days.end))

    return rates(seed, replicates, happens)
