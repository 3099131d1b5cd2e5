"""What `coord baseline` measures, against a restatement in plain Python and numpy."""

import json
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft7Validator

from baseline.worlds import DAY, Logs, logs
from coord.cli.main import run
from coord.stats.quantiles import quantile_of

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas" / "measured-baseline.schema.json").read_text("utf-8")
)


def measured(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    assert run(["baseline", "home", *arguments, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    document: dict[str, Any] = json.loads(told.out)
    Draft7Validator(SCHEMA).validate(document)
    return document


def correlation(x: "np.ndarray[Any, Any]", c: "np.ndarray[Any, Any]") -> float:
    return float(np.corrcoef(x, c)[0, 1] ** 2)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("source", ["exposures", "events"])
def test_metrics(source: str, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logs(seed)
    arguments = one.put(tmp_path)
    first = one.met()
    if source == "events":
        arguments, first = arguments[2:], one.seen(-2)  # ten days, as covariates look back, after the first
    document = measured(capsys, arguments)
    assert document["source"] == source
    found = {metric["metric"]: metric for metric in document["metrics"]}
    assert [*found] == ["minutes", "ctr", "price", "week", "length_p50", "pooled"]
    _mean(one, found["minutes"], first)
    _ratio(one, found["ctr"], first)
    _others(one, found, first)
    reasons = {left["metric"]: left["reason"] for left in document["left_out"]}
    assert [*reasons] == ["long", "typo", "nobody"]
    assert reasons["long"] == "no unit's window of 60 days is closed by 2026-04-04"
    assert reasons["typo"].endswith("events.csv has no column minuts (did you mean minutes?)")
    assert reasons["nobody"] == "the events have none called nothing"


def _mean(one: Logs, found: dict[str, Any], first: dict[str, int]) -> None:
    now, before = (one.windows(first, "play", *span, 5) for span in ((0, 5), (-10, 0)))
    x = np.array([sum(map(float, values)) for values in now.values()])
    c = np.array([sum(map(float, before[unit])) for unit in now])
    assert found["n"] == len(x)
    assert found["mean"] == pytest.approx(x.mean(), rel=1e-9)
    assert found["std"] == pytest.approx(x.std(ddof=1), rel=1e-9)
    assert found["variance_reduction"] == floor(correlation(x, c) * 1000) / 1000
    assert found["variance_reduction"] > 0


def _ratio(one: Logs, found: dict[str, Any], first: dict[str, int]) -> None:
    columns = [
        [len(values) for values in one.windows(first, event, *span, 5).values()]
        for span in ((0, 5), (-10, 0))
        for event in ("click", "play")
    ]
    n, d, n0, d0 = np.array(columns, float)
    u, e = ((a - a.sum() / b.sum() * b) / b.mean() for a, b in ((n, d), (n0, d0)))
    assert found["mean"] == pytest.approx(n.sum() / d.sum(), rel=1e-9)
    assert found["std"] == pytest.approx(u.std(ddof=1), rel=1e-9)
    assert found["variance_reduction"] == floor(correlation(u, e) * 1000) / 1000


def _others(one: Logs, found: dict[str, dict[str, Any]], first: dict[str, int]) -> None:
    prices = [
        np.mean([*map(float, values)]) for values in one.windows(first, "order", 0, 7, 7).values() if values
    ]
    assert found["price"]["n"] == len(prices)
    assert found["price"]["mean"] == pytest.approx(np.mean(prices), rel=1e-9)
    assert found["price"]["variance_reduction"] is None
    week = [bool(values) for values in one.windows(first, "play", 0, 7, 7).values()]
    assert (found["week"]["n"], found["week"]["mean"]) == (len(week), pytest.approx(np.mean(week)))
    plays = one.windows(first, "play", 0, 5, 5)
    sums = np.array([sum(map(float, each)) for each in plays.values()])
    most = sorted(sums)[-(-len(sums) * 9 // 10) - 1]
    assert found["pooled"]["mean"] == pytest.approx(np.minimum(sums, most).mean(), rel=1e-9)
    values = np.array([float(value) for each in plays.values() for value in each])
    units = np.array([place for place, each in enumerate(plays.values()) for _ in each])
    middle = quantile_of(values, units, 0.5).estimate
    assert not isinstance(middle, str)
    assert found["length_p50"]["mean"] == pytest.approx(middle.mean)
    assert found["length_p50"]["std"] == pytest.approx((middle.variance * middle.n) ** 0.5)


def test_units_per_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 30 days: 10% of all units can be met on 4, 40% on one, 50% on 15, and 30% on 10."""
    one = logs(3)
    document = measured(capsys, one.put(tmp_path))
    units = len(one.met())
    assert document["days"] == {"from": "2026-03-02", "to": "2026-04-01"}
    assert document["as_of"] == "2026-04-04"
    assert document["units"] == units
    reach = (4 * 0.1 + 1 * 0.4 + 15 * 0.5 + 10 * 0.3) / 30
    assert document["reach"] == pytest.approx(reach, rel=1e-11)
    assert document["daily_units"] == pytest.approx(units / 30 / reach, rel=1e-11)
    assert document["experiments"] == ["home/test", "home/other"]


def test_only_complete_days_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logs(3)
    one.today = 20  # the logs have rows of this day and of later ones
    document = measured(capsys, one.put(tmp_path))
    assert document["days"] == {"from": "2026-03-02", "to": "2026-03-22"}
    assert document["as_of"] == "2026-03-22"
    assert document["units"] == sum(at < 20 * DAY for at in one.met().values())
    other = measured(capsys, [*one.put(tmp_path), "--as-of", "2026-03-12"])
    assert other["days"]["to"] == other["as_of"] == "2026-03-12"
    assert other["units"] == sum(at < 10 * DAY for at in one.met().values())


def test_units_per_day_of_events_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logs(4)
    document = measured(capsys, one.put(tmp_path)[2:])
    assert document["days"] == {"from": "2026-02-28", "to": "2026-04-04"}
    assert document["units"] == len(one.seen(-2))
    assert document["reach"] == 1
    assert document["daily_units"] == pytest.approx(len(one.seen(-2)) / 35, rel=1e-11)


def test_a_narrow_audience_reaches_fewer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three tenths of the buckets for everybody, two tenths more for a quarter of the units."""
    one = logs(5)
    one.world.plans[1].audience = {"country": ["SE"]}
    arguments = one.put(tmp_path)
    path = tmp_path / "surfaces" / "home" / "surface.yaml"
    value = json.loads(path.read_text("utf-8"))
    value["audience"]["country"]["values"] = {"SE": "25%", "US": "50%", "BR": "10%"}
    path.write_text(json.dumps(value), "utf-8")
    document = measured(capsys, arguments)
    reach = (4 * 0.1 + 1 * (0.1 + 0.3 / 4) + 15 * (0.3 + 0.2 / 4) + 10 * (0.3 / 4)) / 30
    assert document["reach"] == pytest.approx(reach, rel=1e-11)


def test_rows_that_meet_nobody_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logs(6)
    ours = {"home/test": (0, 20), "the other": (4, 60)}
    outside = [
        x
        for x in one.exposures
        if x.experiment in ours and not ours[x.experiment][0] * DAY <= x.at < ours[x.experiment][1] * DAY
    ]
    document = measured(capsys, one.put(tmp_path))
    assert document["excluded"] == {
        "outside_dates": len(outside),
        "other_experiment": sum(x.experiment not in ours for x in one.exposures),
    }
    assert document["rows"] == len(one.exposures) + len(one.events)
