"""What a policy carries: the rate above which its queue grows, and what a given rate asks for."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction
from math import ceil
from statistics import fmean
from typing import NamedTuple

import numpy as np

from coord.simulate.arrivals import YEAR, Setting, load, make, propose, touched
from coord.simulate.look_back import look_back
from coord.simulate.policies import EVERYBODY, make_policy
from coord.simulate.year import NEVER, starts

PATIENCE = 7
"""A rate is carried when experiments wait no longer than so many days on average."""

_REPLICATES = 10
"""Few, as what is looked for is a whole number of components or a step of traffic."""

_SHORTEST, _LONGEST = 400, 25_600
"""The backlogs that are tried, each four times as long as the one before."""

_MOST_COMPONENTS = 1000
_STEPS = tuple(Fraction(percent, 100) for percent in range(5, 101, 5))


def most(name: str, setting: Setting, seed: int) -> float | None:
    """Experiments a year that a policy finishes while somebody always waits; None above 10,000, or any.

    All come on the first day, so that what they compete for is always taken. What is fully used first bounds
    the rate: it finishes so many, which are its share of all.
    """
    shares = _shares(name, setting)
    number = _SHORTEST
    while shares and number <= _LONGEST:
        replicates = max(1, _REPLICATES * _SHORTEST // number)  # a long backlog is many drawn at once
        children = np.random.SeedSequence(seed).spawn(replicates)
        finished = sum((_finished(name, setting, number, child) for child in children), Counter())
        bound = min(finished[claim] / share for claim, share in shares.items()) / replicates
        if bound < number / 2:
            return bound
        number *= 4
    return None


_ANY = ("any", "component")
"""Where components are drawn at random they are alike, and are looked at together."""


def _shares(name: str, setting: Setting) -> dict[Hashable, float]:
    """The share of all experiments that compete for each thing."""
    shares: dict[Hashable, float] = {EVERYBODY: 1.0} if name in {"serial", "ranges"} else {}
    if name == "reuse":
        alike = all(template.components is None for template in setting.templates)
        shares |= {_ANY: float(setting.exclusive)} if alike else dict(enumerate(touched(setting)))
    if setting.teams:
        shares[EVERYBODY] = 1.0
    return {claim: share for claim, share in shares.items() if share}


def _finished(name: str, setting: Setting, number: int, seed: np.random.SeedSequence) -> Counter[Hashable]:
    """How many of a backlog are finished in the year, by what they compete for."""
    arrivals, buckets = (np.random.default_rng(one) for one in seed.spawn(2))
    proposals = make(setting, [0] * number, arrivals)
    found: Counter[Hashable] = Counter()
    for proposal, start in zip(
        proposals, starts(make_policy(name, setting, buckets), proposals), strict=True
    ):
        if start != NEVER and start + proposal.length <= YEAR:
            found.update((EVERYBODY, *proposal.components, *([_ANY] if proposal.components else [])))
    return found


class Needs(NamedTuple):
    """What bucket reuse needs to carry the rate; None where it is not asked, or no number does.

    `components` is the smallest number of components at this traffic, `traffic` the largest traffic, in steps
    of 5%, with these components, `busiest` the component with the highest load and that load.
    """

    components: int | None
    traffic: Fraction | None
    busiest: tuple[int, float] | None


def needs(setting: Setting, seed: int) -> Needs:
    """Find it by simulating; only where components are drawn at random, as others cannot be added to."""
    loads = load(setting)
    busiest = max(enumerate(loads), key=lambda one: one[1], default=None)
    if any(template.components is not None for template in setting.templates) or not setting.exclusive:
        return Needs(None, None, busiest)
    return Needs(_components(setting, seed, sum(loads)), _traffic(setting, seed), busiest)


def _components(setting: Setting, seed: int, asked: float) -> int | None:
    """From the first number whose load is below 1: longer and longer steps up, then halves."""
    low, high = max(1, ceil(asked)) - 1, max(1, ceil(asked))
    if high > _MOST_COMPONENTS or not carried(replace(setting, components=_MOST_COMPONENTS), seed):
        return None
    while not carried(replace(setting, components=high), seed):
        low, high = high, min(high + max(1, high // 4), _MOST_COMPONENTS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if carried(replace(setting, components=middle), seed) else (middle, high)
    return high


def _traffic(setting: Setting, seed: int) -> Fraction | None:
    """The largest of the steps, when all experiments take the same."""
    steps = [step for step in _STEPS if step <= setting.room]
    low, high = -1, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        templates = tuple(template._replace(traffic=steps[middle]) for template in setting.templates)
        fits = carried(replace(setting, templates=templates), seed)
        low, high = (middle, high) if fits else (low, middle)
    return steps[low] if low >= 0 else None


def carried(setting: Setting, seed: int) -> bool:
    """Whether bucket reuse carries the rate: nobody waits longer than PATIENCE on average."""
    waits = []
    for child in np.random.SeedSequence(seed).spawn(_REPLICATES):
        arrivals, buckets = (np.random.default_rng(one) for one in child.spawn(2))
        proposals = propose(setting, arrivals)
        found = starts(make_policy("reuse", setting, buckets), proposals)
        waits.append(look_back(proposals, found, setting, rivals=False).wait_days)
    return fmean(waits) <= PATIENCE
