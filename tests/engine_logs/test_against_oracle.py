"""The engine against the same thing done row by row, on random logs."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coord.domain.metrics import Metric
from coord.logs.logged import Cohorts, Logged
from coord.logs.measure_logs import measure_logs
from coord.logs.measured import Measured, Population
from coord.stats.moments import of_columns
from engine_logs.oracle import DAY, Oracle, micros
from engine_logs.worlds import METRICS, World, files, world

seeds = st.integers(0, 2**32)


def measured(
    one: World, seed: int, looks: tuple[date, ...] = (), metrics: tuple[Metric, ...] = METRICS
) -> Logged:
    with TemporaryDirectory() as folder:
        return measure_logs(one.spec, files(Path(folder), one, seed), metrics, looks=looks)


def same(found: Measured, rows: list[list[list[float]]], units: list[int], name: str) -> None:
    assert found.units == tuple(units), name
    assert found.reason is None
    for moments, arm in zip(found.moments, rows, strict=True):
        assert moments.n == len(arm), name
        if not arm:
            continue
        columns = [
            list(column)
            for column in zip(*arm, strict=True)
            if all(isinstance(value, float) for value in column)
        ]
        assert len(moments.mean) == len(columns), name
        expected = of_columns(*columns)
        scale = max(1.0, *(abs(value) for row in arm for value in row[: len(columns)]))
        assert np.allclose(moments.mean, expected.mean, rtol=1e-9, atol=1e-9 * scale), name
        assert np.allclose(moments.products, expected.products, rtol=1e-9, atol=1e-9 * scale**2 * len(arm)), (
            name
        )


def compare(oracle: Oracle, cohorts: Cohorts, day: date, *, assigned: bool) -> None:
    arms = range(len(oracle.spec.arms))
    for metric in METRICS:
        windows = [(cohorts.metrics, metric.first, metric.window), (cohorts.monitoring, 0, 1)]
        for series, first, upto in windows:
            if metric.open and day != oracle.as_of:
                continue
            length = 0 if metric.open else upto
            found = series[metric.name].at(day)
            units = [len(oracle.cohort(length, day, arm, assigned=assigned)) for arm in arms]
            rows = oracle.table(metric, day, first, upto, assigned=assigned)
            if found.units and not any(found.units):
                assert not any(units)
                continue
            if not found.covariate:
                parts = 1 if metric.denominator is None else 2
                rows = [[row[:parts] for row in arm] for arm in rows]
            same(found, rows, units, metric.name)
            if metric.denominator is None:
                values = [[row[0] for row in arm] for arm in rows]
                binary = all(value in {0, 1} for arm in values for value in arm)
                assert found.events in (tuple(arm.count(1.0) for arm in values) if binary else None, None)
                if metric.source.aggregate == "any":
                    assert found.events is not None


def by_day(one: World) -> dict[str, dict[date, int]]:
    """The events that metrics ask for, from the first day of covariates on."""
    days, limit = one.spec.days, micros(min(one.spec.as_of, one.spec.days.end))
    asked = {part.event for m in METRICS for part in (m.source, m.denominator) if part is not None}
    found: dict[str, dict[date, int]] = {name: {} for name in asked}
    for event in one.events:
        if event.event in asked and micros(days.start) - 5 * DAY <= event.at < limit:
            day = date(1970, 1, 1) + timedelta(days=event.at // DAY)
            found[event.event][day] = found[event.event].get(day, 0) + 1
    return found


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_everything(seed: int) -> None:
    one = world(seed)
    oracle = Oracle(one.spec, one.exposures, one.events)
    look = min(oracle.as_of, one.spec.days.start + timedelta(days=6))
    found = measured(one, seed, (look,))
    assert found.as_of == oracle.as_of
    assert found.last_event == oracle.last
    assert found.crossovers == oracle.crossovers
    assert found.units == len(oracle.units) - oracle.crossovers
    assert found.misplaced == sum(
        unit.assigned != unit.arm for unit in oracle.units.values() if unit.assigned >= 0 and not unit.crossed
    )
    assert found.events_by_day == by_day(one)
    expected = dict(oracle.reasons) | {"crossover": oracle.crossover_rows, "repeat": oracle.repeats}
    expected.pop("valid", None)
    assert {key: n for key, n in found.excluded.items() if n} == {key: n for key, n in expected.items() if n}
    assert sum(found.excluded.values()) + found.units == found.exposures.rows == len(one.exposures)
    assert found.events.rows == len(one.events)
    arms = range(len(one.spec.arms))
    firsts = [unit.arm for unit in oracle.units.values()]
    assert found.first_variants == tuple(firsts.count(arm) for arm in arms)
    countries = {
        value: tuple(
            sum(u.country == value and u.arm == arm and not u.crossed for u in oracle.units.values())
            for arm in arms
        )
        for value in sorted({unit.country for unit in oracle.units.values() if not unit.crossed})
    }
    assert found.slices == {"country": countries}
    assert found.assigned is not None
    for day in {look, found.as_of}:
        compare(oracle, found.exposed, day, assigned=False)
        compare(oracle, found.assigned, day, assigned=True)


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_segments(seed: int) -> None:
    """Each country's units for themselves, capped and adjusted with the others."""
    one = world(seed)
    one = one._replace(spec=one.spec._replace(segment="country", dimensions=()))
    oracle = Oracle(one.spec, one.exposures, one.events)
    found, day = measured(one, seed), oracle.as_of
    countries = {unit.country for unit in oracle.units.values() if not unit.crossed}
    assert set(found.segments) == {country or None for country in countries}
    for value, part in found.segments.items():
        country = value or ""
        of_it = {name for name, unit in oracle.units.items() if unit.country == country}
        arms = [
            {name for name in of_it if oracle.units[name].arm == arm} for arm in range(len(one.spec.arms))
        ]
        assert part.units == tuple(sum(not oracle.units[name].crossed for name in of_arm) for of_arm in arms)
        assert found.slices["country"][country] == part.units
        for metric in METRICS:
            length = 0 if metric.open else metric.window
            closed = [oracle.cohort(length, day, arm) for arm in range(len(one.spec.arms))]
            units = [len(of_it & {*names}) for names in closed]
            rows = oracle.table(metric, day, metric.first, metric.window, country=country)
            if any(map(len, closed)):
                same(part.metrics[metric.name], _values(metric, part, rows), units, metric.name)


