"""Looking back on a year: what was finished, who waited, how full it was, and what it cost in power."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coord.simulate.arrivals import BUCKETS, YEAR, Proposal, Setting
from coord.simulate.year import NEVER

WEEKS = 52


class Year(NamedTuple):
    """What came of one year under a policy.

    `wait_days` is the mean wait of all that were proposed, of those that still wait up to the year's end;
    `occupancy` the experiments that a unit is in on an average day; `exposed` the share of an experiment's
    units that meet another one on a common component while it runs; `weeks` how many run on an average day of
    each week.
    """

    finished: int
    running: int
    waiting: int
    wait_days: float
    occupancy: float
    exposed: float
    power_lost: float
    weeks: NDArray[np.float64]


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
    day = np.array([proposal.day for proposal in proposals], np.int64)
    start = np.array(found, np.int64)
    length = np.array([proposal.length for proposal in proposals], np.int64)
    traffic = np.array([proposal.buckets for proposal in proposals], np.float64) / BUCKETS
    begun = start != NEVER
    since = np.where(begun, start, YEAR)
    until = np.where(begun, start + length, YEAR)
    upto = np.minimum(until, YEAR)
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
        weeks=_levels(since, upto)[: 7 * WEEKS].reshape(WEEKS, 7).mean(axis=1),
    )


def _levels(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many intervals [begin, end) each day of the year is in."""
    steps = np.bincount(begin, minlength=YEAR + 1) - np.bincount(end, minlength=YEAR + 1)
    found: NDArray[np.int64] = np.cumsum(steps)[:YEAR]
    return found


def _exposed(
    proposals: Sequence[Proposal],
    since: NDArray[np.int64],
    upto: NDArray[np.int64],
    traffic: NDArray[np.float64],
    setting: Setting,
) -> NDArray[np.float64]:
    """The share of each one's units that meet a rival: 1 - prod(1 - t), as all overlap at random."""
    touches = np.zeros((len(proposals), max(1, setting.components)), np.float32)
    for number, proposal in enumerate(proposals):
        touches[number, list(proposal.components)] = 1
    meet = (since[:, None] < upto) & (since < upto[:, None]) & (touches @ touches.T > 0)
    np.fill_diagonal(meet, val=False)
    with np.errstate(divide="ignore"):
        kept = np.log1p(-traffic)  # minus infinity where a rival has everybody
    left: NDArray[np.float64] = np.exp(np.where(meet, kept, 0.0).sum(axis=1))
    return 1 - left


def _power_left(exposed: NDArray[np.float64], alpha: float, power: float) -> NDArray[np.float64]:
    """The power that is left when the exposed units are left out: variance grows by 1 / (1 - exposed)."""
    normal = NormalDist()
    critical = normal.inv_cdf(1 - alpha / 2)
    planned = critical + normal.inv_cdf(power)
    return np.array([normal.cdf(planned * (1 - share) ** 0.5 - critical) for share in exposed.tolist()])


def _mean(values: NDArray[np.float64] | NDArray[np.int64]) -> float:
    return float(values.mean()) if len(values) else 0.0
