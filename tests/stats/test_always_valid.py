"""Always-valid intervals: published multipliers, agreement with p-values, and looking every day."""

from math import erfc, exp, log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coord.stats.always_valid import multiplier, two_sided, upper
from coord.stats.reasons import Missing
from stats.replicates import rates


@pytest.mark.parametrize(
    ("share", "expected"), [(0.1, 3.8551), (0.25, 3.2643), (0.5, 3.0836), (1, 3.0352), (2, 3.0615)]
)
def test_the_multiplier(share: float, expected: float) -> None:
    """gbstats' sequential interval with tuning parameter n*, at 5%."""
    assert multiplier(share * 5000, 5000, 0.05) == pytest.approx(expected, abs=5e-5)


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.sampled_from([0.1, 0.05, 0.001]))
def test_the_multiplier_is_that_of_the_papers_interval(units: int, planned: int, error: float) -> None:
    """Waudby-Smith et al., eq. 9 and 161, written as there: half width / standard error."""
    rho = sqrt((-2 * log(error) + log(-2 * log(error) + 1)) / planned)
    m = units * rho * rho
    half = sqrt(2 * (m + 1) / (units * rho) ** 2 * log(sqrt(m + 1) / error))

    assert multiplier(units, planned, error) == pytest.approx(half * sqrt(units), rel=1e-9)


@given(st.floats(-12, 12), st.floats(0.001, 20), st.sampled_from([0.1, 0.05, 0.001]))
def test_p_is_below_its_error_just_when_the_interval_excludes_zero(
    z: float, share: float, error: float
) -> None:
    c, p = multiplier(share, 1, error), two_sided(z, share, 1, error)
    assert isinstance(c, float)
    assume(abs(abs(z) / c - 1) > 1e-9)

    assert (p < error) == (abs(z) > c)
    assert (upper(z, share, 1, error) < error / 2) == (z > c)
    assert upper(z, share, 1, error) + upper(-z, share, 1, error) == pytest.approx(1)


def test_it_is_narrowest_near_the_plan() -> None:
    found = [multiplier(units, 1000, 0.05) for units in range(200, 3000, 10)]
    widths = [float(c) / sqrt(n) for c, n in zip(found, range(200, 3000, 10), strict=True)]  # of the interval

    assert 800 < 200 + 10 * found.index(min(found)) < 1500
    assert widths == sorted(widths, reverse=True)


def test_without_units_there_is_nothing_to_say() -> None:
    assert multiplier(0, 1000, 0.05) is Missing.NO_UNITS
    assert two_sided(3, 0, 1000, 0.05) == 1
    assert two_sided(0, 500, 1000, 0.05) == 1
    assert two_sided(30, 500, 1000, 0.05) > 0
    assert two_sided(1e200, 500, 1000, 0.05) == 0


def test_p_is_less_than_a_fixed_tests_would_be() -> None:
    """Far out both fall alike: the price is the factor sqrt(1 + r), and r / (1 + r) of the exponent."""
    spread = -2 * log(0.05) + log1p(-2 * log(0.05))

    assert two_sided(4, 1000, 1000, 0.05) == pytest.approx(sqrt(1 + spread) * exp(-8 * spread / (1 + spread)))
    assert two_sided(4, 1000, 1000, 0.05) > 10 * erfc(4 / sqrt(2))


def test_looking_every_day_errs_less_than_promised_and_less_than_peeking() -> None:
    """28 days of 100 units, planned 2,000: one walk a replicate."""
    days = np.arange(1, 29) * 100
    bounds = np.array([multiplier(float(n), 2000, 0.05) for n in days])

    def crosses(draw: np.random.Generator) -> tuple[bool, bool]:
        z = np.abs(np.cumsum(draw.normal(size=28))) / np.sqrt(np.arange(1, 29))
        return bool((z > bounds).any()), bool((z > 1.96).any())

    sequential, peeking = rates(1, 20_000, crosses)

    assert 0.005 < sequential.value < 0.05
    assert peeking.value > 0.2
