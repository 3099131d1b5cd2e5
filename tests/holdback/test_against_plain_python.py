"""The analysis of a holdback's logs against a restatement in plain Python and numpy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft7Validator
from scipy import stats

from coord.cli.main import run
from coord.stats import cuped
from coord.stats.moments import of_columns
from holdback.worlds import START, Logs, logs

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "analysis.schema.json").read_text("utf-8"))


def analysed(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    assert run(["analyze", "home/back", *arguments, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    document: dict[str, Any] = json.loads(told.out)
    Draft7Validator(SCHEMA).validate(document)
    return document


def metric(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["metrics"] if one["metric"] == name)
    return found


def check(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["checks"] if one["name"] == name)
    return found


WORLDS = {
    "default day": logs(1),
    "named day": logs(2, evaluate_from=21),
    "early": logs(3, units=1800, as_of=20),
    "over": logs(4, as_of=70),
    "audience": logs(5, units=1800, country=("SE",)),
}


@pytest.mark.parametrize("name", WORLDS)
def test_units_and_metrics(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = WORLDS[name]
    arguments = one.put(tmp_path)
    if one.as_of > 55:  # the events end on day 54, and the holdback on day 56
        one = Logs(one.world, one.exposures, one.events, 55)
    document = analysed(capsys, arguments)
    held, rest = one.units()
    assert document["units"] == {"held": len(held), "rest": len(rest)}
    assert len(held) > 60
    assert document["decisions"] == []
    assert {found["role"] for found in document["metrics"]} == {"other"}
    assert {found["level"] for found in document["metrics"]} == {0.95}
    assert [found["metric"] for found in document["metrics"]] == [
        *("minutes", "ctr", "length_p50", "price", "long", "late")
    ]
    _mean(one, document, held, rest)
    _ratio(one, document, held, rest)
    _plain(one, document, held, rest)


def _mean(one: Logs, document: dict[str, Any], held: list[str], rest: list[str]) -> None:
    found = metric(document, "minutes")
    arms = [np.array([one.minutes(unit) for unit in units]).T for units in (held, rest)]
    expected = cuped.adjusted_means([of_columns(*arm) for arm in arms])
    assert isinstance(expected, cuped.Adjusted)
    for side, arm in zip(("control", "treatment"), arms, strict=True):
        assert found["raw"][side] == {
            "n": len(arm[0]),
            "mean": pytest.approx(arm[0].mean(), rel=1e-9),
            "std": pytest.approx(arm[0].std(ddof=1), rel=1e-9),
        }
    assert found["effect"]["value"] == pytest.approx(expected.pair.difference, rel=1e-9)
    assert found["variance_reduction"] == pytest.approx(expected.reduction, rel=1e-6)
    half = (found["effect"]["upper"] - found["effect"]["lower"]) / 2
    if found["basis"] == "fixed":
        critical = stats.t.ppf(0.975, expected.pair.df)
        assert half == pytest.approx(critical * expected.pair.variance**0.5, rel=1e-6)
    else:
        assert half > 2 * expected.pair.variance**0.5
    assert found["basis"] == ("fixed" if one.evaluate_from or document["ended"] else "always_valid")


def _ratio(one: Logs, document: dict[str, Any], held: list[str], rest: list[str]) -> None:
    found = metric(document, "ctr")
    arms = [np.array([one.ctr(unit) for unit in units], float).T for units in (held, rest)]
    expected = cuped.adjusted_ratios([of_columns(*arm) for arm in arms])
    assert isinstance(expected, cuped.Adjusted)
    assert found["effect"]["value"] == pytest.approx(expected.pair.difference, rel=1e-9)
    assert found["raw"]["control"]["mean"] == pytest.approx(arms[0][0].sum() / arms[0][1].sum(), rel=1e-9)


def _plain(one: Logs, document: dict[str, Any], held: list[str], rest: list[str]) -> None:
    late, price, middle = (metric(document, name) for name in ("late", "price", "length_p50"))
    for side, units in (("control", held), ("treatment", rest)):
        counts = [one.late(unit) for unit in units]
        assert (late[side]["n"], late[side]["mean"]) == (len(units), pytest.approx(np.mean(counts)))
        prices = [value for unit in units if (value := one.price(unit)) is not None]
        assert (price["raw"] or price)[side]["n"] == len(prices)
        assert (price["raw"] or price)[side]["mean"] == pytest.approx(np.mean(prices))
        anchor = one.anchor
        values = sorted(float(v) for unit in units for v in one.values(unit, "play", anchor, anchor + 14))
        assert middle[side]["mean"] == pytest.approx(values[-(-len(values) // 2) - 1])
    long = metric(document, "long")
    if one.anchor + 29 > one.as_of:
        assert long["verdict"] == "inconclusive"
        assert "closes on" in long["reason"]
        assert long["effect"]["value"] is None


def test_the_share_of_held_units_is_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = WORLDS["named day"]
    found = check(analysed(capsys, one.put(tmp_path)), "srm")
    counts = [len(units) for units in one.units()]
    expected = stats.chisquare(counts, [sum(counts) * 0.2, sum(counts) * 0.8]).pvalue
    assert found["p_value"] == pytest.approx(expected, rel=1e-9)
    assert found["status"] == "pass"
    assert "20% : 80% by design" in found["detail"]


def test_units_lost_in_one_arm_fail_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logs(6, evaluate_from=21)
    lost = {unit for unit in one.units()[0] if int(unit[1:]) % 2}
    one.events = [event for event in one.events if event.unit not in lost]
    found = check(analysed(capsys, one.put(tmp_path)), "srm")
    assert (found["status"], found["p_value"] < 1e-6) == ("fail", True)


def test_arms_that_differed_before_the_holdback_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = WORLDS["named day"]
    assert check(analysed(capsys, one.put(tmp_path)), "pre_period")["status"] == "pass"
    events = [
        event._replace(minutes="90") if event.at < START and one.held(event.unit) else event
        for event in one.events
    ]
    found = Logs(one.world, one.exposures, events, one.as_of, one.evaluate_from)
    document = analysed(capsys, found.put(tmp_path))
    assert check(document, "pre_period")["status"] == "fail"


def test_held_units_that_met_experiments_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = logs(7)
    assert check(analysed(capsys, one.put(tmp_path)), "leaks")["status"] == "pass"
    first, second, *_ = one.units()[0]
    row = next(x for x in one.exposures if x.experiment == "home/test")
    more = [row._replace(unit=first), row._replace(unit=first), row._replace(unit=second)]
    more += [row._replace(unit=second, experiment="tv/else")]
    more += [row._replace(unit=second, at=(START - 1) * 86_400)]
    one.exposures += [*more, row._replace(unit="never", experiment="home/test")]
    found = check(analysed(capsys, one.put(tmp_path)), "leaks")
    assert found["status"] == "warn"
    assert f"2 of {len(one.units()[0])} held units" in found["detail"]
    assert "in 3 exposures" in found["detail"]


def test_exposures_alone_make_nobody_known_whom_only_the_rest_can_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = WORLDS["default day"]
    document = analysed(capsys, one.put(tmp_path))
    analysable = {unit for units in one.units() for unit in units}
    only = {x.unit for x in one.exposures if x.at < one.anchor * 86_400} - analysable
    assert document["excluded"] == {"only_exposed": len(only)}
    assert len(only) > 100


def test_an_audience_that_the_events_do_not_say_is_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = WORLDS["audience"]
    document = analysed(capsys, one.put(tmp_path))
    whole = [len(units) for units in one.units(countries=False)]
    assert document["excluded"]["not_eligible"] == sum(whole) - sum(document["units"].values())
    arguments = one.put(tmp_path, countries=False)
    document = analysed(capsys, arguments)
    assert [*document["units"].values()] == whole
    found = check(document, "not_eligible")
    assert (found["status"], "country" in found["detail"]) == ("not_run", True)
