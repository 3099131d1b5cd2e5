"""One rule of the engine at a time, on logs of a few rows; what is wrong with files is said."""

import tempfile
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from coord.domain.metrics import Cap, Source
from coord.errors import CoordError
from coord.logs.measure_logs import LogFiles, measure_logs
from coord.stats.moments import variance
from coord.stats.quantiles import Quantile, quantile_of
from engine_logs.small import DAYS, EXPOSURE, LATE, SPEC, event, exposure, measured
from engine_logs.worlds import metric
from logs.files import write

SPENT = metric("spent", Source("buy", "sum", "value"))
BOUGHT = metric("bought", Source("buy", "any"))
TWO = [exposure("a"), exposure("b", variant="one")]


def test_values_far_from_zero_keep_their_variance(tmp_path: Path) -> None:
    values = 1.7e12 + 10 * np.random.default_rng(1).standard_normal(3000)
    exposures = [exposure(f"u{i}", variant=("control", "one")[i % 2]) for i in range(len(values))]
    events = [event(f"u{i}", repr(float(value))) for i, value in enumerate(values)]
    found = measured(tmp_path, exposures, [*events, LATE], [SPENT])
    for arm, moments in enumerate(found.exposed.metrics["spent"].at(found.as_of).moments):
        assert variance(moments) == pytest.approx(np.var(values[arm::2], ddof=1), rel=1e-9)


def test_windows_are_half_open_to_the_microsecond(tmp_path: Path) -> None:
    times = ["2026-03-02T09:59:59.999999Z", "2026-03-02T10:00:00Z"]
    times += ["2026-03-05T09:59:59.999999Z", "2026-03-05T10:00:00Z"]
    events = [event("a", str(10**place), at) for place, at in enumerate(times)]
    one = SPENT._replace(covariate=1)
    found = measured(tmp_path, TWO, [*events, LATE], [one]).exposed.metrics["spent"].at(DAYS.end)
    assert found.moments[0].mean == (110.0, 1.0)
    assert found.covariate


def test_an_empty_value_is_an_event_without_a_value(tmp_path: Path) -> None:
    mean = metric("price", Source("buy", "mean", "value"), missing="drop")
    count = metric("buys", Source("buy", "count"))
    events = [event("a", ""), event("a", "4"), event("b", ""), event("b", "NA"), LATE]
    found = measured(tmp_path, TWO, events, [SPENT, mean, count, BOUGHT])
    by_name = {name: series.at(found.as_of) for name, series in found.exposed.metrics.items()}
    assert [one.mean for one in by_name["spent"].moments] == [(4.0,), (0.0,)]
    assert [one.n for one in by_name["price"].moments] == [1, 0]
    assert [one.mean for one in by_name["buys"].moments] == [(2.0,), (2.0,)]
    assert by_name["bought"].events == (1, 1)


def test_exact_duplicates_are_counted_and_kept(tmp_path: Path) -> None:
    events = [event("a"), event("a"), event("a"), event("a", "2"), event("b"), LATE, LATE]
    found = measured(tmp_path, [*TWO, exposure("a")], events, [SPENT])
    assert found.duplicates == (1, 2)
    assert found.excluded["repeat"] == 1
    assert [one.mean for one in found.exposed.metrics["spent"].at(found.as_of).moments] == [(5.0,), (1.0,)]


def test_duplicates_are_found_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coord.logs.units_did._COMPARED", 3)
    exposures = [exposure(f"u{i}") for i in range(40)]
    events = [event(f"u{i % 40}", str(i % 3)) for i in range(200)]
    found = measured(tmp_path, exposures, [*events, LATE], [SPENT])
    assert found.duplicates[1] == 200 - len({*events})


def test_a_clock_that_is_ahead_closes_no_window(tmp_path: Path) -> None:
    spec = SPEC._replace(as_of=date(2026, 3, 10), today=date(2026, 3, 10))
    events = [event("a", at="2026-03-04T10:00:00Z"), event("b", at="2031-01-01T00:00:00Z")]
    found = measured(tmp_path, TWO, events, [SPENT], spec)
    assert found.as_of == date(2026, 3, 5)
    assert sum(found.exposed.metrics["spent"].at(found.as_of).units) == 0
    today = measured(tmp_path, TWO, [event("a", at="2026-03-10T01:00:00Z")], [SPENT], spec)
    assert today.as_of == date(2026, 3, 10)  # which is not over


def test_no_unit_counts_before_its_window_is_over(tmp_path: Path) -> None:
    found = measured(tmp_path, TWO, [event("a"), LATE], [SPENT])
    series = found.exposed.metrics["spent"]
    assert [series.at(date(2026, 3, day)).units for day in (5, 6)] == [(0, 0), (1, 1)]
    midnight = [exposure("a", "2026-03-02T00:00:00Z"), exposure("b", "2026-03-02T00:00:00.000001Z", "one")]
    series = measured(tmp_path, midnight, [event("a"), LATE], [SPENT]).exposed.metrics["spent"]
    assert [series.at(date(2026, 3, day)).units for day in (4, 5, 6)] == [(0, 0), (1, 0), (1, 1)]


