"""What a change does: to each experiment it touches, to whom these meet, to budgets and to drafts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from coord.checks.result import LocatedFinding, Result
from coord.checks.runner import check
from coord.config.load import Base, Tree
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.change.compare import compare, type_of
from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.moved import NOBODY, Moved, gone, moved
from coord.domain.model import Experiment
from coord.review.budgets import BudgetChange, budget_changes
from coord.review.drafts import DraftChange, draft_changes
from coord.review.files import FileChange, file_changes
from coord.review.surroundings import ledger_change, surrounding_changes
from coord.status.meetings import Meeting, meetings


class Action(StrEnum):
    """What a change does to an experiment."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"  # it was running, and its end is reached
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ExperimentChange:
    """What happens to one experiment. `before` is None when it is added, `after` when it is removed.

    `drawn` and `freed` count the buckets that it holds more and less than before, at any time; `moved` the
    units that change variant today. `meets` are those it meets after the change, where that may differ.
    """

    action: Action
    before: Experiment | None
    after: Experiment | None
    type: Type
    fields: tuple[FieldChange, ...]
    drawn: int
    freed: int
    moved: Moved
    meets: tuple[Meeting, ...]

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is, or as it was."""
        known = self.after or self.before
        if known is None:
            raise AssertionError("a change has a side")
        return known


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a change does. `checked` is what the check says of it."""

    base: str
    today: date
    changes: tuple[ExperimentChange, ...]
    budgets: tuple[BudgetChange, ...]
    drafts: tuple[DraftChange, ...]
    files: tuple[FileChange, ...]
    checked: Result

    @property
    def new_findings(self) -> tuple[LocatedFinding, ...]:
        """What the change makes or makes worse."""
        return tuple(finding for finding in self.checked.findings if finding.new)


def plan(tree: Tree, base: Base, today: date, root: str = ".") -> Plan:
    """The plan of a change, as of a day."""
    before, after = base.tree.catalog, tree.catalog
    changes = tuple(_changes(before, after, today, unknown={*tree.broken, *base.tree.broken}))
    touched = [
        (change.before, change.after)
        for change in changes
        if change.meets or change.action is not Action.CHANGED
    ]
    return Plan(
        base.commit,
        today,
        changes,
        tuple(budget_changes(before, after, touched, today)),
        tuple(draft_changes(before, after, today)),
        tuple(file_changes(base.tree, tree)),
        check(tree, today, root, base=base),
    )


def _changes(
    before: Catalog, after: Catalog, today: date, unknown: Iterable[str]
) -> Iterable[ExperimentChange]:
    """Every experiment that differs; not those whose file is broken on either side."""
    blind = frozenset(unknown)
    for key in sorted({*before.experiments, *after.experiments}):
        one, other = before.experiments.get(key), after.experiments.get(key)
        path = (one or after.experiments[key]).path
        if path in blind or (one and not other and path in after.experiment_files):
            continue
        if one and other:
            change = _changed(Comparison(before, after, one, other, today))
            if change:
                yield change
        elif other:
            yield _added(after, other)
        elif one:
            yield _removed(Comparison(before, after, one, one, today))


def _changed(both: Comparison) -> ExperimentChange | None:
    fields = (*compare(both), *ledger_change(both), *surrounding_changes(both))
    if not fields:
        return None
    held, holds = _ever(both.base, both.before), _ever(both.head, both.after)
    life, later = life_of(both.before, both.today), life_of(both.after, both.today)
    stopped = life is Life.STARTED and later is Life.OVER
    here = {change.field for change in fields} - _FOR_PEOPLE
    return ExperimentChange(
        Action.ENDED if stopped else Action.CHANGED,
        both.before,
        both.after,
        type_of(fields),
        fields,
        count(holds & ~held),
        count(held) if stopped else count(held & ~holds),
        moved(both) if life is Life.STARTED else NOBODY,
        tuple(meetings(both.head, both.after)) if here and not both.after.draft and not stopped else (),
    )


_FOR_PEOPLE = {"title", "owner", "hypothesis", "outcome", "metrics", "analysis", "logged_as", "plan"}
"""Fields that change nothing about who meets whom."""


def _added(after: Catalog, experiment: Experiment) -> ExperimentChange:
    holds, met = _ever(after, experiment), meetings(after, experiment)
    return ExperimentChange(
        Action.ADDED,
        None,
        experiment,
        Type.SAFE,
        (),
        count(holds),
        0,
        NOBODY,
        () if experiment.draft else tuple(met),
    )


def _removed(both: Comparison) -> ExperimentChange:
    life = life_of(both.before, both.today)
    return ExperimentChange(
        Action.REMOVED,
        both.before,
        None,
        Type.SAFE if life is Life.UNSTARTED else Type.FORBIDDEN,
        (),
        0,
        count(_ever(both.base, both.before)),
        gone(both) if life is Life.STARTED else NOBODY,
        (),
    )


def _ever(catalog: Catalog, experiment: Experiment) -> int:
    """All buckets an experiment will ever hold; none without a ledger or as a draft."""
    holdings: Mapping[str, object] = catalog.holdings
    return catalog.holdings[experiment.key].ever if experiment.key in holdings else 0
