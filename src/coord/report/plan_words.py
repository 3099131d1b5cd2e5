"""How a plan is told: the words that its text and its Markdown share."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from coord.domain.change.field import FieldChange, Type
from coord.domain.model import Experiment, Kind
from coord.domain.shares import format_share
from coord.report.summary import many
from coord.report.words import KINDS
from coord.review.plan import Action, ExperimentChange, Plan
from coord.review.unreadable import Side, Unreadable
from coord.status.meetings import Meeting

SIGNS = {Action.ADDED: "+", Action.CHANGED: "~", Action.ENDED: "x", Action.REMOVED: "-"}
TYPES = {Type.SAFE: "safe", Type.NEW_EXPERIMENT: "new experiment needed", Type.FORBIDDEN: "forbidden"}


def headline(plan: Plan) -> str:
    """How many experiments are touched, and how many units change variant."""
    if not plan.changes:
        return "No experiment is changed" + (", as far as the files can be read." if plan.unreadable else ".")
    return f"{actions(plan.changes)}. {_moved(plan)}"


def actions(changes: Sequence[ExperimentChange]) -> str:
    """`2 added, 1 changed`."""
    counts = Counter(change.action for change in changes)
    return ", ".join(f"{counts[action]:,} {action.value}" for action in Action if counts[action])


def _moved(plan: Plan) -> str:
    """How many units change variant over all experiments."""
    moved = [change.moved for change in plan.changes if change.moved.buckets]
    if not moved:
        return "No unit changes variant."
    known = [one.units for one in moved if one.units is not None]
    at_least = "" if len(known) == len(moved) else "at least "
    units = f" ({at_least}{_rounded(sum(known))} units so far)" if known else ""
    return f"Units of {many(sum(one.buckets for one in moved), 'bucket')} change variant or leave{units}."


def _rounded(number: int) -> str:
    """The number to three digits: it is an estimate."""
    step = 10 ** max(0, len(str(number)) - 3)
    exact = number < 1000
    return f"{number:,}" if exact else f"about {(number + step // 2) // step * step:,}"


def experiment_words(experiment: Experiment) -> str:
    """What it is, whose, how much, when."""
    kind = f"{KINDS[experiment.kind]} by {experiment.owner}"
    if experiment.draft:
        kind = f"draft of {'an' if experiment.kind is Kind.AB_TEST else 'a'} {kind}"
    if not experiment.dated or experiment.days is None:
        return f"{kind}, no dates or traffic yet"
    first, last = (format_share(experiment.steps[number].traffic) for number in (0, -1))
    traffic = last if first == last else f"{first.rstrip('%')}-{last}"
    return f"{kind}, {traffic} from {experiment.days.start} until {experiment.days.end}"


def bucket_words(change: ExperimentChange) -> list[str]:
    """Buckets drawn and freed, and who is moved; nothing when nothing of it happens."""
    parts = []
    if change.drawn:
        parts.append(f"draws {many(change.drawn, 'bucket')}")
    if change.freed:
        parts.append(f"frees {many(change.freed, 'bucket')}")
    if change.moved.buckets:
        units = "" if change.moved.units is None else f" ({_rounded(change.moved.units)} units so far)"
        how = "leave" if change.after is None else "change variant or leave"
        parts.append(f"units of {many(change.moved.buckets, 'bucket')} {how}{units}")
    return parts


def type_words(field: FieldChange, *, waived: bool = False) -> str:
    """`forbidden (CHG002)`."""
    rule = f" ({field.rule}{', waived' if waived else ''})" if field.rule else ""
    return TYPES[field.type] + rule


def to_come(change: ExperimentChange, today: date) -> tuple[list[Meeting], list[Meeting]]:
    """Whom it meets from today on: those that it may overlap, and those that it must not."""
    ahead = [one for one in change.meets if one.days.end > today]
    return [one for one in ahead if not one.reasons], [one for one in ahead if one.reasons]


def unreadable_words(one: Unreadable) -> str:
    """When a file cannot be used, and why."""
    sides = {
        Side.BEFORE: "before the change",
        Side.AFTER: "after the change",
        Side.BOTH: "before and after the change",
    }
    return f"{sides[one.side]} {one.reason}"
