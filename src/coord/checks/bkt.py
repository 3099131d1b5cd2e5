"""BKT001 and BKT002: who holds the same buckets, and who holds none."""

from collections.abc import Iterator
from fractions import Fraction

from coord.checks.conflict_finding import conflict_finding
from coord.checks.redrawing import on_record
from coord.checks.rule import Context, Rule
from coord.config.layout import ledger_path
from coord.domain.findings import Finding, Severity
from coord.domain.holding import overlap
from coord.domain.model import Experiment
from coord.domain.shares import rough_share


class Conflict(Rule):
    """Units in two experiments that change the same thing show neither's effect: both results are lost.

    Two experiments that must be exclusive may not hold a common bucket on a common day, unless their
    audiences have no unit in common.
    """

    code = "BKT001"
    title = "bucket conflict"
    fix = (
        "Draw again what is not in force yet, all of one that has not started or the steps to come of one "
        "that has: `coord allocate --redraw NAME`. If they share what is in force, end one with `coord end`. "
        "If they may overlap after all, the owner of the surface can waive it in surface.yaml."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Decide every pair exactly."""
        holdings = context.catalog.holdings
        for other, experiment in context.catalog.exclusive_pairs:
            one, two = holdings.get(other.key), holdings.get(experiment.key)
            if one and two and other.space == experiment.space and (common := overlap(one, two)):
                yield conflict_finding(self.code, context, other, experiment, common)


class NoLedger(Rule):
    """Without a ledger an experiment holds no buckets and nobody is in it.

    A warning while there is room and at least two days are left to draw; then an error.
    """

    code = "BKT002"
    title = "no ledger"
    fix = "Run `coord allocate NAME` and commit the ledger that it writes."
    needs = frozenset({"coord", "surface", "experiment", "allocation"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the active experiments that have none."""
        broken = {finding.place.path for finding in context.reading}
        for experiment in context.catalog.active:
            missing = experiment.key not in context.catalog.ledgers and experiment.days
            deleted = on_record(context, experiment.key) and experiment.key in context.base_ledgers
            if (
                missing and not deleted and ledger_path(experiment.key) not in broken
            ):  # CHG003 tells a deletion
                yield self._finding(context, experiment)

    def _finding(self, context: Context, experiment: Experiment) -> Finding:
        placement = context.placements.get(experiment.key)
        if placement is None:
            severity, room = Severity.INFO, "and is over: nobody was in it by this configuration"
            hint = "bring in what it held as a migrated ledger, or delete the file"
        else:
            size = context.catalog.spaces[experiment.space].buckets
            free = rough_share(Fraction(placement.free, size))
            needed = rough_share(Fraction(placement.needed, size))
            at_least = "at least " if placement.at_least else ""
            are_free = f"{at_least}{free} are free" if placement.fits else f"only {free} are free"
            room = f"and nobody is in it yet; it needs {needed} of the buckets, and {are_free}"
            soon = (experiment.order[0] - context.today).days < 2
            severity = Severity.ERROR if soon or not placement.fits else Severity.WARNING
            hint = f"run `coord allocate {experiment.key}`"
            if not placement.fits:
                hint = "lower its traffic or move it to other days; there is no room to draw"
        return Finding(
            self.code,
            f"{experiment.key} has no ledger {room}",
            experiment.at("experiment"),
            hint,
            severity=severity,
            experiment=experiment.key,
            surface=experiment.surface,
            data={} if placement is None else {"needed": placement.needed, "free": placement.free},
        )
