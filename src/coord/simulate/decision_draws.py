"""Units of an experiment as statistics see them: counts and moments by arm, drawn as such, without rows.

Of n units with normal values the means are multivariate normal and the centred products are Wishart with
n - 1 degrees of freedom, independent of them; the latter are drawn by Bartlett's decomposition (Anderson, "An
introduction to multivariate statistical analysis", 2003, theorem 7.2.1). Means of many units are normal
whatever the values are, and tests know values by their means: what is drawn for a share, or for revenue, is
what a large experiment would have.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coord.analysis.judging import kind_of
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.quality import each_once
from coord.domain.metrics import Metric
from coord.errors import CoordError
from coord.logs.measured import Measured, Population, Table
from coord.simulate.decision_truth import MetricTruth, Truth
from coord.stats import estimates
from coord.stats.moments import Moments, merge, nothing
from coord.stats.quantiles import Quantile
from coord.stats.reasons import Missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DENOMINATOR = 0.5
"""How a unit's denominator spreads around its mean of 1; of what a ratio's error is, it leaves no trace."""

ByMetric = Mapping[str, tuple[Moments, ...]]
"""The moments of every arm, the control first, by metric."""


class _Columns(NamedTuple):
    """The columns of a metric: which they are of all."""

    asked: Asked
    first: int
    number: int


class Draws:
    """Draws moments of units of a plan's metrics, as a truth says."""

    def __init__(self, plan: AnalysisPlan, truth: Truth) -> None:
        """Work out what all draws have in common. Raises CoordError where there is nothing to draw."""
        if not plan.asked:
            raise CoordError(f"{plan.experiment.key} has no metrics, so nothing can be said of its decision.")
        self.plan, self.truth = plan, truth
        self._columns: list[_Columns] = []
        for asked in each_once(plan.asked):
            before = self._columns[-1] if self._columns else None
            first = before.first + before.number if before else 0
            self._columns.append(_Columns(asked, first, self._width(asked)))
        arms = range(plan.comparisons + 1)
        self._arms = [_arm(self._columns, truth, arm) for arm in arms]

    def _width(self, asked: Asked) -> int:
        """How many columns a metric has."""
        covariate = self.truth.metrics[asked.metric.name].covariate is not None
        return (2 if kind_of(asked) == "ratio" else 1) * (2 if covariate else 1)

    def none(self) -> dict[str, tuple[Moments, ...]]:
        """The moments of no units."""
        return {one.asked.metric.name: (nothing(one.number),) * len(self._arms) for one in self._columns}

    def more(self, so_far: ByMetric, units: Sequence[int], draw: np.random.Generator) -> ByMetric:
        """With so many further units in each arm."""
        found: dict[str, list[Moments]] = {name: [] for name in so_far}
        for arm, (n, (means, loadings)) in enumerate(zip(units, self._arms, strict=True)):
            mean, products = _moments(n, means, loadings, draw)
            for name, moments in self._split(n, mean, products):
                found[name].append(merge(so_far[name][arm], moments))
        return {name: tuple(arms) for name, arms in found.items()}

    def _split(self, n: int, mean: "Floats", products: "Floats") -> list[tuple[str, Moments]]:
        found = []
        for one in self._columns:
            mine = slice(one.first, one.first + one.number)
            rows = tuple(map(tuple, products[mine, mine].tolist()))
            moments = Moments(n, tuple(mean[mine].tolist()), (0.0,) * one.number, rows)
            found.append((one.asked.metric.name, moments if n else nothing(one.number)))
        return found

    def table(self, moments: ByMetric) -> Table:
        """The table of units that has these moments: every unit counts, and has a value of every metric."""
        units = tuple(arm.n for arm in next(iter(moments.values())))
        metrics = {one.asked.metric.name: self._measured(one.asked, moments, units) for one in self._columns}
        return Table(sum(units), {}, 0, (), Population(units, metrics), {}, {})

    def _measured(self, asked: Asked, moments: ByMetric, units: tuple[int, ...]) -> Measured:
        metric = asked.metric
        arms = moments[metric.name]
        if metric.quantile is not None:
            return Measured(units, quantiles=tuple(map(_quantile, arms)))
        events = tuple(_events(arm) for arm in arms) if _is_share(metric) else None
        covariate = self.truth.metrics[metric.name].covariate is not None
        return Measured(units, arms, events=events, covariate=covariate)


