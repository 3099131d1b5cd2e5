"""Budgets before and after a change: how full each touched limit gets, and when."""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from coord.config.load import Tree
from coord.domain.budgets import Budget, Limit
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.limits import budgets_of, limits_of
from coord.domain.model import Experiment, Kind
from coord.review.unreadable import hidden_surface
from coord.status.levels import Stretch, occupancy

Touched = Iterable[tuple[Experiment | None, Experiment | None]]


class BudgetChange(NamedTuple):
    """A limit that the change touches: the fullest days from today on, before and after.

    `limit` is the newer one; `allowed_before` and `before` are None where there was no such limit, `after`
    where there is none any more.
    """

    limit: Limit
    allowed_before: Fraction | None
    before: Stretch | None
    after: Stretch | None

    @property
    def changed(self) -> bool:
        """Whether it gets fuller or emptier, or allows more or less."""
        used = tuple(stretch and stretch.used for stretch in (self.before, self.after))
        allowed = self.limit.allowed if self.after else None
        return used[0] != used[1] or self.allowed_before != allowed

    @property
    def over(self) -> Fraction:
        """By how much it is exceeded after the change; 0 when it is not."""
        return max(Fraction(0), self.after.used - self.limit.allowed) if self.after else Fraction(0)


_Subject = tuple[str, str, str | None, str | None]


def budget_changes(before: Tree, after: Tree, touched: Touched, today: date) -> Iterator[BudgetChange]:
    """The limits that a touched experiment counts in, on either side, and those that allow more or less."""
    old, new = _limits(before.catalog), _limits(after.catalog)
    subjects = {key for key in {*old, *new} if _allowed(old, key) != _allowed(new, key)}
    for sides in touched:
        for limits, catalog, experiment in zip(
            (old, new), (before.catalog, after.catalog), sides, strict=True
        ):
            subjects.update(_counted(limits, catalog, experiment) if experiment else ())
    for key in sorted(subjects, key=_order):
        limit = new.get(key) or old[key]
        if not hidden_surface(before, limit.surface) and not hidden_surface(after, limit.surface):
            peaks = (
                _peak(catalog, limits.get(key), today)
                for catalog, limits in ((before.catalog, old), (after.catalog, new))
            )
            yield BudgetChange(limit, _allowed(old, key), *peaks)


def _order(key: _Subject) -> tuple[str, ...]:
    """A surface's components first, then its other limits."""
    kind, surface, component, team = key
    return surface, component or "~", kind, team or ""


def _limits(catalog: Catalog) -> dict[_Subject, Limit]:
    """Every limit there is, by what it limits."""
    return {
        (limit.kind, limit.surface, limit.component, limit.team): limit
        for surface in catalog.surfaces.values()
        for together in limits_of(surface)
        for limit in together
    }


def _allowed(limits: dict[_Subject, Limit], key: _Subject) -> Fraction | None:
    return limits[key].allowed if key in limits else None


def _counted(limits: dict[_Subject, Limit], catalog: Catalog, experiment: Experiment) -> Iterator[_Subject]:
    """The limits that an experiment counts in; a draft would."""
    components = set(catalog.components_of(experiment))
    for key in limits:
        kind, surface, component, team = key
        if kind == "total":
            counts = component in components
        elif kind == "component":
            counts = component in components and experiment.kind is Kind.AB_TEST
        else:
            counts = surface in experiment.surfaces and experiment.kind is not Kind.HOLDBACK
        if counts and team in {None, experiment.owner}:
            yield key


def _peak(catalog: Catalog, limit: Limit | None, today: date) -> Stretch | None:
    """The first of the fullest stretches from today on."""
    if limit is None:
        return None
    (budget,) = budgets_of(catalog, [limit])
    return max(_stretches(catalog, budget, today), key=lambda stretch: stretch.used)


def _stretches(catalog: Catalog, budget: Budget, today: date) -> list[Stretch]:
    last = max((use.days.end for use in budget.uses), default=today)
    tomorrow = date.fromordinal(min(today.toordinal() + 1, date.max.toordinal()))
    until = max(last, tomorrow)
    return occupancy(budget, catalog.fixed_values, Days(today, until))
