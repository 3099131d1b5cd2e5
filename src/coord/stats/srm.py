"""Sample ratio mismatch: whether units are spread over the arms as designed, and tables of counts."""

from collections.abc import Sequence
from fractions import Fraction
from math import exp, lgamma, log
from typing import NamedTuple

from coord.stats.chi_square import LEAST_EXPECTED, fit, survival
from coord.stats.reasons import Missing

CONCENTRATION = 1000.0
"""The prior of the sequential test: how many units' worth of trust in the designed shares."""


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


def srm(observed: Sequence[int], shares: Sequence[Fraction]) -> ChiSquared:
    """Pearson's chi-squared test of counts per arm against the designed shares, which sum to 1.

    Null: NO_UNITS; FEW_EXPECTED when an arm expects fewer than 5 units, where the tail of chi-squared is not
    that of the counts. A share that is not above 0 is a ValueError.
    """
    _positive(shares)
    df = len(observed) - 1
    if not sum(observed):
        return ChiSquared(None, df, None, Missing.NO_UNITS)
    if not df:
        return ChiSquared(0.0, 0, 1.0, None)
    found = fit(observed, shares)
    if found.p_value is None:
        return ChiSquared(None, df, None, Missing.FEW_EXPECTED)
    return ChiSquared(found.statistic, df, found.p_value, None)


def deviation(observed: Sequence[int], shares: Sequence[Fraction]) -> float | None:
    """The largest |observed / expected - 1| of an arm, a share of its designed share; null without units."""
    _positive(shares)
    units = sum(observed)
    if not units:
        return None
    return float(max(abs(n / (units * share) - 1) for n, share in zip(observed, shares, strict=True)))


def _positive(shares: Sequence[Fraction]) -> None:
    if min(shares) <= 0:
        raise ValueError("a designed share is above 0")


def sequential_srm(
    observed: Sequence[int], shares: Sequence[Fraction], concentration: float = CONCENTRATION
) -> float:
    """A p-value that may be looked at after every unit: min(1, 1 / E), shares as in `srm`.

    E = G(k) / G(k + n) prod G(k p_i + n_i) / G(k p_i) / prod p_i^n_i, G the gamma function and k the
    concentration: the evidence of counts n_i against the shares p_i, with a Dirichlet(k p) prior; its
    expectation stays 1, so it ever exceeds 1 / a with probability at most a (Lindon, Malek, "Anytime-valid
    inference for multinomial count data", NeurIPS 2022, arXiv 2011.03567, section 2.2; Ville 1939). 1 without
    units.
    """
    _positive(shares)
    evidence = lgamma(concentration) - lgamma(concentration + sum(observed))
    for n, share in zip(observed, map(float, shares), strict=True):
        prior = concentration * share
        evidence += lgamma(prior + n) - lgamma(prior) - n * log(share)
    return exp(min(0.0, -evidence))


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
    if min(heights) * min(widths) < LEAST_EXPECTED * units:
        return ChiSquared(None, df, None, Missing.FEW_EXPECTED)
    statistic = sum(
        (column[i] - height * width / units) ** 2 / (height * width / units)
        for column, width in zip(columns, widths, strict=True)
        for i, height in enumerate(heights)
    )
    return ChiSquared(statistic, df, survival(statistic, df), None)
