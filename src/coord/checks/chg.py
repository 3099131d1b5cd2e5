"""CHG: what may not change in the file, or the plan, of an experiment that has started."""

from collections.abc import Iterator
from datetime import date

from coord.checks import chg_unread
from coord.checks.chg_words import as_written, say_unknown, some, told
from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.moved import moved
from coord.domain.change.plan import COORD, METRICS, plan_changes
from coord.domain.findings import Finding, Related
from coord.domain.model import Experiment, Step
from coord.domain.shares import format_share

_NEEDS = frozenset({"coord", "surface", "experiment"})
_MOST_STEPS = 3  # in a proposal


class Frozen(Rule):
    """Units are in an experiment by what its file said when they met it.

    Were that changed, units would change variant, leave or join, and the change of the file would be measured
    with the variants. A plan that is changed after data have been seen no longer errs as rarely as it says.

    Free are title, owner and outcome, an end that is today or later (later only before a `fixed` plan can be
    read), traffic of days to come, and whatever asks for more: metrics, smaller margins, `exclusive_with`.
    """

    code = "CHG001"
    title = "frozen field of a started experiment changed"
    fix = (
        "Write what the base says. To try something else, stop the experiment with `coord end NAME` and "
        "write a new one with `coord new experiment NAME`."
    )
    needs = _NEEDS
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report every such field."""
        say_unknown(context, self)
        yield from chg_unread.changed(context)
        for both, change in _breaking(context, self.code):
            what = told(both, change)
            yield Finding(
                self.code,
                f"{both.before.key} started on {both.before.order[0]}, and its {what.text}"
                + _moved_along(context, both, change),
                both.after.at(*what.pointer),
                _hint(both, change),
                why=change.reason,
                experiment=both.before.key,
                surface=both.before.surface,
                data=_data(both, change),
            )


def _moved_along(context: Context, both: Comparison, change: FieldChange) -> str:
    """What goes with another start, in words."""
    _, changes = context.compared[both.before.key]
    along = [f"`{other.field}`" for other in changes if other.rule and _follows_start(both, other)]
    return f", {listed(along)} with it" if along and change.field == "start" else ""


def _hint(both: Comparison, change: FieldChange) -> str:
    """What to write instead."""
    key, days = both.before.key, both.before.days
    if change.field == "status":
        return f"write `status: active` again; to stop it, run `coord end {key}` then"
    if change.field == "end" and change.type is Type.FORBIDDEN:
        return f"to stop it, write `end: {both.today}`"
    if change.field == "end" and days is not None and change.after:
        longer = "what may go on for longer has `analysis: {method: group_sequential}` from the start"
        return f"write `end: {days.end}` again; {longer}"
    if change.field == "traffic":
        return _step_to_come(both)
    return f"take it back, or stop this one with `coord end {key}` and write a new experiment"


def _step_to_come(both: Comparison) -> str:
    """How traffic is raised: what has been stays, and a day to come gets a step."""
    steps = [step for step in both.before.steps if step.day <= both.today]
    steps += [step for step in both.after.steps if step.day > both.today]
    if both.after.traffic > steps[-1].traffic:
        tomorrow = date.fromordinal(min(both.today.toordinal() + 1, date.max.toordinal()))
        steps.append(Step(tomorrow, both.after.traffic))
    if len(steps) > _MOST_STEPS:
        return "leave the steps up to today as they were; those of days to come are free"
    return f"write `traffic: {as_written(steps)}`: steps up to today stay, those of days to come are free"


class Lowered(Rule):
    """Lower traffic throws units out that have met a variant; those who stay are no random part of them.

    Steps to come may be lowered, to what is in force and not below it.
    """

    code = "CHG002"
    title = "traffic of a started experiment lowered"
    fix = "Keep the traffic that is in force, or stop the experiment with `coord end NAME`."
    needs = _NEEDS
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report steps from today on that are below what is in force."""
        say_unknown(context, self)
        for both, change in _breaking(context, self.code):
            share = format_share(both.in_force)
            since = max(step.day for step in both.before.steps if step.day <= both.today)
            lower = next(step for step in both.after.steps if step.day.isoformat() == change.pointer[-1])
            yield Finding(
                self.code,
                f"the traffic of {both.before.key} falls to {format_share(lower.traffic)}, "
                f"and {share} are in force since {since}",
                both.after.at(*change.pointer),
                f"keep {share} from {since} on, or stop it with `coord end {both.before.key}`",
                why="units that have met a variant would leave; those who stay are no random part of them",
                experiment=both.before.key,
                surface=both.before.surface,
                data=_data(both, change),
            )


def _data(both: Comparison, change: FieldChange) -> dict[str, object]:
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


class PlanChanged(Rule):
    """What decides an experiment is chosen before its data are seen.

    The organisation's defaults, what surfaces require and how metrics are defined are part of that choice,
    though they stand in other files.
    """

    code = "CHG006"
    title = "resolved plan or metric definition changed while in use"
    fix = (
        "Let a new requirement begin with `since: DATE`, define a changed metric under a new name, and "
        "change defaults when nothing that rests on them is running."
    )
    needs = _NEEDS | {"metrics"}
    waivable = True
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report each running experiment whose plan changes though its own file does not say so."""
        say_unknown(context, self)
        broken = {*context.broken, *(context.base.broken if context.base else ())}
        for both, _ in context.compared.values():
            if life_of(both.before, context.today) is not Life.STARTED or both.before.days is None:
                continue
            if broken.isdisjoint(_rests_on(both.before)):
                yield from self._changes(both, f"{both.before.key} is over on {both.before.days.end}")

    def _changes(self, both: Comparison, over: str) -> Iterator[Finding]:
        changes = plan_changes(both)
        if not changes:
            return
        key, (first, *others) = both.before.key, changes
        yield Finding(
            self.code,
            f"the plan of {key}, which is running, changed: {some([change.what for change in changes])}",
            first.place,
            "; ".join((*dict.fromkeys(change.advice for change in changes), over)),
            why="what decides an experiment is chosen before its data are seen",
            experiment=key,
            surface=both.before.surface,
            related=(
                *(Related(None, change.place, change.what) for change in others),
                Related(key, both.after.at("experiment"), "it is decided by this plan"),
            ),
            data={"changes": [change.what for change in changes]},
            waivable_on=frozenset({both.before.surface}),
        )


def _rests_on(experiment: Experiment) -> Iterator[str]:
    """The files that a plan rests on: where one could not be used, what changed is unknown."""
    yield from (COORD, METRICS)
    yield from (f"surfaces/{name}/surface.yaml" for name in experiment.surfaces)


def _breaking(context: Context, code: str) -> Iterator[tuple[Comparison, FieldChange]]:
    """The changes of fields that break a rule, each cause once."""
    for both, changes in context.compared.values():
        for change in changes:
            if change.rule == code and not _follows_start(both, change):
                yield both, change


def _follows_start(both: Comparison, change: FieldChange) -> bool:
    """Whether an end or steps only moved by as many days as the start did: that is told of the start."""
    before, after = both.before.days, both.after.days
    if before is None or after is None or before.start == after.start:
        return False
    if change.field == "end":
        return after.length == before.length
    one = [(step.day - before.start, step.traffic) for step in both.before.steps]
    other = [(step.day - after.start, step.traffic) for step in both.after.steps]
    return change.field == "traffic" and one == other
