"""A metric in two arms, from what was measured: estimates side by side, adjusted for the covariate."""

from typing import NamedTuple

from coord.logs.measured import Measured
from coord.stats import cuped, estimates, rare
from coord.stats.estimates import Estimate, Pair
from coord.stats.moments import Moments, combine
from coord.stats.reasons import Missing


class Compared(NamedTuple):
    """Treatment and control.

    units: in the metric's cohort, of the two arms. control, treatment: their estimates, adjusted where a
    covariate allows it; `pair` has the two. raw: without covariate, (control, treatment, pair); null when
    none was used. reduction: share of the variance that the covariate took off; null likewise. rare: why
    chance cannot be judged, though the estimates stand.
    """

    units: int
    control: Estimate
    treatment: Estimate
    pair: Pair
    raw: tuple[Estimate, Estimate, Pair] | None
    reduction: float | None
    rare: Missing | None
    notes: tuple[str, ...]


class Unmeasured(NamedTuple):
    """Two arms that cannot be compared.

    control, treatment: what can be said of each: its estimate, or how many units it has.
    """

    why: str
    control: Estimate | int = 0
    treatment: Estimate | int = 0


def compare(measured: Measured, treatment: int, *, ratio: bool) -> Compared | Unmeasured:
    """Arm `treatment`, counted from 0, against arm 0; or why that is not possible."""
    if measured.reason is not None:
        return Unmeasured(measured.reason)
    units = measured.units[0] + measured.units[treatment]
    if measured.quantiles:
        return _quantiles(measured, treatment, units)
    raw = _raw(measured.moments, treatment, ratio=ratio)
    if isinstance(raw, Unmeasured):
        return raw
    few = _rare(measured, treatment)
    plain = Compared(units, *raw, None, None, few, measured.notes)
    if not measured.covariate:
        return plain
    adjust = cuped.adjusted_ratios if ratio else cuped.adjusted_means
    found = adjust(measured.moments, treatment)
    why = found if isinstance(found, Missing) else found.reason
    if isinstance(found, Missing) or why is not None:
        return plain._replace(notes=(*plain.notes, f"Not adjusted for its covariate: {why}."))
    return Compared(
        units, found.control, found.treatment, found.pair, raw, found.reduction, few, measured.notes
    )


def _raw(
    arms: tuple[Moments, ...], treatment: int, *, ratio: bool
) -> tuple[Estimate, Estimate, Pair] | Unmeasured:
    """Both arms without covariate."""
    estimate = estimates.ratio if ratio else estimates.mean
    one, other = estimate(arms[0]), estimate(arms[treatment])
    if isinstance(one, Missing) or isinstance(other, Missing):
        return _unmeasured(one, other, (arms[0].n, arms[treatment].n))
    return one, other, estimates.compare(one, other)


def _unmeasured(one: Estimate | Missing, other: Estimate | Missing, units: tuple[int, int]) -> Unmeasured:
    """The first reason, and what is known all the same; `units` is for arms without estimate."""
    why = next(each for each in (one, other) if isinstance(each, Missing))
    known = (n if isinstance(each, Missing) else each for each, n in zip((one, other), units, strict=True))
    return Unmeasured(str(why), *known)


def _quantiles(measured: Measured, treatment: int, units: int) -> Compared | Unmeasured:
    pair = (measured.quantiles[0], measured.quantiles[treatment])
    one, other = (each.estimate for each in pair)
    if isinstance(one, Missing) or isinstance(other, Missing):
        return _unmeasured(one, other, (measured.units[0], measured.units[treatment]))
    notes = measured.notes
    if any(each.coarse for each in pair):
        notes = (*notes, "Many values are tied at the quantile, so its interval is only roughly right.")
    return Compared(units, one, other, estimates.compare(one, other), None, None, None, notes)


def _rare(measured: Measured, treatment: int) -> Missing | None:
    """Whether a share has too few events, in one of the two arms."""
    if measured.events is None:
        return None
    return rare.too_rare([(measured.moments[arm].n, measured.events[arm]) for arm in (0, treatment)])


def covariate_difference(measured: Measured, treatment: int, *, ratio: bool) -> Pair | None:
    """The covariate in the two arms, before anything could differ; None where it cannot be compared."""
    if not measured.covariate:
        return None
    weights = ((0, 0, 1), (0, 0, 0, 1)) if ratio else ((0, 1),)
    arms = tuple(combine(arm, *weights) for arm in measured.moments)
    found = _raw(arms, treatment, ratio=ratio)
    return None if isinstance(found, Unmeasured) else found[2]
