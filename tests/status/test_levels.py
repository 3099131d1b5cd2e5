"""How full everything is equals the brute force: every day, every audience cell, every experiment."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.limits import budgets_of, limits_of
from coord.status.levels import AHEAD, Level, occupancy
from coord.status.surface import State, state_of, surface_status
from oracle.brute_budgets import figures
from oracle.brute_force import belongs, runs
from oracle.examples import experiment, organisation
from oracle.organisations import organisations, to_files
from oracle.shapes import Organisation

Subject = tuple[str, str, str | None, str | None]

oracle = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def _catalog(org: Organisation) -> Catalog:
    return load(MemoryFiles({path: text.encode() for path, text in to_files(org).items()})).catalog


def _used(org: Organisation, day: date) -> dict[Subject, Fraction]:
    """What is used of every limit on a day, in the cell that uses most."""
    most: dict[Subject, Fraction] = {}
    for figure in figures(org, day, org.active):
        subject = figure.limit, figure.surface, figure.component, figure.team
        most[subject] = max(figure.used, most.get(subject, Fraction(0)))
    return most


def _days(org: Organisation) -> list[date]:
    return [org.today + timedelta(days=number) for number in range(AHEAD.days)]


@oracle
@given(organisations())
def test_occupancy_equals_the_brute_force(org: Organisation) -> None:
    catalog = _catalog(org)
    used = {day: _used(org, day) for day in _days(org)}
    window = Days(org.today, org.today + AHEAD)
    for surface in catalog.surfaces.values():
        for budget in (b for limits in limits_of(surface) for b in budgets_of(catalog, limits)):
            stretches = occupancy(budget, catalog.fixed_values, window)
            assert stretches[0].days.start == window.start
            assert stretches[-1].days.end == window.end
            limit = budget.limit
            subject = limit.kind, limit.surface, limit.component, limit.team
            told = {day: s.used for s in stretches for day in used if day in s.days}
            assert told == {day: figures[subject] for day, figures in used.items()}, subject
            assert all(s.used == sum(share for _, share in s.uses) for s in stretches)


@oracle
@given(organisations())
def test_now_and_the_first_of_the_fullest_days(org: Organisation) -> None:
    catalog = _catalog(org)
    used = {day: _used(org, day) for day in _days(org)}
    for surface in catalog.surfaces.values():
        status = surface_status(catalog, surface, org.today)
        pairs = [(one.tests, one.total) for one in status.components]
        for level in (*(level for pair in pairs for level in pair), *status.budgets):
            limit = level.limit
            figures = {d: u[limit.kind, limit.surface, limit.component, limit.team] for d, u in used.items()}
            assert level.now.used == figures[org.today]
            assert level.peak.used == max(figures.values())
            assert level.peak.days.start == min(d for d in figures if figures[d] == level.peak.used)
        for one in status.components:
            full = {d: max(_full(one.tests, u), _full(one.total, u)) for d, u in used.items()}
            assert one.now == full[org.today]
            assert one.peak == max(full.values())
            assert full[one.peak_day] == one.peak


def _full(level: Level, used: dict[Subject, Fraction]) -> Fraction:
    limit = level.limit
    return used[limit.kind, limit.surface, limit.component, limit.team] / limit.allowed


@oracle
@given(organisations())
def test_everybody_is_listed_in_the_state_of_the_day(org: Organisation) -> None:
    catalog = _catalog(org)
    for name, surface in catalog.surfaces.items():
        status = surface_status(catalog, surface, org.today)
        here = {e.key: e for e in org.active if name in belongs(org, e)}
        running = {key for key, e in here.items() if runs(e, org.today)}
        over = {key for key, e in here.items() if e.end is not None and e.end <= org.today}
        assert {e.key for e in status.running} == running
        assert {e.key for e in status.scheduled} == here.keys() - running - over
        assert status.over == len(over)
        drafts = {e.key for e in org.drafts if name in belongs(org, e) or e.surface == name}
        assert {e.key for e in status.drafts} == drafts


def test_states_follow_from_the_dates() -> None:
    one = _catalog(organisation(experiment("x", 5, 9, 50))).experiments["home/x"]
    states = [state_of(one, date(2026, 3, day)) for day in (4, 5, 8, 9)]
    assert states == [State.SCHEDULED, State.RUNNING, State.RUNNING, State.OVER]


def test_an_allowance_of_nothing_is_always_full() -> None:
    catalog = _catalog(organisation(experiment("x", 5, 9, 50, kind="rollout")))
    (limits, *_) = limits_of(catalog.surfaces["home"])
    none = limits[0].__class__("component", "home", Fraction(0), "home/header")
    budget = budgets_of(catalog, [none])[0]
    (stretch,) = occupancy(budget, {}, Days(date(2026, 3, 1), date(2026, 3, 2)))
    assert Level(none, stretch, stretch).full(stretch) == 1
