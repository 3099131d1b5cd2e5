"""`coord allocate` as a user meets it."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from allocation.trees import (
    SURFACE,
    contents,
    decoded,
    experiment_text,
    ledger,
    ledger_path,
    put,
    tree,
    write,
)
from coord.cli.main import run

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "allocate.schema.json").read_text("utf-8"))
TODAY = "2026-03-01"
FULL = {
    "hero": {"traffic": "40%", "start": "2026-03-09", "end": "2026-03-30"},
    "copy": {"traffic": "30%", "start": "2026-03-12", "end": "2026-04-13"},
    "third": {"traffic": "50%", "start": "2026-03-16", "end": "2026-04-20"},
}


def allocate(root: Path, *arguments: str, today: str = TODAY) -> int:
    return run(["allocate", "--root", str(root), "--today", today, *arguments])


def document(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str, **options: str) -> Any:
    capsys.readouterr()
    allocate(root, *arguments, "--format", "json", **options)
    data = json.loads(capsys.readouterr().out)
    Draft7Validator(SCHEMA).validate(data)
    return data


def by_name(data: Any) -> dict[str, Any]:
    return {row["experiment"].removeprefix("home/"): row for row in data["outcomes"]}


def held(root: Path, name: str) -> set[int]:
    return {bucket for entry in ledger(root, f"home/{name}")["entries"] for bucket in decoded(entry)}


def clean(root: Path, today: str = TODAY) -> bool:
    return run(["check", "--root", str(root), "--today", today, "--replay", "--ignore", "LIF,MET"]) == 0


# Drawing


def test_all_draws_everything_active_that_is_not_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(
        tmp_path,
        tree(
            {
                "one": {},
                "two": {"traffic": "20%"},
                "over": {"start": "2026-01-05", "end": "2026-03-01"},
                "draft": {"status": "draft"},
            }
        ),
    )
    assert allocate(root, "--all") == 0
    assert capsys.readouterr().out == (
        "home/one: drew 300 buckets (30%)\n"
        "home/two: drew 200 buckets (20%), clear of home/one\n"
        "2 ledgers written.\n"
    )
    assert {path.name for path in (root / "surfaces/home/allocations").iterdir()} == {"one.yaml", "two.yaml"}
    assert clean(root)
    capsys.readouterr()
    before = contents(root)
    assert allocate(root, "--all") == 0
    assert capsys.readouterr().out == (
        "home/one: keeps its buckets\nhome/two: keeps its buckets\n0 ledgers written.\n"
    )
    assert contents(root) == before


def test_the_ledger_is_the_documented_text(tmp_path: Path) -> None:
    root = write(tmp_path, tree({"one": {}, "two": {"traffic": "{2026-03-16: 5%, 2026-03-23: 20%}"}}))
    assert allocate(root, "--all") == 0
    text = ledger_path(root, "home/two").read_text("utf-8")
    assert text.startswith(
        "# Written by `coord allocate`. Edit the experiment, not this file.\n"
        "experiment: home/two\nspace: user\nversion: 1\nentries:\n  - avoids:\n      home/one: "
    )
    assert max(map(len, text.splitlines())) <= 100
    assert "  - avoids: {}\n" in ledger_path(root, "home/one").read_text("utf-8")
    assert [len(decoded(entry)) for entry in ledger(root, "home/two")["entries"]] == [50, 150]


def test_the_order_of_names_does_not_matter(tmp_path: Path) -> None:
    names = ("home/late", "home/early", "home/middle")
    files = tree({"late": {"start": "2026-03-20"}, "early": {"start": "2026-03-10"}, "middle": {}})
    results = []
    for number, order in enumerate(permutations(names)):
        root = write(tmp_path / str(number), files)
        assert allocate(root, *order, order[0]) == 0  # one of them twice
        results.append(contents(root))
    assert all(result == results[0] for result in results)


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, tree({"one": {}, "two": {}}))
    before = contents(root)
    assert allocate(root, "--all", "--dry-run") == 0
    assert capsys.readouterr().out == (
        "home/one: would draw 300 buckets (30%)\n"
        "home/two: would draw 300 buckets (30%), clear of home/one\n"
        "Dry run: 2 ledgers would be written.\n"
    )
    assert contents(root) == before


def test_the_outcome_can_go_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path / "tree", tree({"one": {}}))
    assert allocate(root, "--all", "--format", "json", "--output", str(tmp_path / "out.json")) == 0
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["format"] == "coord.allocate/1"


# What is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["home/nobody"], "There is no experiment home/nobody."),
        (["home/activ"], "Did you mean home/active?"),
        (["active"], "There is no experiment active."),
        (["home/draft"], "home/draft is a draft"),
        (["home/over"], "home/over is over"),
        (["home/active", "home/nobody"], "home/nobody"),
        ([], "Name the experiments to draw, or give --all."),
        (["--all", "home/active"], "Name the experiments to draw, or give --all."),
        (["--all", "--start", "soon"], "soon"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over = {"start": "2026-01-05", "end": "2026-03-01"}
    root = write(tmp_path, tree({"active": {}, "draft": {"status": "draft"}, "over": over}))
    before = contents(root)
    assert allocate(root, *arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert contents(root) == before


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("surfaces/home/experiments/two.yaml", "experiment: ["),
        ("surfaces/home/experiments/two.yaml", experiment_text("two", components="[nowhere]")),
        ("surfaces/home/allocations/one.yaml", "experiment: home/one\n"),
        ("surfaces/search/surface.yaml", "surface: search\n"),
    ],
)
def test_in_a_broken_tree_nothing_is_drawn(
    path: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be read may hold buckets or exclude somebody."""
    root = write(tmp_path, {**tree({"one": {}}), path: text})
    before = contents(root)
    assert allocate(root, "home/one") == 3
    told = capsys.readouterr()
    assert told.err == f"coord: 1 file has errors ({path}). Draws need all files: run `coord check`.\n"
    assert contents(root) == before


