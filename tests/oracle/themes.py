"""What the random organisations are made of: names, values, themes that make one kind of trouble likely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from oracle.shapes import Dimension

Draw = Callable[[st.SearchStrategy[Any]], Any]

FIRST = date(2026, 3, 1)
TEAMS = ("alpha", "beta", "gamma")
OWNERS = ("alpha", "alpha", "beta", "gamma")
COMPONENTS = ("header", "body", "footer")
# `home-2/` sorts before `home/`: keys are compared as whole strings.
SURFACES = ("home", "home-2", "search")
# `e10` sorts before `e2`; `NO` and `off` are strings.
NAMES = ("e2", "e10", "off", "b", "a", "z-1")
DIMENSIONS = (
    Dimension("country", True, ("SE", "US", "NO")),
    Dimension("tier", True, ("free", "paid")),
    Dimension("platform", False, ("ios", "android")),
)
PERCENTS = (
    *(1, 5, 10, 10, 20, 20, 25, 25, 30, 30, 33, 34),
    *(40, 40, 50, 50, 50, 60, 60, 70, 75, 90, 99, 100),
)


@dataclass(frozen=True)
class Theme:
    """What one organisation has much of."""

    sizes: tuple[int, ...] = (2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 8, 10, 12)
    kinds: tuple[str, ...] = ("ab_test", "ab_test", "ab_test", "rollout", "rollout", "holdback")
    surfaces: tuple[int, ...] = (1, 2, 2, 3)
    spaces: tuple[int, ...] = (1, 1, 1, 2)
    components: tuple[int, ...] = (0, 1, 1, 1, 2)  # how many an experiment lists
    percents: tuple[int, ...] = PERCENTS
    visits: int = 4  # one in so many lists a component of another surface
    systems: int = 6
    names: int = 5  # one in so many has `exclusive_with`
    drafts: int = 6
    targeted: int = 2  # one dimension in so many is targeted
    ledgerless: int = 5
    tiled: tuple[bool, ...] = (False, False, True)


THEMES = (
    Theme(),
    Theme(),
    Theme(surfaces=(1,), components=(1, 1, 2), kinds=("ab_test", "ab_test", "rollout"), tiled=(True, False)),
    Theme(targeted=1, components=(0, 1), names=2, percents=(30, 34, 40, 50, 60), drafts=12),
    Theme(components=(0, 0, 1), systems=1, names=3, percents=(10, 30, 34, 40, 50, 60), drafts=12),
    Theme(kinds=("holdback", "ab_test", "rollout"), percents=(1, 5, 10, 30, 50, 60), targeted=4),
    Theme(surfaces=(2, 3), spaces=(2,), visits=2, names=2),
    Theme(surfaces=(2, 3), spaces=(2,), visits=1, systems=2, targeted=4),
    Theme(drafts=2, sizes=(3, 4, 5, 6, 8)),
    Theme(percents=(1, 5, 10), tiled=(True,), sizes=(6, 8, 10, 12)),
)


def pick(draw: Draw, options: Sequence[Any]) -> Any:
    return draw(st.sampled_from(options))


def one_in(draw: Draw, number: int) -> bool:
    """True about once in `number`; shrinks to False."""
    return bool(number <= 1 or draw(st.integers(0, number - 1)) == number - 1)
