"""How much of an error is spent by when: spending functions of group sequential tests.

Each gives the cumulative one-sided error at information t, the share of the planned information seen so far:
0 at 0, all of it from 1 on, never falling. Standard library only.
"""

from collections.abc import Callable, Mapping
from math import e, erfc, log1p, sqrt
from statistics import NormalDist

Spending = Callable[[float, float], float]
"""(information t from 0, one-sided error a above 0) -> the part of `a` spent by then, from 0 to a."""

_NORMAL = NormalDist()


def power_family(rho: float) -> Spending:
    """The power family a t^rho of Kim, DeMets (Biometrika 74, 1987): rho = 1 spends evenly, more saves."""

    def spent(information: float, error: float) -> float:
        return error * float(_clipped(information) ** rho)

    return spent


def obrien_fleming(information: float, error: float) -> float:
    """The O'Brien-Fleming type of Lan, DeMets (Biometrika 70, 1983): 2 (1 - Phi(z_{1 - a/2} / sqrt t)).

    Two-sided .05 spends .025 so on each side. (Spending .05 so in all, and halving that, is another design.)
    """
    t = _clipped(information)
    return erfc(-_NORMAL.inv_cdf(error / 2) / sqrt(2 * t)) if t else 0.0


def pocock(information: float, error: float) -> float:
    """The Pocock type of Lan, DeMets (1983): a ln(1 + (e - 1) t)."""
    return error * log1p((e - 1) * _clipped(information))


def _clipped(information: float) -> float:
    return min(max(information, 0.0), 1.0)


NAMED: Mapping[str, Spending] = {
    "power2": power_family(2),
    "obrien_fleming": obrien_fleming,
    "pocock": pocock,
}
"""Spending functions by the word for them in an experiment's `analysis`."""
