"""What `coord allocate` did, for people and as `coord.allocate/1`."""

import json
from collections.abc import Sequence
from typing import Any

from coord.allocation.allocate import Action, Outcome
from coord.allocation.room import Room
from coord.domain.model import Experiment
from coord.domain.shares import format_share, rough_share

_DONE = {
    Action.DRAWN: "{drew} {n} ({share})",
    Action.EXTENDED: "{drew} {n} more (now {share})",
    Action.CHANGED: "keeps {in_force} in force, {steps} ({share})",
    Action.REDRAWN: "{drew} {n} again ({share})",
    Action.KEPT: "keeps its buckets",
    Action.NEEDS_REDRAW: "left as it is: {reason}. Draw it again: coord allocate --redraw {key}",
    Action.STARTED: "left as it is: {reason}it has started, so its units cannot change",
}


def text(outcomes: Sequence[Outcome], *, dry_run: bool) -> str:
    """One line for each experiment, and a paragraph for each that has no room."""
    lines = []
    for outcome in outcomes:
        if outcome.room:
            lines += _no_room(outcome, outcome.room)
        else:
            lines.append(f"{_name(outcome)}: {_line(outcome, dry_run=dry_run)}")
    decisive = [outcome for outcome in outcomes if not outcome.draft]
    changed = sum(outcome.ledger is not None for outcome in decisive)
    if any(outcome.room for outcome in decisive):
        lines.append("Dry run: nothing would be written." if dry_run else "Nothing was written.")
    elif dry_run:
        lines.append(f"Dry run: {_ledgers(changed)} would be written.")
    else:
        lines.append(f"{_ledgers(changed)} written.")
    return "".join(f"{line}\n" for line in lines)


def _ledgers(number: int) -> str:
    return f"{number} ledger{'' if number == 1 else 's'}"


def _name(outcome: Outcome) -> str:
    return f"{outcome.experiment.key} (draft)" if outcome.draft else outcome.experiment.key


def _line(outcome: Outcome, *, dry_run: bool) -> str:
    reason = outcome.reason or ""
    if outcome.action is Action.STARTED and reason:
        reason += ", and "
    line = _DONE[outcome.action].format(
        drew=_verb("draw", dry_run=dry_run),
        n=_buckets(outcome.added),
        in_force=_buckets(outcome.in_force),
        steps=_to_come(outcome, dry_run=dry_run),
        share=format_share(outcome.experiment.traffic),
        reason=reason,
        key=outcome.experiment.key,
    )
    if outcome.moved_from:
        line = f"starts on {outcome.experiment.order[0]} instead of {outcome.moved_from}; {line}"
    if outcome.avoids:
        shown = ", ".join(outcome.avoids[:3])
        more = f" and {len(outcome.avoids) - 3} more" if len(outcome.avoids) > 3 else ""
        line += f", clear of {shown}{more}"
    if outcome.restriction:
        line += f" (recently exposed: {_index(outcome)} points against the population)"
    return line


def _to_come(outcome: Outcome, *, dry_run: bool) -> str:
    """What became of the entries of steps to come."""
    if not outcome.added:
        return f"{_verb('drop', dry_run=dry_run)} {outcome.dropped:,} of steps to come"
    instead = f"{outcome.added:,} for steps to come in place of {outcome.dropped:,}"
    return f"{_verb('draw', dry_run=dry_run)} {instead}"


def _verb(verb: str, *, dry_run: bool) -> str:
    return f"would {verb}" if dry_run else {"draw": "drew", "drop": "dropped"}[verb]


def _buckets(number: int) -> str:
    return f"{number:,} bucket{'' if number == 1 else 's'}"


def _index(outcome: Outcome) -> str:
    points = float((outcome.restriction or 0) * 100)
    return f"{points:+.1f}"


def _no_room(outcome: Outcome, room: Room) -> list[str]:
    lack = room.lack
    lines = [
        f"{_name(outcome)}: no room from {lack.since}: it needs {rough_share(room.needed)} "
        f"of the buckets of {room.space}, and {rough_share(room.free)} are free"
    ]
    width = max((len(other.key) for other, _ in room.held), default=0)
    for other, share in room.held:
        lines.append(f"    held by {other.key:<{width}}  {rough_share(share):>7}  {_until(other)}")
    if room.largest < room.union < sum(share for _, share in room.held):
        lines.append(
            f"    together {rough_share(room.union)}: those that overlap each other do so at random, "
            f"so they take more room than the largest, {rough_share(room.largest)}"
        )
    fits = f"{format_share(room.fits)} is the largest traffic that fits" if room.fits else "nothing fits"
    lines.append(f"    now: {fits}")
    if room.extending:
        lines.append("    it keeps what it holds: lower this step, or end one of those above")
    elif room.earliest:
        command = [] if outcome.draft else [f"        coord allocate {lack.experiment.key} --start earliest"]
        colon = ":" if command else ""
        lines.append(f"    {room.earliest} is the earliest start with room for it as it is{colon}")
        lines += command
    else:
        lines.append("    later: there is no start with room for it as it is; lower its traffic")
    for dimension, value, free in room.narrower:
        lines.append(f"    narrower: for {dimension} {value} alone {rough_share(free)} would be free")
    return lines


def _until(experiment: Experiment) -> str:
    return f"until {experiment.days.end}" if experiment.days else ""


def document(outcomes: Sequence[Outcome], *, dry_run: bool) -> str:
    """The JSON document `coord.allocate/1` (schemas/allocate.schema.json)."""
    data = {
        "format": "coord.allocate/1",
        "dry_run": dry_run,
        "outcomes": [_outcome(outcome) for outcome in outcomes],
    }
    return json.dumps(data, indent=2) + "\n"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    index = outcome.restriction
    return {
        "experiment": outcome.experiment.key,
        "draft": outcome.draft,
        "action": outcome.action.value,
        "start": outcome.experiment.order[0].isoformat(),
        "moved_from": outcome.moved_from.isoformat() if outcome.moved_from else None,
        "buckets": outcome.added,
        "dropped": outcome.dropped,
        "avoids": list(outcome.avoids),
        "restriction": None if index is None else round(float(index), 6),
        "reason": outcome.reason,
        "room": _room(outcome.room) if outcome.room else None,
    }


def _room(room: Room) -> dict[str, Any]:
    return {
        "space": room.space,
        "since": room.lack.since.isoformat(),
        "needed": room.lack.needed,
        "free": room.lack.free,
        "held": [
            {
                "experiment": other.key,
                "share": format_share(share),
                "until": other.days.end.isoformat() if other.days else None,
            }
            for other, share in room.held
        ],
        "union": format_share(room.union),
        "largest": format_share(room.largest),
        "extending": room.extending,
        "fits": format_share(room.fits) if room.fits else None,
        "earliest": room.earliest.isoformat() if room.earliest else None,
        "narrower": [
            {"dimension": dimension, "value": value, "free": format_share(free)}
            for dimension, value, free in room.narrower
        ],
    }
