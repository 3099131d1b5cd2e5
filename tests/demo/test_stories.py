"""Each experiment of the demo tells what it is meant to tell."""

import math
import shutil
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from coord.allocation.assign import assign, bucket_of, held_on
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.demo.logs import EVENTS, EXPOSURES, SEED
from coord.demo.people import people
from coord.demo.tour import PEEK
from coord.demo.truth import EFFECTS
from coord.domain.buckets import numbers
from demo.worlds import LOGS, in_json, met, minutes_after, rows_of

GOOD, SECOND_LOOK = {"pass", "not_run"}, "2026-06-01"


def _analysed(capsys: pytest.CaptureFixture[str], name: str, *more: str) -> Any:
    return in_json(capsys, "analyze", name, *LOGS, *more)


def _bad_checks(found: Any) -> dict[str, str]:
    return {one["name"]: one["status"] for one in found["checks"] if one["status"] not in GOOD}


def _metric(found: Any, name: str) -> Any:
    return next(one for one in found["metrics"] if one["metric"] == name)


def test_one_ships_at_its_second_look(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _analysed(capsys, "home/shelf-order")
    assert _bad_checks(found) == {}
    (decision,) = found["decisions"]
    assert decision["recommendation"] == "ship"
    assert any(SECOND_LOOK in reason for reason in decision["reasons"])
    earlier = _analysed(capsys, "home/shelf-order", "--as-of", "2026-05-31")
    assert [one["recommendation"] for one in earlier["decisions"]] == ["continue"]


def test_one_does_harm_and_is_stopped_early(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _analysed(capsys, "home/autoplay-preview")
    assert _bad_checks(found) == {}
    assert [one["recommendation"] for one in found["decisions"]] == ["abort"]
    errors = _metric(found, "playback_errors")
    assert errors["verdict"] == "worse"
    since = errors["deterioration"]["since"]
    assert "2026-05-18" < since < "2026-05-25"
    before = _analysed(capsys, "home/autoplay-preview", "--as-of", "2026-05-19")
    assert [one["recommendation"] for one in before["decisions"]] == ["continue"]


def test_one_lost_exposures_which_makes_it_look_better(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _analysed(capsys, "search/voice-search")
    assert _bad_checks(found) == {"srm": "fail"}
    srm = next(one for one in found["checks"] if one["name"] == "srm")
    assert "most where platform is android" in srm["detail"]
    assert [one["recommendation"] for one in found["decisions"]] == ["abort"]
    assert _metric(found, "search_success")["relative"]["lower"] > 0


def test_what_was_lost_is_of_one_arm_on_one_platform(folder: Path) -> None:
    """Who searched while it ran and has a variant by the hash, but no exposure."""
    catalog = load(WorkingTree(folder)).catalog
    experiment = catalog.experiments["search/voice-search"]
    assert experiment.days is not None
    logged = met(folder, experiment.key)
    android = people(SEED).android
    begin, end = str(experiment.days.start), str(experiment.days.end)
    searched = {
        row["user_id"]
        for row in rows_of(folder / EVENTS)
        if row["event"] == "search" and begin <= row["timestamp"] < end
    }
    lost = Counter(
        (found.variant, bool(android[int(user.removeprefix("u")) - 1]))
        for user in searched - logged.keys()
        if (found := assign(catalog, experiment, user, experiment.days.start)).variant
    )
    assert lost.keys() == {("voice", True)}
    assert lost["voice", True] > 100


def test_one_is_too_small(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _analysed(capsys, "search/result-snippets")
    assert _bad_checks(found) == {}
    assert [one["recommendation"] for one in found["decisions"]] == ["end"]
    shown = _metric(found, "search_success")
    assert shown["verdict"] == "inconclusive"
    truth = EFFECTS["search/result-snippets", "snippets"].found - 1
    assert shown["relative"]["lower"] < 0 < truth < shown["relative"]["upper"]


def test_that_it_is_too_small_could_be_known(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    monkeypatch.chdir(copy)
    for surface in ("home", "search"):
        assert run(["baseline", surface, *LOGS, "--write"]) == 0
    found = in_json(capsys, "check", "--today", "2026-04-20")
    warned = [(one["code"], one["experiment"]) for one in found["findings"] if one["severity"] != "info"]
    assert warned == [("MET005", "search/result-snippets")]


def test_one_is_tempting_half_way_and_nothing_at_the_end(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peek = _analysed(capsys, "home/warm-greeting", "--as-of", PEEK)
    assert [one["recommendation"] for one in peek["decisions"]] == ["continue"]
    early = _metric(peek, "minutes_played")
    assert _naive_z(early) > 3  # p = 0.002, as docs/demo.md says
    assert early["relative"]["lower"] < 0
    end = _analysed(capsys, "home/warm-greeting")
    assert _bad_checks(end) == {}
    assert [one["recommendation"] for one in end["decisions"]] == ["end"]
    late = _metric(end, "minutes_played")
    assert abs(late["relative"]["value"]) < early["relative"]["value"] / 3
    assert late["relative"]["lower"] < 0 < late["relative"]["upper"]


def _naive_z(metric: Any) -> float:
    """The statistic of an ordinary test, that may be looked at once, on raw figures."""
    raw = [metric["raw"][arm] for arm in ("control", "treatment")]
    error = math.sqrt(sum(one["std"] ** 2 / one["n"] for one in raw))
    return float((raw[1]["mean"] - raw[0]["mean"]) / error)


@pytest.mark.parametrize("name", ["home/large-covers", "home/compact-rows"])
def test_two_that_meet_show_nothing_apart(
    name: str, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _analysed(capsys, name)
    assert _bad_checks(found) == {}
    assert [one["recommendation"] for one in found["decisions"]] == ["end"]
    assert _metric(found, "minutes_played")["verdict"] == "inconclusive"


def test_each_of_the_two_helps_without_the_other_and_hurts_with_it(folder: Path) -> None:
    covers, rows = (met(folder, f"home/{name}") for name in ("large-covers", "compact-rows"))
    both = {user: max(covers[user].at, rows[user].at) for user in covers.keys() & rows.keys()}
    played = minutes_after(folder, both)
    cells: dict[tuple[bool, bool], list[float]] = defaultdict(list)
    for user, minutes in played.items():
        cells[covers[user].variant != "control", rows[user].variant != "control"].append(minutes)
    neither, one, other, all_of_it = (cells[a, b] for a in (False, True) for b in (False, True))
    assert _z([(neither, -1), (one, 1)]) > 2
    assert _z([(neither, -1), (other, 1)]) > 2
    assert _z([(neither, -1), (all_of_it, 1)]) < -2
    assert _z([(all_of_it, 1), (one, -1), (other, -1), (neither, 1)]) < -5


def _z(parts: Sequence[tuple[list[float], int]]) -> float:
    """A sum of means, each with its sign, in standard errors."""
    error = math.sqrt(sum(statistics.variance(values) / len(values) for values, _ in parts))
    return sum(sign * statistics.fmean(values) for values, sign in parts) / error


def test_the_holdback_gets_nothing_new_and_plays_less(folder: Path) -> None:
    catalog = load(WorkingTree(folder)).catalog
    holdback = catalog.experiments["home/holdback-2026-q2"]
    assert holdback.days is not None
    held = set(numbers(held_on(catalog, holdback, holdback.days.start)))
    space = catalog.spaces[holdback.space]
    exposed = {row["user_id"] for row in rows_of(folder / EXPOSURES) if row["experiment"].startswith("home/")}
    played: dict[str, float] = defaultdict(float)
    for row in rows_of(folder / EVENTS):
        if row["event"] == "play" and row["timestamp"] >= "2026-05-04":
            played[row["user_id"]] += float(row["minutes"])
    inside = {user for user in played if bucket_of(space, user) in held}
    assert inside.isdisjoint(exposed)
    assert 0.08 < len(inside) / len(played) < 0.12
    kept, rest = ([played[user] for user in some] for some in (inside, played.keys() - inside))
    assert _z([(kept, -1), (rest, 1)]) > 1.5


def test_the_holdback_is_a_report(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _analysed(capsys, "home/holdback-2026-q2")
    assert found["decisions"] == []
    assert _bad_checks(found) == {}
    minutes = _metric(found, "minutes_played")["relative"]
    assert 0.1 < minutes["value"] < 0.3  # about a fifth, says docs/demo.md
    assert minutes["lower"] > 0
