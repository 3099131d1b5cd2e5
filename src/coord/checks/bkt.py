"""BKT: who holds which buckets."""

from collections.abc import Iterator
from fractions import Fraction

from coord.allocation.matching import in_force, match
from coord.checks.conflict_finding import conflict_finding
from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.domain.buckets import Buckets, count, digest, full
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Place, Severity
from coord.domain.holding import overlap
from coord.domain.model import Experiment, Ledger
from coord.domain.shares import format_share, rough_share


class Conflict(Rule):
    """Units in two experiments that change the same thing show neither's effect: both results are lost.

    Two experiments that must be exclusive may not hold a common bucket on a common day, unless their
    audiences have no unit in common.
    """

    code = "BKT001"
    title = "bucket conflict"
    fix = (
        "Draw the one that has not started again: `coord allocate --redraw NAME`. If both have started, end "
        "one with `coord end`. If they may overlap after all, the owner of the surface can waive it in "
        "surface.yaml."
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
            if missing and not deleted and _ledger_path(experiment) not in broken:  # CHG003 tells a deletion
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


def _ledger_path(experiment: Experiment) -> str:
    return f"surfaces/{experiment.surface}/allocations/{experiment.name}.yaml"


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
            elif f"surfaces/{key.replace('/', '/experiments/')}.yaml" not in context.catalog.experiment_files:
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
            yield self._finding(ledger, ledger.at("space"), message, _again(context, experiment, ledger))
            return
        cut = len(ledger.entries) < _history(context, experiment.key)
        if len(ledger.entries) != len(experiment.steps) and not cut:  # CHG003 tells of entries that are gone
            entries = plural(len(ledger.entries), "entry", "entries")
            steps = plural(len(experiment.steps), "step")
            message = f"the ledger of {experiment.key} has {entries} for {steps} of traffic"
            lacking = len(ledger.entries) < len(experiment.steps)
            hint = (
                f"run `coord allocate {experiment.key}`" if lacking else _again(context, experiment, ledger)
            )
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
                yield self._finding(ledger, place, message, hint or _restore(context, ledger.experiment))
            held |= entry.buckets
            wanted = int(step.traffic * size)
            if count(held) != wanted:
                message = (
                    f"{experiment.key} holds {plural(count(held), 'bucket')} from {step.day}, "
                    f"and its traffic of {format_share(step.traffic)} is {plural(wanted, 'bucket')}"
                )
                yield self._finding(ledger, place, message, _again(context, experiment, ledger))

    def _finding(self, ledger: Ledger, place: Place, message: str, hint: str) -> Finding:
        surface = ledger.experiment.partition("/")[0]
        return Finding(self.code, message, place, hint, experiment=ledger.experiment, surface=surface)


def on_record(context: Context, key: str) -> bool:
    """Whether it had started on the base: rules that compare tell what happened to it."""
    before = context.base.catalog.experiments.get(key) if context.base else None
    return before is not None and life_of(before, context.today) is not Life.UNSTARTED


def _again(context: Context, experiment: Experiment, ledger: Ledger) -> str:
    """How a ledger comes to match its experiment again."""
    if experiment.order[0] > context.today:
        return f"run `coord allocate --redraw {experiment.key}`"
    past = in_force(experiment, context.today)
    fits = match(experiment, ledger, context.catalog.spaces[experiment.space].buckets).entries
    if past <= fits and _history(context, experiment.key) <= past:
        return f"run `coord allocate {experiment.key}`: what is in force stays, and only the rest changes"
    return "it has started, so its units stay: take the ledger or the experiment from git again"


def _history(context: Context, key: str) -> int:
    """How many entries of the base were in force: they stay, whatever the steps say now."""
    base = context.base.catalog if context.base else None
    if base is None or not on_record(context, key) or key not in base.ledgers:
        return 0
    return min(in_force(base.experiments[key], context.today), len(base.ledgers[key].entries))


def _restore(context: Context, key: str) -> str:
    """How a ledger becomes a draw again."""
    experiment = context.catalog.experiments.get(key)
    waiting = experiment and not experiment.draft and experiment.order[0] > context.today
    anew = f", or draw it anew with `coord allocate --redraw {key}`" if waiting else ""
    return f"take the ledger from git again{anew}"


class WrongDigest(Rule):
    """The digest seals a draw. Buckets that do not fit it were changed by hand and are no sample."""

    code = "BKT004"
    title = "digest or replay wrong"
    fix = (
        "Take the ledger from git again, or, before the start, draw it anew with `coord allocate --redraw "
        "NAME`. Never edit it by hand."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Recompute the digests of drawn entries, up to the first that is wrong in each ledger."""
        for key, ledger in sorted(context.catalog.ledgers.items()):
            space = context.catalog.spaces.get(ledger.space)
            held: Buckets = 0
            for number, entry in enumerate(ledger.entries):
                held |= entry.buckets
                if space is None or entry.digest is None or held.bit_length() > space.buckets:
                    continue  # the space or a bucket outside it is what must be mended first
                if digest(held, space.buckets) != entry.digest:
                    yield Finding(
                        self.code,
                        f"the digest of entry {number + 1} of {key} does not fit its buckets: "
                        "a bucket was changed",
                        ledger.at("entries", number, "digest"),
                        _restore(context, key),
                        experiment=key,
                        surface=key.partition("/")[0],
                    )
                    break


class OutOfRange(Rule):
    """A bucket that the space does not have has no units."""

    code = "BKT005"
    title = "bucket out of range"
    fix = (
        "Correct the ranges of a migrated ledger: they are half-open, and a space of 10,000 buckets ends at "
        "10000. A drawn one is drawn again."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the entries with a bucket beyond the space's last."""
        for key, ledger in sorted(context.catalog.ledgers.items()):
            space = context.catalog.spaces.get(ledger.space)
            for number, entry in enumerate(ledger.entries):
                if space and entry.buckets & ~full(space.buckets):
                    highest = entry.buckets.bit_length() - 1
                    half_open = "ranges are half-open: 0:100 are the buckets 0 to 99"
                    yield Finding(
                        self.code,
                        f"entry {number + 1} of {key} holds bucket {highest:,}, and the space {space.name} "
                        f"has {space.buckets:,} buckets (0 to {space.buckets - 1:,})",
                        ledger.at("entries", number, "buckets"),
                        half_open if entry.migrated else _restore(context, key),
                        experiment=key,
                        surface=key.partition("/")[0],
                    )


def _by_hand(context: Context, key: str) -> bool:
    """Whether a change brings in buckets of an experiment that is still to come, and could draw."""
    experiment = context.catalog.experiments.get(key)
    waiting = experiment is not None and not experiment.draft and experiment.order[0] > context.today
    return context.base is not None and waiting and key not in context.base_ledgers


class NotRandom(Rule):
    """Buckets that another system chose may be the same people every time, who carry effects along."""

    code = "BKT006"
    title = "not a random draw"
    fix = (
        "Nothing has to be done. Let experiments that were brought in run out, and draw the next ones with "
        "`coord allocate`."
    )
    severity = Severity.INFO
    needs = frozenset({"allocation"})
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the entries that were brought in from elsewhere."""
        for key, ledger in sorted(context.catalog.ledgers.items()):
            migrated = [number for number, entry in enumerate(ledger.entries) if entry.migrated]
            if migrated:
                by_hand = _by_hand(context, key)
                yield Finding(
                    self.code,
                    f"the buckets of {key} were brought in from another system and are not a random draw",
                    ledger.at("entries", migrated[0], "buckets"),
                    f"draw them: delete the ledger and run `coord allocate {key}`"
                    if by_hand
                    else "nothing to do: the next experiment is drawn by `coord allocate`",
                    why="it has not started, so nobody is in it yet" if by_hand else None,
                    severity=Severity.WARNING if by_hand else None,
                    experiment=key,
                    surface=key.partition("/")[0],
                )
