"""Means and ratios of an arm, and two arms side by side."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from coord.stats import student
from coord.stats.estimates import Estimate, compare, mean, ratio
from coord.stats.moments import nothing, of_columns
from coord.stats.reasons import Missing
from stats.arms import given, means, ratios, z_of


def draws(seed: int, n: int, scale: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return scale * np.random.default_rng(seed).gamma(2, size=n)


@pytest.mark.parametrize("sizes", [(2, 2), (30, 7), (400, 1000)])
def test_means_are_compared_as_welch_does(sizes: tuple[int, int]) -> None:
    """scipy.stats.ttest_ind(equal_var=False)."""
    control, treatment = draws(1, sizes[0]), draws(2, sizes[1], 1.4)
    expected = stats.ttest_ind(treatment, control, equal_var=False)
    found = means(control, treatment)

    assert z_of(found) == pytest.approx(float(expected.statistic), rel=1e-12)
    assert found.df == pytest.approx(float(expected.df), rel=1e-12)
    assert student.two_sided(z_of(found), found.df) == pytest.approx(float(expected.pvalue), rel=1e-10)


def test_an_offset_costs_a_comparison_nothing() -> None:
    control, treatment = np.arange(50.0) % 7, np.arange(60.0) % 8
    near, far = means(control, treatment), means(control + 1e12, treatment + 1e12)

    assert far.difference == pytest.approx(near.difference, rel=1e-12)
    assert far.variance == pytest.approx(near.variance, rel=1e-12)
    assert far.treatment - far.control != far.difference  # what the means alone would say


def test_a_ratio_is_that_of_sums_and_varies_as_its_linearised_values() -> None:
    draw = np.random.default_rng(3)
    impressions = draw.integers(0, 9, size=300)
    numerator, denominator = draw.binomial(impressions, 0.3).astype(float), impressions.astype(float)
    found = given(ratio(of_columns(numerator, denominator)))
    r = numerator.sum() / denominator.sum()
    u = (numerator - r * denominator) / denominator.mean()

    assert found.mean == pytest.approx(float(r), rel=1e-14)
    assert found.std == pytest.approx(float(u.std(ddof=1)), rel=1e-12)
    assert found.variance == pytest.approx(float(u.var(ddof=1)) / 300, rel=1e-12)


def test_a_ratio_is_as_uncertain_as_the_jackknife_says() -> None:
    draw = np.random.default_rng(5)
    arms = []
    for n in (800, 900):
        d = 1 + draw.poisson(4, size=n)
        arms.append((draw.binomial(d, draw.beta(2, 5, size=n)).astype(float), d.astype(float)))
    jackknife = 0.0
    for numerator, d in arms:
        without = (numerator.sum() - numerator) / (d.sum() - d)
        jackknife += float(((without - without.mean()) ** 2).sum()) * (len(d) - 1) / len(d)

    found = ratios(*(of_columns(*arm) for arm in arms))
    assert sqrt(found.variance) == pytest.approx(sqrt(jackknife), rel=2e-3)


def test_a_ratio_of_one_per_unit_is_a_mean() -> None:
    values = draws(6, 40)

    assert given(ratio(of_columns(values, np.ones(40)))).variance == pytest.approx(
        given(mean(of_columns(values))).variance, rel=1e-13
    )


def test_what_cannot_be_estimated_says_why() -> None:
    assert mean(nothing(1)) is mean(of_columns([3.0])) is Missing.FEW_UNITS
    assert ratio(of_columns([3.0], [1.0])) is Missing.FEW_UNITS
    assert mean(of_columns([1e200, -1e200])) is Missing.NOT_FINITE
    assert mean(of_columns([1.7e308, 1.7e308, 1.7e308])) is Missing.NOT_FINITE
    assert ratio(of_columns([1.0, 2.0], [0.0, 0.0])) is Missing.NO_DENOMINATOR
    assert ratio(of_columns([1.0, 2.0], [-3.0, 1.0])) is Missing.NO_DENOMINATOR
    assert ratio(of_columns([1e300, 2.0], [1e-300, 1e-300])) is Missing.NOT_FINITE


def test_an_arm_that_does_not_vary_leaves_the_degrees_of_freedom_to_the_other() -> None:
    constant = Estimate(50, 1.0, 0.0, 0.0, 0.0)
    varies = Estimate(30, 2.0, 0.0, 0.5, 1.0)

    assert compare(constant, varies).df == pytest.approx(29)
    assert compare(constant, constant).variance == 0
