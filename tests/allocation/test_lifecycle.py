"""Whatever is allocated, extended, ended and redrawn, exclusive experiments never hold a common bucket."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from coord.allocation.allocate import Action, allocate
from coord.allocation.drawing import held_by
from coord.allocation.matching import match
from coord.allocation.replay import replay
from coord.domain.audience import Audience, Dimension, disjoint
from coord.domain.buckets import numbers
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.exclusivity import must_be_exclusive
from coord.domain.holding import holding
from coord.domain.model import Budget, Experiment, Kind, Ledger, Policy, Space, Step, Surface

DAY0 = date(2026, 3, 1)
SPACE = Space("user", "user_id", "salt", 100)
COUNTRY = Dimension("country", ("SE", "US"), True)


def _surface(cooldown: int) -> Surface:
    return Surface(
        "home", "surfaces/home/surface.yaml", "team", "user", ("a", "b"), {"country": COUNTRY}, Budget(),
        Policy(1, 365, cooldown), (),
    )  # fmt: skip


def _experiment(
    name: str, start: int, days: int, shares: list[int], components: set[str], audience: Audience
) -> Experiment:
    first = DAY0 + timedelta(days=start)
    steps = tuple(
        Step(first + timedelta(days=i), Fraction(share, 100)) for i, share in enumerate(sorted(shares))
    )
    key = f"home/{name}"
    return Experiment(
        key, "home", name, f"surfaces/home/experiments/{name}.yaml", Kind.AB_TEST, "team", "user", False,
        Days(first, first + timedelta(days=days)), steps, tuple(sorted(f"home/{c}" for c in components)),
        ("home",), frozenset(), audience, key, key, (),
    )  # fmt: skip


EXPERIMENTS = st.builds(
    lambda start, days, shares, components, country: (start, days, shares, components, country),
    st.integers(1, 20),
    st.integers(3, 15),
    st.lists(st.integers(5, 50), min_size=1, max_size=3),
    st.sets(st.sampled_from(["a", "b"]), min_size=1),
    st.sampled_from([None, "SE", "US"]),
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["allocate", "all", "redraw", "end", "raise", "replan"]),
        st.integers(0, 6),
        st.integers(0, 8),
    ),
    min_size=1,
    max_size=14,
)


def _catalog(experiments: dict[str, Experiment], ledgers: dict[str, Ledger], cooldown: int) -> Catalog:
    return Catalog({"user": SPACE}, {"home": _surface(cooldown)}, dict(experiments), dict(ledgers))


def _no_common_bucket(catalog: Catalog) -> None:
    everybody = {
        key: holding(catalog.experiments[key], ledger, 100) for key, ledger in catalog.ledgers.items()
    }
    for one, other in combinations(sorted(everybody), 2):
        a, b = catalog.experiments[one], catalog.experiments[other]
        if not must_be_exclusive(a, b) or disjoint(a.audience, b.audience, catalog.fixed):
            continue
        for offset in range(-1, 60):  # every day, by brute force
            day = DAY0 + timedelta(days=offset)
            held = [
                max((buckets for since, buckets in h.steps if since <= day), default=0)
                if day in h.days
                else 0
                for h in (everybody[one], everybody[other])
            ]
            assert not held[0] & held[1], (one, other, day)


def _keeps_what_is_in_force(experiment: Experiment, before: Ledger, after: Ledger, today: date) -> None:
    past = sum(step.day <= today for step in experiment.steps)
    assert after.entries[: min(past, len(before.entries))] == before.entries[:past]
    assert len(after.entries) == len(experiment.steps)


def _replanned(experiment: Experiment, today: date, days: int) -> Experiment:
    """Its steps to come taken out, or others in their place."""
    steps = tuple(step for step in experiment.steps if step.day <= today)
    day, share = today + timedelta(days=1 + days // 2), steps[-1].traffic + Fraction(days, 20)
    if days and experiment.days and day < experiment.days.end and share <= 1:
        steps = (*steps, Step(day, share))
    return replace(experiment, steps=steps)


@settings(max_examples=150, deadline=None)
@given(st.lists(EXPERIMENTS, min_size=2, max_size=7), EVENTS, st.sampled_from([0, 0, 3]))
def test_no_sequence_of_changes_makes_exclusive_ones_meet(
    given_experiments: list[tuple[int, int, list[int], set[str], str | None]],
    events: list[tuple[str, int, int]],
    cooldown: int,
) -> None:
    experiments = {}
    for number, (start, days, shares, components, country) in enumerate(given_experiments):
        audience = {"country": frozenset({country})} if country else {}
        experiment = _experiment(f"e{number}", start, days, shares, components, audience)
        experiments[experiment.key] = experiment
    ledgers: dict[str, Ledger] = {}
    today = DAY0
    for event, which, days in events:
        today += timedelta(days=days // 3)
        key = f"home/e{which % len(experiments)}"
        experiment = experiments[key]
        catalog = _catalog(experiments, ledgers, cooldown)
        if event in {"allocate", "all", "redraw"}:
            keys = sorted(experiments) if event == "all" else [key]
            for outcome in allocate(catalog, keys, today, redraw=event == "redraw"):
                before = ledgers.get(outcome.experiment.key)
                if outcome.ledger:
                    if outcome.action is Action.EXTENDED:  # raising traffic drops nothing
                        assert before
                        assert outcome.ledger.entries[: len(before.entries)] == before.entries
                    if before and outcome.experiment.order[0] <= today:
                        _keeps_what_is_in_force(outcome.experiment, before, outcome.ledger, today)
                    ledgers[outcome.experiment.key] = outcome.ledger
        elif event == "end" and experiment.days and experiment.days.start <= today < experiment.days.end:
            experiments[key] = replace(experiment, days=Days(experiment.days.start, today))
        elif event == "raise" and experiment.days:
            last = experiment.steps[-1]
            day = max(today, last.day) + timedelta(days=1)
            if day < experiment.days.end and last.traffic < Fraction(9, 10):
                steps = (*experiment.steps, Step(day, last.traffic + Fraction(1, 10)))
                experiments[key] = replace(experiment, steps=steps)
        elif event == "replan" and experiment.order[0] <= today:
            experiments[key] = _replanned(experiment, today, days)
        catalog = _catalog(experiments, ledgers, cooldown)
        _no_common_bucket(catalog)
        for owner, ledger in ledgers.items():
            if match(experiments[owner], ledger, 100).wrong is None:  # another plan waits to be drawn
                assert not [r for r in replay(catalog, experiments[owner], ledger) if r.wrong]


def test_a_draw_never_depends_on_the_order_of_names() -> None:
    made = [_experiment(f"e{n}", n, 10, [20], {"a"}, {}) for n in range(4)]
    catalog = _catalog({e.key: e for e in made}, {}, 0)
    keys = [e.key for e in made]
    forward = allocate(catalog, keys, DAY0, redraw=False)
    backward = allocate(catalog, keys[::-1], DAY0, redraw=False)
    assert [o.ledger for o in forward] == [o.ledger for o in backward]
    held = [set(numbers(held_by(o.ledger))) for o in forward]
    assert all(one.isdisjoint(other) for one, other in combinations(held, 2))


def test_cool_down_keeps_buckets_unused() -> None:
    first = _experiment("first", 1, 5, [60], {"a"}, {})
    second = _experiment("second", 8, 5, [60], {"a"}, {})
    for cooldown, fits in ((0, True), (2, True), (3, False)):
        catalog = _catalog({first.key: first, second.key: second}, {}, cooldown)
        outcomes = allocate(catalog, [first.key, second.key], DAY0, redraw=False)
        assert (outcomes[1].action is Action.DRAWN) is fits, cooldown
