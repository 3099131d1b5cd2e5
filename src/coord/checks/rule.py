"""What a rule is, and what it may look at."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from coord.allocation.placement import Placement, place_all
from coord.config.documents import Document
from coord.config.load import Tree
from coord.domain.budgets import Breach, breaches
from coord.domain.catalog import Catalog
from coord.domain.cells import TooManyCells
from coord.domain.change.compare import compare
from coord.domain.change.field import Comparison, FieldChange
from coord.domain.dates import Days
from coord.domain.findings import Cause, Finding, Severity, Skipped
from coord.domain.limits import budgets_of, limits_of
from coord.domain.model import Ledger, Waiver

if TYPE_CHECKING:
    from coord.checks.redrawing import Redraw


@dataclass
class Context:
    """Everything a rule may look at: the catalogue, the day, what reading found and which files are broken.

    `rules` are all rules by code. `found` and `used_waivers`, what they found and which waivers cover any
    of it, are known only when those about waivers run. A rule that had to give up on something says so in
    `skipped`. `base` is the tree that a change is compared with, where there is one. `redraws` remembers what
    drawing a ledger again would do.
    """

    catalog: Catalog
    today: date
    base: Tree | None = None
    reading: Sequence[Finding] = ()
    broken: Collection[str] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    rules: Mapping[str, "Rule"] = field(default_factory=dict)
    found: Sequence[Finding] = ()
    used_waivers: frozenset[Waiver] = frozenset()
    skipped: list[Skipped] = field(default_factory=list)
    not_replayable: list[tuple[str, int, str]] = field(default_factory=list)
    redraws: dict[str, "Redraw | None"] = field(default_factory=dict)

    @cached_property
    def breaches(self) -> tuple[Breach, ...]:
        """Every period in which the active experiments exceed a budget."""
        found: list[Breach] = []
        for name in sorted(self.catalog.surfaces):
            surface = self.catalog.surfaces[name]
            for limits in limits_of(surface):
                try:
                    found += breaches(budgets_of(self.catalog, limits), self.catalog.fixed_values)
                except TooManyCells:
                    code = BUDGET_CODES[limits[0].kind]
                    reason = f"the audiences on {limits[0].component or name} form too many cells to compare"
                    self.skipped.append(Skipped(code, surface.path, reason, Cause.TOO_LARGE))
        return tuple(found)

    @cached_property
    def placements(self) -> Mapping[str, Placement]:
        """Where every active experiment without a ledger would be placed."""
        return {placement.experiment.key: placement for placement in place_all(self.catalog, self.today)}

    @cached_property
    def compared(self) -> Mapping[str, tuple[Comparison, tuple[FieldChange, ...]]]:
        """The experiments that are both on the base and here, with the fields that differ."""
        if self.base is None:
            return {}
        before, after = self.base.catalog, self.catalog
        common = [key for key in sorted(before.experiments) if key in after.experiments]
        both = [
            Comparison(before, after, before.experiments[key], after.experiments[key], self.today)
            for key in common
        ]
        return {one.before.key: (one, compare(one)) for one in both}

    @property
    def base_ledgers(self) -> Mapping[str, Ledger]:
        """The ledgers of the base; none without one."""
        return self.base.catalog.ledgers if self.base else {}

    def past(self, days: Days) -> Severity | None:
        """Info for what lies wholly before today; otherwise the rule's own severity."""
        return Severity.INFO if days.end <= self.today else None


BUDGET_CODES = {
    "component": "BUD001",
    "total": "BUD001",
    "per_unit": "BUD002",
    "concurrent": "BUD003",
    "team": "BUD004",
}


class Rule:
    """A rule: its docstring says why it exists, `fix` in a sentence or two what to do about its findings.

    `needs` are the kinds of files it cannot do without; one that `compares` cannot do without a base.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    fix: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    needs: ClassVar[frozenset[str]] = frozenset()
    waivable: ClassVar[bool] = False
    compares: ClassVar[bool] = False

    def check(self, context: Context) -> Iterator[Finding]:
        """The findings of this rule, in a stable order."""
        raise NotImplementedError


class ReadingRule(Rule):
    """A rule whose findings are made while the files are read."""

    def check(self, context: Context) -> Iterator[Finding]:
        """What reading found."""
        return (finding for finding in context.reading if finding.code == self.code)
