"""What `coord allocate` does: decide for each experiment, in the order of drawing, and draw."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from coord.allocation.drawing import NoRoom, draw_ledger
from coord.allocation.matching import in_force, match
from coord.allocation.restricted import restriction
from coord.allocation.room import Room, room
from coord.domain.audience import disjoint
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.holding import holding, overlap
from coord.domain.model import Entry, Experiment, Ledger
from coord.domain.waivers import pair_waived


class Action(StrEnum):
    """What was done, or why nothing was."""

    DRAWN = "drawn"  # a first ledger
    EXTENDED = "extended"  # entries for further steps
    CHANGED = "changed"  # it runs: what is in force stays, entries of steps to come follow the steps
    REDRAWN = "redrawn"  # anew, because somebody asked
    KEPT = "kept"  # the ledger matches and nothing conflicts
    NEEDS_REDRAW = "needs_redraw"  # it conflicts or does not match, and that is not in force yet
    STARTED = "started"  # it cannot be redrawn: its units would change
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one experiment. `restriction` is the index of restricted sampling of a new ledger.

    `added` buckets were drawn; `dropped` are those of entries that are gone, and `in_force` those of steps
    up to today. `moved_from` is the start that its file says, when it was drawn to start later. A `draft`
    only tries.
    """

    experiment: Experiment
    action: Action
    ledger: Ledger | None = None
    added: int = 0
    dropped: int = 0
    in_force: int = 0
    avoids: tuple[str, ...] = ()
    restriction: Fraction | None = None
    room: Room | None = None
    reason: str | None = None
    moved_from: date | None = None
    draft: bool = False


def allocate(
    catalog: Catalog, keys: Collection[str], today: date, *, redraw: bool, only_needed: bool = False
) -> list[Outcome]:
    """Decide for each of the experiments in the order (start, key); each draw sees those before it.

    With `redraw` entries that are not in force are drawn anew (`only_needed`: where they conflict or do not
    match).
    """
    allocator = _Allocator(catalog, today, redraw=redraw, only_needed=only_needed)
    chosen = (catalog.experiments[key] for key in keys)
    return [allocator.decide(experiment) for experiment in sorted(chosen, key=lambda e: e.order)]


class _Allocator:
    def __init__(self, catalog: Catalog, today: date, *, redraw: bool, only_needed: bool) -> None:
        self.catalog = catalog
        self.today = today
        self.redraw = redraw
        self.only_needed = only_needed
        self.ledgers = dict(catalog.ledgers)

    def decide(self, experiment: Experiment) -> Outcome:
        ledger = self.ledgers.get(experiment.key)
        if ledger is None:
            return self._draw(experiment, Action.DRAWN)
        fits, mismatch = match(experiment, ledger, self._size(experiment))
        if experiment.order[0] <= self.today:
            return self._decide_started(experiment, ledger, fits, mismatch)
        wrong = mismatch or self._conflict(experiment, ledger)
        if self.redraw and (wrong or not self.only_needed):
            return self._draw(experiment, Action.REDRAWN)
        if wrong:
            return Outcome(experiment, Action.NEEDS_REDRAW, reason=wrong)
        if fits < len(experiment.steps):
            return self._draw(experiment, Action.EXTENDED, ledger, fits)
        return Outcome(experiment, Action.KEPT)

    def _decide_started(
        self, experiment: Experiment, ledger: Ledger, fits: int, mismatch: str | None
    ) -> Outcome:
        """What is in force stays. Entries of steps to come are nobody's yet, and follow the steps."""
        steps, past = len(experiment.steps), in_force(experiment, self.today)
        if mismatch and fits < past:
            return Outcome(experiment, Action.STARTED, reason=mismatch)
        to_come = self._conflict(experiment, _without_first(ledger, past, fits))
        asked = self.redraw and bool(to_come or not self.only_needed) and past < steps
        if mismatch or asked:
            return self._change(experiment, ledger, past if to_come or asked else fits)
        if to_come:
            return Outcome(experiment, Action.NEEDS_REDRAW, reason=to_come)
        if fits < steps:
            return self._change(experiment, ledger, fits)
        wrong = self._conflict(experiment, ledger)
        refused = wrong or (self.redraw and not self.only_needed)
        return Outcome(experiment, Action.STARTED if refused else Action.KEPT, reason=wrong)

    def _change(self, experiment: Experiment, ledger: Ledger, kept: int) -> Outcome:
        """Keep the first entries of one that runs, and draw those of the steps after them."""
        if kept < len(ledger.entries):
            return self._draw(experiment, Action.CHANGED, ledger, kept)
        return self._draw(experiment, Action.EXTENDED, ledger, len(ledger.entries))

    def _size(self, experiment: Experiment) -> int:
        return self.catalog.spaces[experiment.space].buckets

    def _conflict(self, experiment: Experiment, ledger: Ledger) -> str | None:
        """With whom it conflicts from today on, in words."""
        size = self._size(experiment)
        own = holding(experiment, ledger, size)
        for other in self.catalog.rivals(experiment):
            theirs = self.ledgers.get(other.key)
            if theirs is None or not other.days or not ledger.space == theirs.space == other.space:
                continue
            common = overlap(own, holding(other, theirs, size))
            apart = disjoint(experiment.audience, other.audience, self.catalog.fixed)
            if apart or pair_waived(self.catalog, experiment, other):
                continue
            if common and common.days.end > self.today:
                return f"it shares {count(common.buckets):,} buckets with {other.key}"
        return None

    def _draw(
        self, experiment: Experiment, action: Action, ledger: Ledger | None = None, kept: int = 0
    ) -> Outcome:
        """Draw an entry for each step after those whose entries in the `ledger` are `kept`."""
        others: Mapping[str, Ledger] = {k: v for k, v in self.ledgers.items() if k != experiment.key}
        before = ledger.entries if ledger else ()
        drawn = draw_ledger(self.catalog, experiment, others, before[:kept])
        if isinstance(drawn, NoRoom):
            found = room(self.catalog, drawn, others, self.today)
            if ledger:  # what it holds stays, and so do its days and its audience
                found = replace(found, earliest=None, narrower=(), extending=True)
            return Outcome(experiment, Action.NO_ROOM, room=found)
        self.ledgers[experiment.key] = drawn
        new = drawn.entries[kept:]
        clear = tuple(new[0].avoids) if new else ()
        return Outcome(
            experiment,
            action,
            drawn,
            added=_buckets(new),
            dropped=_buckets(before[kept:]),
            in_force=_buckets(drawn.entries[: in_force(experiment, self.today)]),
            avoids=clear,
            restriction=None if ledger else restriction(self.catalog, experiment, others, clear),
        )


def _without_first(ledger: Ledger, number: int, fits: int) -> Ledger:
    """What entries give that fit their steps, less what the first ones give."""
    first = tuple(entry._replace(buckets=0) for entry in ledger.entries[:number])
    return replace(ledger, entries=first + ledger.entries[number:fits])


def _buckets(entries: tuple[Entry, ...]) -> int:
    """How many buckets entries add."""
    return sum(count(entry.buckets) for entry in entries)
