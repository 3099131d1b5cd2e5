"""A year's programme under each policy: how much is finished, who waits, how full the surface is.

Every replicate draws one year of proposals, and all policies get the same. A replicate has random numbers of its
own, spawned from the seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

from coord.simulate.arrivals import BUCKETS, YEAR, Proposal, Setting, backlog, propose
from coord.simulate.policies import Overlap, Policy, Ranges, Reuse, Serial
from coord.simulate.year import NEVER, starts

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

WEEKS = 52
_SATURATED = 10
"""Replicates that measure what a policy can finish at most."""

_LONGEST_BACKLOG = 20_000

POLICIES = ("serial", "ranges", "reuse", "overlap")


class Estimate(NamedTuple):
    """The mean over replicates with its standard error, which a single replicate cannot tell."""

    value: float
    se: float | None


class Year(NamedTuple):
    """What came of one year under a policy.

    `wait_days` is the mean wait of all that were proposed, of those that still wait up to the year's end;
    `occupancy` the experiments that a unit is in on an average day; `exposed` the share of an experiment's
    units that meet another one on a common component while it runs; `late` how many wait on an average day of
    the last quarter; `weeks` how many run on an average day of each week.
    """

    finished: int
    running: int
    waiting: int
    wait_days: float
    occupancy: float
    exposed: float
    power_lost: float
    late: float
    weeks: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """A policy over all replicates; `most` is what it could finish if somebody always waited, None: no limit."""

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


FIGURES = ("finished", "running", "waiting", "wait_days", "occupancy", "exposed", "power_lost", "late")


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
    import numpy as np  # noqa: PLC0415 - only simulations need it

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
    return Programme(setting, seed, replicates, estimate(proposed), results)


def make_policy(name: str, setting: Setting, random: "Generator") -> Policy:
    """A policy at the beginning of a year."""
    crossing = any(template.components and len(template.components) > 1 for template in setting.templates)
    makers: dict[str, Callable[[Setting, Generator], Policy]] = {
        "serial": Serial,
        "ranges": Ranges,
        "reuse": partial(Reuse, sampled=crossing),
        "overlap": Overlap,
    }
    return makers[name](setting, random)


def look_back(
    proposals: Sequence[Proposal],
    found: Sequence[int],
    setting: Setting,
    *,
    rivals: bool,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Year:
    """What a year came to; with `rivals` those on a common component may have run at once."""
    import numpy as np  # noqa: PLC0415

    day = np.array([proposal.day for proposal in proposals], np.int64)
    start = np.array(found, np.int64)
    length = np.array([proposal.length for proposal in proposals], np.int64)
    traffic = np.array([proposal.buckets for proposal in proposals], np.float64) / BUCKETS
    begun = start != NEVER
    since = np.where(begun, start, YEAR)
    until = np.where(begun, start + length, YEAR)
    upto = np.minimum(until, YEAR)
    running, waiting = _levels(since, upto), _levels(day, since)
    exposed = _exposed(proposals, since, upto, traffic, setting) if rivals else np.zeros(len(proposals))
    lost = power - _power_left(exposed[begun], alpha, power)
    return Year(
        finished=int((begun & (until <= YEAR)).sum()),
        running=int((begun & (until > YEAR)).sum()),
        waiting=int((~begun).sum()),
        wait_days=_mean(since - day),
        occupancy=float((traffic * (upto - since)).sum() / YEAR),
        exposed=_mean(exposed[begun]),
        power_lost=_mean(lost),
        late=float(waiting[YEAR * 3 // 4 :].mean()),
        weeks=running[: 7 * WEEKS].reshape(WEEKS, 7).mean(axis=1),
    )


def _levels(begin: "NDArray[np.int64]", end: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """How many intervals [begin, end) each day of the year is in."""
    import numpy as np  # noqa: PLC0415

    steps = np.bincount(begin, minlength=YEAR + 1) - np.bincount(end, minlength=YEAR + 1)
    found: NDArray[np.int64] = np.cumsum(steps)[:YEAR]
    return found


def _exposed(
    proposals: Sequence[Proposal],
    since: "NDArray[np.int64]",
    upto: "NDArray[np.int64]",
    traffic: "NDArray[np.float64]",
    setting: Setting,
) -> "NDArray[np.float64]":
    """The share of each one's units that meet a rival: 1 - prod(1 - t), as all overlap at random."""
    import numpy as np  # noqa: PLC0415

    touches = np.zeros((len(proposals), max(1, setting.components)), np.float32)
    for number, proposal in enumerate(proposals):
        touches[number, list(proposal.components)] = 1
    meet = (since[:, None] < upto) & (since < upto[:, None]) & (touches @ touches.T > 0)
    np.fill_diagonal(meet, val=False)
    with np.errstate(divide="ignore"):
        kept = np.log1p(-traffic)  # minus infinity where a rival has everybody
    left: NDArray[np.float64] = np.exp(np.where(meet, kept, 0.0).sum(axis=1))
    return 1 - left


def _power_left(exposed: "NDArray[np.float64]", alpha: float, power: float) -> "NDArray[np.float64]":
    """The power that is left when the exposed units are left out: variance grows by 1 / (1 - exposed)."""
    import numpy as np  # noqa: PLC0415

    normal = NormalDist()
    critical = normal.inv_cdf(1 - alpha / 2)
    planned = critical + normal.inv_cdf(power)
    return np.array([normal.cdf(planned * (1 - share) ** 0.5 - critical) for share in exposed.tolist()])


def most(name: str, setting: Setting, seed: int) -> float | None:
    """What a policy finishes in a year in which somebody always waits; None where nobody ever has to."""
    import numpy as np  # noqa: PLC0415

    if name == "overlap" and setting.teams is None:
        return None
    number = max(500, int(2 * setting.rate))
    while number <= _LONGEST_BACKLOG:
        years = []
        for child in np.random.SeedSequence(seed).spawn(_SATURATED):
            arrivals, buckets = (np.random.default_rng(one) for one in child.spawn(2))
            proposals = backlog(setting, number, arrivals)
            found = starts(make_policy(name, setting, buckets), proposals)
            years.append(look_back(proposals, found, setting, rivals=False))
        if all(year.waiting for year in years):
            return fmean(year.finished for year in years)
        number *= 4
    return None


def _result(name: str, years: Sequence[Year], ceiling: float | None) -> PolicyResult:
    figures = {figure: estimate([getattr(year, figure) for year in years]) for figure in FIGURES}
    weeks = [fmean(float(year.weeks[week]) for year in years) for week in range(WEEKS)]
    return PolicyResult(name, figures, tuple(weeks), ceiling)


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of replicates."""
    se = stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Estimate(fmean(values), se)


def _mean(values: "NDArray[np.float64] | NDArray[np.int64]") -> float:
    return float(values.mean()) if len(values) else 0.0
