"""Draws are what a second implementation draws; buckets that somebody picked or edited are refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from allocation.trees import (
    SURFACE,
    decoded,
    encoded,
    fingerprint,
    ledger,
    ledger_path,
    put,
    smallest,
    tree,
    write,
)
from coord.cli.main import run
from oracle.brute_budgets import kept_apart
from oracle.organisations import organisations, to_files
from oracle.shapes import Experiment, Organisation

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "check.schema.json").read_text("utf-8"))
SIZE = 1000


def _checked(root: Path, capfd: pytest.CaptureFixture[str], *options: str, today: str) -> dict[str, Any]:
    run(["check", "--root", str(root), "--today", today, "--format", "json", *options])
    document: dict[str, Any] = json.loads(capfd.readouterr().out)
    Draft7Validator(SCHEMA).validate(document)
    return document


# Against a second implementation


def _rested(org: Organisation, experiment: Experiment) -> Any:
    assert experiment.end is not None
    return experiment.end + timedelta(days=org.surface(experiment.surface).cooldown)


def _waived(org: Organisation, a: Experiment, b: Experiment) -> bool:
    """Whether a waiver of the pair, on a surface that has a say, lasts to the end of their overlap."""
    assert a.end is not None
    assert b.end is not None
    surfaces = [{c.split("/")[0] for c in e.components} | {e.surface} for e in (a, b)]
    for number, holdback in enumerate((a, b)):
        if holdback.kind == "holdback":
            space = org.surface(holdback.surface).space
            everything = {s.name for s in org.surfaces if s.space == space}
            surfaces[number] = everything if holdback.holds_all else set(holdback.holds or [holdback.surface])
    deciding = (surfaces[0] & surfaces[1]) or (surfaces[0] | surfaces[1])
    return any(
        waiver.rule == "BKT001"
        and {waiver.experiment, waiver.other} == {a.key, b.key}
        and surface.name in deciding
        and waiver.until >= min(a.end, b.end)
        for surface, waiver in org.waivers
    )


def _expected(
    org: Organisation, experiment: Experiment, ever: dict[str, set[int]]
) -> list[dict[str, Any]] | None:
    """The entries of its ledger, or None when one of them finds too few free buckets."""
    space = org.surface(experiment.surface).space
    size, own, entries = org.space(space).buckets, set[int](), []
    for number, step in enumerate(experiment.steps, 1):
        clear = []
        for key in sorted(ever):
            other = org.experiment(key)
            same = org.surface(other.surface).space == space
            assert other.start is not None
            late = step.day < _rested(org, other) and other.start < _rested(org, experiment)
            if same and late and kept_apart(org, experiment, other) and not _waived(org, experiment, other):
                clear.append(key)
        free = set(range(size)) - own - {bucket for key in clear for bucket in ever[key]}
        wanted = int(step.share * size) - len(own)
        if wanted > len(free):
            return None
        added = smallest(free, wanted, f"{experiment.key}/{number}")
        own |= added
        entries.append(
            {
                "avoids": {key: fingerprint(ever[key], size) for key in clear},
                "buckets": added,
                "digest": fingerprint(own, size),
            }
        )
    return entries


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(organisations())
def test_ledgers_are_what_a_second_implementation_draws(
    capfd: pytest.CaptureFixture[str], org: Organisation
) -> None:
    org = replace(org, experiments=tuple(replace(e, ledger=None) for e in org.experiments))
    today = org.today.isoformat()
    waiting = [e for e in org.active if e.end is not None and e.end > org.today and e.start is not None]
    with TemporaryDirectory() as name:
        root = write(Path(name), to_files(org))
        ever: dict[str, set[int]] = {}
        for experiment in sorted(waiting, key=lambda e: (e.start, e.key)):
            code = run(["allocate", "--root", name, "--today", today, experiment.key])
            expected = _expected(org, experiment, ever)
            assert code == (3 if expected is None else 0)
            assert ledger_path(root, experiment.key).exists() is (expected is not None)
            if expected is not None:
                entries = ledger(root, experiment.key)["entries"]
                assert [{**entry, "buckets": decoded(entry)} for entry in entries] == expected
                ever[experiment.key] = {bucket for entry in expected for bucket in entry["buckets"]}
        capfd.readouterr()
        document = _checked(root, capfd, "--replay", today=today)
        assert document["not_replayable"] == []
        wrong = [f for f in document["findings"] if f["severity"] == "error"]
        assert not {f["code"] for f in wrong} & {"BKT001", "BKT003", "BKT004"}  # what is waived is info


# Against people


@pytest.fixture
def drawn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """hero and copy share the header, copy in two steps; shelf has nothing to do with them."""
    write(
        tmp_path,
        tree(
            {
                "hero": {"start": "2026-03-02", "end": "2026-03-30", "traffic": "40%"},
                "copy": {"traffic": "{2026-03-16: 5%, 2026-03-23: 30%}"},
                "shelf": {"components": "[shelf]", "start": "2026-03-02"},
            }
        ),
    )
    assert run(["allocate", "--root", str(tmp_path), "--today", "2026-02-01", "--all"]) == 0
    capfd.readouterr()
    return tmp_path


def _buckets(root: Path, key: str) -> set[int]:
    return {bucket for entry in ledger(root, key)["entries"] for bucket in decoded(entry)}


def _codes(root: Path, capfd: pytest.CaptureFixture[str], *options: str) -> set[str]:
    document = _checked(root, capfd, *options, today="2026-02-01")
    return {finding["code"] for finding in document["findings"] if finding["severity"] != "info"}


def test_an_honest_tree_replays(drawn: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _codes(drawn, capfd, "--replay") == set()
    assert _checked(drawn, capfd, "--replay", today="2026-02-01")["not_replayable"] == []


def _free(root: Path) -> set[int]:
    return set(range(SIZE)) - _buckets(root, "home/hero")


def _entry(added: set[int], before: set[int], avoids: dict[str, str]) -> dict[str, Any]:
    """An entry that is in order by itself."""
    return {
        "avoids": avoids,
        "buckets": encoded(added, SIZE),
        "digest": fingerprint(added | before, SIZE),
    }


def _second(root: Path, added: set[int], avoids: dict[str, str] | None = None) -> None:
    """Give copy other buckets in its second entry, all else being in order."""
    value = ledger(root, "home/copy")
    first = decoded(value["entries"][0])
    value["entries"][1] = _entry(added, first, value["entries"][1]["avoids"] if avoids is None else avoids)
    put(root, "home/copy", value)


def _made_up_avoids(root: Path) -> None:
    """It says that it kept clear of shelf too, and drew from what that left."""
    first = decoded(ledger(root, "home/copy")["entries"][0])
    shelf = _buckets(root, "home/shelf")
    avoids = {
        "home/hero": fingerprint(_buckets(root, "home/hero"), SIZE),
        "home/shelf": fingerprint(shelf, SIZE),
    }
    _second(root, smallest(_free(root) - first - shelf, 250, "home/copy/2"), avoids)


def _omitted_avoids(root: Path) -> None:
    """Picked clear of hero, and hero left out."""
    first = decoded(ledger(root, "home/copy")["entries"][0])
    _second(root, set(sorted(_free(root) - first)[:250]), {})


def _picked(root: Path) -> None:
    first = decoded(ledger(root, "home/copy")["entries"][0])
    _second(root, set(sorted(_free(root) - first)[-250:]))


def _one_exchanged(root: Path) -> None:
    value = ledger(root, "home/copy")
    first, second = (decoded(entry) for entry in value["entries"])
    _second(root, (second - {min(second)}) | {min(_free(root) - first - second)})


def _another_seed_number(root: Path) -> None:
    first = decoded(ledger(root, "home/copy")["entries"][0])
    _second(root, smallest(_free(root) - first, 250, "home/copy/3"))


def _another_name(root: Path) -> None:
    first = decoded(ledger(root, "home/copy")["entries"][0])
    _second(root, smallest(_free(root) - first, 250, "home/hero/2"))


def _drawn_at_once(root: Path) -> None:
    """The second entry has what the first alone would have had at 30%."""
    first = decoded(ledger(root, "home/copy")["entries"][0])
    _second(root, smallest(_free(root), 300, "home/copy/1") - first)


@pytest.mark.parametrize(
    "edit",
    [
        _made_up_avoids,
        _omitted_avoids,
        _picked,
        _one_exchanged,
        _another_seed_number,
        _another_name,
        _drawn_at_once,
    ],
)
def test_picked_buckets_are_refused_when_they_are_replayed(
    edit: Callable[[Path], None], drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    edit(drawn)
    assert _codes(drawn, capfd) == set()  # by itself every entry is in order
    document = _checked(drawn, capfd, "--replay", today="2026-02-01")
    (finding,) = [f for f in document["findings"] if f["severity"] != "info"]
    assert (finding["code"], finding["severity"], finding["experiment"]) == ("BKT004", "error", "home/copy")
    assert finding["location"]["pointer"].startswith("/entries/1")
    assert "entry 2 of home/copy" in finding["message"]
    assert run(["check", "--root", str(drawn), "--today", "2026-02-01", "--replay"]) == 1


def _flipped_bit(value: dict[str, Any]) -> None:
    buckets = decoded(value["entries"][0])
    value["entries"][0]["buckets"] = encoded(buckets ^ {500}, SIZE)


def _reordered(value: dict[str, Any]) -> None:
    value["entries"].reverse()


def _swapped_digests(value: dict[str, Any]) -> None:
    first, second = value["entries"]
    first["digest"], second["digest"] = second["digest"], first["digest"]


@pytest.mark.parametrize("edit", [_flipped_bit, _reordered, _swapped_digests])
def test_edited_ledgers_are_refused_without_replay(
    edit: Callable[[dict[str, Any]], None], drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    value = ledger(drawn, "home/copy")
    edit(value)
    put(drawn, "home/copy", value)
    assert "BKT004" in _codes(drawn, capfd)
    assert "BKT004" in _codes(drawn, capfd, "--replay")


@pytest.mark.parametrize("edit", [_flipped_bit, _reordered, _swapped_digests])
def test_edited_ledgers_are_not_kept(
    edit: Callable[[dict[str, Any]], None], drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`coord allocate` names --redraw, and that gives the honest draw back."""
    before = ledger(drawn, "home/copy")
    value = ledger(drawn, "home/copy")
    edit(value)
    put(drawn, "home/copy", value)
    assert run(["allocate", "--root", str(drawn), "--today", "2026-02-01", "home/copy"]) == 1
    assert "coord allocate --redraw home/copy" in capfd.readouterr().out
    assert run(["allocate", "--root", str(drawn), "--today", "2026-02-01", "--all", "--redraw"]) == 0
    assert ledger(drawn, "home/copy") == before


