"""Drawing a ledger again: what of it may be, whether that finds room, and how it is told.

`coord allocate` keeps the entries of steps up to today, whose units are in the experiment, and draws others.
"""

from dataclasses import replace
from typing import NamedTuple

from coord.allocation.drawing import avoided, held_by, taken_by
from coord.allocation.matching import in_force, match
from coord.checks.rule import Context
from coord.domain.buckets import Buckets, count
from coord.domain.change.field import Life, life_of
from coord.domain.model import Experiment, Ledger


class Redraw(NamedTuple):
    """Drawing a ledger again: `settled` buckets stay, so many `steps` are drawn, if there is `room`."""

    settled: Buckets
    steps: int
    room: bool


def redraw(context: Context, key: str) -> Redraw | None:
    """What drawing it again would do; None where `coord allocate` refuses, or it would rewrite history."""
    if key not in context.redraws:
        context.redraws[key] = _redraw(context, key)
    return context.redraws[key]


def _redraw(context: Context, key: str) -> Redraw | None:
    experiment, ledger = context.catalog.experiments.get(key), context.catalog.ledgers.get(key)
    if experiment is None or ledger is None or experiment.draft:
        return None
    if experiment.days is None or experiment.days.end <= context.today:
        return None
    past = in_force(experiment, context.today)
    fits = match(experiment, ledger, context.catalog.spaces[experiment.space].buckets).entries
    if fits < past or history(context, key) > past:
        return None
    settled = held_by(replace(ledger, entries=ledger.entries[:past]))
    return Redraw(settled, len(experiment.steps) - past, _has_room(context, experiment, past, settled))


def _has_room(context: Context, experiment: Experiment, past: int, settled: Buckets) -> bool:
    """Whether every step after the `past` ones finds enough buckets; later steps meet fewer of the others."""
    catalog = context.catalog
    size = catalog.spaces[experiment.space].buckets
    for step in experiment.steps[past:]:
        taken = taken_by(catalog, avoided(catalog, experiment, step.day), catalog.ledgers)
        if int(step.traffic * size) - count(settled) > size - count(settled | taken):
            return False
    return True


def no_room(context: Context, experiment: Experiment) -> str:
    """What to do where there is no room to draw it again."""
    if waits(context, experiment):
        move = f"`coord allocate --redraw --start earliest {experiment.key}`"
        return f"there is no room to draw {experiment.key} again: lower its traffic, or move it with {move}"
    return (
        f"there is no room for the steps to come of {experiment.key}: lower them, or stop it with "
        f"`coord end {experiment.key}`"
    )


def waits(context: Context, experiment: Experiment) -> bool:
    """Whether it starts after today."""
    return experiment.order[0] > context.today


def match_again(context: Context, experiment: Experiment) -> str:
    """How a ledger comes to match its experiment again."""
    found = redraw(context, experiment.key)
    if found is None:
        return "it has started, so its units stay: take the ledger or the experiment from git again"
    if not found.room:
        return no_room(context, experiment)
    if waits(context, experiment):
        return f"run `coord allocate --redraw {experiment.key}`"
    return f"run `coord allocate {experiment.key}`: what is in force stays, and only the rest changes"


def restore(context: Context, ledger: Ledger, entry: int) -> str:
    """How an entry, counted from 0, becomes a draw again."""
    key = ledger.experiment
    anew = draw_anew(context, key, entry)
    return f"take the ledger from git again{f', or {anew}' if anew else ''}"


def draw_anew(context: Context, key: str, entry: int) -> str | None:
    """How an entry, counted from 0, is drawn anew; None where it is in force, or there is no room."""
    found, experiment = redraw(context, key), context.catalog.experiments.get(key)
    if found is None or experiment is None or not found.room or entry < in_force(experiment, context.today):
        return None
    what = "it" if waits(context, experiment) else "what is to come of it"
    return f"draw {what} anew with `coord allocate --redraw {key}`"


def on_record(context: Context, key: str) -> bool:
    """Whether it had started on the base: rules that compare tell what happened to it."""
    before = context.base.catalog.experiments.get(key) if context.base else None
    return before is not None and life_of(before, context.today) is not Life.UNSTARTED


def history(context: Context, key: str) -> int:
    """How many entries of the base were in force: they stay, whatever the steps say now."""
    base = context.base.catalog if context.base else None
    if base is None or not on_record(context, key) or key not in base.ledgers:
        return 0
    return min(in_force(base.experiments[key], context.today), len(base.ledgers[key].entries))
