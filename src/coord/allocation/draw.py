"""Drawing buckets: a random sample of the free ones that anybody can replay from the seed."""

from coord.allocation.hashing import h
from coord.domain.buckets import Buckets, count, from_numbers, numbers


def seed_of(experiment: str, entry: int) -> str:
    """The seed of an entry of an experiment's ledger; entries count from 1."""
    return f"{experiment}/{entry}"


def draw(free: Buckets, wanted: int, seed: str) -> Buckets:
    """The `wanted` free buckets with the smallest (h(seed|bucket), bucket).

    Raises ValueError when fewer are free.
    """
    if wanted > count(free):
        raise ValueError(f"{wanted} buckets wanted, {count(free)} free")
    ordered = sorted((h(f"{seed}|{bucket}"), bucket) for bucket in numbers(free))
    return from_numbers([bucket for _, bucket in ordered[:wanted]])
