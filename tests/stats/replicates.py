"""Simulations that can fail: many replicates, each with its own generator spawned from one seed."""

from collections.abc import Callable, Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np

Generator = np.random.Generator


class Rate(NamedTuple):
    """In what share of replicates something happened."""

    value: float
    replicates: int

    def near(self, expected: float, errors: float = 3) -> bool:
        """Whether that is `expected`, within so many Monte Carlo standard errors."""
        return abs(self.value - expected) <= errors * sqrt(expected * (1 - expected) / self.replicates)


def generators(seed: int, replicates: int) -> Iterator[Generator]:
    """A generator for each replicate: its draws do not depend on how many others there are."""
    return (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(replicates))


def rates(seed: int, replicates: int, happens: Callable[[Generator], tuple[bool, ...]]) -> tuple[Rate, ...]:
    """In what share of replicates each of several things happens."""
    found = np.array([happens(generator) for generator in generators(seed, replicates)], dtype=float)
    return tuple(Rate(float(value), replicates) for value in found.mean(axis=0))
