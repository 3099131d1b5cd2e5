"""LIF001 and LIF003: what a change does to the beginning and the end of a life."""

from collections.abc import Iterator

from coord.checks.chg import from_to
from coord.checks.rule import Context, Rule
from coord.checks.words import listed, plural
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding
from coord.domain.model import Experiment

_NEEDS = frozenset({"coord", "surface", "experiment"})


class StartsInThePast(Rule):
    """Nobody was assigned on days that are over, whatever the file says: the result would count them."""

    code = "LIF001"
    title = "starts in the past"
    fix = (
        "Let it start today or later. What ran in another system before is brought in with its buckets, as a "
        "migrated ledger."
    )
    needs = _NEEDS | {"allocation"}
    waivable = True
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report experiments that start before today and had not started on the base."""
        for experiment in context.catalog.active:
            days = experiment.days
            if days is None or days.start >= context.today or _was_there(context, experiment):
                continue
            ledger = context.catalog.ledgers.get(experiment.key)
            if ledger and all(entry.migrated for entry in ledger.entries):
                continue
            ago = plural((context.today - days.start).days, "day")
            yield Finding(
                self.code,
                f"{experiment.key} is new and starts on {days.start}, {ago} ago",
                experiment.at("start"),
                f"let it start on {context.today} or later"
                + ("" if ledger else ", or bring in what it held as a migrated ledger"),
                why="nobody was in it on the days before this change",
                experiment=experiment.key,
                surface=experiment.surface,
                waivable_on=frozenset({experiment.surface}),
            )


def _was_there(context: Context, experiment: Experiment) -> bool:
    """Whether it had started on the base, or nobody can tell."""
    if context.base is None or experiment.path in context.base.broken:
        return True
    before = context.base.catalog.experiments.get(experiment.key)
    return before is not None and life_of(before, context.today) is not Life.UNSTARTED


class OverButChanged(Rule):
    """What is over was measured with what its file said. A revived experiment counts units twice.

    Title, owner and outcome may change at any time.
    """

    code = "LIF003"
    title = "over but changed or revived"
    fix = "Take the file from the base again. To run it again, write a new experiment with a name of its own."
    needs = _NEEDS
    waivable = True
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report what changed in experiments that were over on the base."""
        for both, changes in context.compared.values():
            wrong = [change for change in changes if change.rule == self.code]
            if not wrong or both.before.days is None:
                continue
            names = [f"`{change.field}`{from_to(change)}" for change in wrong]
            days = both.after.days
            revived = days is not None and days.end > context.today
            yield Finding(
                self.code,
                f"{both.before.key} has been over since {both.before.days.end}, "
                f"and {'is revived' if revived else 'changed'}: {listed(names)}",
                both.after.at(*next((c.pointer for c in wrong if c.field == "end"), wrong[0].pointer)),
                "take it back; to run it again, write a new experiment",
                why=wrong[0].reason,
                experiment=both.before.key,
                surface=both.before.surface,
                data={"fields": [change.field for change in wrong], "revived": revived},
                waivable_on=frozenset({both.before.surface}),
            )
