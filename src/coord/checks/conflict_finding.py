"""How a bucket conflict is told: who shares what and when, why it matters, and how to end it."""

from fractions import Fraction

from coord.checks.pairs import place_of, why_exclusive
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
        _hint(context, (other, experiment), extended, common.days),
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
    context: Context, pair: tuple[Experiment, Experiment], extended: Experiment | None, days: Days
) -> str:
    other, experiment = pair
    if extended:
        return _mend_extension(context, extended, other if extended is experiment else experiment)
    if days.end > context.today and _newly_exclusive(context, pair) and experiment.order[0] <= context.today:
        return "they did not have to be exclusive before this change, and both have started: take that back"
    return _mend(context, other, experiment, days)


def _newly_exclusive(context: Context, pair: tuple[Experiment, Experiment]) -> bool:
    known = context.base.catalog.experiments if context.base else {}
    one, other = (known.get(experiment.key) for experiment in pair)
    return one is not None and other is not None and not must_be_exclusive(one, other)


def _mend_extension(context: Context, extended: Experiment, other: Experiment) -> str:
    """What the one who extends can do: the other was there first."""
    shorter = f"{extended.key} is extended into it: let it end on {other.order[0]} or earlier"
    if other.order[0] <= context.today:
        return shorter
    return f"{shorter}, or draw {other.key} again with `coord allocate --redraw {other.key}`"


def _mend(context: Context, other: Experiment, experiment: Experiment, days: Days) -> str:
    if days.end <= context.today:
        return "it is over: leave the common units out when these are analysed"
    waiting = [one for one in (experiment, other) if one.order[0] > context.today]
    if not waiting:
        return (
            f"end one of them (`coord end {experiment.key}`): both have started, and their buckets are fixed"
        )
    mine = next((one for one in waiting if _drawn_here(context, one)), waiting[0])
    if mine is not experiment:
        return f"draw {mine.key} again with `coord allocate --redraw {mine.key}`"
    later = f", or start it on {other.days.end}" if other.days else ""
    return f"draw it again with `coord allocate --redraw {mine.key}`{later}"


def _drawn_here(context: Context, experiment: Experiment) -> bool:
    """Whether the change drew it: then it is the author's to draw again, and not the other team's."""
    before, now = context.base_ledgers.get(experiment.key), context.catalog.ledgers.get(experiment.key)
    return context.base is not None and now is not None and (before is None or before.entries != now.entries)
