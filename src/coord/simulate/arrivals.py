"""A year of experiments that teams propose: when each comes, how long it runs, what it takes and touches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from numpy.random import Generator

YEAR = 365
"""Days."""

BUCKETS = 1000
"""The buckets of the simulated space: traffic is rounded to tenths of a percent."""


class Proposal(NamedTuple):
    """An experiment somebody wants to run. `components` and `team` are numbers; no team is None."""

    day: int
    length: int
    buckets: int
    components: tuple[int, ...]
    team: int | None = None


class Template(NamedTuple):
    """What a proposal may look like. `components` is None where it touches one that is drawn at random."""

    length: int
    traffic: Fraction
    components: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is proposed in a year: `rate` experiments on average, each like one of the templates.

    Only the share `exclusive` of them touches a component, and a component has `room` for so much traffic at
    once. With `teams` the experiments are shared out to so many, and a team runs one at a time.
    """

    rate: float
    templates: tuple[Template, ...]
    components: int
    exclusive: Fraction = Fraction(1)
    room: Fraction = Fraction(1)
    teams: int | None = None

    @property
    def room_buckets(self) -> int:
        """The buckets of a component that experiments may hold at once."""
        return int(self.room * BUCKETS)

    @property
    def crossing(self) -> bool:
        """Whether an experiment may touch several components."""
        return any(template.components and len(template.components) > 1 for template in self.templates)


def propose(setting: Setting, random: Generator) -> list[Proposal]:
    """A year's proposals, first come first: they come independently, at any time of the year (Poisson)."""
    number = int(random.poisson(setting.rate))
    return make(setting, sorted(random.integers(0, YEAR, number).tolist()), random)


def make(setting: Setting, days: Sequence[int], random: Generator) -> list[Proposal]:
    """A proposal on each of the days."""
    number = len(days)
    templates = random.integers(0, len(setting.templates), number).tolist()
    components = random.integers(0, max(1, setting.components), number).tolist()
    touching = (random.random(number) < float(setting.exclusive)).tolist()
    teams = random.integers(0, setting.teams or 1, number).tolist()
    known = [(t.length, buckets_of(t.traffic, setting), t.components) for t in setting.templates]
    found = []
    for day, template, component, touches, team in zip(
        days, templates, components, touching, teams, strict=True
    ):
        length, buckets, its_own = known[template]
        touched = () if not touches else (component,) if its_own is None else its_own
        found.append(Proposal(day, length, buckets, touched, team if setting.teams else None))
    return found


def buckets_of(traffic: Fraction, setting: Setting) -> int:
    """Traffic in buckets of the simulated space: at least one, at most a component's room."""
    return min(max(1, round(traffic * BUCKETS)), setting.room_buckets)


def touched(setting: Setting) -> list[float]:
    """By component, the share of the experiments that touch it."""
    found = [0.0] * setting.components
    for template in setting.templates:
        own = template.components
        for component in range(setting.components) if own is None else own:
            found[component] += 1 / (setting.components if own is None else 1)
    return [float(setting.exclusive) * share / len(setting.templates) for share in found]


def load(setting: Setting) -> list[float]:
    """By component, the traffic asked for on an average day as a share of its room; above 1 a queue grows."""
    found = [0.0] * setting.components
    for template in setting.templates:
        alone = replace(setting, templates=(template,))
        asked = buckets_of(template.traffic, setting) / setting.room_buckets * template.length / YEAR
        for component, share in enumerate(touched(alone)):
            found[component] += setting.rate * share * asked / len(setting.templates)
    return found
