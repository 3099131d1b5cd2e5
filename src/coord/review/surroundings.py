"""What changes for an experiment outside its own file: its ledger, space and plan, and whom it can meet."""

from collections.abc import Iterator

from coord.checks.words import listed
from coord.domain.audience import disjoint
from coord.domain.buckets import count
from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.moved import same_space
from coord.domain.change.plan import plan_changes
from coord.domain.model import Experiment, Ledger, Space
from coord.status.meetings import meetings


def ledger_change(both: Comparison) -> Iterator[FieldChange]:
    """The ledger, when any entry differs; entries of steps up to today are history."""
    key = both.before.key
    before, after = both.base.ledgers.get(key), both.head.ledgers.get(key)
    if (before and before.entries) == (after and after.entries):
        return
    kept = sum(step.day <= both.today for step in both.before.steps)
    history = before.entries[:kept] if before else ()
    change = FieldChange(
        "ledger", _buckets(before), _buckets(after), Type.SAFE, "it has not started", None, ("entries",)
    )
    if life_of(both.before, both.today) is Life.UNSTARTED:
        yield change
    elif after and after.entries[: len(history)] == history:
        yield change._replace(reason="units that are in it stay in it")
    else:
        yield change._replace(type=Type.FORBIDDEN, reason="entries in force are history", rule="CHG003")


def _buckets(ledger: Ledger | None) -> str:
    if ledger is None:
        return "no ledger"
    held = 0
    for entry in ledger.entries:
        held |= entry.buckets
    return f"{count(held):,} bucket{'' if count(held) == 1 else 's'}"


def _space(space: Space | None) -> str:
    return f"{space.unit} with salt {space.salt} in {space.buckets:,} buckets" if space else ""


def surrounding_changes(both: Comparison, *, plans: bool) -> Iterator[FieldChange]:
    """What a running experiment rests on: the space of its units, its plan, who is kept apart from it.

    Without `plans` the files that the last two rest on could not all be read, and nothing is said of them.
    """
    if life_of(both.before, both.today) is not Life.STARTED:
        return
    if not same_space(both):
        space, now = both.base.spaces[both.before.space], both.head.spaces.get(both.after.space)
        reason = "every unit falls into another bucket"
        yield FieldChange("space", _space(space), _space(now), Type.FORBIDDEN, reason, "CHG004", ())
    for change in plan_changes(both) if plans else ():
        reason = "what decides an experiment is chosen before its data are seen"
        yield FieldChange("plan", "", change.what, Type.NEW_EXPERIMENT, reason, "CHG006", ())
    if plans:
        yield from _not_apart(both)


def _not_apart(both: Comparison) -> Iterator[FieldChange]:
    """Whom it can meet because a dimension that kept their audiences apart is not `fixed` any more."""
    lost = both.base.fixed - both.head.fixed
    met: dict[bool, list[str]] = {False: [], True: []}
    names: set[str] = set()
    for one in meetings(both.head, both.after) if lost else ():
        other = both.base.experiments.get(one.other.key)
        kept = _separating(lost, both.before, other) if other else set()
        if kept and not one.apart and one.share != 0 and one.days.end > both.today:
            met[bool(one.reasons) and not one.waived].append(one.other.key)
            names |= kept
    are = "is" if len(names) == 1 else "are"
    why = f"{listed(sorted(names))} {are} not `fixed` any more, so a unit can be in both" if names else ""
    if met[True]:
        reason = f"{why}, and they must be exclusive"
        yield FieldChange("apart_from", ", ".join(met[True]), "", Type.FORBIDDEN, reason, None, ())
    if met[False]:
        yield FieldChange("apart_from", ", ".join(met[False]), "", Type.SAFE, why, None, ())


def _separating(names: frozenset[str], one: Experiment, other: Experiment) -> set[str]:
    """The dimensions among these in which two experiments have no value in common."""
    return {name for name in names if disjoint(one.audience, other.audience, {name})}
