"""BUD: how much of a surface may be used at once."""

from collections.abc import Iterator
from typing import ClassVar

from coord.checks.budget_finding import budget_finding
from coord.checks.rule import BUDGET_CODES, Context, Rule
from coord.domain.budgets import Breach, Budget, Use, around, breaches
from coord.domain.cells import TooManyCells
from coord.domain.findings import Cause, Finding, Severity, Skipped
from coord.domain.limits import budgets_of, limits_of, use_of
from coord.domain.model import Experiment

_NEEDS = frozenset({"coord", "surface", "experiment"})


class _Budget(Rule):
    """What the rules about one kind of limit have in common."""

    needs = _NEEDS
    waivable = True
    why: ClassVar[str]

    def check(self, context: Context) -> Iterator[Finding]:
        """Report every period in which the limit is exceeded."""
        for breach in context.breaches:
            if BUDGET_CODES[breach.peak.limit.kind] == self.code:
                latest = breach.peak.uses[-1][0]
                yield budget_finding(self.code, breach, latest, context, self.why)


class ComponentBudget(_Budget):
    """Experiments on one component need disjoint units, so together they cannot take more than there is.

    The surface may keep some back from A/B tests (`budget.component`), for rollouts and holdbacks.
    """

    code = "BUD001"
    title = "component over its budget"
    fix = (
        "Lower the traffic of one that has not started to what the message says fits, start it when others "
        "have ended, or give them audiences that a fixed dimension separates."
    )
    why = "experiments on one component need disjoint units"


class PerUnitBudget(_Budget):
    """A unit in many experiments at once has an experience that nobody designed."""

    code = "BUD002"
    title = "too many experiments per unit"
    fix = (
        "Start the latest one later or with less traffic, or agree on a higher `per_unit` with the owner of "
        "the surface."
    )
    why = "a unit in many experiments at once has an experience that nobody designed"


class ConcurrentBudget(_Budget):
    """With more experiments at once than its owner can look after, nobody can say what caused what."""

    code = "BUD003"
    title = "too many experiments at once"
    fix = (
        "Start the latest one when another has ended, or agree on a higher `concurrent` with the owner of "
        "the surface."
    )
    why = "more at once than the owner of the surface can look after"


class TeamBudget(_Budget):
    """A team that takes more than its share leaves no room for the others."""

    code = "BUD004"
    title = "team over its budget"
    fix = (
        "Start the team's latest one later or with less traffic, or agree on a higher share in "
        "`budget.teams` with the owner of the surface."
    )
    why = "what one team takes above its share is missing for the others"


class DraftExceeds(Rule):
    """Drafts reserve nothing, but whoever plans one should know now that there will be no room."""

    code = "BUD006"
    title = "a draft would exceed a budget"
    fix = "Choose other dates or less traffic before you make the draft active."
    severity = Severity.WARNING
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Add the dated drafts one by one to what is planned; those that fit stay."""
        planned: dict[object, list[Budget]] = {}
        for draft in context.catalog.drafts:
            if not draft.dated:
                reason = f"{draft.key} is a draft without dates or traffic and is left out of the budgets"
                context.skipped.append(Skipped(self.code, draft.path, reason, Cause.UNDATED))
                continue
            yield from self._try(context, draft, planned)

    def _try(
        self, context: Context, draft: Experiment, planned: dict[object, list[Budget]]
    ) -> Iterator[Finding]:
        fits, added = True, []
        for name in dict.fromkeys((*draft.surfaces, draft.surface)):
            for limits in limits_of(context.catalog.surfaces[name]):
                uses = [use_of(draft, limit, context.catalog) for limit in limits]
                if not any(uses):
                    continue
                budgets = planned.setdefault(limits, budgets_of(context.catalog, limits))
                over = self._over(context, draft, list(zip(uses, budgets, strict=True)))
                for breach in over:
                    fits = False
                    why = f"once active this would be an error ({BUDGET_CODES[breach.peak.limit.kind]})"
                    yield budget_finding(self.code, breach, draft, context, why)
                added.append((limits, uses))
        for limits, uses in added if fits else ():
            planned[limits] = [
                Budget(budget.limit, (*budget.uses, use) if use else budget.uses)
                for budget, use in zip(planned[limits], uses, strict=True)
            ]

    def _over(
        self, context: Context, draft: Experiment, pairs: list[tuple[Use | None, Budget]]
    ) -> list[Breach]:
        values = context.catalog.fixed_values
        try:
            return list(breaches([around(use, budget, values) for use, budget in pairs if use], values))
        except TooManyCells:
            reason = f"the audiences around {draft.key} form too many cells to compare"
            context.skipped.append(Skipped(self.code, draft.path, reason, Cause.TOO_LARGE))
            return []
