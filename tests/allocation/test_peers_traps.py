"""What goes wrong elsewhere, each with a test that it does not here (the design's list of peers' traps)."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import erfc, sqrt
from pathlib import Path

import pytest

from allocation.small import DAY0, catalog, day, experiment
from allocation.trees import contents, decoded, ledger, put, tree, write
from coord.allocation.allocate import Action, allocate
from coord.allocation.drawing import held_by
from coord.allocation.hashing import slot
from coord.cli.main import run
from coord.domain.buckets import from_numbers, numbers
from coord.domain.model import VARIANT_SLOTS, Entry, Ledger, slots
from support import check_files

TODAY = "2026-02-01"


def _migrated(key: str, ranges: str) -> dict[str, object]:
    return {
        "experiment": key,
        "space": "user",
        "version": 1,
        "migrated": True,
        "entries": [{"buckets": ranges}],
    }


def test_a_range_ends_before_its_last_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nimbus: with an inclusive end, [start, start + count] grants one bucket too many, to two experiments.

    0:300 and 300:600 of 1,000 are 30% each, touch, and have nothing in common.
    """
    root = write(tmp_path, tree({"one": {}, "two": {}}))
    put(root, "home/one", _migrated("home/one", "0:300"))
    put(root, "home/two", _migrated("home/two", "300:600"))
    assert run(["check", "--root", str(root), "--today", TODAY]) == 0
    put(root, "home/two", _migrated("home/two", "299:599"))
    assert run(["check", "--root", str(root), "--today", TODAY]) == 1
    assert "share 1 bucket " in capsys.readouterr().out
    put(root, "home/two", _migrated("home/two", "300:601"))
    assert run(["check", "--root", str(root), "--today", TODAY, "--select", "BKT003"]) == 1


def test_buckets_of_what_has_ended_are_used_again() -> None:
    """Nimbus appends to a namespace and never reuses: when it is full, a fresh one overlaps the old one.

    Here ten exclusive experiments of 50%, one after another and two at a time, all find room in one space,
    which appending would have filled with the second; and no two that meet share a bucket.
    """
    made = [experiment(f"e{n}", 1 + 7 * n, 14, 50) for n in range(10)]
    found = catalog(made)
    outcomes = allocate(found, [e.key for e in made], DAY0, redraw=False)
    assert [o.action for o in outcomes] == [Action.DRAWN] * 10
    held = [set(numbers(held_by(o.ledger))) for o in outcomes]
    assert all(len(buckets) == 50 for buckets in held)
    assert all(one.isdisjoint(other) for one, other in pairwise(held))
    assert held[2] == held[0]  # all that e0 gave back, and nothing of e1


