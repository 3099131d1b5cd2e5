"""A year of experiments that teams propose: when each comes, how long it runs, what it takes and touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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

    Only the share `exclusive` of them touches a component. A component has `room` for so much traffic at once.
    With `teams` everybody's experiments are shared out to so many, and a team runs one at a time.
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


def propose(setting: Setting, random: "Generator") -> list[Proposal]:
    """A year's proposals, first come first: they come independently, at any time of the year (Poisson)."""
    return make(setting, random.poisson(setting.rate), random)


def backlog(setting: Setting, number: int, random: "Generator") -> list[Proposal]:
    """So many proposals that all are there on the first day."""
    return [proposal._replace(day=0) for proposal in make(setting, number, random)]


def make(setting: Setting, number: int, random: "Generator") -> list[Proposal]:
    """So many proposals on random days of the year, in order."""
    days = sorted(random.integers(0, YEAR, number).tolist())
    templates = random.integers(0, len(setting.templates), number).tolist()
    components = random.integers(0, max(1, setting.components), number).tolist()
    touching = (random.random(number) < float(setting.exclusive)).tolist()
    teams = random.integers(0, setting.teams or 1, number).tolist()
    drawn = zip(days, templates, components, touching, teams, strict=True)
    return [
        _proposal(
            day, setting.templates[template], (component,) if touches else (), team if setting.teams else None
        )
        for day, template, component, touches, team in drawn
    ]


def _proposal(day: int, template: Template, drawn: tuple[int, ...], team: int | None) -> Proposal:
    components = template.components if template.components is not None and drawn else drawn
    return Proposal(day, template.length, buckets_of(template.traffic), components, team)


def buckets_of(traffic: Fraction) -> int:
    """Traffic in buckets of the simulated space, at least one."""
    return max(1, round(traffic * BUCKETS))


def load(setting: Setting) -> Sequence[float]:
    """By component, the traffic asked for on an average day as a share of its room; above 1 a queue grows."""
    found = [0.0] * setting.components
    for template in setting.templates:
        each = setting.rate / len(setting.templates) * float(template.traffic * template.length) / YEAR
        touched = range(setting.components) if template.components is None else template.components
        for component in touched:
            share = 1 / setting.components if template.components is None else 1.0
            found[component] += each * share * float(setting.exclusive / setting.room)
    return found
