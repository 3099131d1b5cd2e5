"""How an exceeded budget is told: what, when, where, by how much, who takes part, what would fit."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from coord.checks.rule import Context
from coord.checks.words import days_in_words
from coord.domain.budgets import Breach, Peak
from coord.domain.cells import Cell
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Surface
from coord.domain.shares import format_decimal, format_share

_Shares = list[tuple[Experiment, Fraction]]


def budget_finding(
    code: str, breach: Breach, experiment: Experiment, context: Context, subject: str, why: str
) -> Finding:
    """The finding about a breach, at `experiment`, which must be one of those that contribute."""
    peak = breach.peak
    kind = peak.limit.kind
    own = next(amount for member, amount in peak.uses if member is experiment)
    fits = max(Fraction(0), own - peak.over) if kind != "concurrent" else None
    surface = context.catalog.surfaces[peak.limit.surface]
    others = [(member, amount) for member, amount in peak.uses if member is not experiment]
    sides = [Related(m.key, m.at("traffic"), _takes(kind, m, amount)) for m, amount in others]
    allowed = f"{surface.name} allows {_amount(kind, peak.limit.allowed)}"
    return Finding(
        code,
        f"{subject} over budget {days_in_words(breach.days)}: {_figures(peak)}",
        experiment.at("traffic"),
        _mend(context, breach, experiment, fits, others),
        why=why,
        severity=context.past(breach.days),
        experiment=experiment.key,
        surface=surface.name,
        related=(*sides, Related(None, _limit_place(surface, peak), allowed)),
        days=breach.days,
        data=_data(breach, fits),
        waivable_on=frozenset({surface.name}),
    )


def subject_of(peak: Peak) -> str:
    """What is over budget: the component, the team on its surface, or the surface."""
    limit = peak.limit
    return f"the team {limit.team} on {limit.surface}" if limit.team else limit.component or limit.surface


def _figures(peak: Peak) -> str:
    """How much of what is used, where, and by how much that is too much."""
    kind, cell = peak.limit.kind, _cell_in_words(peak.cell)
    used, over, allowed = (_amount(kind, figure) for figure in (peak.used, peak.over, peak.limit.allowed))
    what = {
        "component": f"A/B tests take {used}",
        "total": f"everything on it takes {used}",
        "per_unit": f"a unit is in {used} experiments on average",
        "concurrent": f"{used} experiments run",
        "team": f"its experiments take {used}",
    }[kind]
    return f"{what} on {peak.day}{cell}, {over} over the {allowed} allowed"


def _amount(kind: str, amount: Fraction) -> str:
    """A figure of a limit: percent of traffic, or a number of experiments."""
    return format_decimal(amount) if kind in {"per_unit", "concurrent"} else format_share(amount)


def _cell_in_words(cell: Mapping[str, Cell]) -> str:
    """The audience cell in a sentence; nothing when everybody is meant."""
    parts = [
        f"{name} {', '.join((*part.values, 'any other') if part.rest else part.values)}"
        for name, part in cell.items()
    ]
    return f" for {' and '.join(parts)}" if parts else ""


def _takes(kind: str, member: Experiment, amount: Fraction) -> str:
    does = "runs" if kind == "concurrent" else f"takes {format_share(amount)}"
    return f"{member.key} {does}, until {member.days.end}" if member.days else f"{member.key} {does}"


def _limit_place(surface: Surface, peak: Peak) -> Place:
    limit = peak.limit
    if limit.kind == "total":
        return surface.at("components", (limit.component or "").partition("/")[2])
    return surface.at("budget", "teams", limit.team) if limit.team else surface.at("budget", limit.kind)


def _mend(
    context: Context, breach: Breach, experiment: Experiment, fits: Fraction | None, others: _Shares
) -> str | None:
    """What would bring it under the limit, for one that can still be changed and for one that has started."""
    if breach.days.end <= context.today:
        return None
    if experiment.order[0] <= context.today and not experiment.draft:
        return "end one of them; traffic that is in force can never be lowered"
    ends = [member.days.end for member, _ in others if member.days]
    later = f"start it when others have ended ({min(ends)} at the earliest)" if ends else "lower its traffic"
    if not fits:
        return later
    return f"{format_share(fits)} is the most that fits for {experiment.key} then; or {later}"


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
