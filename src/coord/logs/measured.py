"""What exported files say, reduced to what statistics need: counts, moments, quantiles by arm; no rows.

Whatever engine reads whatever files, this is all that the analysis sees of them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from coord.stats.moments import Moments
    from coord.stats.quantiles import Quantile


class Measured(NamedTuple):
    """A metric, by arm: every tuple is in the order of the arms, the control first.

    units: in the metric's cohort (their window is closed), with or without a value.
    moments: of the units with a value; columns (x), or (x, c) with a covariate; of a ratio (N, D), or
        (N, D, N', D'). A unit without covariate has the pooled mean of the others. Empty for a quantile.
    quantiles: of a quantile, likewise; empty for the rest.
    events: units whose value is 1, where every value is 0 or 1; None where some value is another.
    covariate: whether the moments have a covariate.
    reason: why it could not be measured; every tuple is then empty.
    notes: what a reader should know of how it was measured, in sentences.
    """

    units: tuple[int, ...] = ()
    moments: "tuple[Moments, ...]" = ()
    quantiles: "tuple[Quantile, ...]" = ()
    events: tuple[int, ...] | None = None
    covariate: bool = False
    reason: str | None = None
    notes: tuple[str, ...] = ()


class Population(NamedTuple):
    """Units that are analysed together: how many each arm has, and their metrics by name."""

    units: tuple[int, ...]
    metrics: Mapping[str, Measured]


class Table(NamedTuple):
    """What a table with one row per unit has.

    rows: of the files, all of them; `sum(population.units) + sum(excluded.values()) == rows` always.
    excluded: rows that are not analysed, by reason: those of the reader's rejects, `unknown_variant`,
        `crossover` (rows of units seen in several variants), `duplicate` (further equal rows of a unit).
    crossovers: units seen in several variants; None where units have no ids.
    unknown_variants: the variants that no arm is logged as, with their rows, most rows first; at most 100.
    slices: by dimension and value (None: empty) the units of each arm, of every dimension the files have.
    segments: by value, likewise, of the dimension that was asked for.
    """

    rows: int
    excluded: Mapping[str, int]
    crossovers: int | None
    unknown_variants: tuple[tuple[str, int], ...]
    population: Population
    slices: Mapping[str, Mapping[str | None, tuple[int, ...]]]
    segments: Mapping[str | None, Population]
