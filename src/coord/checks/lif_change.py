"""LIF001 and LIF003: what a change does to the beginning and the end of a life."""

from collections.abc import Iterator

from coord.checks.chg_history import old_name
from coord.checks.chg_words import say_unknown, some, told
from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding
from coord.domain.model import Experiment

_NEEDS = frozenset({"coord", "surface", "experiment"})


class StartsInThePast(Rule):
    """Nobody was assigned on days that are over, whatever the file says: the result would count them.

    What another system assigned before is brought in with its buckets, as a migrated ledger.
    """

    code = "LIF001"
    title = "starts in the past"
    fix = (
        "Let it start today or later. If another system ran it before, write down the buckets that it held "
        "there as a ledger with `migrated: true`."
    )
    needs = _NEEDS | {"allocation"}
    waivable = True
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report experiments that start before today and had not started on the base."""
        say_unknown(context, self)
        for experiment in context.catalog.active:
            days = experiment.days
            if days is None or days.start >= context.today or _was_there(context, experiment):
                continue
            ledger = context.catalog.ledgers.get(experiment.key)
            if ledger and all(entry.migrated for entry in ledger.entries):
                continue
            ago = plural((context.today - days.start).days, "day")
            brought = (
                "" if ledger else "; if it ran elsewhere before, bring in its buckets as a migrated ledger"
            )
            yield Finding(
                self.code,
                f"{experiment.key} {_until_now(context, experiment)} starts on {days.start}, {ago} ago",
                experiment.at("start"),
                f"let it start on {context.today} or later{brought}",
                why="nobody was in it on the days before this change",
                experiment=experiment.key,
                surface=experiment.surface,
                data={"days": (context.today - days.start).days},
                waivable_on=frozenset({experiment.surface}),
            )


def _was_there(context: Context, experiment: Experiment) -> bool:
    """Whether it had started on the base, under this name or another that is gone, or nobody can tell."""
    base = context.base.catalog if context.base else None
    before = base.experiments.get(experiment.key) if base else None
    if before:
        return life_of(before, context.today) is not Life.UNSTARTED
    unreadable = base is None or experiment.path in base.experiment_files
    return unreadable or old_name(context, experiment) is not None


def _until_now(context: Context, experiment: Experiment) -> str:
    """What it was on the base; the sentence goes on with its start."""
    before = context.base.catalog.experiments.get(experiment.key) if context.base else None
    if before is None:
        return "is new and"
    return "was a draft and" if before.draft else "had not started and now"


class OverButChanged(Rule):
    """What is over was measured with what its file said. A revived experiment counts units twice.

    Title, owner and outcome may change at any time.
    """

    code = "LIF003"
    title = "over but changed or revived"
    fix = (
        "Write what the base says. To run it again, write a new experiment with a name of its own (`coord "
        "new experiment NAME`)."
    )
    needs = _NEEDS
    waivable = True
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report what changed in experiments that were over on the base."""
        say_unknown(context, self)
        for both, changes in context.compared.values():
            wrong = [change for change in changes if change.rule == self.code]
            if not wrong or both.before.days is None:
                continue
            days, parts = both.after.days, [told(both, change) for change in wrong]
            revived = days is not None and days.end > context.today
            at_end = next((part for part in parts if part.pointer == ("end",)), parts[0])
            yield Finding(
                self.code,
                f"{both.before.key} has been over since {both.before.days.end}, "
                f"and {'runs again: ' if revived else ''}its {some([part.text for part in parts])}",
                both.after.at(*at_end.pointer),
                "take it back; to run it again, write a new experiment with a name of its own",
                why="units that were in it would be in it twice" if revived else _MEASURED,
                experiment=both.before.key,
                surface=both.before.surface,
                data={"fields": [change.field for change in wrong], "revived": revived},
                waivable_on=frozenset({both.before.surface}),
            )


_MEASURED = "what was measured was measured with what the file said then"
