"""Room: the earliest start day by day, the largest traffic bucket by bucket, by sets and by hand."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocation.small import COUNTRIES, DAY0, catalog, day, experiment
from coord.allocation.allocate import Action, Outcome, allocate
from coord.allocation.drawing import held_by
from coord.allocation.room import Room, earliest_start, moved
from coord.allocation.schedule import schedule
from coord.domain.buckets import from_numbers, numbers
from coord.domain.catalog import Catalog
from coord.domain.model import Budget, Entry, Experiment, Kind, Ledger
from coord.report.allocation import text

CELLS = (*COUNTRIES, "rest")


def _by_hand(found: Catalog) -> dict[str, set[int]]:
    return {key: set(numbers(held_by(ledger))) for key, ledger in found.ledgers.items()}


def _audience(of: Experiment) -> set[str]:
    return set(of.audience.get("country", CELLS))


def _exclusive(one: Experiment, other: Experiment) -> bool:
    holdback = Kind.HOLDBACK in {one.kind, other.kind}
    named = one.key in other.exclusive_with or other.key in one.exclusive_with
    return bool(set(one.components) & set(other.components)) or holdback or named


def _draws(found: Catalog, which: Experiment, held: dict[str, set[int]], size: int) -> bool:
    """Whether every step finds enough buckets, one bucket after another."""
    rest = timedelta(days=found.surfaces["home"].policy.cooldown_days)
    own: set[int] = set()
    for step in which.steps:
        taken = set(own)
        for other in found.experiments.values():
            assert other.days
            assert which.days
            late = step.day < other.days.end + rest and other.days.start < which.days.end + rest
            if other.key != which.key and late and _exclusive(which, other):
                taken |= held.get(other.key, set()) if _audience(which) & _audience(other) else set()
        free = sorted(set(range(size)) - taken)
        more = step.traffic * size - len(own)
        if more > len(free):
            return False
        own |= set(free[: int(more)])
    return True


def _affordable(found: Catalog, which: Experiment) -> bool:
    """Whether no budget is exceeded on any of its days, in any cell that it is in."""
    budget = found.surfaces["home"].budget
    everybody = [e for e in found.experiments.values() if e.key != which.key] + [which]
    assert which.days
    for offset in range(which.days.length):
        today = which.days.start + timedelta(days=offset)
        running = [e for e in everybody if e.days and today in e.days]
        tests = [e for e in running if e.kind is not Kind.HOLDBACK]
        if budget.concurrent is not None and which in tests and len(tests) > budget.concurrent:
            return False
        for cell in _audience(which):
            here = [e for e in running if cell in _audience(e)]
            for component in ("home/a", "home/b"):
                on = [e for e in here if component in e.components or e.kind is Kind.HOLDBACK]
                if which in on and sum(e.traffic_on(today) for e in on) > 1:
                    return False
                ab = [e for e in on if e.kind is Kind.AB_TEST]
                if which in ab and sum(e.traffic_on(today) for e in ab) > budget.component:
                    return False
            sums = sum(e.traffic_on(today) for e in here if e.kind is not Kind.HOLDBACK)
            if budget.per_unit is not None and which.kind is not Kind.HOLDBACK and sums > budget.per_unit:
                return False
    return True


STEPS = st.one_of(
    st.integers(10, 90),
    st.tuples(st.integers(5, 30), st.integers(30, 90), st.integers(1, 5)).map(
        lambda t: {0: t[0], t[2]: t[1]}
    ),
)
EXPERIMENTS = st.tuples(
    st.integers(1, 20),
    st.integers(6, 15),
    STEPS,
    st.sets(st.sampled_from("ab"), min_size=1),
    st.sampled_from([(), (), ("SE",), ("US",)]),
    st.sampled_from([Kind.AB_TEST] * 4 + [Kind.ROLLOUT, Kind.HOLDBACK]),
)
BUDGETS = st.builds(
    Budget,
    st.sampled_from([Fraction(1), Fraction(7, 10)]),
    st.sampled_from([None, None, Fraction(3, 2)]),
    st.sampled_from([None, None, 2]),
)


@st.composite
def organisations(draw: st.DrawFn) -> tuple[Catalog, list[str]]:
    """A few experiments, all but some drawn as far as there is room; and those that are not."""
    made = []
    for number, values in enumerate(draw(st.lists(EXPERIMENTS, min_size=3, max_size=6))):
        start, days, steps, components, countries, kind = values
        steps = 10 if kind is Kind.HOLDBACK else steps
        made.append(experiment(f"e{number}", start, days, steps, components, countries, kind=kind))
    cooldown, budget = draw(st.sampled_from([0, 0, 2, 5])), draw(BUDGETS)
    waiting = made[-draw(st.integers(1, 2)) :]
    found = catalog(made, cooldown=cooldown, budget=budget)
    drawn = allocate(found, [e.key for e in made if e not in waiting], DAY0, redraw=False)
    ledgers = {o.experiment.key: o.ledger for o in drawn if o.ledger}
    return replace(found, ledgers=ledgers), [e.key for e in waiting]


@settings(max_examples=120, deadline=None)
@given(organisations(), st.integers(0, 25))
def test_the_earliest_start_is_the_first_day_with_room(
    organisation: tuple[Catalog, list[str]], passed: int
) -> None:
    found, waiting = organisation
    held, today = _by_hand(found), day(passed)
    for key in waiting:
        which = found.experiments[key]
        first = max(which.order[0], today)
        starts = (first + timedelta(days=n) for n in range(60))  # by then everybody has ended
        tried = (moved(which, start) for start in starts)
        expected = next((e for e in tried if _draws(found, e, held, 100) and _affordable(found, e)), None)
        assert earliest_start(found, which, found.ledgers, today) == (expected and expected.order[0])


def _no_room(found: Catalog, key: str, today: date = DAY0) -> Room:
    (outcome,) = allocate(found, [key], today, redraw=False)
    assert outcome.action is Action.NO_ROOM
    assert outcome.room is not None
    return outcome.room


@settings(max_examples=120, deadline=None)
@given(organisations())
def test_the_largest_traffic_fits_and_one_bucket_more_does_not(
    organisation: tuple[Catalog, list[str]],
) -> None:
    found, waiting = organisation
    outcomes = [o for o in allocate(found, waiting[-1:], DAY0, redraw=False) if o.room]
    assume(outcomes)
    room = outcomes[0].room
    assert room is not None
    which, number = outcomes[0].experiment, room.lack.entry
    before = which.steps[: number - 1]

    def drawn(traffic: Fraction) -> Action:
        steps = (*before, which.steps[number - 1]._replace(traffic=traffic))
        tried = replace(found, experiments={**found.experiments, which.key: replace(which, steps=steps)})
        return allocate(tried, [which.key], DAY0, redraw=False)[0].action

    fits = room.fits or Fraction(0)
    assert fits < which.steps[number - 1].traffic
    if room.fits:
        assert drawn(fits) is Action.DRAWN
    assert drawn(fits + Fraction(1, 100)) is Action.NO_ROOM
    assert (room.needed, room.free) == (Fraction(room.lack.needed, 100), Fraction(room.lack.free, 100))
    assert room.free < room.needed


@settings(max_examples=60, deadline=None)
@given(organisations())
def test_narrower_audiences_free_what_is_said(organisation: tuple[Catalog, list[str]]) -> None:
    found, waiting = organisation
    outcomes = [o for o in allocate(found, waiting[-1:], DAY0, redraw=False) if o.room]
    assume(outcomes)
    room, which = outcomes[0].room, outcomes[0].experiment
    assert room is not None
    before = which.steps[: room.lack.entry - 1]
    own = int(before[-1].traffic * 100) if before else 0
    free = {}
    for value in sorted(_audience(which) - {"rest"}):
        narrow = replace(which, audience={"country": frozenset({value})})
        # the most that its entry could add, had it been for this country alone
        last = which.steps[room.lack.entry - 1]
        possible = [
            n
            for n in range(101 - own)
            if _draws(
                found,
                replace(narrow, steps=(*before, last._replace(traffic=Fraction(own + n, 100)))),
                _by_hand(found),
                100,
            )
        ]
        free[value] = max(possible)
    best = max(free.values(), default=0)
    expected = {("country", Fraction(best, 100))} if best > room.lack.free else set()
    assert {(name, share) for name, _, share in room.narrower} == expected
    assert all(free[value] == best for _, value, _ in room.narrower)


def _ledger(key: str, low: int, high: int) -> Ledger:
    path = f"surfaces/{key.replace('/', '/allocations/')}.yaml"
    return Ledger(key, path, "user", (Entry(from_numbers(range(low, high)), {}, None),))


@pytest.mark.parametrize(("cooldown", "earliest"), [(0, 15), (3, 18)])
def test_buckets_rest_before_there_is_room_again(cooldown: int, earliest: int) -> None:
    made = [experiment("first", 1, 14, 60), experiment("second", 8, 14, 50)]
    found = catalog(made, {"home/first": _ledger("home/first", 0, 60)}, cooldown=cooldown)
    assert _no_room(found, "home/second").earliest == day(earliest)


def test_what_starts_later_needs_rest_after_the_one_that_is_moved() -> None:
    """Two days between its end and the next one's start are fewer than the three it would have to rest."""
    made = [
        experiment("before", 1, 7, 60),
        experiment("after", 17, 14, 60),
        experiment("between", 5, 7, 50),
    ]
    ledgers = {f"home/{name}": _ledger(f"home/{name}", 0, 60) for name in ("before", "after")}
    assert _no_room(catalog(made, ledgers), "home/between").earliest == day(8)
    assert _no_room(catalog(made, ledgers, cooldown=3), "home/between").earliest == day(34)