def test_a_full_space_is_said_and_never_shared_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GrowthBook: when a namespace is full, overlap is switched on and nobody is told."""
    root = write(tmp_path, tree({"one": {"traffic": "60%"}, "two": {"traffic": "40%"}}))
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--all"]) == 0
    write(root, tree({"three": {"traffic": "0.1%"}}))  # one bucket
    before = contents(root)
    for options in ([], ["--redraw"], ["--dry-run"]):
        assert run(["allocate", "--root", str(root), "--today", TODAY, "home/three", *options]) == 3
    assert "nothing fits" in capsys.readouterr().out
    assert contents(root) == before
    # even when everybody who could make room is drawn anew
    arguments = ["--root", str(root), "--today", TODAY, "--all", "--redraw"]
    assert run(["allocate", *arguments]) == 3
    assert contents(root) == before


UNITS = 20_000


def _chi_square(table: Counter[tuple[int, int]], rows: int, columns: int) -> float:
    total = sum(table.values())
    of_row = [sum(table[row, c] for c in range(columns)) for row in range(rows)]
    of_column = [sum(table[r, column] for r in range(rows)) for column in range(columns)]
    return sum(
        (table[r, c] - of_row[r] * of_column[c] / total) ** 2 / (of_row[r] * of_column[c] / total)
        for r in range(rows)
        for c in range(columns)
    )


def _arms(salt: str, weights: tuple[int, ...]) -> list[int]:
    bounds = [sum(slots(weights)[: place + 1]) for place in range(len(weights))]
    places = (slot(f"{salt}|user-{unit}", VARIANT_SLOTS) for unit in range(UNITS))
    return [next(arm for arm, bound in enumerate(bounds) if place < bound) for place in places]


def test_arms_of_two_experiments_are_independent() -> None:
    """Confidence: rules that share a segment share the salt of variants, and their arms are one and the same.

    Over 20,000 units, two arms against two: chi-square with one degree of freedom. Equal salts give 20,000.
    """
    one, other = _arms("home/podcast-shelf", (1, 1)), _arms("home/header-copy", (1, 1))
    statistic = _chi_square(Counter(zip(one, other, strict=True)), 2, 2)
    assert erfc(sqrt(statistic / 2)) > 0.01
    assert _chi_square(Counter(zip(one, one, strict=True)), 2, 2) == pytest.approx(UNITS)


def test_arms_are_independent_of_the_buckets_that_decide_who_takes_part() -> None:
    """Bucket and variant hash different keys: within the buckets of a draw the arms are split as planned."""
    arms = _arms("home/podcast-shelf", (1, 1))
    inside = [slot(f"MegaSalt-acme|user-{unit}", 10) < 3 for unit in range(UNITS)]
    statistic = _chi_square(Counter(zip(arms, map(int, inside), strict=True)), 2, 2)
    assert erfc(sqrt(statistic / 2)) > 0.01


def test_no_two_experiments_may_have_one_salt() -> None:
    """By default the salt is the name, which is unique; one that is given twice is an error."""
    files = tree({"one": {"salt": "shared"}, "two": {"salt": "shared", "components": "[shelf]"}})
    codes = [f["code"] for f in check_files(files, TODAY)["findings"] if f["severity"] == "error"]
    assert codes == ["REF002"]
    assert not [
        f for f in check_files(tree({"one": {}, "two": {}}), TODAY)["findings"] if f["code"] == "REF002"
    ]
    # nor that of the space: every unit of a bucket would be in one arm
    same = check_files(tree({"one": {"salt": "MegaSalt-acme"}}), TODAY)
    assert "REF002" in [f["code"] for f in same["findings"]]


@pytest.mark.parametrize("command", ["allocate", "check"])
def test_nothing_depends_on_the_order_of_a_set(command: str, tmp_path: Path) -> None:
    """PlanOut: a sample of an unordered set differs from process to process."""
    names = [f"e{number}" for number in range(6)]
    files = tree({n: {"traffic": "{2026-03-16: 2%, 2026-03-20: 15%}"} for n in names})
    results = []
    for seed in ("0", "1", "4711"):
        root = write(tmp_path / seed, files)
        arguments = ["allocate", "--all"] if command == "allocate" else ["check", "--format", "json"]
        process = subprocess.run(
            [sys.executable, "-c", "from coord.cli.main import main; main()", *arguments, "--today", TODAY],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        results.append((contents(root), process.stdout))
    assert results[1:] == results[:1] * 2


def test_dotted_or_slashed_keys_are_never_ambiguous() -> None:
    """PlanOut: with `a` + `b.c` and `a.b` + `c` under one dot, two experiments hash alike.

    A name has neither slash nor bar, so `surface/name`, entry and bucket can be told apart in every key.
    """
    for name in ("a/b", "a|b", "a.b"):
        files = tree({"one": {}})
        files["surfaces/home/experiments/one.yaml"] = files["surfaces/home/experiments/one.yaml"].replace(
            "experiment: one", f"experiment: {name}"
        )
        assert "SYN003" in [finding["code"] for finding in check_files(files, TODAY)["findings"]]


EXACT = ("21.4%", "21.4%", "21.4%", "35.8%")


def test_exact_splits_are_exact(tmp_path: Path) -> None:
    """Featurevisor, Brave: the floats 21.4 + 21.4 + 21.4 + 35.8 are 99.99999999999999, or above 100."""
    shares = {f"e{number}": {"traffic": share} for number, share in enumerate(EXACT)}
    root = write(tmp_path, tree(shares))
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--all"]) == 0
    held = [{b for e in ledger(root, f"home/{n}")["entries"] for b in decoded(e)} for n in shares]
    assert [len(buckets) for buckets in held] == [214, 214, 214, 358]
    assert set().union(*held) == set(range(1000))  # 1,000 in all: disjoint, and nothing left
    assert run(["check", "--root", str(root), "--today", TODAY]) == 0


def test_a_thousandth_more_than_everything_is_refused(tmp_path: Path) -> None:
    shares = {f"e{number}": {"traffic": share} for number, share in enumerate((*EXACT[:3], "35.9%"))}
    root = write(tmp_path, tree(shares))
    assert run(["allocate", "--root", str(root), "--today", TODAY, "--all"]) == 3
    findings = check_files(tree(shares), TODAY)["findings"]
    (over,) = [f["data"]["over"] for f in findings if f["code"] == "BUD001"]
    assert over == "0.1%"


def test_exact_weights_fill_all_slots() -> None:
    """214:214:214:358 is all of the 10,000 slots, none of them twice."""
    assert slots((214, 214, 214, 358)) == (2140, 2140, 2140, 3580)
    assert slots((1, 1, 1)) == (3333, 3333, 3334)
    assert sum(slots((7, 11, 13, 17))) == VARIANT_SLOTS


def test_steps_of_exact_shares_are_whole_buckets() -> None:
    """0.1% + 0.2% is 0.3% of 1,000 buckets: three of them, not two."""
    first = experiment("ramp", share=Fraction(1, 1000))
    later = replace(
        first, steps=(*first.steps, first.steps[0]._replace(day=day(3), traffic=Fraction(3, 1000)))
    )
    (outcome,) = allocate(catalog([later], buckets=1000), ["home/ramp"], DAY0, redraw=False)
    assert outcome.ledger is not None
    assert [entry.buckets.bit_count() for entry in outcome.ledger.entries] == [1, 2]


def test_ended_experiments_keep_their_buckets_for_themselves_until_the_day_they_end() -> None:
    """Isolation while both run, reuse from the first day after."""
    old = experiment("old", 1, 10, 100)
    ledger_of_old = Ledger(old.key, "", "user", (Entry(from_numbers(range(100)), {}, None),))
    for start, action in ((10, Action.NO_ROOM), (11, Action.DRAWN)):
        new = experiment("new", start, 10, 100)
        found = catalog([old, new], {old.key: ledger_of_old})
        assert allocate(found, [new.key], DAY0, redraw=False)[0].action is action
