"""BKT004 by replay, and BKT007: what the draws themselves say."""

from collections.abc import Iterator

from coord.allocation.replay import replay
from coord.allocation.restricted import restriction
from coord.checks.redrawing import draw_anew, no_room, redraw, waits
from coord.checks.rule import Context, Rule
from coord.config.layout import experiment_path
from coord.domain.catalog import Catalog
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Severity
from coord.domain.model import Experiment, Ledger


class Restricted(Rule):
    """Exclusive experiments sample from what the others leave, so their units may differ from the population.

    The estimate for everybody is off by this index times how much earlier exposure changes the effect.
    """

    code = "BKT007"
    title = "restricted sampling"
    fix = (
        "Nothing has to be done where exposure to earlier experiments leaves no trace. Otherwise wait until "
        "the others end and draw then, or let buckets rest after an end with `policy.cooldown_days`."
    )
    severity = Severity.INFO
    needs = frozenset({"coord", "surface", "experiment", "allocation"})
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report drawn ledgers whose index is beyond 10 points."""
        for experiment in context.catalog.active:
            ledger = context.catalog.ledgers.get(experiment.key)
            if ledger is None or ledger.space != experiment.space or ledger.entries[0].migrated:
                continue
            clear = ledger.entries[0].avoids
            index = restriction(context.catalog, experiment, context.catalog.ledgers, clear)
            if index is not None and abs(index) * 10 > 1:
                yield self._finding(experiment, float(index * 100))

    def _finding(self, experiment: Experiment, points: float) -> Finding:
        more = "more" if points > 0 else "fewer"
        return Finding(
            self.code,
            f"{experiment.key} was drawn from buckets with {abs(points):.1f} points {more} "
            "recently exposed units than the population",
            experiment.at("components"),
            _HINTS[points > 0],
            experiment=experiment.key,
            surface=experiment.surface,
            data={"index": round(points / 100, 6)},
            waivable_on=frozenset({experiment.surface}),
        )


_HINTS = {
    False: "read its effect as one among units new to the component, or let buckets rest (`cooldown_days`)",
    True: "read its effect as one among units that met the component's experiments before",
}
"""What to make of units who met less, and of units who met more, than the population."""


def replayed(context: Context, *, everything: bool) -> Iterator[Finding]:
    """BKT004 for the entries that cannot be honest draws: of all, or of those that the base does not have.

    What nobody can tell any more goes to `not_replayable`. Of an entry that is new everything can be told.
    """
    for key, ledger in sorted(context.catalog.ledgers.items()):
        experiment = context.catalog.experiments.get(key)
        if experiment is None or ledger.space != experiment.space:
            continue
        old = _old_entries(context, ledger)
        if not everything and old == len(ledger.entries):
            continue
        chosen = _chosen(context, ledger, old)
        if chosen:
            yield _not_a_draw(context, experiment, ledger, chosen, "it was drawn before, and is chosen now")
        for result in replay(context.catalog, experiment, ledger, 1 if everything else old + 1):
            is_new = context.base is not None and result.entry > old
            unstarted = life_of(experiment, context.today) is Life.UNSTARTED  # and so it can be drawn again
            wrong = result.wrong or (result.unfit if is_new or unstarted else None)
            wrong = wrong or (result.unknown if is_new else None)
            unknown = result.unknown or result.unfit
            if wrong:
                yield _not_a_draw(context, experiment, ledger, result.entry, wrong)
            elif unknown:
                context.not_replayable.append((key, result.entry, unknown))


def _old_entries(context: Context, ledger: Ledger) -> int:
    """How many of the first entries the base has too, or has otherwise though they are history (CHG003).

    What lay there while the experiment was a draft was held by nobody: once it is active, it counts as new.
    """
    base = context.base.catalog if context.base else None
    if base is None or (_waited(base, ledger) and not context.catalog.experiments[ledger.experiment].draft):
        return 0
    before, experiment = base.ledgers.get(ledger.experiment), base.experiments.get(ledger.experiment)
    if before is None:
        return 0
    same = [one == other for one, other in zip(before.entries, ledger.entries, strict=False)]
    started = experiment is not None and life_of(experiment, context.today) is not Life.UNSTARTED
    history = sum(step.day <= context.today for step in experiment.steps) if experiment and started else 0
    return max(same.index(False) if False in same else len(same), min(history, len(before.entries)))


def _chosen(context: Context, ledger: Ledger, old: int) -> int | None:
    """The first entry that takes the place of a draw of the base with buckets that nobody drew."""
    before = context.base_ledgers.get(ledger.experiment)
    if before is None or all(entry.migrated for entry in before.entries):
        return None
    return next((n for n, entry in enumerate(ledger.entries, 1) if n > old and entry.migrated), None)


def _waited(base: Catalog, ledger: Ledger) -> bool:
    """Whether a ledger was that of a draft, or of nothing; not where nobody can tell."""
    experiment = base.experiments.get(ledger.experiment)
    return experiment.draft if experiment else experiment_path(ledger.experiment) not in base.experiment_files


def _not_a_draw(context: Context, experiment: Experiment, ledger: Ledger, entry: int, wrong: str) -> Finding:
    return Finding(
        "BKT004",
        f"entry {entry} of {experiment.key} is not the draw it says it is: {wrong}",
        ledger.at("entries", entry - 1),
        _anew(context, experiment, entry - 1),
        experiment=experiment.key,
        surface=experiment.surface,
    )


def _anew(context: Context, experiment: Experiment, entry: int) -> str:
    """How an entry that is no draw is mended."""
    if experiment.draft:
        return "delete the ledger: a draft holds no buckets"
    drawn = redraw(context, experiment.key)
    if drawn and not drawn.room and waits(context, experiment):
        return no_room(context, experiment)
    anew = draw_anew(context, experiment.key, entry)
    return anew or "it has started, so its units stay: take the ledger from git again"
