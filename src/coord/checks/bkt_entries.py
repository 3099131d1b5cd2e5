"""BKT004, BKT005 and BKT006: whether the entries of a ledger are draws, of buckets that there are."""

from collections.abc import Iterator

from coord.checks.redrawing import restore
from coord.checks.rule import Context, Rule
from coord.domain.buckets import Buckets, digest, full
from coord.domain.findings import Finding, Severity


class WrongDigest(Rule):
    """The digest seals a draw. Buckets that do not fit it were changed by hand and are no sample."""

    code = "BKT004"
    title = "digest or replay wrong"
    fix = (
        "Take the ledger from git again, or draw what is not in force yet anew with `coord allocate --redraw "
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
                        restore(context, ledger, number),
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
                        half_open if entry.migrated else restore(context, ledger, number),
                        experiment=key,
                        surface=key.partition("/")[0],
                    )


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


def _by_hand(context: Context, key: str) -> bool:
    """Whether a change brings in buckets of an experiment that is still to come, and could draw."""
    experiment = context.catalog.experiments.get(key)
    waiting = experiment is not None and not experiment.draft and experiment.order[0] > context.today
    return context.base is not None and waiting and key not in context.base_ledgers
