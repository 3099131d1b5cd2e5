"""CHG003 and CHG005: what is on record of experiments that have started."""

from collections.abc import Iterator

from coord.checks import chg_unread
from coord.checks.chg_words import say_unknown
from coord.checks.rule import Context, Rule
from coord.checks.words import listed, plural
from coord.config.layout import ledger_path
from coord.domain.buckets import Buckets, count
from coord.domain.catalog import Catalog
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Entry, Experiment, Ledger

_MOST = 3  # entries that are named


class Rewritten(Rule):
    """The ledger says who is in the experiment. Entries of steps up to today are history: they stay.

    Entries of steps to come may be drawn again.
    """

    code = "CHG003"
    title = "ledger history rewritten"
    fix = (
        "Take the ledger from the base again: `git checkout BASE -- FILE`, where BASE is what you compare "
        "with. Then `coord allocate NAME` draws what new steps add."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare the entries of steps up to today of all that started."""
        say_unknown(context, self)
        yield from chg_unread.rewritten(context)
        if context.base is None:
            return
        base = context.base.catalog
        for key, ledger in sorted(base.ledgers.items()):
            experiment = base.experiments.get(key)
            if experiment is None or life_of(experiment, context.today) is Life.UNSTARTED:
                continue
            here = experiment.path in context.catalog.experiment_files and ledger.path not in context.broken
            if here and not _space_changed(context, base, experiment):
                yield from self._compare(context, experiment, ledger)

    def _compare(self, context: Context, experiment: Experiment, ledger: Ledger) -> Iterator[Finding]:
        now = context.catalog.ledgers.get(experiment.key)
        steps = sum(step.day <= context.today for step in experiment.steps)
        before, after = ledger.entries[:steps], now.entries[:steps] if now else ()
        wrong = [n for n, entry in enumerate(before) if n >= len(after) or after[n] != entry]
        one, other = _held(before), _held(after)
        lost, won = one & ~other, other & ~one
        whose = f"the ledger of {experiment.key}, which started on {experiment.order[0]},"
        if now is None:
            place, what = Place(ledger.path), f"{whose} is gone"
        elif now.space != ledger.space:
            place, what = now.at("space"), f"{whose} changed its space from {ledger.space} to {now.space}"
        elif wrong:
            place = now.at("entries", wrong[0]) if wrong[0] < len(after) else now.at("entries")
            what = f"{whose} was rewritten: {_entries(wrong, before, after)}{_difference(lost, won)}"
        else:
            return
        yield Finding(
            self.code,
            what,
            place,
            f"take it from the base again: `git checkout BASE -- {ledger.path}`",
            why="units were assigned by what it said",
            experiment=experiment.key,
            surface=experiment.surface,
            buckets=count(lost),
            data={"entries": [number + 1 for number in wrong], "lost": count(lost), "won": count(won)},
        )


def _space_changed(context: Context, base: Catalog, experiment: Experiment) -> bool:
    """Whether it runs, in another space or another number of buckets: CHG004 says so, the ledger follows."""
    after = context.catalog.experiments.get(experiment.key)
    if after is None or life_of(experiment, context.today) is not Life.STARTED:
        return False
    sizes = [catalog.spaces[e.space].buckets for catalog, e in ((base, experiment), (context.catalog, after))]
    return after.space != experiment.space or sizes[0] != sizes[1]


def _held(entries: tuple[Entry, ...]) -> Buckets:
    held: Buckets = 0
    for entry in entries:
        held |= entry.buckets
    return held


def _entries(wrong: list[int], before: tuple[Entry, ...], after: tuple[Entry, ...]) -> str:
    """`entry 1 has other buckets`, `entries 1 and 2 are gone`."""
    one = len(wrong) == 1
    shown = [str(number + 1) for number in wrong[:_MOST]]
    numbers = listed([*shown, f"{len(wrong) - _MOST} more"] if len(wrong) > _MOST else shown)
    if wrong[0] >= len(after):
        what = "is gone" if one else "are gone"
    elif all(n < len(after) and before[n].buckets == after[n].buckets for n in wrong):
        what = ("says" if one else "say") + " otherwise how it was drawn"
    else:
        what = ("has" if one else "have") + " other buckets"
    return f"{'entry' if one else 'entries'} {numbers} {what}"


def _difference(lost: Buckets, won: Buckets) -> str:
    if not lost and not won:
        return ""
    return f" ({plural(count(lost), 'bucket')} out, {count(won):,} in)"


class Removed(Rule):
    """What started is on record: units met it, and its ledger says who. A rename is a removal too."""

    code = "CHG005"
    title = "file of a started experiment removed"
    fix = (
        "Take the file from the base again, under its old name: `git checkout BASE -- FILE`. Stop what runs "
        "with `coord end NAME`; files of what is over stay. A `title` may change at any time."
    )
    needs = frozenset({"coord"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the experiments of the base that have no file any more."""
        say_unknown(context, self, ("coord", "surface", "experiment"), removed=True)
        yield from chg_unread.removed(context)
        for key, before in sorted(context.base.catalog.experiments.items()) if context.base else ():
            life = life_of(before, context.today)
            if life is Life.UNSTARTED or before.path in context.catalog.experiment_files:
                continue
            after = renamed(context, before)
            started = f"started on {before.order[0]}"
            ended = f"ran until {before.days.end}" if before.days is not None else started
            yield Finding(
                self.code,
                f"the file of {key}, which {started if life is Life.STARTED else ended}, is gone",
                Place(before.path),
                _back(context, before, after, life),
                why="its units, and what they met, are on record under this name",
                experiment=key,
                surface=before.surface,
                related=(Related(after.key, after.at("experiment"), "this looks like its new name"),)
                if after
                else (),
                data={"renamed": after.key if after else None},
            )


def _back(context: Context, before: Experiment, after: Experiment | None, life: Life) -> str:
    """How the file comes back."""
    if after:
        return f"call it {before.key} again: only its `title` may change"
    ledger = ledger_path(before.key)
    had_one = context.base is not None and before.key in context.base.catalog.ledgers
    also = f" {ledger}" if had_one and before.key not in context.catalog.ledgers else ""
    stop = f"; to stop it, run `coord end {before.key}` then" if life is Life.STARTED else ""
    return f"take it from the base again: `git checkout BASE -- {before.path}{also}`{stop}"


def renamed(context: Context, before: Experiment) -> Experiment | None:
    """A new experiment that says what the one that is gone said."""
    known = context.base.catalog.experiments if context.base else {}
    for key, experiment in sorted(context.catalog.experiments.items()):
        if key not in known and _says(experiment) == _says(before):
            return experiment
    return None


def _says(experiment: Experiment) -> tuple[object, ...]:
    return experiment.hypothesis, experiment.days, experiment.variants


def old_name(context: Context, after: Experiment) -> Experiment | None:
    """The started experiment of the base whose file is gone, and was given this name as it seems."""
    for before in context.base.catalog.experiments.values() if context.base else ():
        gone = before.path not in context.catalog.experiment_files
        if gone and life_of(before, context.today) is not Life.UNSTARTED and _says(before) == _says(after):
            return before
    return None
