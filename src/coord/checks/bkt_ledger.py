"""BKT003: whether a ledger says what its experiment says."""

from collections.abc import Iterator

from coord.checks.redrawing import history, match_again, on_record, restore
from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.config.layout import experiment_path
from coord.domain.buckets import Buckets, count
from coord.domain.findings import Finding, Place
from coord.domain.model import Experiment, Ledger
from coord.domain.shares import format_share


class LedgerMismatch(Rule):
    """The experiment says how much traffic it takes, the ledger says who: they must agree at every step."""

    code = "BKT003"
    title = "ledger does not match traffic, or belongs to no experiment or a draft"
    fix = (
        "Run `coord allocate NAME` after a change of traffic (with `--redraw` before the start; after "
        "it only steps to come may change); delete a ledger that has no active experiment."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare every ledger with its experiment."""
        for key, ledger in sorted(context.catalog.ledgers.items()):
            experiment = context.catalog.experiments.get(key)
            if experiment:
                yield from self._compare(context, experiment, ledger)
            elif on_record(context, key):
                continue  # CHG005 tells that its experiment is gone
            elif experiment_path(key) not in context.catalog.experiment_files:
                message = f"the ledger belongs to no experiment: there is no {key}"
                hint = "delete it, or bring the experiment back"
                yield self._finding(ledger, ledger.at("experiment"), message, hint)

    def _compare(self, context: Context, experiment: Experiment, ledger: Ledger) -> Iterator[Finding]:
        if experiment.draft and on_record(context, experiment.key):
            return  # CHG001 tells that it is a draft again
        if experiment.draft:
            message = f"{experiment.key} is a draft and has a ledger; drafts reserve nothing"
            hint = "delete the ledger, or make the experiment active"
            yield self._finding(ledger, ledger.at("experiment"), message, hint)
            return
        over = experiment.days is not None and experiment.days.end <= context.today
        if ledger.space != experiment.space and over:
            return  # the surface has moved since; the ledger is of the space it ran in
        if ledger.space != experiment.space:
            message = (
                f"the ledger of {experiment.key} is of the space {ledger.space}, "
                f"and its experiment of the space {experiment.space}"
            )
            yield self._finding(ledger, ledger.at("space"), message, match_again(context, experiment))
            return
        cut = len(ledger.entries) < history(context, experiment.key)
        if len(ledger.entries) != len(experiment.steps) and not cut:  # CHG003 tells of entries that are gone
            entries = plural(len(ledger.entries), "entry", "entries")
            steps = plural(len(experiment.steps), "step")
            message = f"the ledger of {experiment.key} has {entries} for {steps} of traffic"
            lacking = len(ledger.entries) < len(experiment.steps)
            hint = f"run `coord allocate {experiment.key}`" if lacking else match_again(context, experiment)
            yield self._finding(ledger, ledger.at("entries"), message, hint)
        yield from self._counts(context, experiment, ledger)

    def _counts(self, context: Context, experiment: Experiment, ledger: Ledger) -> Iterator[Finding]:
        size = context.catalog.spaces[experiment.space].buckets
        held: Buckets = 0
        for number, (entry, step) in enumerate(zip(ledger.entries, experiment.steps, strict=False)):
            place = ledger.at("entries", number, "buckets")
            if held & entry.buckets:
                twice = plural(count(held & entry.buckets), "bucket")
                message = f"entry {number + 1} of {experiment.key} adds {twice} that an earlier entry holds"
                hint = "an entry lists only the buckets that it adds" if entry.migrated else None
                yield self._finding(ledger, place, message, hint or restore(context, ledger, number))
            held |= entry.buckets
            wanted = int(step.traffic * size)
            if count(held) != wanted:
                message = (
                    f"{experiment.key} holds {plural(count(held), 'bucket')} from {step.day}, "
                    f"and its traffic of {format_share(step.traffic)} is {plural(wanted, 'bucket')}"
                )
                yield self._finding(ledger, place, message, match_again(context, experiment))

    def _finding(self, ledger: Ledger, place: Place, message: str, hint: str) -> Finding:
        surface = ledger.experiment.partition("/")[0]
        return Finding(self.code, message, place, hint, experiment=ledger.experiment, surface=surface)
