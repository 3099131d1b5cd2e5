"""Allocating with starts that may move: the first start with room for what has none."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from coord.allocation.allocate import Action, Outcome, allocate
from coord.allocation.room import moved
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment


class Schedule(NamedTuple):
    """The outcomes, and the experiments that start on another day than their files say."""

    outcomes: list[Outcome]
    moved: dict[str, Experiment]


def schedule(
    catalog: Catalog, keys: Collection[str], today: date, *, redraw: bool, only_needed: bool, move: bool
) -> Schedule:
    """Allocate; with `move`, start what has no room on the first day with room, one after another."""
    changed: dict[str, Experiment] = {}
    while True:
        current = with_experiments(catalog, changed)
        outcomes = allocate(current, keys, today, redraw=redraw, only_needed=only_needed)
        stuck = next((o for o in outcomes if move and _can_move(o)), None)
        if stuck is None or stuck.room is None or stuck.room.earliest is None:
            told = [replace(o, moved_from=_start_in_file(catalog, o, changed)) for o in outcomes]
            return Schedule(told, changed)
        changed[stuck.experiment.key] = moved(stuck.experiment, stuck.room.earliest)


def schedule_drafts(catalog: Catalog, found: Schedule, today: date, *, move: bool) -> list[Outcome]:
    """What the dated drafts would find if they came after what was scheduled; nobody avoids a draft."""
    drafts = {d.key: replace(d, draft=False) for d in catalog.drafts if d.days and d.dated}
    ledgers = {**catalog.ledgers, **{o.experiment.key: o.ledger for o in found.outcomes if o.ledger}}
    later = replace(
        with_experiments(catalog, {**found.moved, **drafts}),
        ledgers={key: ledger for key, ledger in ledgers.items() if key not in drafts},
    )
    waiting = [key for key, draft in drafts.items() if draft.days and draft.days.end > today]
    tried = schedule(later, waiting, today, redraw=False, only_needed=False, move=move)
    return [replace(outcome, draft=True) for outcome in tried.outcomes]


def _can_move(outcome: Outcome) -> bool:
    """Whether a later start would help. (Where a ledger is only extended there is no earliest start.)"""
    if outcome.action is not Action.NO_ROOM or outcome.room is None or outcome.room.earliest is None:
        return False
    return outcome.room.earliest > outcome.experiment.order[0]


def _start_in_file(catalog: Catalog, outcome: Outcome, changed: Mapping[str, Experiment]) -> date | None:
    key = outcome.experiment.key
    return catalog.experiments[key].order[0] if key in changed else None


def with_experiments(catalog: Catalog, changed: dict[str, Experiment]) -> Catalog:
    """The catalogue with some experiments as they would be."""
    return replace(catalog, experiments={**catalog.experiments, **changed}) if changed else catalog
