"""What to do with a variant: the rule, and its reasons in sentences.

Schultzberg, Ankargren, Frånberg, "Risk-aware product decisions in A/B tests with multiple metrics", arXiv
2402.11609. Abort beats ship, ship beats continue, continue beats end.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from coord.analysis.figures import effect_of, effect_text, level_text
from coord.analysis.results import (
    Bounds,
    Check,
    Decision,
    MetricResult,
    Recommendation,
    Role,
    Status,
    Verdict,
)
from coord.domain.shares import format_share

_NOTHING = Bounds(None, None, None)


class Moment(NamedTuple):
    """When a decision is made.

    end: the first day after the experiment. early: why nothing may be shipped yet, if so. short: what a fixed
    plan lacks at its end, if it does. proof: whether something must be better: in all but rollouts.
    """

    ended: bool
    end: date
    early: str | None = None
    short: str | None = None
    proof: bool = False


def decide(
    variant: str, results: Sequence[MetricResult], checks: Iterable[Check], moment: Moment
) -> Decision:
    """The recommendation for one variant, from its metrics in the order of the plan."""
    recommendation, reasons = _rule(results, checks, moment)
    return Decision(variant, recommendation, (*reasons, *((moment.short,) if moment.short else ())))


def _rule(
    results: Sequence[MetricResult], checks: Iterable[Check], moment: Moment
) -> tuple[Recommendation, Sequence[str]]:
    deciding = [one for one in results if one.role is not Role.OTHER]
    failed = [f"The check {one.name} failed: {one.detail}." for one in checks if one.status is Status.FAIL]
    worse = [_worse(one) for one in deciding if one.verdict is Verdict.WORSE]
    if failed or worse:
        return Recommendation.ABORT, [*failed, *worse]
    against = _against(deciding)
    if moment.proof and not any(one.role is Role.SUCCESS for one in deciding):
        against.append("It has no success metric, so nothing can show that it is better.")
    if not against and moment.early is None:
        return Recommendation.SHIP, _for(deciding)
    if not moment.ended:
        going_on = moment.early or f"The experiment runs until {moment.end}."
        return Recommendation.CONTINUE, [going_on, *against]
    return Recommendation.END, against


def together(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions of all variants; where several may ship, it is said that nothing chose between them."""
    ships = [one.variant for one in decisions if one.recommendation is Recommendation.SHIP]
    if len(ships) < 2:
        return tuple(decisions)
    names = f"{', '.join(ships[:-1])} and {ships[-1]}"
    told = f"{names} may {'both' if len(ships) == 2 else 'all'} ship; the choice between them was not tested."
    return tuple(
        one._replace(reasons=(*one.reasons, told)) if one.variant in ships else one for one in decisions
    )


def _against(results: Sequence[MetricResult]) -> list[str]:
    """What speaks against shipping, metric by metric; empty when nothing does."""
    success = [one for one in results if one.role is Role.SUCCESS]
    found = []
    proven = any(one.verdict is Verdict.BETTER for one in success)
    for one in success:
        if _on_bad_side(one):
            found.append(f"{one.metric} is on the bad side of 0: {_effect(one)}.")
        elif not proven:
            found.append(f"{one.metric} is not shown to be better{_because(one)}.")
    found += [
        _not_held(one)
        for one in results
        if one.role is Role.GUARDRAIL and one.verdict is not Verdict.NO_WORSE
    ]
    return found


def _not_held(one: MetricResult) -> str:
    if one.margin is None:
        return f"{one.metric} has no margin, so nothing shows that it holds."
    return f"{one.metric} is not shown to be within its margin{_of(one)}{_because(one)}."


def _for(results: Sequence[MetricResult]) -> tuple[str, ...]:
    """What speaks for shipping."""
    better = [f"{one.metric} is better: {_effect(one)}." for one in results if one.verdict is Verdict.BETTER]
    held = [
        f"{one.metric} is {_how_well(one)}: {_effect(one)}."
        for one in results
        if one.verdict is Verdict.NO_WORSE
    ]
    return (*better, *held) or ("No metric has a part in the decision, and no check failed.",)


def _how_well(one: MetricResult) -> str:
    """How a guardrail held: one that is lower, but within its margin, is told as such."""
    if _on_bad_side(one):
        return f"{'higher' if one.decrease else 'lower'}, within its margin{_of(one)}"
    return f"no worse than its margin{_of(one)}"


def _on_bad_side(one: MetricResult) -> bool:
    """Whether the shown interval lies wholly on the bad side of 0."""
    bound = one.effect.lower if one.decrease else one.effect.upper
    if bound is None:
        return False
    return bound > 0 if one.decrease else bound < 0


def _of(one: MetricResult) -> str:
    return "" if one.margin is None else f" of {format_share(one.margin)}"


def _because(one: MetricResult) -> str:
    if one.relative.lower is None or one.verdict is Verdict.INVALID:
        return f": {one.reason}" if one.reason else ""
    return f": {_effect(one)}"


def _effect(one: MetricResult) -> str:
    """The relative effect with its interval, or the absolute one."""
    shown = effect_of(one)
    return shown.text if shown.interval else one.reason or "not measured"


def _worse(one: MetricResult) -> str:
    harm = one.deterioration
    since = f" since {harm.since}" if harm and harm.since else ""
    if harm is None or harm.lower is None or harm.upper is None:
        return f"{one.metric} is worse{since}."
    shown = effect_text(_NOTHING, Bounds(harm.value or 0.0, harm.lower, harm.upper))
    relative = effect_of(one)
    share = f" ({relative.value})" if relative.relative and harm.value == one.effect.value else ""
    value = "" if harm.value is None else f"{shown.value}{share}, "
    interval = f"always-valid interval {shown.interval} at {level_text(harm.level)}"
    return f"{one.metric} is worse{since}: {value}{interval}."
