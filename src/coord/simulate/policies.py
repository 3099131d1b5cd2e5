"""Who may run when: four ways to share a surface, from one experiment at a time to all of them at once.

`reuse` samples buckets as `coord allocate` does: at random among those that no running experiment on a common
component holds. A test holds it against `coord.allocation` itself, which takes a hundred times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from coord.simulate.arrivals import BUCKETS, Proposal, Setting

EVERYBODY = ("the whole surface",)
"""What a policy with a single queue makes every experiment claim."""


Mask = NDArray[np.bool_]
"""Of every bucket whether it is meant."""


def _no_bucket() -> Mask:
    return np.zeros(BUCKETS, np.bool_)


class Policy(Protocol):
    """A way to share a surface; it remembers who runs."""

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:
        """What it competes for: of two that have a claim in common, the first to come starts first."""

    def start(self, number: int, proposal: Proposal) -> bool:
        """Start it if there is room."""

    def end(self, number: int, proposal: Proposal) -> None:
        """It is over, and what it held is free."""


class Serial:
    """One experiment at a time."""

    def __init__(self, setting: Setting, random: Generator) -> None:  # noqa: ARG002 - all are made alike
        """Nobody runs."""
        self.running = 0

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:  # noqa: ARG002
        """Everybody competes with everybody."""
        return EVERYBODY

    def start(self, number: int, proposal: Proposal) -> bool:  # noqa: ARG002
        """It starts when nobody runs."""
        if self.running:
            return False
        self.running += 1
        return True

    def end(self, number: int, proposal: Proposal) -> None:  # noqa: ARG002
        """Nobody runs any more."""
        self.running -= 1


class Ranges:
    """All exclusive, each in a contiguous range of one namespace: the first gap that is wide enough.

    As in Nimbus and in GrowthBook's namespaces. Ranges are never moved, so gaps may be free and too narrow.
    """

    def __init__(self, setting: Setting, random: Generator) -> None:  # noqa: ARG002
        """An empty namespace, as wide as a component's room."""
        self.width = setting.room_buckets
        self.held: dict[int, tuple[int, int]] = {}

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:  # noqa: ARG002
        """Everybody competes with everybody."""
        return EVERYBODY

    def start(self, number: int, proposal: Proposal) -> bool:
        """It starts in the first gap with room."""
        low = 0
        for begin, end in sorted((*self.held.values(), (self.width, self.width))):
            if begin - low >= proposal.buckets:
                self.held[number] = low, low + proposal.buckets
                return True
            low = end
        return False

    def end(self, number: int, proposal: Proposal) -> None:  # noqa: ARG002
        """Its range is free."""
        del self.held[number]


class Reuse:
    """Bucket reuse: an experiment keeps clear of those on its components, and overlaps others at random."""

    def __init__(self, setting: Setting, random: Generator, *, sampled: bool = True) -> None:
        """`sampled` draws buckets. Without it they are only counted.

        Counting is exact while nobody touches two components: then those on one are all exclusive.
        """
        self.room, self.random, self.sampled = setting.room_buckets, random, sampled
        self.used: dict[int, int] = defaultdict(int)
        self.taken: dict[int, Mask] = defaultdict(_no_bucket)
        self.held: dict[int, Mask] = {}

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:
        """Those on a common component compete."""
        return proposal.components

    def start(self, number: int, proposal: Proposal) -> bool:
        """It starts when enough buckets are free of those on its components, and these have room."""
        if any(self.used[component] + proposal.buckets > self.room for component in proposal.components):
            return False
        if self.sampled and not self._draw(number, proposal):
            return False
        for component in proposal.components:
            self.used[component] += proposal.buckets
            if self.sampled:
                self.taken[component] |= self.held[number]
        return True

    def _draw(self, number: int, proposal: Proposal) -> bool:
        free = self.free(proposal)
        if len(free) < proposal.buckets:
            return False
        held = _no_bucket()
        held[self.random.permutation(free)[: proposal.buckets]] = True
        self.held[number] = held
        return True

    def free(self, proposal: Proposal) -> NDArray[np.int64]:
        """The buckets it may take."""
        taken = _no_bucket()
        for component in proposal.components:
            taken |= self.taken[component]
        return np.flatnonzero(~taken)

    def end(self, number: int, proposal: Proposal) -> None:
        """Its buckets are free for those on its components: of these nobody else holds them."""
        held = self.held.pop(number, None)
        for component in proposal.components:
            self.used[component] -= proposal.buckets
            if held is not None:
                self.taken[component] &= ~held


class Overlap:
    """Everything starts when it comes, and overlaps with everything."""

    def __init__(self, setting: Setting, random: Generator) -> None:
        """There is nothing to remember."""

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:  # noqa: ARG002
        """Nobody competes."""
        return ()

    def start(self, number: int, proposal: Proposal) -> bool:  # noqa: ARG002
        """It starts."""
        return True

    def end(self, number: int, proposal: Proposal) -> None:
        """Nothing is released."""


POLICIES = ("serial", "ranges", "reuse", "overlap")
"""Their names, from the one that lets fewest run to the one that lets all."""


def make_policy(name: str, setting: Setting, random: Generator) -> Policy:
    """A policy at the beginning of a year."""
    makers: dict[str, Callable[[Setting, Generator], Policy]] = {
        "serial": Serial,
        "ranges": Ranges,
        "reuse": partial(Reuse, sampled=setting.crossing),
        "overlap": Overlap,
    }
    return makers[name](setting, random)
