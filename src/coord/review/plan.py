"""What a change does: to each experiment it touches, to whom these meet, to budgets and to drafts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from coord.checks.result import LocatedFinding, Result
from coord.checks.runner import check
from coord.config.layout import COORD, METRICS, SURFACE
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
from coord.review.unreadable import Unreadable, hidden, unreadable
from coord.review.waived import Waived, newly_waived
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

    `drawn` and `freed` count the buckets that it holds more and less than before, at any time (one that was
    over had freed all); `moved` the units that change variant today. `meets` are those it meets after the
    change, where that may differ. A change is `weighty` when budgets may see it.
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
    weighty: bool = True

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is, or as it was."""
        known = self.after or self.before
        if known is None:
            raise AssertionError("a change has a side")
        return known


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a change does. `checked` is what the check says of it, `waived` what it waives of that.

    `unreadable` are the files that cannot be used: they and what rests on them are left out of the rest.
    """

    base: str
    today: date
    changes: tuple[ExperimentChange, ...]
    budgets: tuple[BudgetChange, ...]
    drafts: tuple[DraftChange, ...]
    files: tuple[FileChange, ...]
    unreadable: tuple[Unreadable, ...]
    checked: Result
    waived: tuple[Waived, ...] = ()

    @property
    def new_findings(self) -> tuple[LocatedFinding, ...]:
        """What the change makes or makes worse."""
        return tuple(finding for finding in self.checked.findings if finding.new)


def plan(tree: Tree, base: Base, today: date, root: str = ".") -> Plan:
    """The plan of a change, as of a day."""
    changes = tuple(_changes(base.tree, tree, today))
    touched = [(change.before, change.after) for change in changes if change.weighty]
    checked = check(tree, today, root, base=base)
    return Plan(
        base.commit,
        today,
        changes,
        tuple(budget_changes(base.tree, tree, touched, today)),
        tuple(draft_changes(base.tree.catalog, tree.catalog, today)),
        tuple(file_changes(base.tree, tree)),
        tuple(unreadable(base.tree, tree)),
        checked,
        tuple(newly_waived(checked, tree.catalog)),
    )


def _changes(old: Tree, new: Tree, today: date) -> Iterable[ExperimentChange]:
    """Every experiment that differs, but for those that cannot be seen on either side."""
    before, after = old.catalog, new.catalog
    for key in sorted({*before.experiments, *after.experiments}):
        if hidden(old, key) or hidden(new, key):
            continue
        one, other = before.experiments.get(key), after.experiments.get(key)
        if one and other:
            change = _changed(Comparison(before, after, one, other, today), plans=not _plans_hidden(old, new))
            if change:
                yield change
        elif other:
            yield _added(after, other)
        elif one:
            yield _removed(Comparison(before, after, one, one, today))


def _plans_hidden(old: Tree, new: Tree) -> bool:
    """Whether a file that plans rest on could not be used on either side."""
    kinds = {kind for tree in (old, new) for kind, _ in tree.broken.values()}
    return not kinds.isdisjoint({COORD, METRICS, SURFACE})


def _changed(both: Comparison, *, plans: bool) -> ExperimentChange | None:
    fields = (*compare(both), *ledger_change(both), *surrounding_changes(both, plans=plans))
    if not fields:
        return None
    held, holds = _ever(both.base, both.before), _ever(both.head, both.after)
    life, later = life_of(both.before, both.today), life_of(both.after, both.today)
    stopped = life is Life.STARTED and later is Life.OVER
    names = {change.field.partition(".")[0] for change in fields}
    return ExperimentChange(
        Action.ENDED if stopped else Action.CHANGED,
        both.before,
        both.after,
        type_of(fields),
        fields,
        count(holds & ~held),
        _freed(life, count(held) if stopped else count(held & ~holds)),
        moved(both) if life is Life.STARTED else NOBODY,
        tuple(meetings(both.head, both.after))
        if names - _ALONE and not both.after.draft and not stopped
        else (),
        bool(names - _ALONE | names & {"owner"}),
    )


_ALONE = {
    *("title", "owner", "hypothesis", "outcome", "salt", "logged_as"),
    *("metrics", "analysis", "evaluate_from", "plan"),
}
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
        _freed(life, count(_ever(both.base, both.before))),
        gone(both) if life is Life.STARTED else NOBODY,
        (),
    )


def _freed(life: Life, buckets: int) -> int:
    """How many of the buckets that it gives up were its own until now: none when it was over."""
    return 0 if life is Life.OVER else buckets


def _ever(catalog: Catalog, experiment: Experiment) -> int:
    """All buckets an experiment will ever hold; none without a ledger or as a draft."""
    holdings: Mapping[str, object] = catalog.holdings
    return catalog.holdings[experiment.key].ever if experiment.key in holdings else 0
