"""`coord analyze` of a holdback: what is refused, what is said, tables of units."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coord.cli.main import run
from git_trees.repositories import Repo, hermetic
from holdback.worlds import Logs, logs
from logs.files import write

ONE = logs(2, evaluate_from=21)
PATH = "surfaces/home/experiments/back.yaml"


def json_of(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    assert run(["analyze", "home/back", *arguments, "--format", "json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert run(["analyze", "home/back", *arguments]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def changed(root: Path, **values: Any) -> None:
    value = json.loads((root / PATH).read_text("utf-8"))
    (root / PATH).write_text(json.dumps(value | values), "utf-8")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_it_is_a_report(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "home/back", *ONE.put(tmp_path), "--format", form]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "A holdback is a report: there is nothing to decide." in told
    assert "held → rest" in told or "`rest`** against `held`" in told
    assert "measured from 2026-03-23 on, its covariate in the days before 2026-03-02" in told


def test_the_default_day_is_four_weeks_back_and_never_before_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = logs(2).put(tmp_path)
    for as_of, anchor in (("2026-04-20", "2026-03-23"), ("2026-03-12", "2026-03-02")):
        document = json_of(capsys, [*arguments, "--as-of", as_of])
        assert document["as_of"] == as_of
        detail = next(one["detail"] for one in document["checks"] if one["name"] == "evaluation")
        assert detail.startswith(f"measured from {anchor} on (the last four weeks")


def test_a_day_to_come(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json_of(capsys, [*logs(2, evaluate_from=52).put(tmp_path)])
    check = next(one for one in document["checks"] if one["name"] == "evaluation")
    assert check == {
        "name": "evaluation",
        "status": "not_run",
        "p_value": None,
        "detail": "the evaluation begins on 2026-04-23, and data count until 2026-04-21",
    }
    assert {one["effect"]["value"] for one in document["metrics"]} == {None}
    assert all("closes on" in one["reason"] for one in document["metrics"])
    early = json_of(capsys, [*logs(2, evaluate_from=52).put(tmp_path), "--as-of", "2026-03-10"])
    units = logs(2, evaluate_from=8).units()  # nothing is looked at that was logged later
    assert early["units"] == {"held": len(units[0]), "rest": len(units[1])}


def test_what_was_planned_at_its_start_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metric that was taken away is still there, and what else was changed is told."""
    hermetic(monkeypatch, tmp_path)
    arguments, repo = ONE.put(tmp_path), Repo(tmp_path)
    repo._seconds = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
    repo.commit()
    before = json_of(capsys, arguments)
    assert (check := _check(before))["status"] == "pass", check

    changed(tmp_path, metrics={"guardrail": [{"metric": "long"}]}, evaluate_from="2026-03-30")
    after = json_of(capsys, arguments)
    assert {one["metric"] for one in after["metrics"]} == {one["metric"] for one in before["metrics"]}
    told = _check(after)
    assert told["status"] == "warn"
    assert "it was evaluated from 2026-03-23 and now 2026-03-30" in told["detail"]
    assert "price was a guardrail metric and is none" in told["detail"]


def _check(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["checks"] if one["name"] == "plan")
    return found


def test_without_covariates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    with_them, without = (json_of(capsys, [*arguments, *more]) for more in ([], ["--covariates", "off"]))
    one, other = with_them["metrics"][0], without["metrics"][0]
    assert other["raw"] is None
    assert other["effect"] == one["raw"]["effect"]


def test_the_organisations_looks_do_not_bind_a_holdback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ONE.put(tmp_path)
    path = tmp_path / "surfaces" / "coord.yaml"
    value = json.loads(path.read_text("utf-8")) | {"decision": {"method": "group_sequential"}}
    path.write_text(json.dumps(value), "utf-8")
    document = json_of(capsys, arguments)
    assert {one["basis"] for one in document["metrics"]} == {"fixed"}
    assert document["looks"] == []


def test_without_a_ledger_nobody_knows_who_was_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ONE.put(tmp_path)
    ledger = tmp_path / "surfaces" / "home" / "allocations" / "back.yaml"
    ledger.unlink()
    told = refused(capsys, arguments)
    assert "home/back has no ledger, so nobody knows which units it held" in told
    assert "--units" in told


def test_logs_without_the_events_of_metrics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Logs(ONE.world, [], [e for e in ONE.events if e.event == "other"], ONE.as_of, ONE.evaluate_from)
    document = json_of(capsys, one.put(tmp_path))
    check = next(one for one in document["checks"] if one["name"] == "events")
    assert (check["status"], "click, order, play" in check["detail"]) == ("warn", True)
    empty = Logs(ONE.world, [], [], ONE.as_of, ONE.evaluate_from)
    document = json_of(capsys, empty.put(tmp_path))
    assert document["units"] == {"held": 0, "rest": 0}
    assert {one["verdict"] for one in document["metrics"]} == {"inconclusive"}


def test_rows_that_cannot_be_used_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    before = json_of(capsys, arguments)
    with (tmp_path / "exposures.csv").open("a", encoding="utf-8") as file:
        file.write("soon,u1,home/test,x,SE\r\n2026-03-05,,home/test,x,SE\r\n=1+1,\x1b[31m,a,b,c\r\n")
    rejects = tmp_path / "rejects.csv"
    document = json_of(capsys, [*arguments, "--rejects", str(rejects)])
    assert document["excluded"] == before["excluded"] | {"unreadable_timestamp": 2, "no_unit": 1}
    assert document["rows"] == before["rows"] + 3
    assert document["metrics"] == before["metrics"]
    assert len(rejects.read_text("utf-8").splitlines()) == 4


def table(root: Path, arms: Mapping[str, list[float]]) -> str:
    rows = [(name, f"{value:.3f}") for name, values in arms.items() for value in values]
    return str(write(root / "units.csv", rows, ("variant", "minutes")))


def test_a_table_of_units_says_held_or_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ONE.put(tmp_path)[-4:]
    held, rest = [float(k % 7) for k in range(200)], [k % 7 + 0.5 for k in range(800)]
    named = table(tmp_path, {"held": held, "rest": rest, "both": [1.0]})
    document = json_of(capsys, ["--units", named, *root])
    assert document["units"] == {"held": 200, "rest": 800}
    assert document["unknown_variants"] == [{"name": "both", "rows": 1}]
    one = document["metrics"][0]
    assert one["control"]["mean"] == pytest.approx(sum(held) / 200)
    assert one["treatment"]["mean"] == pytest.approx(sum(rest) / 800)
    assert document["decisions"] == []
    srm = next(one for one in document["checks"] if one["name"] == "srm")
    assert (srm["status"], "20% : 80% by design" in srm["detail"]) == ("pass", True)


def test_a_holdback_of_everybody_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    changed(tmp_path, traffic="100%")
    assert "home/back holds all units" in refused(capsys, arguments)


def test_a_draft_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ONE.put(tmp_path)
    changed(tmp_path, status="draft")
    assert "is a draft" in refused(capsys, arguments)
