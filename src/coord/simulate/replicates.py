"""The same thing many times over, each time with random numbers of its own.

A replicate's generator is spawned from the seed by its place alone, so what comes out depends neither on how
many others there are nor on which process made it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np

Result = TypeVar("Result")


class Apply(Protocol):
    """A `map`: the builtin one, or that of a pool. It answers in the order in which it is asked."""

    def __call__(
        self, work: Callable[[np.random.SeedSequence], Result], children: Iterable[np.random.SeedSequence], /
    ) -> Iterable[Result]:
        """The results of all children."""


def replicate(
    work: Callable[[np.random.SeedSequence], Result],
    seed: int,
    replicates: int,
    *,
    apply: Apply = map,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """The results of `work`, one for each replicate, in order; `progress` hears of each that is done.

    `work` makes its generators from the seed it is given, and from nothing else. For a pool of processes it
    is something that can be pickled.
    """
    for result in apply(work, np.random.SeedSequence(seed).spawn(replicates)):
        if progress:
            progress(1)
        yield result