def _unknown(root: Path, capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    document = _checked(root, capfd, "--replay", today="2026-02-01")
    assert "BKT004" not in {finding["code"] for finding in document["findings"]}
    rows: list[dict[str, Any]] = document["not_replayable"]
    assert _checked(root, capfd, today="2026-02-01")["not_replayable"] == []  # nobody asked
    return rows


def test_what_avoided_a_ledger_that_was_drawn_again_cannot_be_replayed(
    drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    value = ledger(drawn, "home/hero")
    picked = set(sorted(set(range(SIZE)) - _buckets(drawn, "home/copy"))[:400])
    put(drawn, "home/hero", {**value, "migrated": True, "entries": [{"buckets": encoded(picked, SIZE)}]})
    reason = "home/hero, which it kept clear of, has been drawn again since"
    assert _unknown(drawn, capfd) == [
        {"experiment": "home/copy", "entry": entry, "reason": reason} for entry in (1, 2)
    ]


def test_what_avoided_a_ledger_that_is_gone_cannot_be_replayed(
    drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger_path(drawn, "home/hero").unlink()
    (drawn / "surfaces/home/experiments/hero.yaml").unlink()
    rows = _unknown(drawn, capfd)
    assert [row["entry"] for row in rows] == [1, 2]
    assert all("home/hero, which it kept clear of, has no ledger any more" in row["reason"] for row in rows)


def test_what_avoided_one_that_ended_early_cannot_be_replayed(
    drawn: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Hero ends before copy's second step, and copy's first may still have had to avoid it."""
    path = drawn / "surfaces/home/experiments/hero.yaml"
    path.write_text(path.read_text("utf-8").replace("end: 2026-03-30", "end: 2026-03-20"), "utf-8")
    (row,) = _unknown(drawn, capfd)
    assert row["entry"] == 2
    assert "home/hero, which it kept clear of, does not meet it any more" in row["reason"]


def test_an_avoided_ledger_may_grow(drawn: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its state then is its state after one of its entries."""
    path = drawn / "surfaces/home/experiments/hero.yaml"
    text = path.read_text("utf-8").replace("traffic: 40%", "traffic: {2026-03-02: 40%, 2026-03-20: 60%}")
    path.write_text(text, "utf-8")
    assert run(["allocate", "--root", str(drawn), "--today", "2026-03-10", "home/hero"]) == 0
    capfd.readouterr()
    assert len(ledger(drawn, "home/hero")["entries"]) == 2
    document = _checked(drawn, capfd, "--replay", today="2026-03-10")
    assert document["not_replayable"] == []
    assert not {f["code"] for f in document["findings"]} & {"BKT001", "BKT004"}


def test_a_migrated_ledger_is_avoided_as_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, tree({"hero": {"start": "2026-03-02", "traffic": "40%"}, "copy": {}}, SURFACE))
    base = {"experiment": "home/hero", "space": "user", "version": 1, "migrated": True}
    put(tmp_path, "home/hero", {**base, "entries": [{"buckets": "0:100 600:900"}]})
    assert run(["allocate", "--root", str(tmp_path), "--today", "2026-02-01", "home/copy"]) == 0
    capfd.readouterr()
    free = set(range(100, 600)) | set(range(900, 1000))
    assert _buckets(tmp_path, "home/copy") == smallest(free, 300, "home/copy/1")
    assert _codes(tmp_path, capfd, "--replay") == set()
