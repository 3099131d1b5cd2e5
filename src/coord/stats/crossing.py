"""The chance that a statistic, looked at repeatedly, crosses its bounds: recursive numerical integration.

With information t_1 < t_2 < ... the statistic Z_k = S_k / sqrt(t_k) has independent increments S_k - S_(k-1),
normal with mean drift (t_k - t_(k-1)) and variance t_k - t_(k-1). The density of S_k where nothing was
crossed before follows from that of S_(k-1) by one integral (Armitage, McPherson, Rowe, JRSS A 132, 1969;
Jennison, Turnbull, "Group sequential methods", 2000, chapter 19), here by Gauss-Legendre quadrature on panels
about as wide as the increments.
"""

from math import ceil, inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 3.0  # standard deviations of an increment; 16 nodes on it integrate a normal density to 1e-12
_REACH = 9.0  # standard deviations beyond which nothing is left
_FARTHEST = 38.0  # beyond this a normal tail is 0 in a float


class Walk(NamedTuple):
    """Where S is at a look, if it has crossed no bound so far.

    information: t of that look; 0 at the beginning, when S is 0.
    places: m values of S. masses: m, the density there times the quadrature's weight; sums to the chance that
        nothing was crossed.
    """

    information: float
    places: Floats
    masses: Floats


def start() -> Walk:
    """Before the first look."""
    return Walk(0.0, np.zeros(1), np.ones(1))


def crossed(walk: Walk, information: float, bound: float, *, sides: int = 1, drift: float = 0.0) -> float:
    """The chance that nothing was crossed before, and Z is above `bound` at the next look, at `information`.

    With 2 sides: or Z is below -bound.
    """
    step = information - walk.information
    ahead = walk.places + drift * step
    edge = bound * sqrt(information)
    found = float(walk.masses @ ndtr((ahead - edge) / sqrt(step)))
    return found + float(walk.masses @ ndtr((-edge - ahead) / sqrt(step))) if sides == 2 else found


def step_to(
    walk: Walk, information: float, bound: float, then: float, *, sides: int = 1, drift: float = 0.0
) -> Walk:
    """The walk after a look at which Z stayed below `bound` (and with 2 sides above -bound).

    `then` is the information of the look after it, which says how finely places must lie; infinite for none.
    """
    step = information - walk.information
    reach = _REACH * sqrt(information)
    high = min(bound * sqrt(information), drift * information + _FARTHEST * sqrt(information))
    low = max(-bound * sqrt(information) if sides == 2 else -inf, min(0.0, drift * information) - reach)
    width = _PANEL * sqrt(min(step, then - information))
    places, weights = _quadrature(low, max(high, low), width)
    return Walk(information, places, weights * _density(walk, places, step, drift))


def _quadrature(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Nodes and weights on panels of at most this width."""
    edges = np.linspace(low, high, max(1, ceil((high - low) / width)) + 1)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * _NODES).ravel(), (half[:, None] * _WEIGHTS).ravel()


def _density(walk: Walk, places: Floats, step: float, drift: float) -> Floats:
    """The density of the next S at some places, in pieces so that memory stays bounded."""
    ahead, sigma = walk.places + drift * step, sqrt(step)
    piece = max(1, 2_000_000 // len(ahead))
    parts = []
    for begin in range(0, len(places), piece):
        off = (places[begin : begin + piece, None] - ahead) / sigma
        parts.append(np.exp(-0.5 * off * off) @ walk.masses)
    return np.concatenate(parts) / (sigma * sqrt(2 * np.pi))


def crossing_chances(
    informations: tuple[float, ...], bounds: tuple[float | None, ...], *, sides: int = 1, drift: float = 0.0
) -> tuple[float, ...]:
    """The chance to cross for the first time at each look; `drift` is the mean of Z at information 1.

    informations: rising, above 0. bounds: of Z, as many; a null or infinite one is crossed by nothing.
    """
    looks = [(t, b) for t, b in zip(informations, bounds, strict=True) if b is not None and isfinite(b)]
    walk, chances = start(), {}
    for (t, bound), then in zip(looks, [t for t, _ in looks[1:]] + [inf], strict=True):
        chances[t] = crossed(walk, t, bound, sides=sides, drift=drift)
        walk = step_to(walk, t, bound, then, sides=sides, drift=drift)
    return tuple(chances.get(t, 0.0) for t in informations)
