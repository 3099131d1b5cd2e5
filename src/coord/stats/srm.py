"""Sample ratio mismatch: whether units are spread over the arms as designed."""

from collections.abc import Sequence
from math import exp, lgamma, log
from typing import NamedTuple

from scipy.special import chdtrc

from coord.stats.reasons import Missing

FEWEST_EXPECTED = 5
CONCENTRATION = 1000.0


class ChiSquared(NamedTuple):
    """A chi-squared test.

    statistic: from 0; null with a reason.
    df: degrees of freedom, 0 when there is nothing to compare.
    p_value: from 0 to 1, a tail computed as a tail (9,463 against 7,681 gives 3.5e-42); null with a reason.
    reason: why both are null; null when they are not.
    """

    statistic: float | None
    df: int
    p_value: float | None
    reason: Missing | None


def srm(observed: Sequence[int], shares: Sequence[float]) -> ChiSquared:
    """Pearson's chi-squared test of counts per arm against the designed shares.

    `shares` are above 0, of any sum: they are normalised. Null: NO_UNITS; FEW_EXPECTED when an arm expects
    fewer than 5 units, where the tail of chi-squared is not that of the counts.
    """
    df = len(observed) - 1
    units = sum(observed)
    if not units:
        return ChiSquared(None, df, None, Missing.NO_UNITS)
    expected = expected_counts(observed, shares)
    if min(expected) < FEWEST_EXPECTED:
        return ChiSquared(None, df, None, Missing.FEW_EXPECTED)
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)) if df else 1.0, None)


def expected_counts(observed: Sequence[int], shares: Sequence[float]) -> list[float]:
    """How many of the units each arm should have."""
    if min(shares) <= 0:
        raise ValueError("a designed share is above 0")
    units, whole = sum(observed), sum(shares)
    return [units * (share / whole) for share in shares]


def deviation(observed: Sequence[int], shares: Sequence[float]) -> float | None:
    """The largest deviation |observed / expected - 1| over arms, a share of the designed share; null without units."""
    if not sum(observed):
        return None
    expected = expected_counts(observed, shares)
    return max(abs(o / e - 1) for o, e in zip(observed, expected, strict=True))


def sequential_srm(
    observed: Sequence[int], shares: Sequence[float], concentration: float = CONCENTRATION
) -> float:
    """A p-value that may be looked at after every unit: min(1, 1 / E), shares as in `srm`.

    E = G(k) / G(k + n) prod G(k p_i + n_i) / G(k p_i) / prod p_i^n_i, G the gamma function: the evidence of
    counts n_i against the shares p_i, with a Dirichlet(k p) prior; its expectation stays 1, so it ever
    exceeds 1 / a with probability at most a (Lindon, Malek, "Anytime-valid inference for multinomial count
    data", NeurIPS 2022, arXiv 2011.03567, section 2.2; Ville 1939). 1 without units.
    """
    return min(1.0, exp(min(0.0, -_log_evidence(observed, shares, concentration))))


def _log_evidence(observed: Sequence[int], shares: Sequence[float], concentration: float) -> float:
    if min(shares) <= 0:
        raise ValueError("a designed share is above 0")
    whole = sum(shares)
    total = lgamma(concentration) - lgamma(concentration + sum(observed))
    for n, share in zip(observed, shares, strict=True):
        prior = concentration * (share / whole)
        total += lgamma(prior + n) - lgamma(prior) - n * log(share / whole)
    return total


def independence(table: Sequence[Sequence[int]]) -> ChiSquared:
    """Pearson's test that rows and columns of a table of counts have nothing to do with each other.

    Rows and columns without units do not count. Null: NO_UNITS; FEW_EXPECTED when a cell expects fewer than
    5. Statistic 0 and p 1 when fewer than two rows or columns are left.
    """
    rows = [row for row in table if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    units = sum(map(sum, rows))
    if not units:
        return ChiSquared(None, 0, None, Missing.NO_UNITS)
    df = (len(rows) - 1) * (len(columns) - 1)
    if not df:
        return ChiSquared(0.0, 0, 1.0, None)
    heights = [sum(row) for row in zip(*columns, strict=True)]
    widths = [sum(column) for column in columns]
    if min(heights) * min(widths) < FEWEST_EXPECTED * units:
        return ChiSquared(None, df, None, Missing.FEW_EXPECTED)
    statistic = sum(
        (column[i] - height * width / units) ** 2 / (height * width / units)
        for column, width in zip(columns, widths, strict=True)
        for i, height in enumerate(heights)
    )
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)), None)
