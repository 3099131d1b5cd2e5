"""Variance reduction by a covariate from before exposure (CUPED).

Deng, Xu, Kohavi, Walker, "Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data", WSDM 2013, section 3. Here theta is pooled within arms, so that a large effect does not
bend it, and every arm is adjusted towards the covariate's mean over all arms, which they share: so their
estimates are correlated, and a relative effect needs that covariance.
"""

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import NamedTuple

from coord.stats.estimates import Arms, Estimate, independent, linearised, mean, ratio
from coord.stats.moments import Matrix, Moments, combine, covariance, mean_difference, merge_all, variance
from coord.stats.reasons import Missing

FEWEST_UNITS = 50
"""An arm with fewer units is not adjusted, nor are the arms beside it."""


class Adjusted(NamedTuple):
    """Arms after the adjustment.

    arms: adjusted estimates with their covariances; the raw ones where theta is 0.
    raw: the same arms without covariate.
    theta: slope of the metric on the covariate within arms, in units of metric per unit of covariate.
    reason: why nothing was adjusted and theta is 0; null when it was.
    """

    arms: Arms
    raw: Arms
    theta: float
    reason: Missing | None


class _Joint(NamedTuple):
    """An arm's metric with its covariate: the raw estimate, and moments of (value, covariate)."""

    estimate: Estimate
    moments: Moments


def adjusted_means(arms: Sequence[Moments]) -> Adjusted | Missing:
    """Means of column 0, adjusted for column 1. Null for the reasons of `estimates.mean`, of any arm."""
    estimates = [mean(arm) for arm in arms]
    joints = [_Joint(e, arm) for e, arm in zip(estimates, arms, strict=True) if not isinstance(e, Missing)]
    return _adjust(joints) if len(joints) == len(arms) else _first_missing(estimates)


def adjusted_ratios(arms: Sequence[Moments]) -> Adjusted | Missing:
    """Ratios of columns 0 and 1, adjusted for the ratio of columns 2 and 3 before exposure.

    Linearised: u = (N - R D) / mean D within each arm, e = (N' - R' D') / mean D' with the pooled R' and mean
    D'. Null for the reasons of `estimates.ratio`, of any arm; not adjusted when the pooled mean D' is not
    above 0.
    """
    estimates = [ratio(arm) for arm in arms]
    if any(isinstance(estimate, Missing) for estimate in estimates):
        return _first_missing(estimates)
    known = [estimate for estimate in estimates if not isinstance(estimate, Missing)]
    before = combine(merge_all(arms, 4), (0, 0, 1, 0), (0, 0, 0, 1))
    if not before.mean[1] > 0:
        return _unadjusted(known, Missing.COVARIATE_CONSTANT)
    _, pooled = linearised(before)
    joints = [
        _Joint(e, combine(arm, (*linearised(arm)[1], 0, 0), (0, 0, *pooled)))
        for e, arm in zip(known, arms, strict=True)
    ]
    return _adjust(joints)


def variance_reduction(adjusted: Adjusted, treatment: int, control: int = 0) -> float | None:
    """The share of the difference's variance that the covariate takes off, at most 1.

    Null where the raw difference has no variance.
    """
    before = adjusted.raw.noise[treatment] + adjusted.raw.noise[control]
    after = adjusted.arms.noise[treatment] + adjusted.arms.noise[control]
    return 1 - after / before if before > 0 else None


def _first_missing(estimates: Sequence[Estimate | Missing]) -> Missing:
    return next(each for each in estimates if isinstance(each, Missing))


def _unadjusted(estimates: Sequence[Estimate], reason: Missing) -> Adjusted:
    raw = independent(estimates)
    return Adjusted(raw, raw, 0.0, reason)


def _adjust(joints: Sequence[_Joint]) -> Adjusted:
    raw = [joint.estimate for joint in joints]
    if min(joint.moments.n for joint in joints) < FEWEST_UNITS:
        return _unadjusted(raw, Missing.COVARIATE_FEW_UNITS)
    theta = _theta([joint.moments for joint in joints])
    if isinstance(theta, Missing):
        return _unadjusted(raw, theta)
    units = sum(joint.moments.n for joint in joints)
    shares = [joint.moments.n / units for joint in joints]
    shifts = _shifts([joint.moments for joint in joints], shares)
    noise = tuple(variance(combine(joint.moments, (1, -theta))) / joint.moments.n for joint in joints)
    if not all(map(isfinite, (*noise, *shifts))):
        return _unadjusted(raw, Missing.NOT_FINITE)
    estimates = tuple(
        e._replace(fine=e.fine - theta * shift, std=sqrt(v * e.n))
        for e, shift, v in zip(raw, shifts, noise, strict=True)
    )
    rows = _covariances([joint.moments for joint in joints], shares, theta, noise)
    moved = tuple(_settled(e, rows[i][i]) for i, e in enumerate(estimates))
    return Adjusted(Arms(moved, rows, noise), independent(raw), theta, None)


def _theta(arms: Sequence[Moments]) -> float | Missing:
    """The slope within arms: sum over arms of S_xc / sum over arms of S_cc."""
    if not any(variance(arm, 1) > 0 for arm in arms):
        return Missing.COVARIATE_CONSTANT
    theta = sum(arm.products[0][1] for arm in arms) / sum(arm.products[1][1] for arm in arms)
    return theta if isfinite(theta) else Missing.NOT_FINITE


def _shifts(arms: Sequence[Moments], shares: Sequence[float]) -> list[float]:
    """How far each arm's mean covariate is from that of all units."""
    apart = [mean_difference(arm, arms[0], 1) for arm in arms]
    middle = sum(share * d for share, d in zip(shares, apart, strict=True))
    return [d - middle for d in apart]


def _settled(estimate: Estimate, spread: float) -> Estimate:
    """The estimate with its mean as near as a float can hold it, and its variance."""
    total = estimate.mean + estimate.fine
    return estimate._replace(mean=total, fine=(estimate.mean - total) + estimate.fine, variance=spread)


def _covariances(
    arms: Sequence[Moments], shares: Sequence[float], theta: float, noise: Sequence[float]
) -> Matrix:
    """The exact covariances of m_a - theta (c_a - c_all), theta and the shares w taken as known.

    Arm k's sample enters the estimate of arm a as x_k - theta c_k + theta w_k c_k when k = a, else as theta
    w_k c_k; with q_k = Var(x - theta c) / n, h_k = theta Cov(x - theta c, c) / n, g_k = theta^2 Var(c) / n:
    v_aa = q_a + 2 w_a h_a + sum_k w_k^2 g_k and v_ab = w_a h_a + w_b h_b + sum_k w_k^2 g_k.
    """
    slopes = [
        share * theta * (covariance(arm, 0, 1) - theta * covariance(arm, 1, 1)) / arm.n
        for arm, share in zip(arms, shares, strict=True)
    ]
    shared = sum(
        (share * theta) ** 2 * covariance(arm, 1, 1) / arm.n for arm, share in zip(arms, shares, strict=True)
    )
    return tuple(
        tuple((noise[a] if a == b else 0.0) + slopes[a] + slopes[b] + shared for b in range(len(arms)))
        for a in range(len(arms))
    )
