"""How often tests and intervals err, by simulation: ours within the Monte Carlo band, others outside."""

from collections.abc import Callable
from itertools import product
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from coord.stats import student
from coord.stats.cuped import adjusted_means, adjusted_ratios
from coord.stats.effects import Interval, absolute, relative
from coord.stats.estimates import Pair, compare
from coord.stats.group_sequential import looks
from coord.stats.moments import Moments, merge, of_columns
from coord.stats.noninferiority import contrast, noninferiority
from coord.stats.quantiles import Quantile, quantile_of
from stats.arms import adjusted, given, means, of_moments, plain, ratios, z_of
from stats.replicates import Generator, rates

Floats = NDArray[np.float64]


def covers(interval: Interval, truth: float) -> bool:
    assert interval.reason is None, interval
    return not (interval.above(truth) or interval.below(truth))


def both_cover(pair: Pair, difference: float, ratio: float) -> tuple[bool, bool]:
    """Whether the absolute and the relative interval at 95% contain the truth."""
    c = student.critical(0.05, pair.df)
    return covers(absolute(pair, c), difference), covers(relative(pair, c), ratio)


def test_means_of_unequal_skewed_arms() -> None:
    """Gamma values, 150 against 400 units, 20% more."""

    def replicate(draw: Generator) -> tuple[bool, bool]:
        return both_cover(means(draw.gamma(4, size=150), 1.2 * draw.gamma(4, size=400)), 0.8, 0.2)

    found = rates(1, 6000, replicate)

    assert all(rate.near(0.95) for rate in found), found


def clicks(draw: Generator, n: int) -> Moments:
    """Clicks per impression of units that differ in how much they see and how they like it."""
    seen = 1 + draw.poisson(4, size=n)
    return of_columns(draw.binomial(seen, draw.beta(2, 5, size=n)).astype(float), seen.astype(float))


def test_ratios() -> None:
    """And as if every impression were independent: errs three times as often."""

    def replicate(draw: Generator) -> tuple[bool, bool]:
        arms = clicks(draw, 300), clicks(draw, 500)
        pair = ratios(*arms)
        seen = [arm.n * arm.mean[1] for arm in arms]
        naive = sqrt(sum(p * (1 - p) / k for p, k in zip((pair.control, pair.treatment), seen, strict=True)))
        return student.two_sided(z_of(pair), pair.df) < 0.05, abs(pair.difference) > 1.96 * naive

    found, naive = rates(2, 5000, replicate)

    assert found.near(0.05), found
    assert naive.value > 0.12


def with_covariate(draw: Generator, n: int, effect: float) -> Moments:
    """Values of mean 10 (1 + effect) that follow a covariate, more with an effect."""
    before = draw.gamma(4, size=n)
    return of_columns((1 + effect) * (1.5 * before + draw.normal(4, 2, size=n)), before)


def test_covariates_with_unequal_arms_and_large_effects() -> None:
    """9:1, the small arm 50% higher; and without what both arms share the relative interval is not 95%."""

    def replicate(draw: Generator) -> tuple[bool, bool, bool]:
        pair = adjusted(adjusted_means([with_covariate(draw, 900, 0), with_covariate(draw, 100, 0.5)])).pair
        alone = pair._replace(covariance=0.0)
        return (*both_cover(pair, 5, 0.5), both_cover(alone, 5, 0.5)[1])

    absolutely, relatively, unshared = rates(3, 6000, replicate)

    assert absolutely.near(0.95), absolutely
    assert relatively.near(0.95), relatively
    assert not unshared.near(0.95, 2), unshared


def test_covariates_beside_an_arm_with_a_large_effect() -> None:
    """Three arms 1:1:8, the third 300% higher: the first two do not differ, in 5% they seem to."""

    def replicate(draw: Generator) -> tuple[bool, bool]:
        arms = [with_covariate(draw, 100, 0), with_covariate(draw, 100, 0), with_covariate(draw, 800, 3)]
        return both_cover(adjusted(adjusted_means(arms)).pair, 0, 0)

    found = rates(4, 5000, replicate)

    assert all(rate.near(0.95) for rate in found), found


def test_covariates_of_ratios() -> None:
    def arm(draw: Generator, n: int) -> Moments:
        share, now, before = draw.beta(2, 5, size=n), 1 + draw.poisson(4, size=n), 1 + draw.poisson(6, size=n)
        columns = draw.binomial(now, share), now, draw.binomial(before, share), before
        return of_columns(*(column.astype(float) for column in columns))

    def replicate(draw: Generator) -> tuple[bool, bool]:
        return both_cover(adjusted(adjusted_ratios([arm(draw, 450), arm(draw, 150)])).pair, 0, 0)

    found = rates(5, 3000, replicate)

    assert all(rate.near(0.95) for rate in found), found