def test_quantiles_over_events_are_clustered_by_unit(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    units, days = draw.integers(0, 120, 900), draw.integers(2, 5, 900)
    values = np.round(draw.exponential(10, 900), 1)
    exposures = [exposure(f"u{i}", variant=("control", "one")[i % 2]) for i in range(120)]
    rows = zip(units.tolist(), values.tolist(), days.tolist(), strict=True)
    events = [event(f"u{unit}", str(value), f"2026-03-0{day}T23:00:00Z") for unit, value, day in rows]
    q = Fraction(9, 10)
    over_events = metric("p90", Source("buy", None, "value"), quantile=q, missing="drop")
    over_units = metric("p90_of_sums", Source("buy", "sum", "value"), quantile=q, missing="drop")
    found = measured(tmp_path, exposures, [*events, LATE], [over_events, over_units])
    one = found.exposed.metrics["p90"].at(found.as_of)
    two = found.exposed.metrics["p90_of_sums"].at(found.as_of)
    assert one.units == two.units == (60, 60)
    for arm in (0, 1):
        mine = (units % 2 == arm) & (days < 5)
        same(one.quantiles[arm], quantile_of(values[mine], units[mine], q))
        sums = np.bincount(units[mine], values[mine], 120)[np.unique(units[mine])]
        same(two.quantiles[arm], quantile_of(sums, np.arange(len(sums)), q))


def same(found: Quantile, expected: Quantile) -> None:
    assert found.value == pytest.approx(expected.value)
    assert found.tied == pytest.approx(expected.tied)
    assert found.share_error == pytest.approx(expected.share_error)
    assert type(found.estimate) is type(expected.estimate)
    assert tuple(found.estimate) == pytest.approx(tuple(expected.estimate))


def test_a_cap_that_is_a_quantile_is_of_both_arms(tmp_path: Path) -> None:
    capped = metric("capped", Source("buy", "sum", "value", Cap(quantile=Fraction(3, 4))))
    events = [event("a", "1"), event("b", "100"), event("c", "3"), event("d", "2"), LATE]
    exposures = [*TWO, exposure("c"), exposure("d", variant="one")]
    found = measured(tmp_path, exposures, events, [capped]).exposed.metrics["capped"].at(DAYS.end)
    assert [one.mean for one in found.moments] == [(2.0,), (2.5,)]


def test_values_that_are_no_numbers_leave_out_the_metrics_that_need_them(tmp_path: Path) -> None:
    events = [event("a", "5"), event("b", "abc"), event("b", "inf"), LATE]
    found = measured(tmp_path, TWO, events, [SPENT, BOUGHT])
    reason = found.exposed.metrics["spent"].at(found.as_of).reason
    assert reason is not None
    assert "2 value values are not finite numbers in events buy" in reason
    assert "`abc` in row 3 of" in reason
    assert found.exposed.monitoring["spent"].at(found.as_of).reason == reason
    assert found.exposed.metrics["bought"].at(found.as_of).events == (1, 1)


def test_strange_values_of_others_do_no_harm(tmp_path: Path) -> None:
    found = measured(tmp_path, TWO, [event("a", "5"), event("nobody", "abc"), LATE], [SPENT])
    assert found.exposed.metrics["spent"].at(found.as_of).moments[0].mean == (5.0,)


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    typo = metric("typo", Source("buy", "sum", "valeu"))
    found = measured(tmp_path, TWO, [event("a"), LATE], [typo, BOUGHT])
    reason = found.exposed.metrics["typo"].at(found.as_of).reason
    assert reason is not None
    assert reason.endswith("events.csv has no column valeu (did you mean value?)")
    assert found.exposed.metrics["bought"].at(found.as_of).events == (1, 0)


def test_exposures_of_other_experiments_only(tmp_path: Path) -> None:
    others = [("2026-03-02", "a", "home/dmeo", "control")]
    with pytest.raises(
        CoordError, match=r"none of home/demo\. They are of home/dmeo\. Did you mean home/dmeo\?"
    ):
        measured(tmp_path, others, [LATE], [SPENT])


def test_no_metric_no_unit_no_event(tmp_path: Path) -> None:
    found = measured(tmp_path, TWO, [LATE], [])
    assert (found.units, found.first_variants) == (2, (1, 1))
    found = measured(tmp_path, [exposure("a", variant="x")], [LATE], [SPENT, BOUGHT])
    assert found.units == 0
    assert found.unknown_variants == (("x", 1),)
    assert [one.n for one in found.exposed.metrics["spent"].at(found.as_of).moments] == [0, 0]
    found = measured(tmp_path, TWO, [], [SPENT])
    assert found.as_of == DAYS.start
    assert found.exposed.metrics["spent"].at(found.as_of).units == (0, 0)


def test_rejected_rows_are_counted(tmp_path: Path) -> None:
    exposures = [*TWO, exposure(""), exposure("c", "yesterday")]
    events = [event("a"), event("a", at="noon"), event("a", name=""), LATE]
    found = measured(tmp_path, exposures, events, [SPENT])
    assert (found.excluded["no_unit"], found.excluded["unreadable_timestamp"]) == (1, 1)
    assert found.events.rejects == {"unreadable_timestamp": 1, "no_event": 1}
    assert found.events.rows == 4
    assert sum(found.excluded.values()) + found.units == found.exposures.rows == 4


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when reading stops half-way, by what is in a file or by somebody's hand."""
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spill))
    measured(tmp_path, TWO, [event("a"), LATE], [SPENT])
    assert not [*spill.iterdir()]

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured(tmp_path, TWO, [event("a"), LATE], [SPENT], progress=interrupted)
    assert not [*spill.iterdir()]


def test_what_is_wrong_with_a_file_is_said_as_always(tmp_path: Path) -> None:
    exposures, events = tmp_path / "exposures.csv", tmp_path / "events.csv"
    write(exposures, TWO, EXPOSURE)
    events.write_text('timestamp,user_id,event,value\n2026-03-02,a,buy,"1"x\n2026-03-02,a,buy,1\n')
    with pytest.raises(CoordError, match="quote is not closed"):
        measure_logs(SPEC, LogFiles([str(exposures)], [str(events)], "user_id"), [SPENT])
