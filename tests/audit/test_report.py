"""The report for people: what it says, how wide it is, and that nothing in it is active."""

import json
import random
import re
from pathlib import Path

import pytest

from audit.commands import json_of, logged, planted, put, refused, rows_of, text_of
from audit.worlds import Plan, Row, World, right_row, slot
from coord.analysis.audit_names import Names
from coord.cli.main import run

HOSTILE = "\x1b[2J[bold]::error::\u202e##[x]<b>"


def test_the_report_reads_like_this(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told = text_of(capsys, "--exposures", logged(planted(world)), code=1)
    lines = told.splitlines()
    assert lines[0] == "Failed: 20% of the rows contradict the files, above the tolerance of 0%."
    assert lines[1].startswith("20 rows, ")
    assert lines[2] == "x.csv against the files as they are"
    for part in (
        "\n  ok                  13  65.00%  as the files say\n"
        "  wrong_variant        2  10.00%  another variant by the hash\n",
        "\nUnknown experiments  rows\n  home/on               1  did you mean home/one?\n",
        "\nRows that cannot be used  rows\n"
        "  unreadable timestamp       1  rows 15\n"
        "  no unit                    1  rows 14\n"
        "  --rejects FILE writes all of them\n",
    ):
        assert part in told
    assert max(map(len, lines)) <= 100


def test_lines_fit_a_narrow_terminal(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes go below their rows where they do not fit behind; nothing but the width differs."""
    rows = planted(world)
    rows = [row._replace(experiment="home/two") if row.variant == "blue" else row for row in rows]
    rows += [Row(0, f"u{number}", "home/two", "control") for number in range(40)]
    name = logged(rows)
    wide = text_of(capsys, "--exposures", name, code=1)
    monkeypatch.setattr("coord.cli.audit.terminal_width", lambda output, most: 60)
    narrow = text_of(capsys, "--exposures", name, code=1)
    assert wide.split() == narrow.split()
    behind = re.search(r"\n  home/one +[0-9]+ +[0-9]+  [0-9.]+%  ([a-z_]+ [0-9]+, .*)\n", wide)
    below = re.search(r"\n  home/one +[0-9]+ +[0-9]+  [0-9.]+%\n    ([a-z_]+ [0-9]+, .*)\n", narrow)
    assert behind is not None
    assert below is not None
    assert behind[1].startswith(below[1])
    assert max(map(len, narrow.splitlines())) <= 80


def test_where_no_row_is_judged_nothing_is_praised(
    root: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row._replace(experiment="other/one") for row in rows_of(world, 5)]
    name = logged([*rows, rows[0]._replace(unit="")])
    told = text_of(capsys, "--exposures", name)
    assert told.startswith("No row could be judged, so nothing is known of the assignments.\n6 rows, ")
    assert json_of(capsys, "--exposures", name)["passed"] is True


def test_long_and_many_names_are_told_in_short(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, long = rows_of(world, 60), "x" * 5000
    rows[:30] = [row._replace(experiment=f"other/{n}") for n, row in enumerate(rows[:30])]
    rows[30] = rows[30]._replace(experiment=long, variant=long)
    rows[31] = rows[31]._replace(variant=long)
    name = logged(rows)
    told = text_of(capsys, "--exposures", name, code=1)
    assert "  and 21 names more (--format json lists 20)\n" in told
    assert f"logged as {'x' * 100}… (1 row)" in " ".join(told.split())
    assert "x" * 101 not in told
    monkeypatch.setattr("coord.analysis.audit_judge.Names", lambda *_: Names(4))
    told = text_of(capsys, "--exposures", name, code=1)
    assert told.count("\n  other/") == 4
    assert "and 0 names" not in told
    assert "there are more, too many to tell all apart" in told
    assert json_of(capsys, "--exposures", name, code=1)["unknown_names"] == 4


def test_pairs_and_leaks_are_told(world: World, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two conflicts, of which one is waived, and a holdback that kept two units in."""
    back, one, two = world.plans
    world.plans.append(Plan("home/three", 0, 14, one.steps))  # on the component of home/one
    world.plans.append(Plan("home/four", 0, 14, two.steps, components=["shelf"]))  # on that of home/two
    put(root, world)
    waiver = {"rule": "BKT001", "experiment": "home/four", "with": "home/two", "until": "2026-03-16"}
    path = Path("surfaces/home/surface.yaml")
    path.write_text(json.dumps({**json.loads(path.read_text()), "waivers": [{**waiver, "reason": "a test"}]}))
    chance, rows = random.Random(3), []
    for plan, other, number in ((one, world.plans[3], 3), (two, world.plans[4], 2)):
        for row in [right_row(world, plan, chance) for _ in range(number)]:
            rows += [row, row, row._replace(experiment=other.key, variant=other.arm(row.unit), seconds=0)]
    units = (f"v{number}" for number in range(10_000))
    held = [unit for unit in units if slot(f"MegaSalt-acme|{unit}", 1000) in back.steps[0]][:2]
    rows += [Row(90_000, unit, "home/one", one.arm(unit)) for unit in held]
    name = logged(rows)
    document = json_of(capsys, "--exposures", name, code=1)
    assert document["exclusive_pairs"] == [
        {"a": "home/one", "b": "home/three", "units": 3, "waived": False},
        {"a": "home/four", "b": "home/two", "units": 2, "waived": True},
    ]
    assert document["holdbacks"] == [{"holdback": "home/back", "rows": 2, "units": 2}]
    assert document["counts"]["held_back"] == 2
    assert document["counts"]["ok"] == 15
    told = text_of(capsys, "--exposures", name, code=1)
    assert (
        "\nUnits in two experiments that must be exclusive  units\n"
        "  home/one and home/three                            3\n"
        "  home/four and home/two                             2  waived\n"
    ) in told
    assert "\nLeaks of holdbacks  rows  units\n  home/back            2      2\n" in told


def test_everything_hostile_is_inert(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(world, 3)
    rows = [
        rows[0]._replace(unit=HOSTILE, variant=HOSTILE),
        rows[1]._replace(experiment=HOSTILE, country=HOSTILE),
    ]
    rows += [Row(0, HOSTILE, "home/one", "control", HOSTILE), Row(None, HOSTILE, HOSTILE, HOSTILE)]
    name = logged(rows, f"=cmd{HOSTILE.replace('/', '')}.csv")
    told = text_of(capsys, "--exposures", name, code=1)
    assert not set(told) & set("\x1b\u202e")
    assert "##[" not in told
    assert run(["audit", "--exposures", name, "--format", "json"]) == 1
    told = capsys.readouterr().out
    assert told.isascii()
    assert "##" not in told
    assert json.loads(told)["unknown_experiments"][0]["name"] == HOSTILE
    assert "\x1b" not in refused(capsys, "--exposures", f"no{HOSTILE}")


def test_colours_are_for_terminals(
    root: Path, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = logged(planted(world))
    plain = text_of(capsys, "--exposures", name, code=1)
    monkeypatch.setattr("coord.cli.audit.wants_color", lambda output: True)
    styled = text_of(capsys, "--exposures", name, code=1)
    assert "\x1b[" in styled
    assert "\x1b[" not in plain


def test_no_rows(root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told = text_of(capsys, "--exposures", logged([]))
    assert told.startswith("There are no rows to audit.\n0 rows, 0 units\nx.csv")
    assert json_of(capsys, "--exposures", "x.csv")["first"] is None
