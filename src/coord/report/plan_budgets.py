"""How the budgets of a plan are told: how full each limit gets, before and after."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from coord.checks.result import LocatedFinding
from coord.checks.rule import BUDGET_CODES
from coord.domain.budgets import Limit
from coord.report.words import amount, cell_words
from coord.review.budgets import BudgetChange
from coord.review.plan import Plan
from coord.status.levels import Stretch


class BudgetRow(NamedTuple):
    """A limit in words: what it is on, its fullest days on both sides, and what is allowed."""

    limit: str
    before: str
    after: str
    allowed: str
    over: bool
    waived: bool


def budget_rows(plan: Plan) -> list[BudgetRow]:
    """The limits worth a line, those that are exceeded first."""
    rows = [_row(one, waived=_is_waived(plan, one)) for one in _shown(plan)]
    return sorted(rows, key=lambda row: not row.over)


def _shown(plan: Plan) -> Iterator[BudgetChange]:
    """Those that change and are used; all on a component only where that says more than its A/B tests."""
    known = {(one.limit.component, one.limit.kind): one for one in plan.budgets}
    for one in plan.budgets:
        tests = known.get((one.limit.component, "component")) if one.limit.kind == "total" else None
        same = tests is not None and (tests.before, tests.after) == (one.before, one.after) and not one.over
        used = any(stretch and stretch.used for stretch in (one.before, one.after))
        if one.changed and used and not same:
            yield one


def _is_waived(plan: Plan, one: BudgetChange) -> bool:
    """Whether a waiver covers that the limit is exceeded on its fullest day."""
    found = [finding for finding in plan.checked.findings if _is_about(finding, one)]
    return bool(found) and all("waived" in finding.data for finding in found)


def _is_about(finding: LocatedFinding, one: BudgetChange) -> bool:
    """Whether it says that this limit is exceeded then; the two limits on a component are told as one."""
    if finding.code not in BUDGET_CODES.values() or finding.days is None or one.after is None:
        return False
    limit, data = one.limit, finding.data
    same = limit.component is not None or data["limit"] == limit.kind
    subject = (finding.surface, data["component"], data["team"])
    day = one.after.days.start
    return (
        same
        and subject == (limit.surface, limit.component, limit.team)
        and finding.days.start <= day < finding.days.end
    )


def _row(one: BudgetChange, *, waived: bool) -> BudgetRow:
    kind, allowed = one.limit.kind, amount(one.limit.kind, one.limit.allowed)
    if one.after is None:
        allowed = "no limit any more"
    elif one.allowed_before not in {None, one.limit.allowed}:
        allowed += f" (was {amount(kind, one.allowed_before or Fraction(0))})"
    waived = waived and one.over > 0
    over = f"{amount(kind, one.over)} over {allowed}{', waived' if waived else ''}"
    return BudgetRow(
        _limit(one.limit),
        _stretch(one.limit, one.before),
        _stretch(one.limit, one.after),
        allowed if one.after is None else over if one.over else f"of {allowed}",
        one.over > 0,
        waived,
    )


def _limit(limit: Limit) -> str:
    """What a limit is on."""
    if limit.kind == "component":
        return f"{limit.component}, A/B tests"
    if limit.kind == "total":
        return f"{limit.component}, everything"
    names = {"per_unit": "experiments per unit", "concurrent": "experiments at once"}
    return f"{limit.surface}, {names.get(limit.kind) or f'team {limit.team}'}"


def _stretch(limit: Limit, stretch: Stretch | None) -> str:
    """What is used on the fullest day, and when that is."""
    if stretch is None:
        return "no limit"
    if not stretch.used:
        return amount(limit.kind, stretch.used)
    cell = cell_words(stretch.cell)
    at_most = "at most " if stretch.bound else ""
    where = f" ({cell})" if cell else ""
    return f"{at_most}{amount(limit.kind, stretch.used)} on {stretch.days.start}{where}"