def test_a_small_first_step_may_begin_before_the_others_end() -> None:
    """10% beside 60% has room; only its step to 50%, five days later, must wait for the end on day 15."""
    made = [experiment("first", 1, 14, 60), experiment("ramp", 4, 14, {0: 10, 5: 50})]
    found = catalog(made, {"home/first": _ledger("home/first", 0, 60)})
    room = _no_room(found, "home/ramp")
    assert (room.lack.entry, room.lack.since) == (2, day(9))
    assert (room.needed, room.free) == (Fraction(40, 100), Fraction(30, 100))
    assert room.fits == Fraction(40, 100)
    assert room.earliest == day(10)


def test_who_holds_what_is_listed_by_end() -> None:
    made = [experiment("long", 1, 20, 30), experiment("short", 1, 10, 30), experiment("new", 2, 10, 50)]
    ledgers = {"home/long": _ledger("home/long", 0, 30), "home/short": _ledger("home/short", 30, 60)}
    room = _no_room(catalog(made, ledgers), "home/new")
    assert [(e.name, share) for e, share in room.held] == [
        ("short", Fraction(3, 10)),
        ("long", Fraction(3, 10)),
    ]
    assert (room.union, room.largest) == (Fraction(6, 10), Fraction(3, 10))


def test_experiments_that_overlap_at_random_cost_more_room_than_the_largest() -> None:
    """1 - (1 - .3)(1 - .4) = 58% on average, not 40%; the figures are those of the ledgers."""
    made = [
        experiment("one", 1, 14, 30, "a"),
        experiment("two", 1, 14, 40, "b"),
        experiment("both", 2, 14, 50, "ab"),
    ]
    found = catalog(made, buckets=10_000)
    drawn = allocate(found, ["home/one", "home/two"], DAY0, redraw=False)
    ledgers = {o.experiment.key: o.ledger for o in drawn if o.ledger}
    (outcome,) = allocate(replace(found, ledgers=ledgers), ["home/both"], DAY0, redraw=False)
    room = outcome.room
    assert room is not None
    one, two = (set(numbers(held_by(ledger))) for ledger in ledgers.values())
    assert room.union == Fraction(len(one | two), 10_000)
    assert room.largest == Fraction(4, 10)
    assert float(room.union) == pytest.approx(0.58, abs=0.02)  # 4 standard deviations
    assert room.free == 1 - room.union
    assert "those that overlap each other do so at random" in text([outcome], dry_run=False)


