"""How a plan is told: the words that its text and its Markdown share."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from coord.domain.change.field import FieldChange, Type
from coord.domain.change.moved import Moved
from coord.domain.model import Experiment, Kind
from coord.domain.shares import format_share
from coord.report.summary import many, newer
from coord.report.words import KINDS
from coord.review.plan import Action, ExperimentChange, Plan
from coord.review.unreadable import Side, Unreadable
from coord.status.meetings import Meeting

SIGNS = {Action.ADDED: "+", Action.CHANGED: "~", Action.ENDED: "x", Action.REMOVED: "-"}
TYPES = {Type.SAFE: "safe", Type.NEW_EXPERIMENT: "new experiment needed", Type.FORBIDDEN: "forbidden"}


def command(name: str, base: str, options: str) -> str:
    """`coord check --base 0123456789ab`, with further `options`, such as ` --today 2026-03-10`."""
    return f"coord {name} --base {base[:12]}{options}"


def lag(plan: Plan) -> str:
    """That the branch compared with has gone on; nothing when it has not."""
    return newer(plan.checked.behind) if plan.checked.behind else ""


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
    """Of how many buckets units change variant; of how many experiments, as these may share units."""
    moved = [change.moved for change in plan.changes if change.moved.buckets]
    if not moved:
        return "No unit changes variant."
    if len(moved) > 1:
        return f"In {len(moved):,} experiments units change variant or leave."
    return f"Units of {many(moved[0].buckets, 'bucket')} change variant or leave{_so_far(moved[0])}."


def _so_far(moved: Moved) -> str:
    """How many units that is; nothing where it is not known."""
    return "" if moved.units is None else f" ({_rounded(moved.units)} units so far)"


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
        how = "leave" if change.after is None else "change variant or leave"
        parts.append(f"units of {many(change.moved.buckets, 'bucket')} {how}{_so_far(change.moved)}")
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
