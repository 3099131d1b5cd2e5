"""Variance reduction by a covariate from before exposure (CUPED).

Deng, Xu, Kohavi, Walker, "Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data", WSDM 2013, section 3. Here theta is pooled within the two arms compared, so that a large
effect does not bend it, and both are adjusted towards the covariate's mean over all arms, which they share:
so their estimates are correlated, and a relative effect needs that covariance.

Arm a's estimate is x_a - theta c_a + sum_k w_k theta c_k over all arms k, w_k their shares of all units. With
theta and the shares taken as known its variance and covariance are exactly

    v_aa = q_a + 2 h_a + g,  v_ab = h_a + h_b + g
    q_a = Var(x - theta c) / n_a,  h_a = w_a theta Cov(x - theta c, c) / n_a
    g = sum_k (w_k theta)^2 Var(c_k) / n_k

and the difference has variance q_a + q_b.
"""

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import NamedTuple

from coord.stats.estimates import Estimate, Pair, compare, linearised, mean, ratio
from coord.stats.moments import Moments, combine, covariance, mean_difference, merge_all, variance
from coord.stats.reasons import Missing

FEWEST_UNITS = 50
"""Below so many units in one of the two arms nothing is adjusted: theta would be too uncertain."""


class Adjusted(NamedTuple):
    """Two arms after the adjustment.

    control, treatment: their adjusted estimates; `std` is of what the covariate leaves. The raw ones without
        adjustment.
    pair: the two compared, with their covariance.
    raw: the two without covariate.
    theta: slope of the metric on the covariate within arms, in the metric's unit per unit of covariate; 0
        when nothing was adjusted.
    reason: why nothing was adjusted; null when it was.
    """

    control: Estimate
    treatment: Estimate
    pair: Pair
    raw: Pair
    theta: float
    reason: Missing | None

    @property
    def reduction(self) -> float | None:
        """The share of the difference's variance that the covariate takes off; null without a variance.

        At most 1. Mostly from 0, but theta serves both arms, and can cost a little where it suits neither.
        """
        return 1 - self.pair.variance / self.raw.variance if self.raw.variance > 0 else None


class _Arm(NamedTuple):
    """An arm's raw estimate, and moments of (value, covariate), linearised in a ratio."""

    estimate: Estimate
    moments: Moments


def adjusted_means(arms: Sequence[Moments], treatment: int = 1, control: int = 0) -> Adjusted | Missing:
    """The means of column 0, adjusted for column 1.

    arms: of the whole experiment; units of those that are not compared count in the covariate's mean.
    treatment, control: the two compared, counted from 0. Null for the reasons of `estimates.mean` in one of
    the two.
    """
    of_control, of_treatment = mean(arms[control]), mean(arms[treatment])
    if isinstance(of_control, Missing):
        return of_control
    if isinstance(of_treatment, Missing):
        return of_treatment
    others = _others(arms, treatment, control)
    return _adjust(_Arm(of_control, arms[control]), _Arm(of_treatment, arms[treatment]), others)


def adjusted_ratios(arms: Sequence[Moments], treatment: int = 1, control: int = 0) -> Adjusted | Missing:
    """The ratios of columns 0 and 1, adjusted for the ratio of columns 2 and 3 before exposure.

    Linearised: u = (N - R D) / mean D within each arm, and e = (N' - R' D') / mean D' with R' and mean D'
    pooled over all arms. Arguments as in `adjusted_means`. Null for the reasons of `estimates.ratio` in one
    of the two; not adjusted when the pooled mean D' is not above 0.
    """
    of_control, of_treatment = ratio(arms[control]), ratio(arms[treatment])
    if isinstance(of_control, Missing):
        return of_control
    if isinstance(of_treatment, Missing):
        return of_treatment
    pooled = merge_all(arms, 4)
    if not pooled.mean[3] > 0:
        return _unadjusted(of_control, of_treatment, Missing.COVARIATE_CONSTANT)
    e = (0.0, 0.0, *linearised(combine(pooled, (0, 0, 1), (0, 0, 0, 1)))[1])
    return _adjust(
        _Arm(of_control, combine(arms[control], linearised(arms[control])[1], e)),
        _Arm(of_treatment, combine(arms[treatment], linearised(arms[treatment])[1], e)),
        [combine(arm, (), e) for arm in _others(arms, treatment, control)],
    )


def _others(arms: Sequence[Moments], treatment: int, control: int) -> list[Moments]:
    return [arm for k, arm in enumerate(arms) if k not in {treatment, control}]


def slope(*arms: Moments) -> float | Missing:
    """Theta within arms: the sum over arms of S_xc by that of S_cc, of moments of (value, covariate).

    COVARIATE_CONSTANT when the covariate varies in none of them, NOT_FINITE when numbers are too large.
    """
    if not any(arm.n > 1 and variance(arm, 1) > 0 for arm in arms):
        return Missing.COVARIATE_CONSTANT
    theta = sum(arm.products[0][1] for arm in arms) / sum(arm.products[1][1] for arm in arms)
    return theta if isfinite(theta) else Missing.NOT_FINITE


def _unadjusted(control: Estimate, treatment: Estimate, reason: Missing) -> Adjusted:
    raw = compare(control, treatment)
    return Adjusted(control, treatment, raw, raw, 0.0, reason)


def _adjust(control: _Arm, treatment: _Arm, others: Sequence[Moments]) -> Adjusted:
    pair = (control, treatment)
    estimates = (control.estimate, treatment.estimate)
    if min(arm.moments.n for arm in pair) < FEWEST_UNITS:
        return _unadjusted(*estimates, Missing.COVARIATE_FEW_UNITS)
    theta = slope(*(arm.moments for arm in pair))
    if isinstance(theta, Missing):
        return _unadjusted(*estimates, theta)
    every = [control.moments, treatment.moments, *(arm for arm in others if arm.n > 1)]
    units = sum(arm.n for arm in every)
    apart = [mean_difference(arm, every[0], 1) for arm in every]
    middle = sum(arm.n / units * each for arm, each in zip(every, apart, strict=True))
    noise = tuple(variance(combine(arm.moments, (1, -theta))) / arm.moments.n for arm in pair)
    shared = sum((theta * arm.n / units) ** 2 * (variance(arm, 1) / arm.n) for arm in every)
    sloped = [_sloped(arm.moments, theta) * (arm.moments.n / units) for arm in pair]
    moved = [
        _moved(arm.estimate, -theta * (off - middle), v + 2 * h + shared, v)
        for arm, off, v, h in zip(pair, apart, noise, sloped, strict=False)
    ]
    found = compare(moved[0], moved[1], sum(sloped) + shared, (noise[0], noise[1]))
    if not all(map(isfinite, found[:-1])):
        return _unadjusted(*estimates, Missing.NOT_FINITE)
    return Adjusted(moved[0], moved[1], found, compare(*estimates), theta, None)


def _moved(estimate: Estimate, by: float, spread: float, noise: float) -> Estimate:
    """The estimate with its adjustment, variance and standard deviation per unit."""
    total = estimate.mean + (estimate.fine + by)
    left = (estimate.mean - total) + (estimate.fine + by)
    return Estimate(estimate.n, total, left, spread, sqrt(noise * estimate.n))


def _sloped(arm: Moments, theta: float) -> float:
    """Theta Cov(x - theta c, c) / n."""
    return theta * (covariance(arm, 0, 1) - theta * covariance(arm, 1, 1)) / arm.n
