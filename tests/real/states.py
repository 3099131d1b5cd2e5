"""Real states of git-kept experiment configurations, written as `surfaces/` trees.

A state is one line of `config_states.jsonl` (see the README beside it): the experiments that one commit of
somebody else's repository declared, and the conflicts that are really among them. There are three kinds:
`offset_intervals` gives bucket ranges and dates, `seeded_layers` bucket ranges and an audience,
`traffic_budget` percentages alone.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

State = dict[str, Any]
Row = dict[str, Any]

BUCKETS = 1_000_000  # what every state with ranges counts in; the percentages are whole numbers of these too
COMPONENT = "everything"  # the experiments of a surface are exclusive, so they touch one component
EVERYONE = "ALL"  # the segment that is no restriction
MAX_DAYS = 3650  # the longest that a policy can allow
SPACE = "visitors"
TEAM = "experimenters"

COORD = f"""\
spaces:
  {SPACE}: {{unit: visitor_id, salt: visitors-of-the-site, buckets: {BUCKETS}}}
teams: [{TEAM}]
"""

METRICS = """\
metrics:
  visits: {title: Visits, event: visit, aggregate: any, window: 1d, direction: increase}
"""


@dataclass(frozen=True)
class Declared:
    """One experiment of a state, as it stands in the tree."""

    surface: str
    name: str
    row: Row
    start: str
    end: str
    traffic: Fraction

    @property
    def key(self) -> str:
        return f"{self.surface}/{self.name}"

    @property
    def path(self) -> str:
        return f"surfaces/{self.surface}/experiments/{self.name}.yaml"

    @property
    def segment(self) -> str:
        return str(self.row.get("segment", EVERYONE))


def read_states(path: Path) -> list[State]:
    """Every state of the file, in its order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def declared(state: State) -> list[Declared]:
    """The experiments that run: switched on, and above 0%. One without a start began a year ago."""
    rows = [row for row in state["experiments"] if row.get("status", "ON") == "ON" and _traffic(row) > 0]
    return [
        Declared(
            surface=slug(row["surface"]),
            name=name,
            row=row,
            start=row.get("start") or _shifted(state["as_of"], -365),
            end=_end(row, state["as_of"]),
            traffic=_traffic(row),
        )
        for row, name in zip(rows, _names(rows), strict=True)
    ]


def files(state: State) -> dict[str, str]:
    """The tree: paths relative to its root, and the text of each file."""
    tree = {"surfaces/coord.yaml": COORD, "surfaces/metrics.yaml": METRICS}
    for surface in surfaces(state):
        tree[f"surfaces/{surface}/surface.yaml"] = _surface_text(surface, segments(state))
    for experiment in declared(state):
        tree[experiment.path] = _experiment_text(experiment)
        if "buckets" in experiment.row:
            ledger = f"surfaces/{experiment.surface}/allocations/{experiment.name}.yaml"
            tree[ledger] = _ledger_text(experiment)
    return tree


def surfaces(state: State) -> list[str]:
    return sorted({slug(row["surface"]) for row in state["experiments"]})


def segments(state: State) -> list[str]:
    """The audiences that the state tells apart: country groups, so a visitor is in one of them for good."""
    return sorted({row.get("segment", EVERYONE) for row in state["experiments"]} - {EVERYONE})


def slug(text: str) -> str:
    """A name that the tree accepts: `SFD_V2` becomes `sfd-v2`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].rstrip("-")


def percent(share: Fraction) -> str:
    """A share as an exact percent string, with as many decimals as it needs and no more."""
    millionths = share * 100 * 1_000_000
    if millionths.denominator != 1:
        raise ValueError(f"{share} has no percent string of at most six decimals")
    whole, rest = divmod(millionths.numerator, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "%"


def _traffic(row: Row) -> Fraction:
    """Exact: 21.4 in the data means 214/1000, not the binary number nearest to it."""
    if "percent" in row:
        return Fraction(Decimal(repr(row["percent"]))) / 100
    low, high = row["buckets"]
    return Fraction(high - low, row["total"])


def _end(row: Row, as_of: str) -> str:
    """The end given; but what is switched on still counts on the day of the state, whatever end it declares.

    Dates are compared as text: one of them (2026-02-30) is no date, and has to reach the tree as it is.
    """
    if "start" in row or row.get("end", "") > as_of:
        return str(row["end"])
    return _shifted(as_of, 1)


def _shifted(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


def _names(rows: list[Row]) -> Iterator[str]:
    """A name per row. The same test declared once per segment is told apart by that segment."""
    times = Counter(slug(row["name"]) for row in rows)
    repeated = {name for name, count in times.items() if count > 1}
    plain = (slug(row["name"]) for row in rows)
    suffixed = (
        slug(f"{name}-{row['segment']}") if name in repeated and "segment" in row else name
        for name, row in zip(plain, rows, strict=True)
    )
    return _unique(suffixed)


def _unique(names: Iterable[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        choice, number = name, 2
        while choice in taken:
            choice, number = f"{name[:58]}-{number}", number + 1
        taken.add(choice)
        yield choice


def _quoted(value: object) -> str:
    """A scalar or list that YAML reads as it is: JSON is YAML, and a variant called `true` stays a string."""
    return json.dumps(value, ensure_ascii=False)


def _surface_text(surface: str, values: list[str]) -> str:
    audience = f"audience: {{segment: {{fixed: true, values: {_quoted(values)}}}}}\n" if values else ""
    return f"""\
surface: {surface}
title: {_quoted(surface)}
owner: {TEAM}
space: {SPACE}
components: {{{COMPONENT}: All that the surface shows}}
{audience}metrics: {{success: [{{metric: visits, mde: 1%}}]}}
budget: {{component: 100%}}
policy: {{min_days: 1, max_days: {MAX_DAYS}}}
"""


def _experiment_text(experiment: Declared) -> str:
    variants = list(_unique(slug(name) for name in experiment.row["variants"]))
    segment = experiment.segment
    audience = "" if segment == EVERYONE else f"audience: {{segment: [{_quoted(segment)}]}}\n"
    return f"""\
experiment: {_quoted(experiment.name)}
surface: {experiment.surface}
kind: {"rollout" if len(variants) == 1 else "ab_test"}
title: {_quoted(experiment.row["name"])}
owner: {TEAM}
hypothesis: It was worth a try.
status: active
start: {experiment.start}
end: {experiment.end}
traffic: {percent(experiment.traffic)}
components: [{COMPONENT}]
{audience}variants: [{", ".join(f"{{name: {_quoted(name)}, weight: 1}}" for name in variants)}]
"""


def _ledger_text(experiment: Declared) -> str:
    low, high = experiment.row["buckets"]
    return f"""\
experiment: {experiment.key}
space: {SPACE}
version: 1
migrated: true
entries:
  - buckets: "{low}:{high}"
"""
