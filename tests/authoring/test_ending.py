"""Ending an experiment: one day changes, and only where that makes sense."""

from datetime import date
from pathlib import Path

import pytest

from coord.authoring import end as authoring
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.errors import CoordError, UsageError

PATH = "surfaces/home/experiments/x.yaml"
TEXT = """\
# A comment: end: 2026-03-30
experiment: x
surface: home
kind: ab_test
title: "end: 2026-03-30"
owner: product
hypothesis: h
status: active
start: 2026-03-02
end: 2026-03-30   # first day after

traffic: {2026-03-02: 1%,   2026-03-05: 20%}
variants: [{name: a}, {name: b}]   # ends
"""


def _end(root: Path, name: str, on: str, today: str = "2026-03-10") -> authoring.Ended:
    return authoring.end(load(WorkingTree(root)), name, date.fromisoformat(on), date.fromisoformat(today))


def _write(root: Path, text: str) -> None:
    (root / PATH).parent.mkdir(exist_ok=True)
    (root / PATH).write_bytes(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.rstrip("\n"),
        TEXT.replace("end: 2026-03-30  ", 'end:    "2026-03-30"'),
        TEXT.replace("end: 2026-03-30  ", "'end'  :\t'2026-03-30'"),
        TEXT.replace("end: 2026-03-30  ", "end:\n  # below\n  2026-03-30"),
    ],
    ids=["plain", "crlf", "bom", "no-last-line-end", "quoted", "single-quoted", "below"],
)
def test_every_other_byte_stays(root: Path, text: str) -> None:
    _write(root, text)
    assert run(["end", "home/x", "--root", str(root), "--today", "2026-03-10"]) == 0
    at = text.rindex("2026-03-30")
    assert (root / PATH).read_bytes() == (text[:at] + "2026-03-10" + text[at + 10 :]).encode()


def test_what_it_frees_is_counted_and_rests(root: Path) -> None:
    _write(root, TEXT)
    assert run(["allocate", "home/x", "--root", str(root), "--today", "2026-03-01"]) == 0
    surface = root / "surfaces/home/surface.yaml"
    surface.write_text(surface.read_text().replace("cooldown_days: 0", "cooldown_days: 7"))
    found = _end(root, "home/x", "2026-03-12")
    assert (found.buckets, found.size, found.space) == (2000, 10000, "user")
    assert (found.before, found.after, found.free) == (
        date(2026, 3, 30),
        date(2026, 3, 12),
        date(2026, 3, 19),
    )


def test_on_its_first_day_and_on_its_end(root: Path) -> None:
    _write(root, TEXT)
    assert _end(root, "home/x", "2026-03-02", today="2026-03-02").changed
    assert not _end(root, "home/x", "2026-03-30").changed
    assert _end(root, "home/x", "2026-03-20", today="2026-01-01").changed  # to come, and shorter


@pytest.mark.parametrize(
    ("name", "on", "today", "said"),
    [
        ("home/y", "2026-03-10", "2026-03-10", r"no experiment home/y; did you mean home/x\?"),
        ("x", "2026-03-10", "2026-03-10", r"no experiment x; did you mean home/x\?"),
        ("../../etc", "2026-03-10", "2026-03-10", "no experiment ../../etc"),
        ("a\x1b/b\n", "2026-03-10", "2026-03-10", r"no experiment a\\x1b/b\\n"),
        ("home/x", "2026-03-30", "2026-03-30", "over since 2026-03-30"),
        ("home/x", "2026-04-15", "2026-03-10", "To extend it, change `end`"),
        ("home/x", "2026-03-09", "2026-03-10", "before today"),
        ("home/x", "2026-03-01", "2026-03-10", "before today"),
        ("home/x", "2026-03-01", "2026-03-01", f"has not started.*delete {PATH}"),
        ("home/x", "2026-03-02", "2026-03-01", "has not started"),
    ],
)
def test_what_cannot_be_ended(root: Path, name: str, on: str, today: str, said: str) -> None:
    _write(root, TEXT)
    with pytest.raises(UsageError, match=said) as refused:
        _end(root, name, on, today)
    assert str(refused.value).isprintable()


def test_drafts_and_files_without_an_end(root: Path) -> None:
    _write(root, TEXT.replace("status: active", "status: draft"))
    with pytest.raises(UsageError, match="is a draft"):
        _end(root, "home/x", "2026-03-10")
    _write(root, TEXT.replace("end: 2026-03-30   # first day after\n", ""))
    with pytest.raises(UsageError, match="has no `end`"):
        _end(root, "home/x", "2026-03-10")
    _write(root, TEXT.replace("kind: ab_test", "kind: other"))
    with pytest.raises(CoordError, match="is not changed: it does not keep to its schema"):
        _end(root, "home/x", "2026-03-10")
    _write(root, TEXT)
    (root / "surfaces/home/surface.yaml").unlink()
    with pytest.raises(CoordError, match="is not changed"):
        _end(root, "home/x", "2026-03-10")


def test_the_ledger_of_what_never_started_is_named(root: Path) -> None:
    _write(root, TEXT)
    assert run(["allocate", "home/x", "--root", str(root), "--today", "2026-03-01"]) == 0
    with pytest.raises(UsageError, match=r"and surfaces/home/allocations/x\.yaml"):
        _end(root, "home/x", "2026-03-01", today="2026-03-01")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("end: 2026-03-30  ", "end: &day 2026-03-30"),
        TEXT.replace("end: 2026-03-30  ", "end: >-\n  2026-03-30"),
        TEXT.replace("hypothesis: h", "hypothesis: &day 2026-03-30").replace(
            "end: 2026-03-30  ", "end: *day"
        ),
    ],
    ids=["anchor", "folded", "alias"],
)
def test_a_day_that_is_no_plain_text_is_left_to_people(root: Path, text: str) -> None:
    _write(root, text)
    assert run(["end", "home/x", "--root", str(root), "--today", "2026-03-10"]) == 3
    assert (root / PATH).read_bytes() == text.encode()
