"""The experiments of a random organisation: dates, traffic, audience, what each touches, its ledger."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from oracle.shapes import Entry, Experiment, Ledger, Space, Step, Surface, System
from oracle.themes import DIMENSIONS, FIRST, NAMES, OWNERS, Draw, Theme, one_in, pick

if TYPE_CHECKING:
    from collections.abc import Sequence


class Maker:
    """Draws the experiments of one organisation; it keeps the place where the next tiled ledger starts."""

    def __init__(
        self, draw: Draw, theme: Theme, today: date, spaces: tuple[Space, ...], surfaces: tuple[Surface, ...]
    ) -> None:
        self.draw, self.theme, self.today = draw, theme, today
        self.spaces = {space.name: space for space in spaces}
        self.surfaces = surfaces
        self.tiled: bool = pick(draw, theme.tiled)
        self.next_bucket = {space.name: 0 for space in spaces}

    def pick(self, options: Sequence[Any]) -> Any:
        return pick(self.draw, options)

    def one_in(self, number: int) -> bool:
        return one_in(self.draw, number)

    def experiments(self) -> tuple[Experiment, ...]:
        keys: list[tuple[Surface, str]] = []
        for _ in range(self.pick(self.theme.sizes)):
            surface = self.pick(self.surfaces)
            taken = {name for other, name in keys if other is surface}
            names = (*NAMES, *(f"n{i}" for i in range(len(keys))))
            keys.append((surface, next(name for name in names if name not in taken)))
        return tuple(self.experiment(surface, name, keys) for surface, name in keys)

    def experiment(self, surface: Surface, name: str, keys: list[tuple[Surface, str]]) -> Experiment:
        kind = self.pick(self.theme.kinds)
        draft = self.one_in(self.theme.drafts)
        start, end = self.dates(draft)
        made = Experiment(
            surface=surface.name,
            name=name,
            kind=kind,
            owner=self.pick(OWNERS),
            start=start,
            end=end,
            steps=self.steps(start, kind == "holdback", self.spaces[surface.space].buckets),
            draft=draft,
            exclusive_with=self.exclusive_with(f"{surface.name}/{name}", keys),
            audience=self.audience(surface),
        )
        made = self.holdback(made) if kind == "holdback" else self.touching(made, surface)
        if draft:
            made = self.undated(made)
        has_ledger = self.one_in(20) if draft else not self.one_in(self.theme.ledgerless)
        if not has_ledger or not made.dated:
            return made
        return replace(made, ledger=self.ledger(made, surface.space))

    def dates(self, draft: bool) -> tuple[date, date]:
        """Few different days, so that one often ends on the day another starts."""
        start = FIRST + timedelta(days=self.pick((0, 0, 3, 5, 5, 7, 10, 12)))
        length = self.pick((5, 5, 2, 3, 7, 10, 1, 15, 0))
        if length == 0 and (draft or start > self.today):
            length = 4  # only a started experiment may end on its first day
        return start, start + timedelta(days=length)

    def steps(self, start: date, constant: bool, buckets: int) -> tuple[Step, ...]:
        """One to three steps; a step may lie behind the end, as after `coord end`."""
        number = 1 if constant else self.pick((1, 1, 1, 2, 3))
        shares = sorted(Fraction(self.pick(self.theme.percents), 100) for _ in range(number))
        if buckets == 200 and self.one_in(3):
            shares = [share - Fraction(1, 200) for share in shares]  # half a percent is a whole bucket here
        days = [start]
        for _ in shares[1:]:
            days.append(days[-1] + timedelta(days=self.pick((1, 2, 3, 5))))
        return tuple(Step(day, share) for day, share in zip(days, shares, strict=True))

    def exclusive_with(self, own: str, keys: list[tuple[Surface, str]]) -> tuple[str, ...]:
        others = [key for surface, name in keys if (key := f"{surface.name}/{name}") != own]
        if not others or not self.one_in(self.theme.names):
            return ()
        return tuple(dict.fromkeys(self.pick(others) for _ in range(self.pick((1, 1, 2, 3)))))

    def audience(self, surface: Surface) -> tuple[tuple[str, tuple[str, ...]], ...]:
        declared = [dimension for dimension in DIMENSIONS if dimension.name in surface.dimensions]
        chosen = [dimension for dimension in declared if self.one_in(self.theme.targeted)]
        return tuple((dimension.name, self.values(dimension.values)) for dimension in chosen)

    def values(self, declared: tuple[str, ...]) -> tuple[str, ...]:
        """All but one value most often: such audiences meet in pairs and have nothing in common together."""
        options = [subset for size in range(1, len(declared) + 1) for subset in combinations(declared, size)]
        options += list(combinations(declared, len(declared) - 1)) * 2
        return tuple(self.pick(options))

    def holdback(self, made: Experiment) -> Experiment:
        if self.one_in(4):
            return replace(made, holds_all=True)
        if self.one_in(2):
            return made
        own_space = next(surface.space for surface in self.surfaces if surface.name == made.surface)
        allowed = [s.name for s in self.surfaces if s.space == own_space or self.one_in(3)]
        held = dict.fromkeys(self.pick(allowed) for _ in range(self.pick((1, 2))))
        return replace(made, holds=tuple(held))

    def touching(self, made: Experiment, surface: Surface) -> Experiment:
        """What an A/B test or a rollout touches: components, of other surfaces too, and systems."""
        own = [self.pick(surface.components) for _ in range(self.pick(self.theme.components))]
        names = [f"{surface.name}/{component}" for component in own]
        if self.one_in(self.theme.visits):
            visited = self.pick(self.surfaces)
            names.append(f"{visited.name}/{self.pick(visited.components)}")
        systems: list[System] = []
        if self.one_in(self.theme.systems):
            for number in range(self.pick((1, 1, 2)) if made.kind == "ab_test" else 1):
                kind = self.pick(("ranker", "ranker", "rules")) if number else "ranker"
                rules = System("rules", None, None)
                systems.append(rules if kind == "rules" else System(kind, "ml", self.pick(("one", "two"))))
        return replace(made, components=tuple(dict.fromkeys(names)), systems=tuple(systems))

    def undated(self, made: Experiment) -> Experiment:
        missing = self.pick(("nothing", "nothing", "nothing", "nothing", "traffic", "end", "all"))
        if missing in ("traffic", "all"):
            made = replace(made, steps=())
        elif len(made.steps) > 1 and missing == "end":
            made = replace(made, steps=made.steps[:1])
        if missing in ("end", "all"):
            made = replace(made, end=None)
        return replace(made, start=None) if missing == "all" else made

    def ledger(self, made: Experiment, space: str) -> Ledger:
        """An entry a step, out of an order of all buckets: a range, a comb, or chance."""
        buckets = self.spaces[space].buckets
        order = self.order(space, buckets)
        counts = [int(step.share * buckets) for step in made.steps]
        self.next_bucket[space] = (self.next_bucket[space] + counts[-1]) % buckets
        entries = []
        for low, high in zip([0, *counts[:-1]], counts, strict=True):
            entries.append(Entry(frozenset(order[low:high]), migrated=high > low and self.one_in(4)))
        migrated = all(entry.buckets for entry in entries) and self.one_in(3)
        if self.one_in(30):
            entries = self.mismatched(entries, order[counts[-1] :])
        return Ledger(tuple(replace(e, migrated=e.migrated and not migrated) for e in entries), migrated)

    def order(self, space: str, buckets: int) -> list[int]:
        if self.tiled:
            return [(self.next_bucket[space] + number) % buckets for number in range(buckets)]
        stride = self.pick((1, 1, 1, buckets - 1, buckets - 1, 3, 7, 0))
        if stride == 0:
            shuffled = list(range(buckets))
            random.Random(self.draw(st.integers(0, 9999))).shuffle(shuffled)
            return shuffled
        offset = self.pick((0, 0, 10, 20, 25, 30, 40, 50, 50, 60, 75, 99)) * buckets // 100
        return [(offset + number * stride) % buckets for number in range(buckets)]

    def mismatched(self, entries: list[Entry], free: list[int]) -> list[Entry]:
        """A ledger that does not say what the traffic says: an entry too many or too few buckets."""
        if free and self.one_in(2):
            return [*entries, Entry(frozenset(free[:20]))]
        if len(entries[-1].buckets) < 2:
            return entries
        return [*entries[:-1], replace(entries[-1], buckets=frozenset(sorted(entries[-1].buckets)[1:]))]
