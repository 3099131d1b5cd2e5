"""Sizes against published figures."""

from math import inf

import pytest

from coord.stats.sizes import (
    detectable_difference,
    divided_beta,
    exact_size,
    guardrail_level,
    success_level,
    treatment_size,
)


@pytest.mark.parametrize(("power", "expected"), [(0.59, 91_095), (0.8, 180_315)])
def test_the_reference_sizes(power: float, expected: int) -> None:
    """delta .005, sigma^2 .5, kappa 1, two-sided alpha 20%: 91,095 and 180,315 an arm (closed form)."""
    assert treatment_size(0.005, 0.5, 0.5, 1, success_level(0.2, 1, 1), 1 - power) == expected


def test_alpha_is_split_over_comparisons_and_successes_only() -> None:
    assert success_level(0.05, 2, 3) == pytest.approx(0.05 / 12)
    assert guardrail_level(0.05, 2) == pytest.approx(0.05 / 4)


@pytest.mark.parametrize(
    ("success", "guardrail", "parts"), [(1, 3, 4), (2, 4, 5), (3, 0, 1), (0, 2, 2), (0, 0, 1)]
)
def test_beta_is_split_over_what_must_all_hold(success: int, guardrail: int, parts: int) -> None:
    assert divided_beta(0.8, success, guardrail) == pytest.approx(0.2 / parts)


@pytest.mark.parametrize(
    ("delta", "variances", "expected"), [(1, (100, 100), 1_569.776), (0.01, (0.09, 0.11 * 0.89), 14_748.045)]
)
def test_sizes_before_rounding(delta: float, variances: tuple[float, float], expected: float) -> None:
    """Two-sided .05, power .8: sd 10 and difference 1; .10 against .11, unpooled (closed form)."""
    assert exact_size(delta, *variances, 1, 0.025, 0.2) == pytest.approx(expected, abs=5e-4)
    assert treatment_size(delta, *variances, 1, 0.025, 0.2) == int(expected) + 1


@pytest.mark.parametrize("ratio", [0.25, 1, 9])
def test_the_detectable_difference_is_what_the_size_is_for(ratio: float) -> None:
    size = exact_size(0.3, 2, 5, ratio, 0.0125, 0.1)

    assert detectable_difference(size, 2, 5, ratio, 0.0125, 0.1) == pytest.approx(0.3)


def test_degenerate_sizes() -> None:
    assert detectable_difference(0, 1, 1, 1, 0.025, 0.2) == inf
    assert detectable_difference(10, 0, 0, 1, 0.025, 0.2) == 0
    assert exact_size(0, 1, 1, 1, 0.025, 0.2) == inf
    assert treatment_size(0, 1, 1, 1, 0.025, 0.2) == inf
    assert treatment_size(1, 0, 0, 1, 0.025, 0.2) == 0