def times(draw: Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Response times: ten a unit on average, and units differ."""
    events = draw.geometric(0.1, size=n)
    slowness = np.repeat(draw.normal(0, 0.7, size=n), events)
    return np.exp(slowness + draw.normal(0, 0.5, size=len(slowness))), np.repeat(np.arange(n), events)


@pytest.mark.parametrize(("q", "least", "pooled"), [(0.5, 0.04, 0.3), (0.9, 0.03, 0.2)])
def test_quantiles_of_clustered_events(q: float, least: float, pooled: float) -> None:
    """In the tail a little fewer than 5%, never more; pooled as if independent they err in .23 to .64."""

    def p_value(arms: list[Quantile]) -> float:
        control, treatment = (given(arm.estimate) for arm in arms)
        pair = compare(control, treatment)
        return student.two_sided(z_of(pair), pair.df)

    def replicate(draw: Generator) -> tuple[bool, bool]:
        arms = [times(draw, 200), times(draw, 200)]
        clustered = p_value([quantile_of(*arm, q) for arm in arms]) < 0.05
        independent = [quantile_of(values, np.arange(len(values)), q) for values, _ in arms]
        return clustered, p_value(independent) < 0.05

    found, naive = rates(6, 2500, replicate)

    assert least < found.value < 0.05 + 3 * sqrt(0.05 * 0.95 / 2500)
    assert naive.value > pooled


@pytest.mark.parametrize(
    ("worst", "known"),
    [(0.9, 0.0419), (0.7, 0.0283), (1.1, 0.0588), (1.3, 0.0781)],
    ids=["-10%", "-30%", "+10%", "+30%"],
)
def test_guardrails_with_a_random_control_mean(worst: float, known: float) -> None:
    """Just at the margin, one-sided 5%.

    With margin x mean taken for a known number it is P(Z > 1.645 / sqrt((1 + worst^2) / 2)).
    """
    margin, decrease = abs(worst - 1), worst > 1
    critical = student.critical(0.1)

    def replicate(draw: Generator) -> tuple[bool, bool]:
        control, treatment = 10 + draw.normal(0, 0.3), 10 * worst + draw.normal(0, 0.3)
        z = (treatment - control * worst) / sqrt(0.18)
        pair = plain(control, treatment, (0.09, 0.09))
        p = noninferiority(pair, margin, critical, decrease=decrease).p_value
        return p is not None and p < 0.05, student.upper(-z if decrease else z) < 0.05

    found, naive = rates(7, 15_000, replicate)

    assert found.near(0.05), found
    assert naive.near(known), naive
    assert not naive.near(0.05), naive


def test_guardrails_with_a_covariate() -> None:
    """Two one-sided tests at the margin, the error 2.5% each; small skewed arms of 1:3."""

    def replicate(draw: Generator) -> tuple[bool, bool]:
        found = []
        for worst, decrease in ((0.8, False), (1.2, True)):
            pair = adjusted(
                adjusted_means([with_covariate(draw, 100, 0), with_covariate(draw, 300, worst - 1)])
            ).pair
            z = contrast(pair, 0.2, student.critical(0.05, pair.df), decrease=decrease)
            found.append(isinstance(z, float) and student.upper(z, pair.df) < 0.025)
        return found[0], found[1]

    lower, higher = rates(8, 4000, replicate)

    assert lower.near(0.025), lower
    assert higher.near(0.025), higher


def grown(draw: Generator, arm: Moments, units: int) -> Moments:
    return merge(arm, of_columns(draw.gamma(2, size=units)))


def test_group_sequential_looks_at_growing_data() -> None:
    """Means of arms that grow past the plan of 400 units: each side errs in 2.5%, over all looks."""
    sizes = (60, 130, 210, 260)
    bounds = [look.bound for look in looks([2 * n / 400 for n in sizes], 0.05)]
    steps = np.diff(sizes, prepend=0).tolist()

    def replicate(draw: Generator) -> tuple[bool, bool]:
        control, treatment = of_columns([]), of_columns([])
        above = below = False
        for units, bound in zip(steps, bounds, strict=True):
            control, treatment = grown(draw, control, units), grown(draw, treatment, units)
            if bound is not None:
                interval = absolute(of_moments(control, treatment), bound)
                above, below = above or interval.above(0), below or interval.below(0)
        return above, below

    found = rates(9, 5000, replicate)

    assert bounds[-1] is None
    assert all(rate.near(0.025, 3) for rate in found), found


def exact_coverage(interval: Callable[[int, int], Interval]) -> float:
    """Of +50% of a share of 5%, 200 units an arm: over all counts that can be and have an interval."""
    chances = [stats.binom.pmf(np.arange(50), 200, p) for p in (0.05, 0.075)]
    inside = known = 0.0
    for a, b in product(range(1, 50), repeat=2):
        found = interval(a, b)
        if found.reason is None:
            chance = float(chances[0][a] * chances[1][b])
            known += chance
            inside += chance * covers(found, 0.5)
    return inside / known


def share_pair(a: int, b: int) -> Pair:
    """So many of 200 each."""
    x, y = a / 200, b / 200
    return plain(x, y, (x * (1 - x) / 199, y * (1 - y) / 199))


def around(pair: Pair, half: float) -> Interval:
    value = pair.treatment / pair.control - 1
    return Interval(value, value - half, value + half, None)


def relative_error(pair: Pair) -> float:
    return sqrt(pair.control_variance / pair.control**2 + pair.treatment_variance / pair.treatment**2)


def known_control(a: int, b: int) -> Interval:
    pair = share_pair(a, b)
    return around(pair, 1.96 * sqrt(pair.variance) / pair.control)


def delta_method(a: int, b: int) -> Interval:
    pair = share_pair(a, b)
    return around(pair, 1.96 * pair.treatment / pair.control * relative_error(pair))


def logarithm(a: int, b: int) -> Interval:
    pair = share_pair(a, b)
    ratio, factor = pair.treatment / pair.control, float(np.exp(1.96 * relative_error(pair)))
    return Interval(ratio - 1, ratio / factor - 1, ratio * factor - 1, None)


def test_relative_intervals_of_shares_by_enumeration() -> None:
    """Fieller's is 95% within one percent; with a known control .889, delta method .928, logarithm .961."""
    assert exact_coverage(lambda a, b: relative(share_pair(a, b), 1.96)) == pytest.approx(0.95, abs=0.01)
    assert exact_coverage(known_control) == pytest.approx(0.889, abs=0.001)
    assert exact_coverage(delta_method) == pytest.approx(0.928, abs=0.002)
    assert exact_coverage(logarithm) == pytest.approx(0.961, abs=0.003)
