"""Quantiles of clustered values: ranks by hand, errors against binomials and clusters."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.stats.quantiles import Ranks, estimate, quantile_of, rank, ranks, standard_error
from coord.stats.reasons import Missing
from stats.arms import given as an_estimate


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        (100, 0.95, 95),
        (100, 0.07, 7),
        (101, 0.5, 51),
        (1, 0.5, 1),
        (9, 0.01, 1),
        (1000, Fraction(999, 1000), 999),
    ],
)
def test_the_rank_is_exact(values: int, q: float | Fraction, expected: int) -> None:
    assert rank(values, q) == expected


@given(st.integers(20, 400), st.sampled_from([0.25, 0.5, 0.6]), st.randoms(use_true_random=False))
def test_one_value_per_unit_is_the_binomial_interval(m: int, q: float, random: "np.random.Generator") -> None:
    """The values are their own ranks, so that what comes out can be read off; any order."""
    values = list(range(1, m + 1))
    random.shuffle(values)
    found = quantile_of(np.array(values, dtype=float), np.arange(m), q)
    share = rank(m, q) / m
    error = sqrt(share * (1 - share) / (m - 1))
    ends = ranks(m, q, error)

    assert found.value == rank(m, q)
    assert found.share_error == pytest.approx(error, rel=1e-9)
    if m * min(q, 1 - q) < 10:
        assert found.estimate is ends is Missing.FEW_VALUES
    elif isinstance(ends, Ranks):
        assert an_estimate(found.estimate).variance == pytest.approx(((ends.upper - ends.lower) / 3.92) ** 2)


def test_ranks_are_rounded_outwards() -> None:
    assert ranks(1000, 0.5, 0.01) == Ranks(480, 520)  # 480.4 and 519.6
    assert ranks(1000, 0.9, 0.0101) == Ranks(880, 920)  # 880.2 and 919.8


def test_repeating_every_value_within_its_unit_changes_nothing_but_the_count() -> None:
    """Ten copies of each value are ten times the events and not a bit more knowledge."""
    values = np.random.default_rng(1).exponential(size=400)
    once = quantile_of(values, np.arange(400), 0.8)
    copies = quantile_of(np.repeat(values, 10), np.repeat(np.arange(400), 10), 0.8)
    independent = quantile_of(np.repeat(values, 10), np.arange(4000), 0.8)

    assert copies.value == once.value
    assert copies.share_error == pytest.approx(once.share_error)
    variance = an_estimate(once.estimate).variance
    assert an_estimate(copies.estimate).variance == pytest.approx(variance, rel=0.2)
    assert an_estimate(independent.estimate).variance < 0.2 * variance


def test_the_error_is_that_of_a_ratio_over_units() -> None:
    """sqrt(sum (b - q^ k)^2 n / (n - 1)) / M by hand: k = 3 2 1, values up to the median 3 0 1 of them."""
    values = np.array([1.0, 2.0, 2.5, 7.0, 8.0, 3.0])
    found = quantile_of(values, np.array([0, 0, 0, 1, 1, 2]), 0.6)
    q = 4 / 6
    squares = (3 - 3 * q) ** 2 + (2 * q) ** 2 + (1 - q) ** 2

    assert found.value == 3
    assert found.share_error == pytest.approx(sqrt(squares * 3 / 2) / 6)
    assert standard_error(3, 6, squares) == found.share_error


@given(st.integers(-8, 8), st.floats(-100, 100))
def test_scale_and_offset_carry_over(power: int, offset: float) -> None:
    draw = np.random.default_rng(2)
    units = draw.integers(0, 60, size=300)
    values = np.round(draw.exponential(size=300), 6)
    expected, found = quantile_of(values, units, 0.7), quantile_of(values * 2.0**power + offset, units, 0.7)

    assert found.value == expected.value * 2.0**power + offset if expected.value is not None else False
    assert an_estimate(found.estimate).variance == pytest.approx(
        an_estimate(expected.estimate).variance * 4.0**power, rel=1e-6
    )


def test_units_without_values_do_not_count() -> None:
    values = np.arange(100.0)
    dense, sparse = (
        quantile_of(values, units, 0.5) for units in (np.arange(100) // 2, np.arange(100) // 2 * 7)
    )

    assert sparse == dense
    assert an_estimate(dense.estimate).n == 50


def test_what_cannot_be_estimated_says_why() -> None:
    assert quantile_of(np.array([]), np.array([], dtype=int), 0.5).estimate is Missing.NO_UNITS
    assert quantile_of(np.arange(99.0), np.arange(99), 0.9).estimate is Missing.FEW_VALUES
    assert quantile_of(np.arange(100.0), np.arange(100), 0.9).estimate is not Missing.FEW_VALUES
    assert quantile_of(np.arange(100.0), np.zeros(100, dtype=int), 0.5).estimate is Missing.FEW_UNITS
    assert quantile_of(np.ones(100), np.arange(100), 0.5).estimate is Missing.QUANTILE_TIED
    two = np.repeat([0, 1], 50)
    assert quantile_of(np.arange(100.0), two, 0.5).estimate is Missing.QUANTILE_AT_EDGE
    assert estimate(9, 0.0, -1e200, 1e200) is Missing.NOT_FINITE


@pytest.mark.parametrize("q", [0.15, 0.85])
def test_an_end_that_was_not_seen_on_either_side_is_no_bound(q: float) -> None:
    assert ranks(100, q, 0.07) == Ranks(*sorted((round(100 * q - 14), round(100 * q + 14))))
    assert ranks(100, q, 0.08) is Missing.QUANTILE_AT_EDGE


@pytest.mark.parametrize(("step", "coarse"), [(0.001, False), (1.0, True)])
def test_heavy_ties_are_seen(step: float, coarse: bool) -> None:
    values = np.random.default_rng(3).exponential(3, size=2000)
    found = quantile_of(np.round(values / step) * step, np.arange(2000), 0.5)

    assert found.coarse is coarse
    assert found.tied == np.mean(np.round(values / step) * step == found.value)