def _values(metric: Metric, part: Population, rows: list[list[list[float]]]) -> list[list[list[float]]]:
    """The rows without their covariates, where nobody has one."""
    parts = 1 if metric.denominator is None else 2
    kept = None if part.metrics[metric.name].covariate else parts
    return [[row[:kept] for row in arm] for arm in rows]


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_without_a_ledger_nothing_is_excluded_for_its_bucket(seed: int) -> None:
    one = world(seed, placed=False)
    oracle = Oracle(one.spec, one.exposures, one.events)
    found = measured(one, seed)
    assert found.assigned is None
    assert not found.excluded["not_allocated"] + found.excluded["before_ramp"] + found.excluded["held_back"]
    assert found.units == len(oracle.units) - oracle.crossovers
    compare(oracle, found.exposed, found.as_of, assigned=False)


@settings(max_examples=3, deadline=None)
@given(seeds, seeds)
def test_order_files_and_formats_do_not_matter(seed: int, other: int) -> None:
    one = world(seed)
    first, second = measured(one, seed), measured(one, other)
    assert first._replace(exposed=second.exposed, assigned=second.assigned) == second
    assert first.exposed.units == second.exposed.units
    day = first.as_of
    for metric in METRICS:
        a, b = (some.exposed.metrics[metric.name].at(day) for some in (first, second))
        assert (a.units, a.events, a.covariate, a.notes) == (b.units, b.events, b.covariate, b.notes)
        for x, y in zip(a.moments, b.moments, strict=True):
            assert x.n == y.n
            assert x.mean == pytest.approx(y.mean, rel=1e-9, abs=1e-9)


@settings(max_examples=4, deadline=None)
@given(seeds)
def test_a_look_finds_what_was_found_that_day(seed: int) -> None:
    """Closed windows never change: a look at the past is what the logs of that day said."""
    one = world(seed)
    found = measured(one, seed)
    day = one.spec.days.start + timedelta(days=5)
    if day > found.as_of:
        return
    crossed_later = found.crossovers
    then = measured(one._replace(spec=one.spec._replace(as_of=day)), seed)
    if then.as_of != day or then.crossovers != crossed_later:
        return  # the units are others
    for metric in METRICS:
        if metric.open or metric.name == "pooled":
            continue
        a, b = (some.exposed.metrics[metric.name].at(day) for some in (found, then))
        assert a.units == b.units
        for x, y in zip(a.moments, b.moments, strict=True):
            assert x.n == y.n
            assert x.mean == pytest.approx(y.mean, rel=1e-9, abs=1e-9)
