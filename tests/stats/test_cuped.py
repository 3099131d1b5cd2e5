"""Adjustment for a covariate: against residuals by hand, and exact covariances by matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from coord.stats import student
from coord.stats.cuped import adjusted_means, adjusted_ratios, slope
from coord.stats.estimates import compare, mean
from coord.stats.moments import Moments, covariance, of_columns, variance
from coord.stats.reasons import Missing
from stats.arms import adjusted, z_of

Columns = list[NDArray[np.float64]]


def arm(seed: int, n: int, effect: float = 0.0) -> Columns:
    """Values that follow a covariate, and follow it more with an effect."""
    draw = np.random.default_rng(seed)
    before = draw.gamma(3, size=n) * 10
    return [before * (1 + effect) + draw.normal(5, 10, size=n), before]


ARMS = [arm(1, 300), arm(2, 120, 0.4), arm(3, 700, 2.0)]


def moments(arms: list[Columns]) -> list[Moments]:
    return [of_columns(*columns) for columns in arms]


def test_the_effect_is_welchs_on_what_the_covariate_leaves() -> None:
    """theta within arms by numpy, the test by scipy.stats.ttest_ind."""
    products = [np.cov(columns[0], columns[1]) * (len(columns[0]) - 1) for columns in ARMS[:2]]
    theta = sum(p[0, 1] for p in products) / sum(p[1, 1] for p in products)
    (x, cx), (y, cy) = ARMS[:2]
    expected = stats.ttest_ind(y - theta * cy, x - theta * cx, equal_var=False)
    found = adjusted(adjusted_means(moments(ARMS[:2])))

    assert found.theta == pytest.approx(float(theta), rel=1e-12)
    assert z_of(found.pair) == pytest.approx(float(expected.statistic), rel=1e-11)
    assert found.pair.df == pytest.approx(float(expected.df), rel=1e-11)
    p = student.two_sided(z_of(found.pair), found.pair.df)
    assert p == pytest.approx(float(expected.pvalue), rel=1e-9)
    before = (x.var(ddof=1) / 300 + y.var(ddof=1) / 120) / (
        (x - theta * cx).var(ddof=1) / 300 + (y - theta * cy).var(ddof=1) / 120
    )
    assert found.reduction == pytest.approx(1 - 1 / float(before), rel=1e-10)


def test_arms_are_moved_towards_the_covariates_mean_over_all_arms() -> None:
    found = adjusted(adjusted_means(moments(ARMS)))
    everywhere = np.concatenate([before for _, before in ARMS]).mean()

    for estimate, (values, before) in zip((found.control, found.treatment), ARMS, strict=False):
        expected = values.mean() - found.theta * (before.mean() - everywhere)
        assert estimate.mean == pytest.approx(float(expected), rel=1e-12)
        assert estimate.std == pytest.approx(float((values - found.theta * before).std(ddof=1)), rel=1e-11)


def test_covariances_are_exact() -> None:
    """A V A', V the covariances of all arms' means and A what the adjustment makes of them."""
    arms = moments(ARMS)
    found = adjusted(adjusted_means(arms))
    weights = np.array([each.n for each in arms]) / sum(each.n for each in arms)
    v = np.zeros((6, 6))
    for k, each in enumerate(arms):
        v[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = (
            np.array([[covariance(each, i, j) for j in range(2)] for i in range(2)]) / each.n
        )
    a = np.zeros((2, 6))
    for row in range(2):
        a[row, 2 * row] = 1
        a[row, 1::2] = found.theta * weights
        a[row, 2 * row + 1] -= found.theta
    expected = a @ v @ a.T

    assert found.pair.control_variance == pytest.approx(expected[0, 0], rel=1e-12)
    assert found.pair.treatment_variance == pytest.approx(expected[1, 1], rel=1e-12)
    assert found.pair.covariance == pytest.approx(expected[0, 1], rel=1e-12)
    of_difference = expected[0, 0] + expected[1, 1] - 2 * expected[0, 1]
    assert found.pair.variance == pytest.approx(of_difference, rel=1e-10)


def test_other_arms_change_neither_the_effect_nor_its_error() -> None:
    arms = moments(ARMS)
    alone, beside = (adjusted(adjusted_means(each)) for each in (arms[:2], arms))

    assert beside.pair.difference == pytest.approx(alone.pair.difference, rel=1e-12)
    assert beside.pair.variance == alone.pair.variance
    assert beside.pair.covariance != alone.pair.covariance


@given(st.floats(-100, 100).filter(lambda k: abs(k) > 1e-3), st.floats(-1e6, 1e6))
def test_the_covariates_scale_is_irrelevant(scale: float, offset: float) -> None:
    (x, cx), (y, cy) = ARMS[:2]
    found = adjusted(adjusted_means([of_columns(x, cx * scale + offset), of_columns(y, cy * scale + offset)]))
    expected = adjusted(adjusted_means(moments(ARMS[:2])))

    assert found.theta * scale == pytest.approx(expected.theta, rel=1e-6)
    assert found.pair.difference == pytest.approx(expected.pair.difference, rel=1e-6)
    assert found.pair.covariance == pytest.approx(expected.pair.covariance, rel=1e-6)


def test_an_offset_of_both_loses_nothing() -> None:
    (x, cx), (y, cy) = ([np.round(column) for column in columns] for columns in ARMS[:2])
    near = adjusted(adjusted_means([of_columns(x, cx), of_columns(y, cy)]))
    far = adjusted(adjusted_means([of_columns(x + 1e12, cx + 1e12), of_columns(y + 1e12, cy + 1e12)]))

    assert far.pair.difference == pytest.approx(near.pair.difference, rel=1e-9)
    assert far.pair.variance == pytest.approx(near.pair.variance, rel=1e-9)


def ratio_arm(seed: int, n: int) -> Columns:
    draw = np.random.default_rng(seed)
    share, now, before = draw.beta(2, 5, size=n), 1 + draw.poisson(4, size=n), 1 + draw.poisson(6, size=n)
    counts = (draw.binomial(now, share), now, draw.binomial(before, share), before)
    return [column.astype(float) for column in counts]


def test_a_ratio_is_adjusted_for_its_ratio_before() -> None:
    """On linearised columns made by hand, as a mean."""
    arms = [ratio_arm(1, 400), ratio_arm(2, 150)]
    before = [np.concatenate([columns[k] for columns in arms]) for k in (2, 3)]
    pooled = before[0].sum() / before[1].sum()
    linear = []
    for n, d, bn, bd in arms:
        r = n.sum() / d.sum()
        linear.append(of_columns(r + (n - r * d) / d.mean(), (bn - pooled * bd) / before[1].mean()))
    found = adjusted(adjusted_ratios(moments(arms)))
    expected = adjusted(adjusted_means(linear))

    assert found.theta == pytest.approx(expected.theta, rel=1e-10)
    for a, b in zip(found.pair, expected.pair, strict=True):
        assert a == pytest.approx(b, rel=1e-9)
    assert found.reduction == pytest.approx(expected.reduction, rel=1e-9)


def test_too_few_units_or_a_constant_covariate_leave_everything_as_it_is() -> None:
    few = [of_columns(*(column[:49] for column in ARMS[0])), of_columns(*ARMS[1])]
    constant = [of_columns(values, np.full(len(values), 0.1)) for values, _ in ARMS[:2]]
    for arms, reason in ((few, Missing.COVARIATE_FEW_UNITS), (constant, Missing.COVARIATE_CONSTANT)):
        found = adjusted(adjusted_means(arms))
        raw = [mean(each) for each in arms]

        assert (found.theta, found.reason, found.reduction) == (0, reason, 0)
        assert [found.control, found.treatment] == raw
        assert found.pair == found.raw == compare(found.control, found.treatment)


def test_fifty_units_are_enough_and_a_tiny_other_arm_does_not_matter() -> None:
    arms = [of_columns(*(column[:50] for column in columns)) for columns in ARMS[:2]]

    assert adjusted(adjusted_means(arms)).reason is None
    assert adjusted(adjusted_means([*arms, of_columns([1.0], [2.0])])).reason is None


def test_no_denominator_before_is_no_covariate() -> None:
    arms = [of_columns(n, d, n * 0, d * 0) for n, d, *_ in (ratio_arm(1, 90), ratio_arm(2, 90))]

    assert adjusted(adjusted_ratios(arms)).reason is Missing.COVARIATE_CONSTANT


def test_an_arm_without_estimate_says_why() -> None:
    control = of_columns(*ARMS[0])

    assert adjusted_means([control, of_columns([1.0], [1.0])]) is Missing.FEW_UNITS
    assert adjusted_means([of_columns([1.0], [1.0]), control]) is Missing.FEW_UNITS
    empty = of_columns(*[np.zeros(60)] * 4)
    assert adjusted_ratios([empty, of_columns(*ratio_arm(1, 60))]) is Missing.NO_DENOMINATOR
    assert adjusted_ratios([of_columns(*ratio_arm(1, 60)), empty]) is Missing.NO_DENOMINATOR


def test_a_covariate_that_says_everything_leaves_nothing_to_judge_chance_by() -> None:
    arms = [of_columns(2 * before, before) for _, before in ARMS[:2]]
    found = adjusted(adjusted_means(arms))

    assert found.theta == pytest.approx(2)
    assert found.pair.variance == 0
    assert found.reduction == 1


def test_the_slope_is_within_arms() -> None:
    """Between arms values and covariate go against each other; within them together."""
    low = of_columns([10.0, 11.0, 12.0], [0.0, 1.0, 2.0])
    high = of_columns([0.0, 1.0, 2.0], [10.0, 11.0, 12.0])

    assert slope(low, high) == 1
    assert variance(low, 1) == 1
