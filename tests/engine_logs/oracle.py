"""Exposures and events measured in plain Python, row by row: what the engine must find."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil, fsum
from typing import Any, NamedTuple

from coord.allocation.hashing import slot
from coord.domain.metrics import Cap, Metric, Source
from coord.logs.logged import LogSpec
from coord.logs.placed import Placement, Steps

DAY = 86_400_000_000


class Exposure(NamedTuple):
    at: int
    unit: str
    experiment: str
    variant: str
    country: str


class Event(NamedTuple):
    at: int
    unit: str
    event: str
    value: str
    page: str


class Unit(NamedTuple):
    first: int
    arm: int
    assigned: int
    crossed: bool
    country: str


def micros(day: date) -> int:
    return int(
        (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
        / timedelta(microseconds=1)
    )


def reason(one: Exposure, spec: LogSpec) -> str:
    if one.experiment != spec.experiment:
        return "other_experiment"
    if one.variant not in spec.arms:
        return "unknown_variant"
    if not micros(spec.days.start) <= one.at < micros(spec.days.end):
        return "outside_dates"
    if one.at >= micros(spec.as_of):
        return "after_as_of"
    if any(one.country not in values for values in spec.audience.values()):
        return "not_eligible"
    if spec.placement is None:
        return "valid"
    bucket = slot(f"{spec.placement.space.salt}|{one.unit}", spec.placement.space.buckets)
    for keeper in spec.placement.keepers:
        runs = micros(keeper.days.start) <= one.at < micros(keeper.days.end)
        of_it = all(one.country in values for values in keeper.audience.values())
        if runs and of_it and _held(keeper.steps, bucket, one.at):
            return "held_back"
    if not _held(spec.placement.steps, bucket, DAY * 10**6):
        return "not_allocated"
    return "valid" if _held(spec.placement.steps, bucket, one.at) else "before_ramp"


def _held(steps: Steps, bucket: int, at: int) -> bool:
    return any(micros(day) <= at and held >> bucket & 1 for day, held in steps)


def _assigned(placement: Placement | None, unit: str) -> int:
    if placement is None:
        return -1
    place = slot(f"{placement.experiment.salt}|{unit}", 10_000)
    return next(i for i, (_, low, high) in enumerate(placement.experiment.ranges) if low <= place < high)


class Oracle:
    """Everything about some logs, found the slow way."""

    def __init__(self, spec: LogSpec, exposures: Sequence[Exposure], events: Sequence[Event]) -> None:
        self.spec = spec
        self.reasons = Counter(reason(one, spec) for one in exposures)
        valid = defaultdict(list)
        for one in exposures:
            if reason(one, spec) == "valid":
                valid[one.unit].append(one)
        self.units: dict[str, Unit] = {}
        for unit, rows in valid.items():
            arms = {spec.arms.index(row.variant) for row in rows}
            first = min(row.at for row in rows)
            at_first = [row for row in rows if row.at == first]
            arm = min(spec.arms.index(row.variant) for row in at_first)
            country = min(row.country for row in at_first)
            self.units[unit] = Unit(first, arm, _assigned(spec.placement, unit), len(arms) > 1, country)
        crossed = {name for name, unit in self.units.items() if unit.crossed}
        self.crossovers = len(crossed)
        self.crossover_rows = sum(len(valid[name]) for name in crossed)
        self.repeats = sum(len(rows) - 1 for name, rows in valid.items() if name not in crossed)
        known = [one.at for one in events if one.at < micros(spec.today) + DAY]
        self.last = max(known, default=None)
        self.as_of = self._as_of()
        self.events = defaultdict(list)
        for event in events:
            self.events[event.unit].append(event)

    def _as_of(self) -> date:
        complete = self.spec.days.start
        if self.last is not None:
            complete = min(date(1970, 1, 1) + timedelta(days=self.last // DAY + 1), self.spec.today)
        return max(self.spec.days.start, min(self.spec.as_of, self.spec.days.end, complete))

    def cohort(self, upto: int, day: date, arm: int, *, assigned: bool = False) -> list[str]:
        return [
            name
            for name, unit in self.units.items()
            if (unit.assigned == arm if assigned else unit.arm == arm and not unit.crossed)
            and unit.first + upto * DAY <= micros(day)
        ]

    def rows_of(self, name: str, source: Source, first: int, upto: int, until: int) -> list[Event]:
        start = self.units[name].first
        low, high = start + first * DAY, min(start + upto * DAY, until)
        return [one for one in self.events[name] if one.event == source.event and low <= one.at < high]

    def value(self, name: str, source: Source, first: int, upto: int, until: int = 2**62) -> float | None:
        rows = self.rows_of(name, source, first, upto, until)
        if source.aggregate == "count":
            return float(len(rows)) or None
        if source.aggregate == "any":
            return 1.0 if rows else None
        if source.aggregate == "count_distinct":
            return float(len({row.page for row in rows if row.page})) or None
        values = [float(row.value) for row in rows if row.value]
        if not values:
            return None
        how: dict[str | None, Callable[[list[float]], float]] = {
            "sum": fsum,
            "mean": lambda some: fsum(some) / len(some),
            "min": min,
            "max": max,
        }
        return how[source.aggregate](values)

    def table(
        self,
        metric: Metric,
        day: date,
        first: int,
        upto: int,
        *,
        assigned: bool = False,
        country: str | None = None,
    ) -> list[list[list[float]]]:
        """By arm the rows of a metric: its values, then its covariates; of all units, or of a country's."""
        parts = [metric.source] if metric.denominator is None else [metric.source, metric.denominator]
        until = micros(self.as_of) if metric.open else 2**62
        length = 0 if metric.open else upto
        found: dict[str, list[float | None]] = {}
        cohort = {
            name
            for arm in range(len(self.spec.arms))
            for name in self.cohort(length, day, arm, assigned=assigned)
        }
        closed = {name for arm in range(len(self.spec.arms)) for name in self.cohort(length, day, arm)}
        for name in cohort | closed:
            row = [self.value(name, part, first, upto, until) for part in parts]
            if metric.missing == "zero":
                row = [value or 0.0 for value in row]
            if None in row:
                continue
            if metric.covariate:
                before = [self.value(name, part, -metric.covariate, 0) for part in parts]
                if metric.missing == "zero":
                    before = [value or 0.0 for value in before]
                if None in before:
                    before = [None] * len(before)
                row += before
            found[name] = row
        self._cap(found, [part.cap for part in parts], closed)
        self._fill(found, len(parts), cohort)
        by_arm = [self.cohort(length, day, arm, assigned=assigned) for arm in range(len(self.spec.arms))]
        kept = [name for name in found if country in {None, self.units[name].country}]
        return [[found[name] for name in names if name in kept] for names in by_arm]  # type: ignore[misc]

    def _cap(
        self, found: dict[str, list[float | None]], caps: Sequence[Cap | None], closed: set[str]
    ) -> None:
        for place in range(max(map(len, found.values()), default=0)):
            cap = caps[place % len(caps)]
            if cap is None:
                continue
            values = sorted(
                row[place] for name, row in found.items() if row[place] is not None and name in closed
            )  # type: ignore[type-var]
            most: Any = cap.value
            if cap.quantile is not None:
                most = values[max(1, ceil(len(values) * cap.quantile)) - 1] if values else None
            for row in found.values():
                if most is not None and row[place] is not None:
                    row[place] = min(row[place], most)

    def _fill(self, found: dict[str, list[float | None]], values: int, names: set[str]) -> None:
        """Units without covariates have the mean of the others, whatever their arm."""
        for place in range(values, max(map(len, found.values()), default=0)):
            there = [row[place] for name, row in found.items() if row[place] is not None and name in names]
            for row in found.values():
                if row[place] is None and there:
                    row[place] = fsum(there) / len(there)  # type: ignore[arg-type]
