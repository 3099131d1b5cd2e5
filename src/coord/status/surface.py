"""Where a surface stands on a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from coord.domain.catalog import Catalog
from coord.domain.change.field import Life, life_of
from coord.domain.limits import budgets_of, limits_of
from coord.domain.model import Experiment, Surface
from coord.status.levels import Level, level


class State(StrEnum):
    """Where an experiment is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    OVER = "over"


def state_of(experiment: Experiment, today: date) -> State:
    """The state on a day; it follows from the dates."""
    if experiment.draft or experiment.days is None:
        return State.DRAFT
    return _STATES[life_of(experiment, today)]


_STATES = {Life.UNSTARTED: State.SCHEDULED, Life.STARTED: State.RUNNING, Life.OVER: State.OVER}


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full a component is: A/B tests against the surface's budget, and everything against 100%.

    `now` and `peak` are parts of whichever limit is tighter then.
    """

    component: str
    tests: Level
    total: Level

    @property
    def now(self) -> Fraction:
        """How full it is today."""
        return max(one.full(one.now) for one in (self.tests, self.total))

    @property
    def fullest(self) -> Level:
        """The limit that is fullest ahead."""
        return max((self.total, self.tests), key=lambda one: one.full(one.peak))

    @property
    def peak(self) -> Fraction:
        """How full it is on the fullest day ahead."""
        return self.fullest.full(self.fullest.peak)

    @property
    def peak_day(self) -> date:
        """The first of the fullest days ahead."""
        return self.fullest.peak.days.start


@dataclass(frozen=True, slots=True)
class SurfaceStatus:
    """What runs on a surface, what comes, how full it is. `over` counts what has been."""

    surface: Surface
    today: date
    running: tuple[Experiment, ...]
    scheduled: tuple[Experiment, ...]
    drafts: tuple[Experiment, ...]
    over: int
    components: tuple[Fullness, ...]
    budgets: tuple[Level, ...]


def surface_status(catalog: Catalog, surface: Surface, today: date) -> SurfaceStatus:
    """The status of a surface; visitors from other surfaces and holdbacks included."""
    active = catalog.by_surface.get(surface.name, ())
    states = {experiment.key: state_of(experiment, today) for experiment in active}
    components, budgets = [], []
    for limits in limits_of(surface):
        levels = [level(budget, catalog.fixed_values, today) for budget in budgets_of(catalog, limits)]
        if limits[0].component:
            components.append(Fullness(limits[0].component, *levels))
        else:
            budgets += levels
    return SurfaceStatus(
        surface,
        today,
        tuple(e for e in active if states[e.key] is State.RUNNING),
        tuple(e for e in active if states[e.key] is State.SCHEDULED),
        tuple(e for e in catalog.drafts if surface.name in e.surfaces or surface.name == e.surface),
        sum(state is State.OVER for state in states.values()),
        tuple(components),
        tuple(budgets),
    )
