"""What the product must say about a state, and what it says, in the same small vocabulary: sets of tuples.

The conflicts and dates expected come with the data. The budgets exceeded follow from its rows: they are
summed here day by day and segment by segment, with nothing of the product.
"""

from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from real.states import (
    COMPONENT,
    EVERYONE,
    MAX_DAYS,
    Declared,
    Row,
    State,
    declared,
    percent,
    segments,
    surfaces,
)

Fact = tuple[str, ...]  # the code, the severity, and what tells findings of the code apart
Facts = Counter[Fact]  # counted: said twice is wrong too


def expected_facts(state: State) -> Facts:
    return Counter([*_conflicts(state), *_exceeded(state), *_impossible_dates(state), *_endless(state)])


def reported_facts(report: dict[str, Any], tolerated: dict[str, str]) -> Facts:
    """The findings as facts; one of a code that nobody expects is a fact as well, with its message."""
    return Counter(_fact(finding) for finding in report["findings"] if finding["code"] not in tolerated)


def _fact(finding: dict[str, Any]) -> Fact:
    code, severity = str(finding["code"]), str(finding["severity"])
    days = (finding["days"]["from"], finding["days"]["to"]) if finding["days"] else ()
    match code:
        case "BKT001":
            others = [related["experiment"] for related in finding["related"]]
            return (code, severity, finding["experiment"], *others, str(finding["buckets"]), *days)
        case "BUD001":
            return (code, severity, finding["data"]["component"], finding["data"]["used"], *days)
        case "SYN004" | "LIF002":
            return (code, severity, finding["location"]["path"])
        case _:
            return (code, severity, finding["location"]["path"], finding["message"])


def _conflicts(state: State) -> list[Fact]:
    known = {_subject(experiment.row): experiment for experiment in declared(state)}
    facts: list[Fact] = []
    for conflict in state["expected"].get("conflicts", []):
        a, b = (known[subject] for subject in _pair(conflict))
        earlier, later = sorted((a, b), key=lambda experiment: (experiment.start, experiment.key))
        first, end = conflict.get("dates", (later.start, min(a.end, b.end)))
        low, high = conflict["buckets"]
        facts.append(("BKT001", _severity(end, state), later.key, earlier.key, str(high - low), first, end))
    return facts


def _subject(row: Row) -> tuple[str, str]:
    return row["name"], row.get("segment", EVERYONE)


def _pair(conflict: dict[str, Any]) -> list[tuple[str, str]]:
    return list(zip(conflict["pair"], conflict.get("segments", (EVERYONE, EVERYONE)), strict=True))


def _impossible_dates(state: State) -> list[Fact]:
    return [
        ("SYN004", "error", experiment.path)
        for experiment in declared(state)
        if _is_broken(experiment, state)
    ]


def _is_broken(experiment: Declared, state: State) -> bool:
    return [experiment.row["name"], experiment.end] in state["expected"].get("invalid_dates", [])


def _endless(state: State) -> list[Fact]:
    """A/B tests that are meant to run until 2050: the data has five, and no policy allows them."""
    return [
        ("LIF002", "error", experiment.path)
        for experiment in _sound(state)
        if len(experiment.row["variants"]) > 1 and _days(experiment) > MAX_DAYS
    ]


def _days(experiment: Declared) -> int:
    return (date.fromisoformat(experiment.end) - date.fromisoformat(experiment.start)).days


def _sound(state: State) -> list[Declared]:
    return [experiment for experiment in declared(state) if not _is_broken(experiment, state)]


def _exceeded(state: State) -> list[Fact]:
    facts: list[Fact] = []
    for surface in surfaces(state):
        mine = [experiment for experiment in _sound(state) if experiment.surface == surface]
        for first, end, peak in _periods_above_all(mine, [EVERYONE, *segments(state)]):
            fact = ("BUD001", _severity(end, state), f"{surface}/{COMPONENT}", percent(peak), first, end)
            facts.append(fact)
    return facts


def _periods_above_all(experiments: list[Declared], cells: list[str]) -> list[tuple[str, str, Fraction]]:
    """The longest unbroken periods in which some cell holds more than everything, and the most it holds."""
    edges = sorted({day for experiment in experiments for day in (experiment.start, experiment.end)})
    periods: list[tuple[str, str, Fraction]] = []
    for first, end in pairwise(edges):
        running = [experiment for experiment in experiments if experiment.start <= first < experiment.end]
        load = max(_load(running, cell) for cell in cells)
        if load <= 1:
            continue
        if periods and periods[-1][1] == first:
            start, _, peak = periods.pop()
            periods.append((start, end, max(peak, load)))
        else:
            periods.append((first, end, load))
    return periods


def _load(running: list[Declared], cell: str) -> Fraction:
    return sum((each.traffic for each in running if each.segment in (EVERYONE, cell)), Fraction(0))


def _severity(end: str, state: State) -> str:
    """What ended by the day of the state is history."""
    return "info" if end <= state["as_of"] else "error"
