"""How often a plan errs, before it starts: whole experiments, decided by the code that `coord analyze` runs.

Units come evenly over the days. On each day that is looked at, all units so far are analysed, and for each
variant the first recommendation to ship or to abort is what happens to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

import numpy as np

from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Recommendation
from coord.analysis.unit_analysis import analyse
from coord.errors import CoordError
from coord.simulate.decision_draws import ByMetric, Draws
from coord.simulate.decision_truth import Truth, as_planned, at_worst, without_effect
from coord.simulate.program import Estimate, estimate
from coord.simulate.replicates import Apply, replicate

FIGURES = ("false_ship", "power", "abort_null", "days")
"""What is estimated; `run` says what they are."""

_FINAL = (Recommendation.SHIP, Recommendation.ABORT)


class Outcome(NamedTuple):
    """What became of a variant, and on which day; `end` where nothing was decided until then."""

    recommendation: Recommendation
    day: date


@dataclass(frozen=True, slots=True)
class Course:
    """An experiment of so many units over all arms; `looks` are the days on which it is looked at.

    A day that is looked at is the first that does not count, as `--as-of`.
    """

    plan: AnalysisPlan
    units: int
    looks: tuple[date, ...]

    @property
    def sizes(self) -> list[int]:
        """How many units there are at each look: in proportion to the days, none after the end."""
        start, length = self.plan.days.start, self.plan.days.length
        days = [min(length, max(0, (look - start).days)) for look in self.looks]
        return [self.units * day // length for day in days]

    def outcomes(self, draws: Draws, draw: np.random.Generator) -> dict[str, Outcome]:
        """What became of each variant, once."""
        shares = np.array([float(share) for share in self.plan.shares])
        moments: ByMetric = draws.none()
        found: dict[str, Outcome] = {}
        for look, (before, size) in zip(self.looks, pairwise([0, *self.sizes]), strict=True):
            arrived = draw.multinomial(size - before, shares / shares.sum()).tolist()
            moments = draws.more(moments, arrived, draw)
            decisions = analyse(self.plan, draws.table(moments), look).decisions
            for one in decisions:
                if one.recommendation in _FINAL and one.variant not in found:
                    found[one.variant] = Outcome(one.recommendation, look)
            if len(found) == len(decisions):
                break
        undecided = Outcome(Recommendation.END, self.looks[-1])
        return {one.name: found.get(one.name, undecided) for one in self.plan.experiment.variants[1:]}


@dataclass(frozen=True, slots=True)
class _Replicate:
    """One replicate of three truths, by the same random numbers; those that are equal are one object."""

    course: Course
    nothing: Draws
    worst: Draws
    planned: Draws

    def __call__(self, child: np.random.SeedSequence) -> tuple[float, ...]:
        """Its figures, in the order of FIGURES."""
        nothing = self._outcomes(self.nothing, child)
        worst = nothing if self.worst is self.nothing else self._outcomes(self.worst, child)
        planned = nothing if self.planned is self.nothing else self._outcomes(self.planned, child)
        start = self.course.plan.days.start
        return (
            float(any(one.recommendation is Recommendation.SHIP for one in worst)),
            fmean(float(one.recommendation is Recommendation.SHIP) for one in planned),
            float(any(one.recommendation is Recommendation.ABORT for one in nothing)),
            float(max((one.day - start).days for one in planned)),
        )

    def _outcomes(self, draws: Draws, child: np.random.SeedSequence) -> list[Outcome]:
        return list(self.course.outcomes(draws, np.random.default_rng(child)).values())


def every_day(plan: AnalysisPlan) -> tuple[date, ...]:
    """The days on which there can be something new, up to the end."""
    return tuple(plan.days.start + timedelta(days=day) for day in range(1, plan.days.length + 1))


def run(
    plan: AnalysisPlan,
    truth: Truth,
    units: int,
    seed: int,
    replicates: int,
    *,
    looks: Sequence[date] | None = None,
    apply: Apply = map,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Estimate]:
    """Estimates, each with its Monte Carlo error, of what the plan does with so many units over all arms.

    false_ship: the chance that some variant ships though none should (`at_worst`). power: that a variant
    ships which has the effect that the plan is sized for (`as_planned`), on average over variants.
    abort_null: that some variant is aborted though none does anything. days: how long it takes, with that
    effect, until all is decided.

    truth: the metrics; its effects are not used. looks: the days on which it is looked at (default: every
    day, until the end). Raises CoordError for a plan in which nothing is decided.
    """
    if not plan.comparisons:
        raise CoordError(f"{plan.experiment.key} has no variant beside the control, so nothing is decided.")
    course = Course(plan, units, tuple(looks or every_day(plan)))
    truths = [kind(plan, truth) for kind in (without_effect, at_worst, as_planned)]
    first = Draws(plan, truths[0])
    work = _Replicate(course, *(first if one == truths[0] else Draws(plan, one) for one in truths))
    rows = list(replicate(work, seed, replicates, apply=apply, progress=progress))
    return {name: estimate(values) for name, values in zip(FIGURES, zip(*rows, strict=True), strict=True)}
