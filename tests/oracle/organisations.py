"""Hypothesis strategies for small random organisations in which the interesting cases are frequent.

Every organisation is valid: what the check finds is about buckets, budgets, spaces, dates and waivers, never
about the form of a file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from hypothesis import strategies as st

from oracle.experiments import Maker
from oracle.files import to_files
from oracle.shapes import Budget, Experiment, Organisation, Space, Surface, Waiver
from oracle.themes import COMPONENTS, DIMENSIONS, FIRST, SURFACES, TEAMS, THEMES, Draw, Theme, pick

__all__ = ["organisations", "to_files"]

# BKT002 cannot be waived.
RULES = ("BKT001",) * 6 + ("BUD001", "BUD001", "BUD002", "BUD003", "BUD004", "BUD006", "BKT002")
DECLARED = (("country", "tier", "platform"), ("country", "platform"), ("country", "tier"), ("country",))


@st.composite
def organisations(draw: Draw) -> Organisation:
    """One small random organisation, with a `today` somewhere in or around its experiments."""
    theme: Theme = draw(st.sampled_from(THEMES))
    today = FIRST + timedelta(days=draw(st.sampled_from((-2, 0, 0, 3, 5, 5, 7, 10, 12, 15, 20, 30))))
    spaces = (Space("user", 100), Space("device", pick(draw, (100, 200))))[: pick(draw, theme.spaces)]
    surfaces = _surfaces(draw, theme, spaces)
    maker = Maker(draw, theme, today, spaces, surfaces)
    experiments = maker.experiments()
    placed = [(_place(draw, waiver, surfaces), waiver) for waiver in _waivers(draw, experiments, today)]
    surfaces = tuple(
        replace(surface, waivers=tuple(waiver for place, waiver in placed if place == surface.name))
        for surface in surfaces
    )
    return Organisation(spaces, TEAMS, DIMENSIONS, surfaces, experiments, today)


def _surfaces(draw: Draw, theme: Theme, spaces: tuple[Space, ...]) -> tuple[Surface, ...]:
    return tuple(
        Surface(
            name=name,
            space=pick(draw, spaces).name,
            components=COMPONENTS[: pick(draw, (2, 3, 1))],
            dimensions=pick(draw, DECLARED),
            budget=_budget(draw),
            cooldown=pick(draw, (0, 0, 0, 2)),
        )
        for name in SURFACES[: pick(draw, theme.surfaces)]
    )


def _budget(draw: Draw) -> Budget:
    component = pick(draw, (None, None, None, 100, 90, 70, 50))
    teams = {
        team: Fraction(share, 100)
        for team in TEAMS[:2]
        if (share := pick(draw, (None, None, None, 50, 60, 80, 100, 100, 110, 150))) is not None
    }
    return Budget(
        component=None if component is None else Fraction(component, 100),
        # 1.1 and 1.3 are not exact in binary: a sum of 110% fits a limit of 1.1.
        per_unit=pick(draw, (None, None, None, None, "1", "1.1", "1.3", "1.5", "2", "0.7")),
        concurrent=pick(draw, (None, None, None, None, 1, 2, 3, 4)),
        teams=tuple(teams.items()),
    )


def _waivers(draw: Draw, experiments: tuple[Experiment, ...], today: date) -> list[Waiver]:
    """Mostly for pairs that have something to do with each other, until about the day their overlap ends."""
    pairs = list(combinations(experiments, 2))
    close = [pair for pair in pairs if _close(*pair)] or pairs
    waivers = []
    for number in range(pick(draw, (0, 0, 1, 2, 3))):
        rule = pick(draw, RULES)
        one, other = pick(draw, close)
        ends = [end for end in (one.end, other.end) if end is not None] or [today]
        until = pick(draw, (min(ends), min(ends), max(ends), max(ends), today, FIRST + timedelta(days=60)))
        until += timedelta(days=pick(draw, (0, 0, 1, -1)))
        if draw(st.booleans()):
            one, other = other, one
        second = other.key if rule == "BKT001" else None
        waivers.append(Waiver(rule, one.key, second, f"reason {number}", until))
    return waivers


def _place(draw: Draw, waiver: Waiver, surfaces: tuple[Surface, ...]) -> str:
    """The surface of its experiment, most often: elsewhere it may have no say."""
    own = waiver.experiment.split("/")[0]
    return str(pick(draw, (own, own, own, *(surface.name for surface in surfaces))))


def _close(a: Experiment, b: Experiment) -> bool:
    """Roughly: they might be found in one finding."""
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return False
    return max(a.start, b.start) < min(a.end, b.end) and bool(
        set(a.components) & set(b.components)
        or a.key in b.exclusive_with
        or b.key in a.exclusive_with
        or "holdback" in (a.kind, b.kind)
    )
