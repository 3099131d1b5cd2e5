"""How a bucket conflict is told: who shares what and when, why it matters, and how to end it."""

from fractions import Fraction

from coord.checks.pairs import place_of, why_exclusive
from coord.checks.redrawing import Redraw, no_room, redraw, waits
from coord.checks.rule import Context
from coord.checks.words import days_in_words, listed, plural
from coord.domain.buckets import count
from coord.domain.change.field import Life, life_of
from coord.domain.dates import Days
from coord.domain.exclusivity import Reason, must_be_exclusive, reasons
from coord.domain.findings import Finding, Related
from coord.domain.holding import Overlap
from coord.domain.model import Experiment
from coord.domain.shares import rough_share
from coord.domain.waivers import meeting_surfaces, names_pair


def conflict_finding(
    code: str, context: Context, other: Experiment, experiment: Experiment, common: Overlap
) -> Finding:
    """The finding about a pair, at `experiment`, the later of the two."""
    found = reasons(other, experiment)
    number = count(common.buckets)
    share = rough_share(Fraction(number, context.catalog.spaces[experiment.space].buckets))
    why = (
        why_exclusive(found),
        _not_fixed(other, experiment),
        _waiver(context, other, experiment, common.days),
    )
    until = f" until {other.days.end}" if other.days else ""
    extended = _extended(context, (other, experiment), common.days)
    caused = {"caused_by": extended.key} if extended else {}
    return Finding(
        code,
        f"{experiment.key} and {other.key} share {'up to ' if common.grows else ''}"
        f"{plural(number, 'bucket')} ({share} of all units) "
        f"{days_in_words(common.days)}",
        place_of(experiment, found[0]),
        _hint(context, (other, experiment), extended, common),
        why="; ".join(filter(None, why)),
        severity=context.past(common.days),
        experiment=experiment.key,
        surface=experiment.surface,
        related=(Related(other.key, place_of(other, found[0]), f"{other.key} holds them{until}"),),
        days=common.days,
        buckets=number,
        data={"space": experiment.space, "reasons": [_reason(reason) for reason in found], **caused},
        waivable_on=meeting_surfaces(other, experiment),
    )


def _reason(reason: Reason) -> dict[str, str]:
    known = {"kind": reason.kind, reason.kind: reason.what, "by": reason.by}
    return {key: value for key, value in known.items() if value is not None}


def _not_fixed(one: Experiment, other: Experiment) -> str | None:
    """What seems to separate the two, and does not."""
    names = [
        name
        for name, values in sorted(one.audience.items())
        if name in other.audience and values.isdisjoint(other.audience[name])
    ]
    if not names:
        return None
    are, they_do = ("is", "it does") if len(names) == 1 else ("are", "they do")
    return f"{listed(names)} {are} not `fixed`: one unit can have both values, so {they_do} not separate them"


def _waiver(context: Context, one: Experiment, other: Experiment, days: Days) -> str | None:
    """Why a waiver of this pair that is in force does not cover the conflict, when it does not."""
    for waiver in context.catalog.waivers:
        too_short = waiver.reason and waiver.until and context.today < waiver.until < days.end
        if too_short and names_pair(waiver, one, other):
            return f"the waiver ends on {waiver.until}, before the overlap does ({days.end})"
    return None


def _extended(context: Context, pair: tuple[Experiment, ...], days: Days) -> Experiment | None:
    """The one whose later end makes the conflict: it had started, and was to end before the common days."""
    if context.base is None or days.end <= context.today:
        return None
    for experiment in pair:
        before = context.base.catalog.experiments.get(experiment.key)
        if before is None or before.days is None or life_of(before, context.today) is not Life.STARTED:
            continue
        if before.days.end <= days.start:
            return experiment
    return None


def _hint(
    context: Context, pair: tuple[Experiment, Experiment], extended: Experiment | None, common: Overlap
) -> str:
    other, experiment = pair
    if extended:
        return _mend_extension(context, extended, other if extended is experiment else experiment, common)
    if common.days.end <= context.today:
        return "it is over: leave the common units out when these are analysed"
    if _newly_exclusive(context, pair) and not waits(context, experiment):
        return "they did not have to be exclusive before this change, and both have started: take that back"
    return _mend(context, other, experiment, common)


def _newly_exclusive(context: Context, pair: tuple[Experiment, Experiment]) -> bool:
    known = context.base.catalog.experiments if context.base else {}
    one, other = (known.get(experiment.key) for experiment in pair)
    return one is not None and other is not None and not must_be_exclusive(one, other)


def _mend_extension(context: Context, extended: Experiment, other: Experiment, common: Overlap) -> str:
    """What the one who extends can do: the other was there first."""
    shorter = f"{extended.key} is extended into it: let it end on {common.days.start} or earlier"
    drawn = _clears(context, other, common)
    return f"{shorter}, or {_draw_again(context, other)}" if drawn and drawn.room else shorter


def _mend(context: Context, other: Experiment, experiment: Experiment, common: Overlap) -> str:
    """Who is drawn again: the one that the change draws, else the later one; who cannot be is left alone."""
    clears = [(one, drawn) for one in (experiment, other) if (drawn := _clears(context, one, common))]
    if not clears:
        return _mend_both(context, other, experiment, common)
    able = [one for one, drawn in clears if drawn.room]
    candidates = able or [one for one, _ in clears]
    mine = next((one for one in candidates if _drawn_here(context, one)), candidates[0])
    if not able:
        return no_room(context, mine)
    if mine is not experiment or not waits(context, mine):
        return _draw_again(context, mine)
    later = f", or start it on {other.days.end}" if other.days else ""
    return f"draw it again with `coord allocate --redraw {mine.key}`{later}"


def _clears(context: Context, experiment: Experiment, common: Overlap) -> Redraw | None:
    """What drawing it again does, if that ends the conflict: nothing of what is in force is in common."""
    drawn = redraw(context, experiment.key)
    return drawn if drawn and drawn.steps and not drawn.settled & common.buckets else None


def _mend_both(context: Context, other: Experiment, experiment: Experiment, common: Overlap) -> str:
    """What helps where drawing one of them again does not: both, if they share nothing that is in force."""
    one, two = redraw(context, experiment.key), redraw(context, other.key)
    able = one and two and one.steps and two.steps and one.room and two.room
    if one and two and able and not one.settled & two.settled & common.buckets:
        command = f"`coord allocate --redraw {other.key} {experiment.key}`"
        return f"draw what is to come of both again with {command}"
    return f"end one of them (`coord end {experiment.key}`): both have started, and their buckets are fixed"


def _draw_again(context: Context, experiment: Experiment) -> str:
    what = experiment.key if waits(context, experiment) else f"what is to come of {experiment.key}"
    return f"draw {what} again with `coord allocate --redraw {experiment.key}`"


def _drawn_here(context: Context, experiment: Experiment) -> bool:
    """Whether the change drew it: then it is the author's to draw again, and not the other team's."""
    before, now = context.base_ledgers.get(experiment.key), context.catalog.ledgers.get(experiment.key)
    return context.base is not None and now is not None and (before is None or before.entries != now.entries)
