"""Which experiments count in which limit of a surface, and with how much."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from coord.domain.audience import EVERYBODY
from coord.domain.budgets import Budget, Limit, Use
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind, Surface
from coord.domain.shares import WHOLE


def limits_of(surface: Surface) -> Iterator[tuple[Limit, ...]]:
    """The limits of a surface, those on the same subject together."""
    budget, name = surface.budget, surface.name
    for component in surface.components:
        subject = f"{name}/{component}"
        yield (
            Limit("component", name, budget.component, component=subject),
            Limit("total", name, WHOLE, component=subject),
        )
    if budget.per_unit is not None:
        yield (Limit("per_unit", name, budget.per_unit),)
    if budget.concurrent is not None:
        yield (Limit("concurrent", name, Fraction(budget.concurrent)),)
    for team, allowed in budget.teams.items():
        yield (Limit("team", name, allowed, team=team),)


def members(catalog: Catalog, limit: Limit) -> Iterable[Experiment]:
    """The active experiments that may count in a limit."""
    index = catalog.by_surface if limit.component is None else catalog.by_component
    return index.get(limit.component or limit.surface, ())


def use_of(experiment: Experiment, limit: Limit, catalog: Catalog) -> Use | None:
    """What a dated experiment takes of a limit; None when it does not count there.

    Figures of components and per unit are per audience cell; those of the whole surface count everybody.
    """
    if not experiment.dated or not experiment.days or not _counts(experiment, limit, catalog):
        return None
    one = limit.kind == "concurrent"
    amounts = tuple((step.day, Fraction(1) if one else step.traffic) for step in experiment.steps)
    whole_surface = limit.kind in {"concurrent", "team"}
    return Use(experiment, experiment.days, amounts, EVERYBODY if whole_surface else experiment.audience)


def _counts(experiment: Experiment, limit: Limit, catalog: Catalog) -> bool:
    if limit.kind == "component":
        return experiment.kind is Kind.AB_TEST and limit.component in experiment.components
    if limit.kind == "total":
        return limit.component in catalog.components_of(experiment)
    if experiment.kind is Kind.HOLDBACK or limit.surface not in experiment.surfaces:
        return False
    return limit.team is None or experiment.owner == limit.team


def budgets_of(catalog: Catalog, limits: Iterable[Limit]) -> list[Budget]:
    """Each limit with the uses of the active experiments."""
    return [
        Budget(
            limit, tuple(use for member in members(catalog, limit) if (use := use_of(member, limit, catalog)))
        )
        for limit in limits
    ]