# No room


def test_without_room_it_says_who_holds_what_and_what_would_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, tree(FULL))
    assert allocate(root, "home/hero", "home/copy") == 0
    capsys.readouterr()
    before = contents(root)
    assert allocate(root, "home/third") == 3
    assert capsys.readouterr().out == (
        "home/third: no room from 2026-03-16: it needs 50% of the buckets of user, and 30% are free\n"
        "    held by home/hero      40%  until 2026-03-30\n"
        "    held by home/copy      30%  until 2026-04-13\n"
        "    now: 30% is the largest traffic that fits\n"
        "    2026-03-30 is the earliest start with room for it as it is:\n"
        "        coord allocate home/third --start earliest\n"
        "Nothing was written.\n"
    )
    assert contents(root) == before
    assert allocate(root, "home/third", "--dry-run") == 3
    assert capsys.readouterr().out.endswith("Dry run: nothing would be written.\n")
    row = by_name(document(root, capsys, "home/third"))["third"]
    assert row["action"] == "no_room"
    assert row["room"] == {
        "space": "user",
        "since": "2026-03-16",
        "needed": 500,
        "free": 300,
        "held": [
            {"experiment": "home/hero", "share": "40%", "until": "2026-03-30"},
            {"experiment": "home/copy", "share": "30%", "until": "2026-04-13"},
        ],
        "union": "70%",
        "largest": "40%",
        "extending": False,
        "fits": "30%",
        "earliest": "2026-03-30",
        "narrower": [],
    }


def test_a_narrower_audience_is_proposed_where_it_helps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**FULL, "hero": FULL["hero"] | {"audience": "{country: [US]}"}}
    root = write(tmp_path, tree(files))
    assert allocate(root, "home/hero", "home/copy") == 0
    capsys.readouterr()
    assert allocate(root, "home/third") == 3
    assert "    narrower: for country SE alone 70% would be free\n" in capsys.readouterr().out


def test_what_has_no_room_keeps_the_others_from_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, tree(FULL))
    before = contents(root)
    assert allocate(root, "--all") == 3
    assert "Nothing was written." in capsys.readouterr().out
    assert contents(root) == before


# Redrawing


@pytest.fixture
def conflicting(tmp_path: Path) -> Path:
    """Two that share the header and 100 buckets; hero has the earlier start."""
    root = write(
        tmp_path, tree({"hero": {"start": "2026-03-09"}, "copy": {}, "shelf": {"components": "[shelf]"}})
    )
    for name, buckets in (("hero", "0:300"), ("copy", "200:500"), ("shelf", "0:300")):
        base = {"experiment": f"home/{name}", "space": "user", "version": 1, "migrated": True}
        put(root, f"home/{name}", {**base, "entries": [{"buckets": buckets}]})
    return root


