"""What changes for an experiment outside its own file: its ledger, its space, its plan."""

from collections.abc import Iterator

from coord.domain.buckets import count
from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.moved import same_space
from coord.domain.change.plan import plan_changes
from coord.domain.model import Ledger, Space


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
    """What a running experiment rests on: the space that hashes its units, and the plan that decides it.

    Without `plans` the files that plans rest on could not all be read, and nothing is said of them.
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