def test_side_by_side_there_is_no_word_of_overlap() -> None:
    made = [experiment("one", 1, 14, 30), experiment("two", 1, 14, 40), experiment("three", 2, 14, 50)]
    ledgers = {"home/one": _ledger("home/one", 0, 30), "home/two": _ledger("home/two", 30, 70)}
    room = _no_room(catalog(made, ledgers), "home/three")
    assert room.union == Fraction(7, 10)
    assert "at random" not in text([Outcome(made[2], Action.NO_ROOM, room=room)], dry_run=False)


def test_there_may_never_be_room_within_the_budget() -> None:
    made = [experiment("first", 1, 14, 60), experiment("second", 2, 14, 50)]
    held = {"home/first": _ledger("home/first", 0, 60)}
    found = catalog(made, held, budget=Budget(component=Fraction(4, 10)))
    assert _no_room(found, "home/second").earliest is None


def test_an_extension_keeps_its_days_and_its_audience() -> None:
    made = [experiment("first", 1, 14, 60), experiment("ramp", 2, 14, {0: 20, 5: 50})]
    kept = _ledger("home/ramp", 60, 80)
    found = catalog(made, {"home/first": _ledger("home/first", 0, 60), "home/ramp": kept})
    room = _no_room(found, "home/ramp", day(4))
    assert (room.extending, room.earliest, room.narrower) == (True, None, ())
    assert room.fits == Fraction(4, 10)


@settings(max_examples=100, deadline=None)
@given(organisations())
def test_scheduling_by_earliest_starts_always_ends_with_disjoint_draws(
    organisation: tuple[Catalog, list[str]],
) -> None:
    found, waiting = organisation
    result = schedule(found, waiting, DAY0, redraw=False, only_needed=False, move=True)
    everybody = {**found.experiments, **result.moved}
    held = {k: set(numbers(held_by(ledger))) for k, ledger in found.ledgers.items()}
    for outcome in result.outcomes:
        assert outcome.experiment == everybody[outcome.experiment.key]
        if outcome.ledger:
            held[outcome.experiment.key] = set(numbers(held_by(outcome.ledger)))
        else:
            assert outcome.room is not None
            assert outcome.room.earliest is None
    for one, other in combinations((everybody[key] for key in held), 2):
        apart = not (_audience(one) & _audience(other))
        if one.days and other.days and one.days.meets(other.days) and _exclusive(one, other) and not apart:
            last = min(one.days.end, other.days.end) - timedelta(days=1)
            assert not _until(one, held[one.key], last) & _until(other, held[other.key], last)


def _until(which: Experiment, held: set[int], last: date) -> set[int]:
    """What it holds by a day; a ledger's later entries count from the days of their steps alone."""
    return held if which.steps[-1].day <= last else set()
