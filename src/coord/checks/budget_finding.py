"""How an exceeded budget is told: what, when, where, by how much, who takes part, what would fit."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from coord.checks.rule import Context
from coord.checks.words import days_in_words, listed
from coord.domain.budgets import Breach, Peak
from coord.domain.cells import Cell
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Surface
from coord.domain.shares import WHOLE, format_decimal, format_share, nearest_shares


def budget_finding(code: str, breach: Breach, experiment: Experiment, context: Context, why: str) -> Finding:
    """The finding about a breach, at `experiment`, which must be one of those that contribute.

    When it is a draft, the breach is what would happen.
    """
    peak, kind = breach.peak, breach.peak.limit.kind
    surface = context.catalog.surfaces[peak.limit.surface]
    fits = _largest_that_fits(context, peak, experiment)
    field = "start" if kind == "concurrent" else "traffic"
    sides = [Related(m.key, m.at(field), _takes(kind, m, amount)) for m, amount in _others(peak, experiment)]
    return Finding(
        code,
        f"{_subject(peak, experiment)} over budget {days_in_words(breach.days)}: "
        f"{_figures(peak, would=experiment.draft)}",
        experiment.at(field),
        None if context.past(breach.days) else _mend(context, peak, experiment, fits),
        why=why,
        severity=context.past(breach.days),
        experiment=experiment.key,
        surface=surface.name,
        related=(*sides, Related(None, *_limit(surface, peak))),
        days=breach.days,
        data=_data(breach, fits),
        waivable_on=frozenset({surface.name}),
        excess=breach.excess,
    )


def _others(peak: Peak, experiment: Experiment) -> list[tuple[Experiment, Fraction]]:
    return [(member, amount) for member, amount in peak.uses if member is not experiment]


def _own(peak: Peak, experiment: Experiment) -> Fraction:
    return next(amount for member, amount in peak.uses if member is experiment)


def _largest_that_fits(context: Context, peak: Peak, experiment: Experiment) -> Fraction | None:
    """The most traffic under the limit, in whole buckets; None where traffic is not what is limited."""
    if peak.limit.kind == "concurrent":
        return None
    left = _own(peak, experiment) - peak.over
    buckets = context.catalog.spaces[experiment.space].buckets
    return (nearest_shares(left, buckets)[0] if left > 0 else None) or Fraction(0)


def _subject(peak: Peak, experiment: Experiment) -> str:
    """What is over budget: the component, the team on its surface, or the surface."""
    limit = peak.limit
    subject = f"the team {limit.team} on {limit.surface}" if limit.team else limit.component or limit.surface
    return f"with the draft {experiment.key}, {subject} would be" if experiment.draft else f"{subject} is"


def _figures(peak: Peak, *, would: bool) -> str:
    """How much of what is used, where, and by how much that is too much."""
    kind, cell = peak.limit.kind, _cell_in_words(peak.cell)
    used, over, allowed = (_amount(kind, figure) for figure in (peak.used, peak.over, peak.limit.allowed))
    take = "would take" if would else "take"
    experiments = "experiment" if peak.used == 1 else "experiments"
    what = {
        "component": f"A/B tests {take} {used}",
        "total": f"everything on it {take if would else 'takes'} {used}",
        "per_unit": f"a unit {'would be' if would else 'is'} in {used} {experiments} on average",
        "concurrent": f"{used} {experiments} {'would run' if would else 'run'}",
        "team": f"its experiments {take} {used}",
    }[kind]
    return f"{what} on {peak.day}{cell}, {over} over the {allowed} allowed"


def _amount(kind: str, amount: Fraction) -> str:
    """A figure of a limit: percent of traffic, or a number of experiments."""
    return format_decimal(amount) if kind in {"per_unit", "concurrent"} else format_share(amount)


def _cell_in_words(cell: Mapping[str, Cell]) -> str:
    """The audience cell in a sentence; nothing when everybody is meant."""
    parts = [
        f"{name} {listed((*part.values, 'any other') if part.rest else part.values, 'or')}"
        for name, part in cell.items()
    ]
    return f" for {' and '.join(parts)}" if parts else ""


def _takes(kind: str, member: Experiment, amount: Fraction) -> str:
    who = f"{member.key} (draft)" if member.draft else member.key
    does = "runs" if kind == "concurrent" else f"takes {format_share(amount)}"
    return f"{who} {does} until {member.days.end}" if member.days else f"{who} {does}"


def _limit(surface: Surface, peak: Peak) -> tuple[Place, str]:
    """Where the limit stands, and what it says. That of all buckets stands nowhere: the component does."""
    limit = peak.limit
    if limit.component and limit.allowed == WHOLE:
        place = surface.at("components", limit.component.partition("/")[2])
        return place._replace(at_key=True), "no unit can be in two: at most 100%"
    place = surface.at("budget", "teams", limit.team) if limit.team else surface.at("budget", limit.kind)
    amount = _amount(limit.kind, limit.allowed)
    what = {
        "per_unit": f"{amount} experiment{'' if limit.allowed == 1 else 's'} per unit",
        "concurrent": f"{amount} at once",
    }.get(limit.kind, amount)
    return place, f"{surface.name} allows {what}"


def _mend(context: Context, peak: Peak, experiment: Experiment, fits: Fraction | None) -> str:
    """What would bring it under the limit, for one that can still be changed and for one that has started."""
    limit = peak.limit
    if not limit.allowed:
        where = limit.component or limit.surface
        return f"{limit.team or 'A/B tests'} may take nothing on {where}: ask its owner"
    others = _others(peak, experiment)
    if experiment.order[0] <= context.today and not experiment.draft:
        return f"end {'one of them' if others else 'it'}; traffic that is in force can never be lowered"
    ends = [member.days.end for member, _ in others if member.days]
    ways = [f"{format_share(fits)} is the most that fits for {experiment.key} then"] if fits else []
    if ends and _own(peak, experiment) <= limit.allowed:
        ways.append(f"start it when others have ended ({min(ends)} at the earliest)")
    return "; or ".join(ways) or "lower its traffic"


def _data(breach: Breach, fits: Fraction | None) -> dict[str, Any]:
    peak, limit = breach.peak, breach.peak.limit
    members = [(member.key, format_share(member.traffic_on(peak.day))) for member, _ in peak.uses]
    return {
        "limit": limit.kind,
        "component": limit.component,
        "team": limit.team,
        "allowed": _amount(limit.kind, limit.allowed),
        "used": _amount(limit.kind, peak.used),
        "over": _amount(limit.kind, peak.over),
        "first_day": breach.days.start.isoformat(),
        "peak_day": peak.day.isoformat(),
        "cell": {name: {"values": list(part.values), "rest": part.rest} for name, part in peak.cell.items()},
        "contributors": [{"experiment": key, "traffic": traffic} for key, traffic in members],
        "largest_that_fits": None if fits is None else format_share(fits),
    }
