"""What `coord allocate` does: decide for each experiment, in the order of drawing, and draw."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from coord.allocation.drawing import NoRoom, draw_ledger, held_by
from coord.allocation.restricted import restriction
from coord.allocation.room import Room, room
from coord.domain.audience import disjoint
from coord.domain.buckets import count, digest, full
from coord.domain.catalog import Catalog
from coord.domain.holding import holding, overlap
from coord.domain.model import Experiment, Ledger
from coord.domain.waivers import pair_waived


class Action(StrEnum):
    """What was done, or why nothing was."""

    DRAWN = "drawn"  # a first ledger
    EXTENDED = "extended"  # entries for further steps
    REDRAWN = "redrawn"  # anew, because somebody asked
    KEPT = "kept"  # the ledger matches and nothing conflicts
    NEEDS_REDRAW = "needs_redraw"  # it conflicts or does not match, and has not started
    STARTED = "started"  # it cannot be redrawn: its units would change
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one experiment. `restriction` is the index of restricted sampling of a new ledger.

    `moved_from` is the start that its file says, when it was drawn to start later. A `draft` only tries.
    """

    experiment: Experiment
    action: Action
    ledger: Ledger | None = None
    added: int = 0
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

    With `redraw` unstarted ledgers are drawn anew (`only_needed`: those that conflict or do not match).
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
            return self._draw(experiment, Action.DRAWN, None)
        wrong = self._wrong(experiment, ledger)
        started = experiment.order[0] <= self.today
        if self.redraw and (wrong or not self.only_needed):
            if started:
                return Outcome(experiment, Action.STARTED, reason=wrong)
            return self._draw(experiment, Action.REDRAWN, None)
        if wrong:
            return Outcome(experiment, Action.STARTED if started else Action.NEEDS_REDRAW, reason=wrong)
        if len(ledger.entries) < len(experiment.steps):
            return self._draw(experiment, Action.EXTENDED, ledger)
        return Outcome(experiment, Action.KEPT)

    def _wrong(self, experiment: Experiment, ledger: Ledger) -> str | None:
        """What is wrong with a ledger that exists; None when its entries match and nothing conflicts."""
        if ledger.space != experiment.space:
            return f"its ledger is of the space {ledger.space}"
        size, held = self.catalog.spaces[experiment.space].buckets, 0
        if len(ledger.entries) > len(experiment.steps):
            return "its ledger has more entries than it has steps"
        for entry, step in zip(ledger.entries, experiment.steps, strict=False):
            twice, held = held & entry.buckets, held | entry.buckets
            if twice or held & ~full(size) or count(held) != int(step.traffic * size):
                return "its ledger does not match its traffic"
            if not entry.migrated and entry.digest != digest(held, size):
                return "its ledger was edited: a digest does not fit its buckets"
        return self._conflict(experiment, ledger)

    def _conflict(self, experiment: Experiment, ledger: Ledger) -> str | None:
        size = self.catalog.spaces[experiment.space].buckets
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

    def _draw(self, experiment: Experiment, action: Action, ledger: Ledger | None) -> Outcome:
        others: Mapping[str, Ledger] = {k: v for k, v in self.ledgers.items() if k != experiment.key}
        kept = ledger.entries if ledger else ()
        drawn = draw_ledger(self.catalog, experiment, others, kept)
        if isinstance(drawn, NoRoom):
            found = room(self.catalog, drawn, others, self.today)
            if ledger:  # what it holds stays, and so do its days and its audience
                found = replace(found, earliest=None, narrower=(), extending=True)
            return Outcome(experiment, Action.NO_ROOM, room=found)
        self.ledgers[experiment.key] = drawn
        clear = tuple(drawn.entries[len(kept)].avoids)
        return Outcome(
            experiment,
            action,
            drawn,
            count(held_by(drawn)) - count(held_by(ledger)),
            clear,
            None if kept else restriction(self.catalog, experiment, others, clear),
        )
