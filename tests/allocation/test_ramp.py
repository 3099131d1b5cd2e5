"""A ramp of an experiment that runs: steps to come are planned anew, and who is in it today stays in it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.small import catalog, day, experiment
from allocation.trees import ledger, tree, write
from coord.allocation.allocate import Action, Outcome, allocate
from coord.allocation.drawing import held_by
from coord.allocation.matching import match
from coord.allocation.replay import replay
from coord.cli.main import run
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.holding import holding, overlap
from coord.domain.model import Entry, Experiment, Ledger, Step
from git_trees.repositories import Repo, hermetic

KEY, TODAY = "home/ramp", day(9)  # the ramp starts on day 1


def _ramp(steps: dict[int, int]) -> Experiment:
    return experiment("ramp", 1, 28, steps)


def _drawn(*experiments: Experiment) -> Catalog:
    """These, drawn one after another."""
    found = catalog(experiments)
    for one in experiments:
        (outcome,) = allocate(found, [one.key], day(0), redraw=False)
        assert outcome.ledger
        found = replace(found, ledgers={**found.ledgers, one.key: outcome.ledger})
    return found


def _change(found: Catalog, steps: dict[int, int], *, redraw: bool = False, today: date = TODAY) -> Outcome:
    planned = replace(found, experiments={**found.experiments, KEY: _ramp(steps)})
    (outcome,) = allocate(planned, [KEY], today, redraw=redraw)
    return outcome


def _entries(outcome: Outcome) -> list[int]:
    assert outcome.ledger
    return [count(entry.buckets) for entry in outcome.ledger.entries]


@pytest.mark.parametrize("redraw", [False, True])
@pytest.mark.parametrize(
    ("steps", "entries", "dropped"),
    [
        ({0: 10}, [10], 30),
        ({0: 10, 14: 60}, [10, 50], 30),
        ({0: 10, 14: 20}, [10, 10], 30),
        ({0: 10, 20: 30, 22: 35}, [10, 20, 5], 30),
    ],
)
def test_steps_to_come_change_and_nobody_who_is_in_leaves(
    steps: dict[int, int], entries: list[int], dropped: int, redraw: bool
) -> None:
    found = _drawn(_ramp({0: 10, 14: 40}))
    outcome = _change(found, steps, redraw=redraw and len(steps) > 1)
    assert outcome.action is Action.CHANGED
    assert _entries(outcome) == entries
    assert (outcome.added, outcome.dropped, outcome.in_force) == (sum(entries[1:]), dropped, 10)
    assert outcome.ledger
    assert outcome.ledger.entries[0] == found.ledgers[KEY].entries[0]


def test_a_step_on_another_day_keeps_its_entry() -> None:
    found = _drawn(_ramp({0: 10, 14: 40}))
    assert _change(found, {0: 10, 20: 40}).action is Action.KEPT
    assert _change(found, {0: 10, 20: 40}, redraw=True).ledger == found.ledgers[KEY]


def test_steps_to_come_that_still_fit_keep_their_entries() -> None:
    """Somebody ended since, so that a draw would find other buckets: what fits is not drawn again."""
    other = experiment("other", 0, 20, 40)
    found = _drawn(other, _ramp({0: 10, 14: 30, 18: 40}))
    assert other.days
    shorter = replace(other, days=other.days._replace(end=TODAY))
    found = replace(found, experiments={**found.experiments, other.key: shorter})
    before = found.ledgers[KEY].entries
    changed, asked = (_change(found, {0: 10, 14: 30, 18: 50}, redraw=redraw) for redraw in (False, True))
    assert changed.ledger
    assert asked.ledger
    assert changed.ledger.entries[:2] == before[:2]
    assert asked.ledger.entries[0] == before[0]
    assert asked.ledger.entries[1] != before[1]
    assert (changed.added, changed.dropped, changed.in_force) == (20, 10, 10)


@pytest.mark.parametrize("redraw", [False, True])
@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ({0: 20, 14: 40}, "its ledger does not match its traffic"),
        ({0: 10, 5: 20, 14: 40}, "its ledger does not match its traffic"),
    ],
)
def test_what_is_in_force_must_match(steps: dict[int, int], reason: str, redraw: bool) -> None:
    outcome = _change(_drawn(_ramp({0: 10, 14: 40})), steps, redraw=redraw)
    assert (outcome.action, outcome.reason, outcome.ledger) == (Action.STARTED, reason, None)


def test_from_the_day_of_a_step_on_it_is_in_force() -> None:
    found = _drawn(_ramp({0: 10, 14: 40}))
    last, first = day(14), day(15)  # the second step is of day 15
    assert _change(found, {0: 10, 14: 60}, today=last).action is Action.CHANGED
    for redraw in (False, True):
        assert _change(found, {0: 10, 14: 60}, today=first, redraw=redraw).action is Action.STARTED


def test_an_entry_to_come_that_was_edited_is_drawn_again() -> None:
    found = _drawn(_ramp({0: 10, 14: 40}))
    honest = found.ledgers[KEY]
    first, second = honest.entries
    others = sum(1 << bucket for bucket in range(100) if not held_by(honest) >> bucket & 1)
    edited = Entry(others & ((1 << others.bit_length() // 2) - 1), second.avoids, second.digest)
    outcome = _change(
        replace(found, ledgers={KEY: replace(honest, entries=(first, edited))}), {0: 10, 14: 40}
    )
    assert (outcome.action, outcome.ledger) == (Action.CHANGED, honest)


def _meets(first: str, second: str) -> Catalog:
    """Two that run, brought in from elsewhere; the entries of the ramp are these."""
    made = _ramp({0: 10, 14: 20}), experiment("other", 1, 28, 10)
    brought = {KEY: (first, second), "home/other": ("50:60",)}
    return catalog(
        made,
        {
            key: Ledger(key, "", "user", tuple(Entry(_range(text), {}, None) for text in entries))
            for key, entries in brought.items()
        },
    )


def _range(text: str) -> int:
    low, high = map(int, text.split(":"))
    return (1 << high) - (1 << low)


def test_a_conflict_of_entries_to_come_is_drawn_again_on_request() -> None:
    found = _meets("0:10", "55:65")
    steps = {0: 10, 14: 20}
    left = _change(found, steps)
    assert (left.action, left.reason) == (Action.NEEDS_REDRAW, "it shares 5 buckets with home/other")
    drawn = _change(found, steps, redraw=True)
    assert drawn.action is Action.CHANGED
    assert drawn.ledger
    assert drawn.ledger.entries[0] == found.ledgers[KEY].entries[0]
    assert not held_by(drawn.ledger) & _range("50:60")
    (needed,) = allocate(found, [KEY], TODAY, redraw=True, only_needed=True)
    assert needed == drawn
    planned = _change(found, {0: 10, 14: 20, 20: 30})  # a further step alone does not hide it
    assert planned.action is Action.NEEDS_REDRAW


def test_a_conflict_in_force_is_not_drawn_again_and_keeps_no_plan_from_being_changed() -> None:
    found = _meets("45:55", "20:30")
    for redraw in (False, True):
        (outcome,) = allocate(found, [KEY], TODAY, redraw=redraw, only_needed=True)
        assert (outcome.action, outcome.reason) == (Action.STARTED, "it shares 5 buckets with home/other")
    assert _entries(_change(found, {0: 10})) == [10]


def test_without_room_for_a_step_to_come_nothing_changes() -> None:
    found = _drawn(_ramp({0: 10, 14: 20}), experiment("other", 1, 28, 60))
    outcome = _change(found, {0: 10, 14: 50})
    assert (outcome.action, outcome.ledger) == (Action.NO_ROOM, None)
    assert outcome.room
    assert (outcome.room.extending, outcome.room.fits) == (True, Fraction(40, 100))


PLANS = st.dictionaries(st.integers(1, 27), st.integers(1, 90), max_size=4)


@settings(max_examples=200, deadline=None)
@given(PLANS, PLANS, st.integers(1, 27), st.booleans(), st.integers(0, 60))
def test_no_plan_moves_anybody_who_is_in_today(
    first: dict[int, int], then: dict[int, int], after: int, redraw: bool, other: int
) -> None:
    """Whatever the next plan is: held buckets of today stay, and entries fit the steps and are draws."""
    ramp = replace(_ramp({0: 1}), steps=_plan({0: 1, **first}))
    rival = experiment("other", 4, 20, other or 1)
    found = catalog([ramp, rival])
    for one in (ramp, rival):
        (outcome,) = allocate(found, [one.key], day(0), redraw=False)
        found = replace(
            found, ledgers={**found.ledgers, **({one.key: outcome.ledger} if outcome.ledger else {})}
        )
    today = day(1 + after)
    past = [step for step in ramp.steps if step.day <= today]
    floor = past[-1].traffic
    coming = [s for s in _plan(then) if s.day > today and s.traffic >= floor]
    planned = replace(ramp, steps=(*past, *coming))
    found = replace(found, experiments={**found.experiments, KEY: planned})
    if KEY not in found.ledgers:
        return
    before = found.ledgers[KEY]
    (outcome,) = allocate(found, [KEY], today, redraw=redraw)
    if outcome.action in {Action.NO_ROOM, Action.KEPT, Action.STARTED}:
        assert outcome.ledger is None
        return
    assert outcome.action in {Action.CHANGED, Action.EXTENDED}
    assert outcome.ledger
    held = [holding(planned, one, 100).on(today) for one in (before, outcome.ledger)]
    assert held[0] == held[1] == holding(ramp, before, 100).on(today)
    assert match(planned, outcome.ledger, 100) == (len(planned.steps), None)
    found = replace(found, ledgers={**found.ledgers, KEY: outcome.ledger})
    assert all(not r.wrong and not r.unfit for r in replay(found, planned, outcome.ledger))
    theirs = found.ledgers.get(rival.key)
    if theirs:
        assert overlap(holding(planned, outcome.ledger, 100), holding(rival, theirs, 100)) is None


def _plan(percents: dict[int, int]) -> tuple[Step, ...]:
    """Steps that never decrease, in the order of days."""
    shares = sorted(percents.values())
    return tuple(Step(day(1 + d), Fraction(p, 100)) for d, p in zip(sorted(percents), shares, strict=True))


# With files, and a base to compare with

STEPS = "{2026-03-02: 10%, 2026-03-16: 40%}"
FILE = "surfaces/home/experiments/ramp.yaml"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose main has a ramp, drawn before it started, and another experiment beside it."""
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "repo")
    write(
        repo.folder,
        tree(
            {
                "ramp": {"start": "2026-03-02", "traffic": STEPS},
                "other": {"start": "2026-03-05", "traffic": "20%"},
            }
        ),
    )
    monkeypatch.chdir(repo.folder)
    assert run(["allocate", "--all", "--today", "2026-03-01"]) == 0
    repo.commit()
    return repo


