"""`coord end` as people call it."""

from pathlib import Path

import pytest

from coord.cli.main import run

PATH = "surfaces/home/experiments/x.yaml"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An organisation with one experiment and its ledger; it is the current directory."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "--install", ""]) == 0
    items = ["status=active", "hypothesis=h", "start=2026-03-02", "end=2026-03-30", "traffic=20%"]
    options = [word for item in items for word in ("--set", item)]
    assert run(["new", "experiment", "home/x", "--today", "2026-03-01", *options]) == 0
    assert run(["allocate", "home/x", "--today", "2026-03-01"]) == 0
    capsys.readouterr()
    return tmp_path


def test_it_says_before_and_after_and_what_is_free(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (root / PATH).read_text("utf-8")
    assert run(["end", "home/x", "--today", "2026-03-20"]) == 0
    assert capsys.readouterr().out == (
        "home/x: end 2026-03-30 -> 2026-03-20 (10 days earlier)\n"
        "Frees 2,000 of 10,000 buckets (20%) of user from 2026-03-20.\n"
        f"Next: note the decision under `outcome` in {PATH} when there is one.\n"
    )
    assert (root / PATH).read_text("utf-8") == before.replace("end: 2026-03-30", "end: 2026-03-20")
    assert run(["check", "--today", "2026-03-20"]) == 0


def test_a_later_day_and_the_same_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["end", "home/x", "--on", "2026-03-25", "--today", "2026-03-20"]) == 0
    assert "end: 2026-03-25 " in (root / PATH).read_text("utf-8")
    assert run(["end", "home/x", "--on", "2026-03-25", "--today", "2026-03-20"]) == 0
    assert capsys.readouterr().out.endswith("home/x ends on 2026-03-25 already. Nothing was changed.\n")


def test_a_dry_run_changes_nothing_and_shows_what_follows(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / PATH).read_bytes()
    arguments = ["end", "home/x", "--on", "2026-03-05", "--today", "2026-03-03", "--dry-run"]
    assert run(arguments) == 0
    told = capsys.readouterr().out
    assert "coord check says of it:\n  error LIF002: " in told
    assert told.endswith("Dry run: nothing was changed.\n")
    assert (root / PATH).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["home/y"], "did you mean home/x?"),
        (["home/x", "--on", "2026-04-30"], "To extend it"),
        (["home/x", "--on", "2026-03-19"], "before today"),
        (["home/x", "--on", "soon"], "--on is soon"),
        (["home/x", "--today", "2026-03-30"], "is over since 2026-03-30"),
        (["home/x", "--today", "2026-03-01"], "has not started"),
        ([], "NAME"),
    ],
)
def test_wrong_usage_exits_2(
    root: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / PATH).read_bytes()
    assert run(["end", "--today", "2026-03-20", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert (root / PATH).read_bytes() == before
