"""What a table of units says, made from arrays by plain numpy: no engine, and none of its arithmetic."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from coord.logs.measured import Measured, Population, Table
from coord.stats.moments import Moments
from coord.stats.quantiles import quantile_of

Arms = Sequence[Sequence[ArrayLike]]
"""By arm, the control first: the columns of its units, values before covariates; NaN where there is none."""


def moments_of(*columns: ArrayLike) -> Moments:
    """Moments of the units that have every value, in two passes: far from 0 differences stay exact."""
    rows = np.array(columns, dtype=float).reshape(len(columns), -1)
    kept = rows[:, ~np.isnan(rows).any(axis=0)]
    n = kept.shape[1]
    if not n:
        zeros = (0.0,) * len(columns)
        return Moments(0, zeros, zeros, (zeros,) * len(columns))
    with np.errstate(over="ignore", invalid="ignore"):
        near = kept.mean(axis=1)
        off = kept - near[:, None]
        fine = off.mean(axis=1)
        centred = off - fine[:, None]
        products = centred @ centred.T
    return Moments(n, tuple(near.tolist()), tuple(fine.tolist()), tuple(map(tuple, products.tolist())))


def measured(arms: Arms, *, covariate: bool = False) -> Measured:
    """A mean, of one column (and its covariate), or a ratio, of two (and theirs)."""
    values = [np.asarray(arm[0], dtype=float) for arm in arms]
    there = [one[~np.isnan(one)] for one in values]
    shares = len(arms[0]) == 1 + covariate and all(np.isin(one, (0, 1)).all() for one in there)
    return Measured(
        units=tuple(map(len, values)),
        moments=tuple(moments_of(*arm) for arm in arms),
        events=tuple(int((one == 1).sum()) for one in there) if shares else None,
        covariate=covariate,
    )


def median_of(arms: Sequence[ArrayLike]) -> Measured:
    """A median over units, of one value each."""
    values = [np.asarray(arm, dtype=float) for arm in arms]
    there = [one[~np.isnan(one)] for one in values]
    return Measured(
        units=tuple(map(len, values)),
        quantiles=tuple(quantile_of(one, np.arange(len(one)), Fraction(1, 2)) for one in there),
    )


def table(
    metrics: Mapping[str, Measured],
    units: Sequence[int] | None = None,
    *,
    slices: Mapping[str, Mapping[str | None, tuple[int, ...]]] | None = None,
    segments: Mapping[str | None, Mapping[str, Measured]] | None = None,
    crossovers: int | None = 0,
) -> Table:
    """A table with these metrics; it has the units of the first, unless it is told how many."""
    population = _population(metrics, units)
    return Table(
        rows=sum(population.units),
        excluded={},
        crossovers=crossovers,
        unknown_variants=(),
        population=population,
        slices=slices or {},
        segments={value: _population(each, None) for value, each in (segments or {}).items()},
    )


def _population(metrics: Mapping[str, Measured], units: Sequence[int] | None) -> Population:
    found = next(one.units for one in metrics.values() if one.units) if units is None else units
    return Population(tuple(found), metrics)
