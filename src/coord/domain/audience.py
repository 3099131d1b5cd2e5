"""Audiences: who is eligible, by declared dimensions.

A dimension has its declared values and an implicit rest. An audience that does not mention a dimension
takes all of it, the rest included; one that lists every value leaves the rest out. Only dimensions that
are constant for a unit (`fixed`) can separate units.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import NamedTuple

Audience = Mapping[str, frozenset[str]]
"""The eligible values of each mentioned dimension."""

EVERYBODY: Audience = {}


class Dimension(NamedTuple):
    """A declared dimension: its values in the order written, and whether a unit keeps its value.

    `shares` gives the share of all units with each value, where the surface says.
    """

    name: str
    values: tuple[str, ...]
    fixed: bool
    shares: Mapping[str, Fraction] | None = None


def disjoint(one: Audience, other: Audience, fixed: Collection[str]) -> bool:
    """Whether no unit can be in both audiences: they share no value of some fixed dimension."""
    return any(
        name in fixed and name in other and values.isdisjoint(other[name]) for name, values in one.items()
    )
