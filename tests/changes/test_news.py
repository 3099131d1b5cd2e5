"""Which findings are a change's own: what was there stays old, what two changes make together is new."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from random import Random

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from changes.moves import change
from changes.small import TODAY, Files, organisation
from changes.trees import compared, new, read
from changes.world import World
from coord.checks.result import LocatedFinding
from coord.checks.runner import check
from coord.domain.findings import Severity
from oracle.brute_force import runs
from oracle.examples import day, experiment
from oracle.examples import organisation as by_hand
from oracle.organisations import organisations, to_files
from oracle.shapes import Organisation, Step

SEEDS = st.integers(0, 2**32 - 1)
BUDGETS = {"BUD001", "BUD002", "BUD003", "BUD004"}


def _codes(found: list[LocatedFinding]) -> set[str]:
    return {finding.code for finding in found if finding.severity is Severity.ERROR}


@settings(max_examples=40)
@given(organisations(), st.integers(-5, 40), st.booleans())
def test_where_nothing_changed_nothing_is_new_on_any_day(org: Organisation, later: int, replay: bool) -> None:
    files = to_files(org)
    result = compared(read(files), read(files), org.today + timedelta(days=later), replay=replay)
    assert [finding.new for finding in result.findings] == [False] * len(result.findings)


@settings(max_examples=40)
@given(SEEDS, st.lists(SEEDS, min_size=1, max_size=4), st.integers(0, 40))
def test_nor_in_a_tree_full_of_errors(number: int, moves: list[int], later: int) -> None:
    files = _spoilt(number, moves)
    result = compared(read(files), read(files), TODAY + timedelta(days=later), replay=True)
    assert [finding.new for finding in result.findings] == [False] * len(result.findings)
    alone = check(read(files), TODAY + timedelta(days=later), replay=True)
    compares = {"CHG", "LIF001", "LIF003"}
    assert [f.message for f in alone.findings] == [f.message for f in result.findings]
    assert not compares & {code for f in result.findings for code in (f.code, f.code[:3])}


def _spoilt(number: int, moves: list[int]) -> Files:
    """An organisation after changes that nobody checked, with a file that cannot be read."""
    files = organisation(Random(number))
    past = list(files.items())
    for move in moves:
        _, files = change(Random(move), World(files, TODAY, past))
    path = Random(number).choice(sorted(files))
    return {**files, path: b"a: ["} if number % 3 == 0 else files


@settings(max_examples=40)
@given(organisations(), st.integers(0, 20))
def test_whatever_else_changes_the_passing_of_days_makes_nothing_new(org: Organisation, later: int) -> None:
    """A change that has nothing to do with any finding: the words on a surface."""
    renamed = {
        path: text.replace('"Surface ', '"The surface ') if path.endswith("surface.yaml") else text
        for path, text in to_files(org).items()
    }
    assert renamed != to_files(org)
    assert not new(to_files(org), renamed, org.today + timedelta(days=later))


@settings(max_examples=30)
@given(organisations())
def test_taking_away_or_lowering_makes_no_conflict_new(org: Organisation) -> None:
    assert not _new_with_less(org) & {"BKT001"}


def test_taking_away_or_lowering_makes_no_breach_new() -> None:
    found: set[str] = set()

    @seed(1)
    @settings(max_examples=50, database=None, phases=[Phase.generate])
    @given(organisations())
    def look(org: Organisation) -> None:
        found.update(_new_with_less(org))

    look()
    assert not BUDGETS & found


@settings(max_examples=40)
@given(organisations())
def test_to_stop_what_runs_is_always_possible(org: Organisation) -> None:
    base = read(to_files(org))
    for chosen in org.experiments:
        if chosen.draft or not runs(chosen, org.today):
            continue
        stopped = [replace(e, end=org.today) if e is chosen else e for e in org.experiments]
        found = _codes(new(base, to_files(replace(org, experiments=tuple(stopped))), org.today))
        assert not found - BUDGETS - {"BUD005"}


def _new_with_less(org: Organisation) -> set[str]:
    """What is new without one of the experiments, or with less traffic for one that has not started."""
    base, found = read(to_files(org)), set()
    for chosen in org.experiments:
        others = [e for e in org.experiments if e is not chosen]
        if chosen.start is not None and chosen.start > org.today and chosen.ledger is None:
            steps = tuple(Step(step.day, _half(step.share)) for step in chosen.steps)
            others.append(replace(chosen, steps=steps))
        found |= {f.code for f in new(base, to_files(replace(org, experiments=tuple(others))), org.today)}
    return found


def _half(share: Fraction) -> Fraction:
    percent = Fraction(1, 100)
    return max(percent, share / 2 // percent * percent)


def test_a_breach_that_loses_its_peak_is_the_old_one() -> None:
    """60% + 60% until the 5th, 60% + 50% after: without the one of the peak, the rest was there before."""
    stays = experiment("a", 2, 12, 60), experiment("c", 5, 12, 50)
    base, head = by_hand(experiment("b", 2, 5, 60), *stays, today=1), by_hand(*stays, today=1)
    assert "BUD001" in _codes([*check(read(to_files(head)), day(1)).findings])
    assert "BUD001" not in _codes(new(to_files(base), to_files(head), day(1)))


def test_a_breach_that_is_cut_in_two_is_the_old_one() -> None:
    """60% + 50% for all the days but those in the middle, which were over by a third one."""
    long, early, late = experiment("a", 2, 12, 60), experiment("b", 2, 5, 50), experiment("c", 8, 12, 50)
    base = by_hand(long, early, late, experiment("d", 5, 8, 45), today=1)
    head = by_hand(long, early, late, today=1)
    assert "BUD001" not in _codes(new(to_files(base), to_files(head), day(1)))


def test_more_on_a_day_that_was_over_already_is_new_though_the_peak_is_another() -> None:
    """60% + 60% until the 5th, 60% + 45% after; 10% are added on the last days, which the peak exceeds."""
    there = experiment("a", 2, 12, 60), experiment("b", 2, 5, 60), experiment("c", 5, 12, 45)
    base, head = by_hand(*there, today=1), by_hand(*there, experiment("d", 9, 12, 10), today=1)
    assert "BUD001" in _codes(new(to_files(base), to_files(head), day(1)))


def test_more_on_the_day_of_the_peak_is_new() -> None:
    there = experiment("a", 2, 12, 60), experiment("b", 2, 12, 60)
    base, head = by_hand(*there, today=1), by_hand(*there, experiment("d", 2, 12, 10), today=1)
    assert "BUD001" in _codes(new(to_files(base), to_files(head), day(1)))


def test_a_breach_on_other_days_is_new() -> None:
    there = experiment("a", 2, 5, 60), experiment("b", 2, 5, 60)
    more = experiment("d", 9, 12, 60), experiment("e", 9, 12, 50)
    base, head = by_hand(*there, today=1), by_hand(*there, *more, today=1)
    (found,) = [f for f in new(to_files(base), to_files(head), day(1)) if f.code == "BUD001"]
    assert found.days
    assert found.days.start == day(9)


def test_an_end_that_moves_closer_makes_no_finding_about_the_pair_new() -> None:
    """Two spaces that must be exclusive: to stop one of the two sooner is no new harm."""
    here, there = experiment("a", 2, 20, 10), replace(experiment("b", 2, 20, 10), surface="device-home")
    apart = replace(here, exclusive_with=("device-home/b",))
    base, head = (to_files(by_hand(one, there, today=1)) for one in (apart, replace(apart, end=day(10))))
    assert "REF003" in _codes([*check(read(head), day(1)).findings])
    assert "REF003" not in _codes(new(base, head, day(1)))