def test_a_conflict_is_left_and_redraw_is_named(
    conflicting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(conflicting)
    assert allocate(conflicting, "home/copy") == 1
    assert capsys.readouterr().out == (
        "home/copy: left as it is: it shares 100 buckets with home/hero. "
        "Draw it again: coord allocate --redraw home/copy\n0 ledgers written.\n"
    )
    assert contents(conflicting) == before
    row = by_name(document(conflicting, capsys, "home/copy"))["copy"]
    assert (row["action"], row["reason"]) == ("needs_redraw", "it shares 100 buckets with home/hero")


def test_redraw_draws_again(conflicting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert allocate(conflicting, "--redraw", "home/copy") == 0
    assert "home/copy: drew 300 buckets again (30%), clear of home/hero" in capsys.readouterr().out
    assert held(conflicting, "copy").isdisjoint(range(300))
    assert clean(conflicting)


def test_redraw_of_all_touches_only_what_must_be(conflicting: Path) -> None:
    shelf = ledger_path(conflicting, "home/shelf").read_bytes()
    copy = ledger_path(conflicting, "home/copy").read_bytes()
    assert allocate(conflicting, "--all", "--redraw") == 0
    assert ledger_path(conflicting, "home/shelf").read_bytes() == shelf
    assert ledger_path(conflicting, "home/copy").read_bytes() == copy  # hero, drawn first, made way
    assert clean(conflicting)


def test_redraw_of_a_name_draws_even_what_is_in_order(conflicting: Path) -> None:
    assert allocate(conflicting, "--redraw", "home/shelf") == 0
    assert held(conflicting, "shelf") != set(range(300))


@pytest.mark.parametrize("today", ["2026-03-16", "2026-03-20"])
def test_redraw_refuses_what_has_started(
    today: str, conflicting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(conflicting)
    assert allocate(conflicting, "--redraw", "home/shelf", today=today) == 1
    assert capsys.readouterr().out == (
        "home/shelf: left as it is: it has started, so its units cannot change\n0 ledgers written.\n"
    )
    assert allocate(conflicting, "--redraw", "home/copy", today=today) == 1
    shown = capsys.readouterr().out
    assert "it shares 100 buckets with home/hero, and it has started, so its units cannot change" in shown
    assert (
        by_name(document(conflicting, capsys, "--all", "--redraw", today=today))["copy"]["action"]
        == "started"
    )
    assert contents(conflicting) == before


def test_the_last_day_before_the_start_it_may_be_drawn_again(conflicting: Path) -> None:
    assert allocate(conflicting, "--redraw", "home/copy", today="2026-03-15") == 0


def test_a_ledger_of_another_space_takes_no_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its buckets are numbers of something else; the check says so, and a draw is not stopped by them."""
    root = write(tmp_path, tree({"hero": {"start": "2026-03-09"}, "copy": {"traffic": "100%"}}))
    base = {"experiment": "home/hero", "space": "device", "version": 1, "migrated": True}
    put(root, "home/hero", {**base, "entries": [{"buckets": "0:100000"}]})
    assert allocate(root, "home/copy") == 0
    assert allocate(root, "home/hero") == 1
    assert "its ledger is of the space device" in capsys.readouterr().out


def test_buckets_beyond_the_space_take_no_room(tmp_path: Path) -> None:
    root = write(tmp_path, tree({"hero": {"start": "2026-03-09"}, "copy": {}}))
    base = {"experiment": "home/hero", "space": "user", "version": 1, "migrated": True}
    put(root, "home/hero", {**base, "entries": [{"buckets": "0:300 5000:6000"}]})
    assert allocate(root, "home/copy") == 0
    assert held(root, "copy").isdisjoint(range(300))


# Steps


def test_a_further_step_adds_an_entry_and_drops_no_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, tree({"one": {"start": "2026-03-02", "traffic": "{2026-03-02: 5%}"}}))
    assert allocate(root, "--all") == 0
    first = ledger(root, "home/one")["entries"]
    path = root / "surfaces/home/experiments/one.yaml"
    later = "{2026-03-02: 5%, 2026-03-20: 10%, 2026-03-25: 50%}"
    path.write_text(path.read_text("utf-8").replace("{2026-03-02: 5%}", later), "utf-8")
    capsys.readouterr()
    assert allocate(root, "home/one", today="2026-03-10") == 0
    assert capsys.readouterr().out == ("home/one: drew 450 buckets more (now 50%)\n1 ledger written.\n")
    entries = ledger(root, "home/one")["entries"]
    assert entries[:1] == first
    assert [len(decoded(entry)) for entry in entries] == [50, 50, 400]
    assert len(held(root, "one")) == 500
    assert clean(root, "2026-03-10")


def test_an_extension_without_room_keeps_what_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ramp = {"start": "2026-03-02", "traffic": "20%"}
    root = write(tmp_path, tree({"ramp": ramp, "other": {"start": "2026-03-02", "traffic": "60%"}}))
    assert allocate(root, "--all") == 0
    path = root / "surfaces/home/experiments/ramp.yaml"
    text = path.read_text("utf-8").replace("20%", "{2026-03-02: 20%, 2026-03-20: 50%}")
    path.write_text(text, "utf-8")
    before = contents(root)
    capsys.readouterr()
    for options in ([], ["--start", "earliest"]):
        assert allocate(root, "home/ramp", *options, today="2026-03-10") == 3
        assert capsys.readouterr().out == (
            "home/ramp: no room from 2026-03-20: it needs 30% of the buckets of user, and 20% are free\n"
            "    held by home/other      60%  until 2026-04-13\n"
            "    now: 40% is the largest traffic that fits\n"
            "    it keeps what it holds: lower this step, or end one of those above\n"
            "Nothing was written.\n"
        )
        assert contents(root) == before


# The earliest start

EDITED = """\
# A test of three parts.
experiment: third
surface: home
kind: ab_test
title: "Not before 2026-03-16"   # the date in a text stays: 2026-03-16
owner: podcasts
hypothesis: It gets better.
status: active
start:   '2026-03-16'     # Monday
end: "2026-04-20"
traffic:
  2026-03-16: 10%   # first
  '2026-03-20': 50%
components: [header]
variants: [{name: control}, {name: treatment}]
analysis: {method: group_sequential, looks: [2026-03-30,   "2026-04-20"]}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_earliest_start_edits_the_days_and_nothing_else(
    ends: str, mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """70% is taken until 2026-03-30, so the step to 50%, 4 days after the start, waits for that day."""
    text = mark + EDITED.replace("\n", ends)
    path = "surfaces/home/experiments/third.yaml"
    root = write(tmp_path, {**tree({name: FULL[name] for name in ("hero", "copy")}), path: text})
    assert allocate(root, "home/hero", "home/copy") == 0
    before = contents(root)
    capsys.readouterr()
    assert allocate(root, "home/third", "--start", "earliest", "--dry-run") == 0
    assert contents(root) == before
    assert allocate(root, "home/third", "--start", "earliest") == 0
    shown = capsys.readouterr().out
    assert "home/third: starts on 2026-03-26 instead of 2026-03-16; would draw 500 buckets (50%)" in shown
    assert "home/third: starts on 2026-03-26 instead of 2026-03-16; drew 500 buckets (50%)" in shown
    moved = (
        text.replace("start:   '2026-03-16'", "start:   '2026-03-26'")
        .replace('end: "2026-04-20"', 'end: "2026-04-30"')
        .replace("  2026-03-16: 10%", "  2026-03-26: 10%")
        .replace("'2026-03-20': 50%", "'2026-03-30': 50%")
        .replace('[2026-03-30,   "2026-04-20"]', '[2026-04-09,   "2026-04-30"]')
    )
    after = contents(root)
    assert after[path] == moved.encode()
    assert {name for name in after if before.get(name) != after[name]} == {
        path,
        "surfaces/home/allocations/third.yaml",
    }
    assert clean(root)


def test_a_day_that_is_not_written_out_is_not_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = EDITED.replace("'2026-03-16'     # Monday", "&day 2026-03-16")
    path = "surfaces/home/experiments/third.yaml"
    root = write(tmp_path, {**tree({name: FULL[name] for name in ("hero", "copy")}), path: text})
    assert allocate(root, "home/hero", "home/copy") == 0
    before = contents(root)
    assert allocate(root, "home/third", "--start", "earliest") == 3
    assert f"A day in {path} is not written out" in capsys.readouterr().err
    assert contents(root) == before


def test_what_has_room_does_not_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, tree({"one": {}}))
    path = root / "surfaces/home/experiments/one.yaml"
    before = path.read_bytes()
    assert allocate(root, "--all", "--start", "earliest") == 0
    assert path.read_bytes() == before
    assert by_name(document(root, capsys, "--all"))["one"]["moved_from"] is None


def test_one_that_should_have_started_starts_today_at_the_earliest(tmp_path: Path) -> None:
    full = {"traffic": "80%", "start": "2026-02-02", "end": "2026-03-12"}
    late = {"traffic": "50%", "start": "2026-02-09", "end": "2026-03-16"}
    root = write(tmp_path, tree({"full": full, "late": late}))
    assert allocate(root, "home/full", today="2026-02-02") == 0
    assert allocate(root, "home/late", "--start", "earliest", today="2026-03-14") == 0
    assert "start: 2026-03-14\n" in (root / "surfaces/home/experiments/late.yaml").read_text("utf-8")


def test_all_with_a_dry_run_schedules_dated_drafts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafts = {
        "a-draft": {"status": "draft", "traffic": "60%", "start": "2026-03-02"},
        "b-draft": {"status": "draft", "traffic": "60%", "start": "2026-03-30"},
        "undated": {"status": "draft", "start": "", "end": "", "traffic": ""},
        "past": {"status": "draft", "start": "2026-01-05", "end": "2026-02-02"},
    }
    root = write(tmp_path, tree({"hero": {"start": "2026-03-09", "traffic": "80%"}, **drafts}))
    before = contents(root)
    assert allocate(root, "--all", "--dry-run") == 0  # what drafts lack is nobody's failure
    assert capsys.readouterr().out.splitlines()[0] == "home/hero: would draw 800 buckets (80%)"
    assert allocate(root, "--all", "--dry-run", "--start", "earliest") == 0
    assert capsys.readouterr().out == (
        "home/hero: would draw 800 buckets (80%)\n"
        "home/a-draft (draft): starts on 2026-04-13 instead of 2026-03-02; would draw 600 buckets (60%)\n"
        "home/b-draft (draft): starts on 2026-05-25 instead of 2026-03-30; would draw 600 buckets (60%)\n"
        "Dry run: 1 ledger would be written.\n"
    )
    rows = by_name(document(root, capsys, "--all", "--dry-run", "--start", "earliest"))
    assert list(rows) == ["hero", "a-draft", "b-draft"]
    assert [row["draft"] for row in rows.values()] == [False, True, True]
    assert rows["b-draft"]["moved_from"] == "2026-03-30"
    assert contents(root) == before
    assert allocate(root, "--all", "--start", "earliest") == 0  # and then nothing is seen of them
    assert "draft" not in capsys.readouterr().out


def test_a_draft_never_takes_room_from_what_is_active(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = {"status": "draft", "start": "2026-03-09", "traffic": "80%"}
    root = write(tmp_path, tree({"draft": draft, "real": {"traffic": "80%"}}))
    rows = by_name(document(root, capsys, "--all", "--dry-run"))
    assert rows["real"]["action"] == "drawn"
    assert rows["real"]["avoids"] == []
    assert rows["draft"]["action"] == "no_room"


# The figures and the form


def test_restricted_sampling_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, tree({"hero": {"start": "2026-03-09", "traffic": "40%"}, "copy": {}}))
    assert allocate(root, "--all") == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "home/copy: drew 300 buckets (30%), clear of home/hero "
        "(recently exposed: -40.0 points against the population)"
    )


@pytest.mark.parametrize(("ended", "index"), [("2025-12-17", 4 / 7 - 7 / 10), ("2025-12-16", -3 / 10)])
def test_what_ended_90_days_before_counts_no_more(
    ended: str, index: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """40% met the one of the past, another 30% meet the one that runs and must be avoided.

    Of the 70% that are free, 4/7 met the one of the past, and of all 7/10 met one or the other; where the
    past does not count any more, 0 against 3/10.
    """
    past = {"start": "2025-11-01", "end": ended, "traffic": "40%"}
    running = {"start": "2025-12-10", "end": "2026-04-01"}
    root = write(tmp_path, tree({"past": past, "running": running, "new": {}}))
    assert allocate(root, "home/past", "home/running", today="2025-10-01") == 0
    row = by_name(document(root, capsys, "home/new"))["new"]
    assert row["avoids"] == ["home/running"]
    assert row["restriction"] == pytest.approx(index, abs=1e-6)


def test_every_outcome_keeps_to_the_schema(conflicting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(conflicting, {"surfaces/home/experiments/big.yaml": experiment_text("big", traffic="90%")})
    data = document(conflicting, capsys, "--all", "--redraw", "--dry-run")
    assert data["dry_run"] is True
    assert {row["action"] for row in data["outcomes"]} == {"redrawn", "kept", "no_room"}


def test_the_schema_is_documented_and_names_every_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path, tree(FULL, SURFACE))
    data = document(root, capsys, "--all")
    outcome = SCHEMA["definitions"]["outcome"]
    room = SCHEMA["definitions"]["room"]
    for row in data["outcomes"]:
        assert list(row) == outcome["required"] == list(outcome["properties"])
    (lack,) = [row["room"] for row in data["outcomes"] if row["room"]]
    assert list(lack) == room["required"] == list(room["properties"])
    for part in (SCHEMA, outcome, room):
        assert all(value.get("description") for value in part["properties"].values())
    assert not list(Draft7Validator(Draft7Validator.META_SCHEMA).iter_errors(SCHEMA))
    assert list(Draft7Validator(SCHEMA).iter_errors({**data, "outcomes": [{}]}))
