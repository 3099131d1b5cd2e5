"""CHG: what may not change in the file, or the plan, of an experiment that has started."""

from collections.abc import Iterator, Mapping

from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.config.layout import kind_of
from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.moved import moved
from coord.domain.change.plan import plan_changes
from coord.domain.findings import Cause, Finding, Related, Skipped

_NEEDS = frozenset({"coord", "surface", "experiment"})
_SHORTEST = 60  # characters of a value in a message


class Frozen(Rule):
    """Units were assigned by what the file said; with another they would change variant, leave or join.

    What differs before and after a change then is the change, not the variant.
    """

    code = "CHG001"
    title = "frozen field of a started experiment changed"
    fix = (
        "Take the field from the base again. To try something else, end this experiment with "
        "`coord end NAME` and write a new one."
    )
    needs = _NEEDS
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report every such field."""
        for both, change in _breaking(context, self.code):
            what = f"{both.before.key} has started, and its `{change.field}` changed{from_to(change)}"
            hint = "take it back: what has happened cannot be changed"
            if change.type is Type.NEW_EXPERIMENT:
                hint = f"take it back, or end {both.before.key} and write a new experiment"
            yield _finding(both, change, what, hint, _would_move(both, change))
        yield from _unknown_before(context, self.code)


def _would_move(both: Comparison, change: FieldChange) -> dict[str, object]:
    """How many buckets and units the change of the whole file moves, and what this field takes."""
    buckets, units = moved(both)
    return {
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "type": change.type.value,
        "moved_buckets": buckets,
        "moved_units": units,
    }


class Lowered(Rule):
    """Less traffic throws units out that have met a variant; who is left is no random part of them."""

    code = "CHG002"
    title = "traffic of a started experiment lowered"
    fix = "Keep the traffic that is in force, or stop the experiment with `coord end NAME`."
    needs = _NEEDS
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report steps from today on that are below what is in force."""
        for both, change in _breaking(context, self.code):
            what = f"the traffic of {both.before.key} would fall{from_to(change)}: {change.reason}"
            hint = f"keep what is in force, or stop it with `coord end {both.before.key}`"
            yield _finding(both, change, what, hint, _would_move(both, change), why="")


class PlanChanged(Rule):
    """A plan is chosen before the data. Defaults, requirements and definitions are part of each one."""

    code = "CHG006"
    title = "resolved plan or metric definition changed while in use"
    fix = (
        "Let a new requirement begin with `since: DATE`, define a changed metric under a new name, and "
        "change defaults when nothing that uses them is running."
    )
    needs = _NEEDS | {"metrics"}
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report each running experiment whose plan changes though its own file does not say so."""
        for key, (both, _) in context.compared.items():
            if life_of(both.before, context.today) is not Life.STARTED or _unreadable(context):
                continue
            changes = plan_changes(both)
            if not changes:
                continue
            first, told = changes[0], listed([change.what for change in changes])
            yield Finding(
                self.code,
                f"the plan of {key}, which is running, changed: {told}",
                first.place,
                "; ".join(dict.fromkeys(change.advice for change in changes)),
                why="what decides an experiment is chosen before its data are seen",
                experiment=key,
                surface=both.before.surface,
                related=(
                    *(Related(None, change.place, change.what) for change in changes[1:]),
                    Related(key, both.after.at("experiment"), "it is decided by this plan"),
                ),
                data={"changes": [change.what for change in changes]},
            )


def _unreadable(context: Context) -> bool:
    """Whether a file that plans rest on could not be used on either side: then changes are unknown."""
    broken = {*context.broken, *(context.base.broken if context.base else ())}
    return any(getattr(kind_of(path), "name", "") in {"coord", "metrics", "surface"} for path in broken)


def _breaking(context: Context, code: str) -> Iterator[tuple[Comparison, FieldChange]]:
    """The changes of fields that break a rule."""
    for both, changes in context.compared.values():
        yield from ((both, change) for change in changes if change.rule == code)


def _finding(
    both: Comparison,
    change: FieldChange,
    message: str,
    hint: str,
    data: Mapping[str, object],
    why: str | None = None,
) -> Finding:
    return Finding(
        change.rule or "",
        message,
        both.after.at(*change.pointer),
        hint,
        why=(change.reason if why is None else why) or None,
        experiment=both.before.key,
        surface=both.before.surface,
        data=data,
    )


def from_to(change: FieldChange) -> str:
    """` from 20% to 10%`, where both are short enough."""
    before, after = change.before or "nothing", change.after or "nothing"
    return f" from {before} to {after}" if max(len(before), len(after)) <= _SHORTEST else ""


def _unknown_before(context: Context, code: str) -> Iterator[Finding]:
    """Nothing is found, but said: the experiments whose file could not be used on the base."""
    for path, (kind, reason) in sorted(context.base.broken.items()) if context.base else ():
        if kind.name == "experiment" and path in context.catalog.experiment_files:
            told = f"what changed in it is not known: on the base {reason}"
            context.skipped.append(Skipped(code, path, told, Cause.BROKEN))
    yield from ()
