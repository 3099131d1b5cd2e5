"""BKT004 by replay, and BKT007: what the draws themselves say."""

from collections.abc import Iterator

from coord.allocation.replay import replay
from coord.allocation.restricted import restriction
from coord.checks.rule import Context, Rule
from coord.domain.findings import Finding, Severity
from coord.domain.model import Experiment


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


def replayed(context: Context) -> Iterator[Finding]:
    """BKT004 for the entries that cannot be honest draws; what nobody can tell goes to `not_replayable`."""
    for key, ledger in sorted(context.catalog.ledgers.items()):
        experiment = context.catalog.experiments.get(key)
        if experiment is None or ledger.space != experiment.space:
            continue
        for result in replay(context.catalog, experiment, ledger):
            if result.unknown:
                context.not_replayable.append((key, result.entry, result.unknown))
            elif result.wrong:
                yield Finding(
                    "BKT004",
                    f"entry {result.entry} of {key} is not the draw it says it is: {result.wrong}",
                    ledger.at("entries", result.entry - 1),
                    "take the ledger from git again, or draw anew with `coord allocate --redraw`",
                    experiment=key,
                    surface=key.partition("/")[0],
                )