def _is_share(metric: Metric) -> bool:
    """Whether a unit's value is 0 or 1."""
    return metric.source.aggregate == "any" and metric.denominator is None


def _events(arm: Moments) -> int:
    return min(arm.n, max(0, round(arm.n * arm.mean[0])))


def _quantile(arm: Moments) -> Quantile:
    """A quantile as a mean: an estimate with its variance is all that is known of one."""
    found = estimates.mean(arm)
    if isinstance(found, Missing):
        return Quantile(None, found, 0.0, None)
    return Quantile(found.mean, found._replace(std=None), 0.0, 0.0)


def _moments(
    n: int, means: "Floats", loadings: "Floats", draw: np.random.Generator
) -> "tuple[Floats, Floats]":
    """The means and centred products of n units, each `means + loadings @ z` with independent normal z."""
    k = loadings.shape[1]
    if n <= k:  # too few for Bartlett's
        rows = draw.standard_normal((n, k)) @ loadings.T
        mean = rows.mean(axis=0) if n else np.zeros(len(means))
        return means + mean, (rows - mean).T @ (rows - mean)
    mean = means + loadings @ draw.standard_normal(k) / sqrt(n)
    lower = np.tril(draw.standard_normal((k, k)), -1)
    np.fill_diagonal(lower, np.sqrt(draw.chisquare(n - 1 - np.arange(k))))
    half = loadings @ lower
    return mean, half @ half.T


def _arm(columns: Sequence[_Columns], truth: Truth, arm: int) -> "tuple[Floats, Floats]":
    """An arm's means, and its loadings: a row for each column, one entry for each independent normal.

    Every metric has four normals: what is new in a unit's value, what was there before exposure (both with
    the truth's correlation between metrics), and its two denominators.
    """
    number = len(columns)
    root = np.linalg.cholesky(
        np.full((number, number), truth.correlation) + (1 - truth.correlation) * np.eye(number)
    )
    width = columns[-1].first + columns[-1].number
    means, loadings = np.zeros(width), np.zeros((width, 4 * number))
    for place, one in enumerate(columns):
        metric = truth.metrics[one.asked.metric.name]
        own = np.eye(number)[place]
        new, before, now_of, then_of = (
            np.concatenate([row if k == part else np.zeros(number) for k in range(4)])
            for part, row in enumerate((root[place], root[place], own, own))
        )
        rows = _rows(metric, arm, new, before)
        if kind_of(one.asked) == "ratio":
            rows = [
                both
                for (mean, value), by in zip(rows, (now_of, then_of), strict=False)
                for both in ((mean, value + mean * _DENOMINATOR * by), (1.0, _DENOMINATOR * by))
            ]
        for offset, (mean, row) in enumerate(rows):
            means[one.first + offset], loadings[one.first + offset] = mean, row
    used = loadings.any(axis=0)
    return means, loadings[:, used]


def _rows(metric: MetricTruth, arm: int, new: "Floats", before: "Floats") -> "list[tuple[float, Floats]]":
    """The mean and the loadings of the value, and of the covariate where there is one."""
    mean = metric.mean * (1 + metric.effects[arm - 1]) if arm else metric.mean
    if metric.covariate is None:
        return [(mean, metric.std * new)]
    r = metric.covariate
    return [(mean, metric.std * (r * before + sqrt(1 - r * r) * new)), (metric.mean, metric.std * before)]
