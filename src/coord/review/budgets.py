"""Budgets before and after a change: how full each touched limit gets, and when."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from coord.domain.budgets import Budget, Limit
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.limits import budgets_of, limits_of
from coord.domain.model import Experiment, Kind
from coord.status.levels import Stretch, occupancy

Touched = Iterable[tuple[Experiment | None, Experiment | None]]


class BudgetChange(NamedTuple):
    """A limit that an experiment of the change counts in: its fullest days from today on, before and after.

    None on a side where the limit, or its surface, is not there.
    """

    limit: Limit
    before: Stretch | None
    after: Stretch | None

    @property
    def changed(self) -> bool:
        """Whether it gets fuller or emptier, or on other days."""
        return _figures(self.before) != _figures(self.after)


def _figures(stretch: Stretch | None) -> object:
    return stretch and (stretch.used, stretch.days.start)


def budget_changes(before: Catalog, after: Catalog, touched: Touched, today: date) -> Iterator[BudgetChange]:
    """The limits of every touched component, and of every surface that a touched experiment belongs to."""
    pairs = list(touched)
    subjects: dict[Limit, None] = {}
    for sides in pairs:
        for catalog, experiment in zip((before, after), sides, strict=True):
            if experiment:
                subjects.update(dict.fromkeys(_limits(catalog, experiment)))
    known = {_subject(limit): limit for limit in subjects}  # the newer one, where an allowance changed
    for limit in sorted(
        known.values(), key=lambda limit: (limit.surface, limit.component or "~", limit.kind)
    ):
        yield BudgetChange(limit, _peak(before, limit, today), _peak(after, limit, today))


def _subject(limit: Limit) -> tuple[object, ...]:
    return limit.kind, limit.surface, limit.component, limit.team


def _limits(catalog: Catalog, experiment: Experiment) -> Iterator[Limit]:
    components = set(catalog.components_of(experiment))
    for name in dict.fromkeys((experiment.surface, *experiment.surfaces)):
        for limits in limits_of(catalog.surfaces[name]) if name in catalog.surfaces else ():
            for limit in limits:
                mine = limit.component is None or limit.component in components
                other_team = limit.team is not None and limit.team != experiment.owner
                counts = experiment.kind is not Kind.HOLDBACK or limit.kind == "total"
                if (
                    mine
                    and counts
                    and not other_team
                    and not (limit.kind == "component" and _rollout(experiment))
                ):
                    yield limit


def _rollout(experiment: Experiment) -> bool:
    return experiment.kind is Kind.ROLLOUT


def _peak(catalog: Catalog, limit: Limit, today: date) -> Stretch | None:
    """The first of the fullest stretches from today on."""
    surface = catalog.surfaces.get(limit.surface)
    if surface is None:
        return None
    same = [one for limits in limits_of(surface) for one in limits if _subject(one) == _subject(limit)]
    for budget in budgets_of(catalog, same):
        return max(_stretches(catalog, budget, today), key=lambda stretch: stretch.used)
    return None


def _stretches(catalog: Catalog, budget: Budget, today: date) -> list[Stretch]:
    last = max((use.days.end for use in budget.uses), default=today)
    until = max(last, today.fromordinal(today.toordinal() + 1))
    return occupancy(budget, catalog.fixed_values, Days(today, until))
