"""Organisations made by hand: a few experiments on home/header, small enough to be judged by reading them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from oracle.shapes import Entry, Experiment, Ledger, Organisation, Space, Step, Surface
from oracle.themes import DIMENSIONS


def day(number: int) -> date:
    return date(2026, 3, number)


def experiment(
    name: str, first: int, end: int, share: int, low: int | None = None, **changes: Any
) -> Experiment:
    """An A/B test on home/header; `low` is where its range of buckets begins."""
    ledger = None if low is None else Ledger((Entry(frozenset(range(low, low + share))),))
    made = Experiment(
        surface="home",
        name=name,
        kind="ab_test",
        owner="alpha",
        start=day(first),
        end=day(end),
        steps=(Step(day(first), Fraction(share, 100)),),
        components=("home/header",),
        ledger=ledger,
    )
    return replace(made, **changes)


def organisation(*experiments: Experiment, today: int = 1, **changes: Any) -> Organisation:
    dimensions = tuple(dimension.name for dimension in DIMENSIONS)
    home = Surface("home", "user", ("header", "body"), dimensions)
    surfaces = (replace(home, **changes), Surface("search", "user", ("header",), dimensions))
    other = Surface("device-home", "device", ("header",), dimensions)
    spaces = (Space("user", 100), Space("device", 100))
    return Organisation(spaces, ("alpha", "beta"), DIMENSIONS, (*surfaces, other), experiments, day(today))
