"""Allocating with starts that may move: the first start with room for what has none."""

from collections.abc import Collection
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
        stuck = next((o for o in outcomes if move and _can_move(o, catalog, today)), None)
        if stuck is None or stuck.room is None or stuck.room.earliest is None:
            return Schedule(outcomes, changed)
        changed[stuck.experiment.key] = moved(stuck.experiment, stuck.room.earliest)


def _can_move(outcome: Outcome, catalog: Catalog, today: date) -> bool:
    """Whether a later start would help. One with a ledger that has started has units in it, and stays."""
    if outcome.action is not Action.NO_ROOM or outcome.room is None or outcome.room.earliest is None:
        return False
    start = outcome.experiment.order[0]
    waiting = start > today or outcome.experiment.key not in catalog.ledgers
    return waiting and outcome.room.earliest > start


def with_experiments(catalog: Catalog, changed: dict[str, Experiment]) -> Catalog:
    """The catalogue with some experiments as they would be."""
    return replace(catalog, experiments={**catalog.experiments, **changed}) if changed else catalog


def as_active(catalog: Catalog) -> Catalog:
    """The catalogue as if every dated draft were active: what they would find when they come."""
    drafts = {draft.key: replace(draft, draft=False) for draft in catalog.drafts if draft.dated}
    return with_experiments(catalog, drafts)
