"""A year's programme under each policy: how much is finished, who waits, how full the surface is.

Every replicate draws one year of proposals, and all policies get the same. A replicate has random numbers of
its own, spawned from the seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

from coord.simulate.arrivals import Setting, propose
from coord.simulate.capacity import Needs, most, needs
from coord.simulate.look_back import WEEKS, Year, look_back
from coord.simulate.policies import POLICIES, make_policy
from coord.simulate.year import starts

FIGURES = ("finished", "running", "waiting", "wait_days", "occupancy", "exposed", "power_lost")
"""What is estimated of every policy; look_back.Year says what they are."""


class Estimate(NamedTuple):
    """The mean over replicates with its standard error, which a single replicate cannot tell."""

    value: float
    se: float | None


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """A policy over all replicates: its figures, how many run in an average week, and what it carries.

    `most` is the rate above which its queue grows; None: nobody ever waits.
    """

    name: str
    figures: dict[str, Estimate]
    weeks: tuple[float, ...]
    most: float | None


@dataclass(frozen=True, slots=True)
class Programme:
    """What came out."""

    setting: Setting
    seed: int
    replicates: int
    proposed: Estimate
    policies: tuple[PolicyResult, ...]
    needs: Needs


def run(
    setting: Setting,
    seed: int,
    replicates: int,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    progress: Callable[[int], None] | None = None,
) -> Programme:
    """Simulate; `alpha` and `power` are those that experiments are planned with."""
    years: dict[str, list[Year]] = {name: [] for name in POLICIES}
    proposed = []
    for child in np.random.SeedSequence(seed).spawn(replicates):
        arrivals, buckets = (np.random.default_rng(one) for one in child.spawn(2))
        proposals = propose(setting, arrivals)
        proposed.append(len(proposals))
        for name in POLICIES:
            found = starts(make_policy(name, setting, buckets), proposals)
            rivals = name == "overlap"
            years[name].append(look_back(proposals, found, setting, rivals=rivals, alpha=alpha, power=power))
        if progress:
            progress(1)
    results = tuple(_result(name, years[name], most(name, setting, seed)) for name in POLICIES)
    return Programme(setting, seed, replicates, estimate(proposed), results, needs(setting, seed))


def _result(name: str, years: Sequence[Year], carries: float | None) -> PolicyResult:
    figures = {figure: estimate([getattr(year, figure) for year in years]) for figure in FIGURES}
    weeks = [fmean(float(year.weeks[week]) for year in years) for week in range(WEEKS)]
    return PolicyResult(name, figures, tuple(weeks), carries)


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of replicates."""
    se = stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Estimate(fmean(values), se)
