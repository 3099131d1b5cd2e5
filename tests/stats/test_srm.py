"""Sample ratio mismatch and independence, against scipy.stats; the sequential test by exact enumeration."""

from fractions import Fraction
from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from coord.stats.reasons import Missing
from coord.stats.srm import ChiSquared, deviation, independence, sequential_srm, srm
from stats.replicates import rates

HALVES = [Fraction(1, 2)] * 2


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 9)), min_size=2, max_size=6))
def test_counts_against_shares_as_scipy(arms: list[tuple[int, int]]) -> None:
    observed, weights = zip(*arms, strict=True)
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    expected = [sum(observed) * float(share) for share in shares]
    found = srm(observed, shares)

    if min(expected) < 5:
        assert found == ChiSquared(None, len(arms) - 1, None, Missing.FEW_EXPECTED)
    else:
        oracle = stats.chisquare(observed, expected)
        assert found.statistic == pytest.approx(float(oracle.statistic), rel=1e-9, abs=1e-9)
        assert found.p_value == pytest.approx(float(oracle.pvalue), rel=1e-7, abs=1e-300)


def test_degenerate_counts() -> None:
    assert srm([0, 0], HALVES) == ChiSquared(None, 1, None, Missing.NO_UNITS)
    assert srm([17], [Fraction(1)]) == ChiSquared(0, 0, 1, None)
    assert deviation([0, 0], HALVES) is None
    assert sequential_srm([0, 0], HALVES) == 1
    for function in (srm, deviation, sequential_srm):
        with pytest.raises(ValueError, match="above 0"):
            function([5, 5], [Fraction(1), Fraction(0)])


def test_the_deviation_is_of_the_designed_share() -> None:
    assert deviation([501, 499], HALVES) == pytest.approx(0.002)
    assert deviation([905, 95], [Fraction(9, 10), Fraction(1, 10)]) == pytest.approx(0.05)


def test_the_evidence_is_a_martingale() -> None:
    """However the shares, the mean of E over all ways n units can fall is 1: enumerated."""
    shares = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    total = Fraction(0)
    for counts in product(range(7), repeat=3):
        if sum(counts) != 6:
            continue
        chance, evidence = Fraction(factorial(6)), Fraction(1, prod(range(12, 18)))
        for share, n in zip(shares, counts, strict=True):
            chance *= share**n / factorial(n)
            for k in range(n):  # by rising factorials: exact, with 12 units' worth of prior
                evidence *= (12 * share + k) / share
        p = 1 / max(Fraction(1), evidence)
        assert sequential_srm(counts, shares, 12) == pytest.approx(float(p), rel=1e-12)
        total += chance * evidence

    assert total == 1


def test_the_evidence_is_a_beta_binomial_bayes_factor() -> None:
    """10 of 10 on one side, uniform prior: E = 2^10 / 11."""
    assert sequential_srm([10, 0], HALVES, 2) == pytest.approx(11 / 2**10)
    assert sequential_srm([6, 4], HALVES, 2) == pytest.approx(min(1, 11 * comb(10, 4) / 2**10))


def test_looking_after_every_unit_alarms_as_seldom_as_promised() -> None:
    """1,000 sequences of 3,000 units at 5%, looked at every 20: Pearson's p alarms in more than a fifth."""

    def alarms(draw: np.random.Generator) -> tuple[bool, bool]:
        first = np.cumsum(draw.integers(0, 2, size=3000))
        looks = [(int(first[n - 1]), n - int(first[n - 1])) for n in range(20, 3001, 20)]
        peeked = any(abs(a - b) > 1.96 * np.sqrt(a + b) for a, b in looks)
        return any(sequential_srm(look, HALVES, 100) < 0.05 for look in looks), peeked

    sequential, peeking = rates(1, 1000, alarms)

    assert 0.005 < sequential.value < 0.05
    assert peeking.value > 0.2


def test_a_broken_split_is_found() -> None:
    assert sequential_srm([51_000, 49_000], HALVES) < 1e-5
    assert sequential_srm([10_500, 500], HALVES) < 1e-100


@given(st.lists(st.lists(st.integers(0, 400), min_size=3, max_size=3), min_size=2, max_size=4))
def test_a_table_as_scipy(table: list[list[int]]) -> None:
    found = independence(table)
    rows = [row for row in table if any(row)]
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    assume(len(columns) > 1 and len(rows) > 1)
    oracle = stats.chi2_contingency(np.array(columns), correction=False)

    if oracle.expected_freq.min() < 5 * (1 - 1e-12):
        assert found.reason is Missing.FEW_EXPECTED
    else:
        assert found.df == oracle.dof
        assert found.statistic == pytest.approx(float(oracle.statistic), rel=1e-9, abs=1e-9)
        assert found.p_value == pytest.approx(float(oracle.pvalue), rel=1e-7, abs=1e-300)


def test_degenerate_tables() -> None:
    assert independence([[0, 0], [0, 0]]) == ChiSquared(None, 0, None, Missing.NO_UNITS)
    assert independence([[5, 5], [5, 5]]).p_value == 1
    assert independence([[5, 5], [5, 4]]).reason is Missing.FEW_EXPECTED
    assert independence([[50, 60], [0, 0]]) == ChiSquared(0, 0, 1, None)
    assert independence([[50, 0], [60, 0]]) == ChiSquared(0, 0, 1, None)
