"""The specification of draws, read aloud: what is free, the k smallest hashes, in order of start and key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import mmh3

from oracle.brute_budgets import kept_apart
from oracle.brute_force import order, pair_waivers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from oracle.shapes import Experiment, Organisation

Held = dict[str, frozenset[int]]


def draw(seed: str, free: Iterable[int], count: int) -> frozenset[int]:
    """The free buckets with the smallest hashes of `seed|bucket`, the bucket itself deciding ties."""

    def rank(bucket: int) -> tuple[int, int]:
        return mmh3.hash64(f"{seed}|{bucket}", 0, x64arch=True, signed=False)[0], bucket

    return frozenset(sorted(free, key=rank)[:count])


def unplaced(org: Organisation) -> set[str]:
    """The experiments without a ledger for which, placed in this order, too few buckets remain."""
    ever = {e.key: _ever(e) for e in org.active if e.ledger is not None}
    waiting = [e for e in org.active if e.ledger is None and e.end is not None and e.end > org.today]
    without = set()
    for experiment in sorted(waiting, key=order):
        buckets = _placed(org, experiment, ever)
        if buckets is None:
            without.add(experiment.key)
        else:
            ever[experiment.key] = buckets
    return without


def _ever(experiment: Experiment) -> frozenset[int]:
    """All entries with a step, also one dated after the end: an end may move."""
    assert experiment.ledger is not None
    entries = experiment.ledger.entries[: len(experiment.steps)]
    return frozenset(bucket for entry in entries for bucket in entry.buckets)


def _placed(org: Organisation, experiment: Experiment, ever: Held) -> frozenset[int] | None:
    buckets = org.space(org.surface(experiment.surface).space).buckets
    own: frozenset[int] = frozenset()
    for number, step in enumerate(experiment.steps, start=1):
        taken = own.union(*(ever[other.key] for other in _avoided(org, experiment, step.day, ever)))
        free = [bucket for bucket in range(buckets) if bucket not in taken]
        wanted = int(step.share * buckets) - len(own)
        if len(free) < wanted:
            return None
        own |= draw(f"{experiment.key}/{number}", free, wanted)
    return own


def _avoided(org: Organisation, experiment: Experiment, day: date, ever: Held) -> list[Experiment]:
    """Those it must keep clear of from this day on: exclusive, meeting in time and audience, not waived."""
    others = [org.experiment(key) for key in ever if key != experiment.key]
    return [
        other
        for other in others
        if kept_apart(org, experiment, other)
        and _intersect(org, experiment, day, other)
        and not _waived(org, experiment, other)
    ]


def _intersect(org: Organisation, experiment: Experiment, day: date, other: Experiment) -> bool:
    assert other.start is not None
    return day < _free_again(org, other) and other.start < _free_again(org, experiment)


def _free_again(org: Organisation, experiment: Experiment) -> date:
    """An experiment occupies its buckets until its end and its own surface's cool-down."""
    assert experiment.end is not None
    return experiment.end + timedelta(days=org.surface(experiment.surface).cooldown)


def _waived(org: Organisation, a: Experiment, b: Experiment) -> bool:
    assert a.end is not None
    assert b.end is not None
    end = min(a.end, b.end)
    waivers = pair_waivers(org, "BKT001", a, b)
    return any(org.today < waiver.until and end <= waiver.until for waiver in waivers)
