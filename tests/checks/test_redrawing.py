"""What is said about drawing again: only what can be drawn, where there is room; and the command mends it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coord.allocation.drawing import draw_ledger
from coord.checks.bkt_entries import WrongDigest
from coord.checks.lif import CoolDown
from coord.checks.replayed import replayed
from coord.checks.rule import Context
from coord.checks.runner import check
from coord.cli.main import run
from coord.config.load import Base
from coord.domain.buckets import digest, full
from coord.domain.catalog import Catalog
from coord.domain.model import Entry, Ledger
from review.trees import COMMIT, SURFACE, TODAY, Files, changed, experiment, organisation, path_of, read

DAY = ["--today", TODAY.isoformat()]
GROWING = {"2026-03-02": "10%", "2026-03-20": "20%"}
WAITS = {"start": "2026-03-16"}

CONFLICTS: dict[str, tuple[Files, str]] = {
    "the later has not started": (
        organisation(a={"buckets": "0:300"}, b={**WAITS, "buckets": "200:500"}),
        "coord allocate --redraw home/b",
    ),
    "steps to come of the later": (
        organisation(a={"buckets": "0:300"}, b={"traffic": GROWING, "buckets": ["500:600", "200:300"]}),
        "coord allocate --redraw home/b",
    ),
    "steps to come of the earlier": (
        organisation(a={"traffic": GROWING, "buckets": ["0:100", "200:300"]}, b={"buckets": "200:500"}),
        "coord allocate --redraw home/a",
    ),
    "steps to come of both": (
        organisation(
            a={"traffic": GROWING, "buckets": ["0:100", "200:300"]},
            b={"traffic": GROWING, "buckets": ["200:300", "0:100"]},
        ),
        "coord allocate --redraw home/a home/b",
    ),
    "only the earlier finds room": (
        organisation(
            a={**WAITS, "traffic": "10%", "buckets": "0:100"},
            b={"start": "2026-03-17", "traffic": "60%", "buckets": "0:600"},
            c={
                "traffic": "40%",
                "components": ["shelf"],
                "exclusive_with": ["home/b"],
                "buckets": "600:1000",
            },
        ),
        "coord allocate --redraw home/a",
    ),
    "no room for what has not started": (
        organisation(
            a={"buckets": "0:300"},
            b={**WAITS, "traffic": "50%", "buckets": "0:500"},
            c={"traffic": "40%", "buckets": "500:900"},
        ),
        "coord allocate --redraw --start earliest home/b",
    ),
    "no room for steps to come": (
        organisation(
            a={"traffic": "60%", "buckets": "0:600"},
            b={"traffic": {"2026-03-02": "10%", "2026-03-20": "50%"}, "buckets": ["900:1000", "500:900"]},
        ),
        "coord end home/b",
    ),
    "what is in force": (
        organisation(a={"buckets": "0:300"}, b={"buckets": "200:500"}),
        "coord end home/b",
    ),
}


def _conflicts(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    run(["check", *DAY, "--select", "BKT001", "--format", "json"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return found


@pytest.mark.parametrize("case", CONFLICTS)
def test_the_command_that_is_named_ends_the_conflict(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files, command = CONFLICTS[case]
    for path, value in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(json.dumps(value, indent=1), "utf-8")
    monkeypatch.chdir(tmp_path)
    told = {name for finding in _conflicts(capsys) for name in re.findall("`(coord [^`]*)`", finding["hint"])}
    assert told == {command}
    assert run([*command.split()[1:], *DAY]) == 0
    capsys.readouterr()
    assert [found for found in _conflicts(capsys) if found["days"]["to"] > TODAY.isoformat()] == []


def _hint(head: Files, base: Files) -> str:
    result = check(read(head), TODAY, base=Base(COMMIT, read(base)))
    (finding,) = [finding for finding in result.findings if finding.code == "BKT001"]
    return finding.hint or ""


@pytest.mark.parametrize(("share", "again"), [("20%", True), ("80%", False)])
def test_an_extension_names_what_the_other_can_still_draw(share: str, again: bool) -> None:
    steps = {"2026-03-02": "10%", "2026-03-20": share}
    base = organisation(a={"end": "2026-03-16", "buckets": "0:300"})
    base |= experiment("b", traffic=steps, buckets=["500:600", "200:300"])
    hint = _hint(changed(base, path_of("a"), end="2026-03-30"), base)
    assert hint.startswith("home/a is extended into it: let it end on 2026-03-20 or earlier")
    command = ", or draw what is to come of home/b again with `coord allocate --redraw home/b`"
    assert hint.endswith(command) is again


def _context(traffic: Any, *, broken: int, digested: bool = False, status: str = "active") -> Context:
    """An experiment that was drawn, but for a bucket of one entry, with or without its digest."""
    catalog = read(organisation(b={"traffic": traffic})).catalog
    one = catalog.experiments["home/b"]
    drawn = draw_ledger(catalog, one, {})
    assert isinstance(drawn, Ledger)
    entries, held = list(drawn.entries), 0
    for number, entry in enumerate(entries):
        if number == broken:
            free = full(1000) & ~held & ~entry.buckets
            lowest, other = entry.buckets & -entry.buckets, free & -free
            entries[number] = entry._replace(buckets=entry.buckets ^ lowest ^ other)
        held |= entries[number].buckets
        if digested:
            entries[number] = Entry(entries[number].buckets, entry.avoids, digest(held, 1000))
    experiments = {"home/b": replace(one, draft=status == "draft")}
    return Context(_with(catalog, experiments, replace(drawn, entries=tuple(entries))), TODAY)


def _with(catalog: Catalog, experiments: Any, ledger: Ledger) -> Catalog:
    return replace(catalog, experiments=experiments, ledgers={ledger.experiment: ledger})


ANEW = "draw what is to come of it anew with `coord allocate --redraw home/b`"


@pytest.mark.parametrize(
    ("traffic", "broken", "hint"),
    [
        (GROWING, 0, "take the ledger from git again"),
        (GROWING, 1, f"take the ledger from git again, or {ANEW}"),
    ],
)
def test_an_entry_that_was_changed(traffic: Any, broken: int, hint: str) -> None:
    (finding,) = WrongDigest().check(_context(traffic, broken=broken))
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("broken", "status", "hint"),
    [
        (0, "active", "it has started, so its units stay: take the ledger from git again"),
        (1, "active", ANEW),
        (1, "draft", "delete the ledger: a draft holds no buckets"),
    ],
)
def test_an_entry_that_is_no_draw(broken: int, status: str, hint: str) -> None:
    found = list(replayed(_context(GROWING, broken=broken, digested=True, status=status), everything=True))
    assert found[0].place.pointer == ("entries", broken)
    assert found[0].hint == hint


@pytest.mark.parametrize(("share", "end", "again"), [("20%", 200, True), ("50%", 500, False)])
def test_a_cool_down_without_room_is_only_waited_for(share: str, end: int, again: bool) -> None:
    files = organisation(
        a={"traffic": "70%", "buckets": "0:700"},
        b={"start": "2026-04-01", "end": "2026-04-29", "traffic": share, "buckets": f"0:{end}"},
    )
    files = changed(files, SURFACE, policy={"cooldown_days": 7})
    (finding,) = CoolDown().check(Context(read(files).catalog, TODAY))
    assert finding.hint is not None
    assert finding.hint.startswith("start it 5 days later")
    assert ("coord allocate --redraw home/b" in finding.hint) is again


def test_a_start_that_moved_after_the_start_is_not_drawn_again() -> None:
    base = organisation(a={"buckets": "0:300"})
    head = changed(base, path_of("a"), start="2026-03-16", traffic="20%")
    result = check(read(head), TODAY, base=Base(COMMIT, read(base)))
    hints = [finding.hint for finding in result.findings if finding.code == "BKT003"]
    assert hints == ["it has started, so its units stay: take the ledger or the experiment from git again"]
