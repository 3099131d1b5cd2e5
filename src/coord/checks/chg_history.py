"""CHG003 and CHG005: what is on record of experiments that have started."""

from collections.abc import Iterator
from datetime import date

from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.config.layout import experiment_path
from coord.domain.buckets import Buckets, count
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Ledger


class Rewritten(Rule):
    """The ledger says who is in the experiment. Entries in force are history, and stay as they are."""

    code = "CHG003"
    title = "ledger history rewritten"
    fix = "Take the ledger from the base again: `git checkout BASE -- FILE`."
    needs = frozenset({"coord", "surface", "experiment", "allocation"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare the entries of steps up to today of all that started."""
        if context.base is None:
            return
        for key, ledger in sorted(context.base.catalog.ledgers.items()):
            experiment = context.base.catalog.experiments.get(key)
            here = experiment_path(key) in context.catalog.experiment_files
            started = experiment and life_of(experiment, context.today) is not Life.UNSTARTED
            if experiment and started and here and ledger.path not in context.broken:
                yield from self._compare(context, experiment, ledger)

    def _compare(self, context: Context, experiment: Experiment, ledger: Ledger) -> Iterator[Finding]:
        after = context.catalog.ledgers.get(experiment.key)
        if after is None:
            message = f"the ledger of {experiment.key}, which has started, is gone"
            yield self._finding(experiment, Place(ledger.path), message, ledger.entries[0].buckets)
            return
        if after.space != ledger.space:
            message = f"the ledger of {experiment.key}, which has started, is of another space now"
            yield self._finding(experiment, after.at("space"), message, ledger.entries[0].buckets)
            return
        for number, entry in enumerate(ledger.entries[: _happened(experiment, context.today)]):
            now = after.entries[number] if number < len(after.entries) else None
            if now == entry:
                continue
            place = after.at("entries", number) if now else after.at("entries")
            lost = entry.buckets & ~(now.buckets if now else 0)
            more = now.buckets & ~entry.buckets if now else 0
            bucket_words = (
                f" ({plural(count(lost), 'bucket')} out, {count(more):,} in)" if lost or more else ""
            )
            what = "differs from the base" if now else "is gone"
            message = f"entry {number + 1} of {experiment.key} is in force and {what}{bucket_words}"
            yield self._finding(experiment, place, message, lost)

    def _finding(self, experiment: Experiment, place: Place, message: str, lost: Buckets) -> Finding:
        return Finding(
            self.code,
            message,
            place,
            "take the ledger from the base again; a higher traffic is a new step after today",
            why="its units have been assigned by these buckets",
            experiment=experiment.key,
            surface=experiment.surface,
            buckets=count(lost),
        )


def _happened(experiment: Experiment, today: date) -> int:
    return sum(step.day <= today for step in experiment.steps)


class Removed(Rule):
    """What started is on record: units met it, and its buckets say who. A rename is a removal too."""

    code = "CHG005"
    title = "file of a started experiment removed"
    fix = (
        "Bring the file back under its old name: `git checkout BASE -- FILE`. Stop a running experiment "
        "with `coord end NAME`; finished ones stay."
    )
    needs = frozenset({"coord"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the experiments of the base that have no file any more."""
        for key, before in sorted(context.base.catalog.experiments.items()) if context.base else ():
            life = life_of(before, context.today)
            if life is Life.UNSTARTED or before.path in context.catalog.experiment_files:
                continue
            name = _renamed(context, before)
            stop = f"to stop it, run `coord end {key}`" if life is Life.STARTED else "finished ones stay"
            yield Finding(
                self.code,
                f"{key} has {'started' if life is Life.STARTED else 'run'}, and its file is gone",
                Place(before.path),
                f"rename {name} back" if name else f"bring {before.path} back; {stop}",
                why="its units, and what they met, are on record under this name",
                experiment=key,
                surface=before.surface,
                related=(
                    Related(name, context.catalog.experiments[name].at("experiment"), "renamed to this?"),
                )
                if name
                else (),
            )


def _renamed(context: Context, before: Experiment) -> str | None:
    """A new experiment that says what the one that is gone said."""
    known = context.base.catalog.experiments if context.base else {}
    for key, experiment in sorted(context.catalog.experiments.items()):
        if key not in known and (experiment.hypothesis, experiment.days, experiment.variants) == (
            before.hypothesis,
            before.days,
            before.variants,
        ):
            return key
    return None