def _checked(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    capsys.readouterr()
    rest = ("--today", "2026-03-10", "--replay", "--ignore", "MET,LIF", *options)
    code = run(["check", "--base", "HEAD", *rest])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("traffic", "said"),
    [
        ("10%", "keeps 100 buckets in force, dropped 300 of steps to come (10%)"),
        (
            "{2026-03-02: 10%, 2026-03-16: 60%}",
            "keeps 100 buckets in force, drew 500 for steps to come in place of 300 (60%), "
            "clear of home/other",
        ),
        ("{2026-03-02: 10%, 2026-03-20: 40%}", "keeps its buckets"),
    ],
)
def test_a_plan_is_changed_in_a_branch_and_the_check_is_green(
    traffic: str, said: str, repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (repo.folder / FILE).read_text("utf-8")
    repo.write({FILE: text.replace(STEPS, traffic)})
    before = ledger(repo.folder, KEY)["entries"]
    code, found = _checked(capsys)
    assert (code, "run `coord allocate home/ramp`: what is in force stays" in found) == (
        (0, False) if said == "keeps its buckets" else (1, True)
    )
    assert run(["allocate", KEY, "--today", "2026-03-10", "--dry-run"]) == 0
    dry = said.replace("drew", "would draw").replace("dropped", "would drop")
    assert f"home/ramp: {dry}\n" in capsys.readouterr().out
    assert ledger(repo.folder, KEY)["entries"] == before
    assert run(["allocate", KEY, "--today", "2026-03-10"]) == 0
    assert f"home/ramp: {said}\n" in capsys.readouterr().out
    assert ledger(repo.folder, KEY)["entries"][0] == before[0]
    assert _checked(capsys, "--fail-on", "warning")[0] == 0


def test_without_room_nothing_is_written(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    text = (repo.folder / FILE).read_text("utf-8")
    repo.write({FILE: text.replace("40%", "90%")})
    before = ledger(repo.folder, KEY)
    assert run(["allocate", KEY, "--today", "2026-03-10"]) == 3
    assert "now: 80% is the largest traffic that fits\n    it keeps what it holds" in capsys.readouterr().out
    assert ledger(repo.folder, KEY) == before


def test_a_step_that_was_in_force_is_not_taken_out(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """The base says that its day had come: the check names git, and not `coord allocate`."""
    repo.write({FILE: (repo.folder / FILE).read_text("utf-8").replace(STEPS, "10%")})
    capsys.readouterr()
    assert run(["check", "--base", "HEAD", "--today", "2026-03-20", "--ignore", "MET"]) == 1
    found = capsys.readouterr().out
    assert "take the ledger or the experiment from git again" in found
    assert "run `coord allocate" not in found


def test_an_entry_to_come_that_is_gone_is_found(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """It was no history, so that the rule about history says nothing."""
    path = repo.folder / "surfaces/home/allocations/ramp.yaml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.rindex("  - avoids")], "utf-8")
    code, found = _checked(capsys)
    assert code == 1
    assert "the ledger of home/ramp has 1 entry for 2 steps of traffic" in found
