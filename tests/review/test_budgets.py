"""Budgets before and after a change are what the status says of each day, and only touched ones are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coord.config.load import Tree
from coord.domain.budgets import Limit
from coord.domain.limits import budgets_of, limits_of
from coord.domain.shares import WHOLE
from coord.review.budgets import BudgetChange
from coord.status.levels import level
from oracle.files import to_files
from oracle.organisations import organisations
from oracle.shapes import Organisation
from review.trees import (
    BASE,
    SURFACE,
    TODAY,
    Files,
    changed,
    experiment,
    organisation,
    path_of,
    planned,
    read,
    without,
)

ONE = timedelta(days=1)
Figures = tuple[Fraction, date] | None


def _limits(tree: Tree) -> Iterator[Limit]:
    for surface in tree.catalog.surfaces.values():
        for together in limits_of(surface):
            yield from together


def _subject(limit: Limit) -> tuple[str, str, str | None, str | None]:
    return limit.kind, limit.surface, limit.component, limit.team


def _by_days(tree: Tree, limit: Limit, today: date) -> tuple[Fraction | None, Figures]:
    """What is allowed, and the first of the fullest days from today on, asking the status for each day."""
    for own in _limits(tree):
        if _subject(own) == _subject(limit):
            (budget,) = budgets_of(tree.catalog, [own])
            last = max((use.days.end for use in budget.uses), default=today)
            days = [today + ONE * number for number in range(max(1, (last - today).days))]
            used = {day: level(budget, tree.catalog.fixed_values, day).now.used for day in days}
            most = max(used.values())
            return own.allowed, (most, min(day for day in used if used[day] == most))
    return None, None


def _figures(stretch: object) -> Figures:
    return stretch and (stretch.used, stretch.days.start)  # type: ignore[attr-defined, return-value]


@settings(max_examples=40)
@given(organisations(), st.data())
def test_budgets_are_those_of_the_status_on_both_sides(org: Organisation, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(org.experiments), unique=True)) if org.experiments else []
    smaller = replace(org, experiments=tuple(kept))
    one, other = read(to_files(smaller)), read(to_files(org))
    for before, after in ((one, other), (other, one)):
        made = planned(before, after, org.today)
        for budget in made.budgets:
            allowed, fullest = _by_days(before, budget.limit, org.today)
            assert (budget.allowed_before, _figures(budget.before)) == (allowed, fullest)
            allowed, fullest = _by_days(after, budget.limit, org.today)
            assert (budget.limit.allowed, _figures(budget.after)) == (allowed, fullest)
        # nothing that differs is left out
        told = {_subject(budget.limit) for budget in made.budgets}
        for limit in _limits(after):
            if _by_days(before, limit, org.today) != _by_days(after, limit, org.today):
                assert _subject(limit) in told


def _told(base: Files, head: Files) -> dict[str, BudgetChange]:
    return {
        f"{one.limit.component or one.limit.surface} {one.limit.team or one.limit.kind}": one
        for one in planned(base, head).budgets
    }


def _used(one: BudgetChange) -> list[Fraction | None]:
    return [stretch and stretch.used for stretch in (one.before, one.after)]


def test_an_added_experiment_fills_its_component_and_its_surface() -> None:
    budget = {"component": "80%", "per_unit": 2, "concurrent": 3, "teams": {"one": "50%", "two": "50%"}}
    base = changed(BASE, SURFACE, budget=budget)
    found = _told(base, base | experiment("b", owner="two", traffic="20%"))
    assert list(found) == [
        *("home/header component", "home/header total"),
        *("home concurrent", "home per_unit", "home two"),
    ]
    assert _used(found["home/header component"]) == [Fraction(30, 100), Fraction(50, 100)]
    assert _used(found["home concurrent"]) == [1, 2]
    assert _used(found["home two"]) == [0, Fraction(20, 100)]
    assert all(one.changed and not one.over for one in found.values())


def test_another_owner_moves_the_traffic_to_another_team() -> None:
    base = changed(BASE, SURFACE, budget={"teams": {"one": "50%", "two": "20%"}})
    found = _told(base, changed(base, path_of("a"), owner="two"))
    assert _used(found["home one"]) == [Fraction(30, 100), 0]
    assert _used(found["home two"]) == [0, Fraction(30, 100)]
    assert found["home two"].over == Fraction(10, 100)
    assert not found["home/header component"].changed


@pytest.mark.parametrize(("kind", "kinds"), [
    ("rollout", ["home/header total", "home concurrent"]),
    ("holdback", ["home/header total", "home/shelf total"]),
])  # fmt: skip
def test_rollouts_and_holdbacks_count_elsewhere(kind: str, kinds: list[str]) -> None:
    base = changed(BASE, SURFACE, budget={"concurrent": 3})
    fields = {"components": None, "variants": None} if kind == "holdback" else {"variants": [{"name": "all"}]}
    assert list(_told(base, base | experiment("b", kind=kind, **fields))) == kinds


def test_a_title_touches_no_budget() -> None:
    assert _told(BASE, changed(BASE, path_of("a"), title="Another")) == {}


def test_one_alone_touches_budgets_though_it_meets_nobody() -> None:
    found = _told(BASE, changed(BASE, path_of("a"), traffic={"2026-03-02": "30%", "2026-03-16": "40%"}))
    assert _used(found["home/header component"]) == [Fraction(30, 100), Fraction(40, 100)]
    found = _told(BASE, changed(BASE, path_of("a"), status="draft"))
    assert _used(found["home/header component"]) == [Fraction(30, 100), 0]


def test_a_limit_that_allows_less_is_told_though_nobody_changes() -> None:
    found = _told(BASE, changed(BASE, SURFACE, budget={"component": "20%", "concurrent": 1}))
    one = found["home/header component"]
    assert (one.allowed_before, one.limit.allowed, one.over) == (WHOLE, Fraction(20, 100), Fraction(10, 100))
    assert one.changed
    new = found["home concurrent"]
    assert new.allowed_before is None
    assert not new.over
    assert _used(new) == [None, 1]


def test_a_limit_that_is_gone_has_no_after() -> None:
    base = changed(BASE, SURFACE, budget={"concurrent": 1})
    gone = _told(base, BASE)["home concurrent"]
    assert (gone.allowed_before, gone.after) == (WHOLE, None)
    assert gone.changed
    assert not gone.over


def test_days_that_are_over_do_not_count() -> None:
    base = organisation(a={"traffic": "80%", "end": "2026-03-09", "buckets": "0:800"})
    found = _told(base, base | experiment("b", start="2026-03-16", traffic="10%"))
    one = found["home/header component"]
    assert _used(one) == [0, Fraction(10, 100)]
    assert one.before is not None
    assert one.before.days.start == TODAY


def test_a_surface_that_cannot_be_read_has_no_budgets() -> None:
    head = BASE | experiment("b") | {SURFACE: "["}
    for base, other in ((BASE, head), (head, BASE)):
        assert planned(base, other).budgets == ()
    assert planned(BASE, without(BASE, SURFACE)).budgets != ()  # gone is another thing
