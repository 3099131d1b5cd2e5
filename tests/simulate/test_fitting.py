"""What a programme is made of: what is given, else what the year before was like, else defaults."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Budget, Experiment, Kind, Step
from coord.simulate.arrivals import Template
from coord.simulate.fitting import Asked, Fitted, fit
from simulate.organisations import catalog, experiment, holdback

TODAY = date(2026, 7, 1)


def ab_test(name: str, ago: int, length: int = 28, percent: int = 30, **changes: object) -> Experiment:
    """An A/B test that started so many days ago."""
    start = TODAY - timedelta(ago)
    made = experiment(name, percent)
    steps = (Step(start, Fraction(percent, 200)), Step(start + timedelta(3), Fraction(percent, 100)))
    return replace(made, days=Days(start, start + timedelta(length)), steps=steps, **changes)  # type: ignore[arg-type]


def history(*more: Experiment, number: int = 12) -> Catalog:
    tests = [
        ab_test(f"e{n}", 30 * n + 1, 14 if n % 2 else 28, 20 + 10 * (n % 3), components=("home/shelf",))
        for n in range(number)
    ]
    return catalog([*tests, *more], {}, budget=Budget(component=Fraction(9, 10)))


def told(found: Fitted) -> dict[str, tuple[str, str]]:
    return {one.name: (one.value, one.source) for one in found.sources}


def test_the_year_before_is_what_the_next_will_be_like() -> None:
    wide = ab_test("wide", 40, 14, 50, components=("home/shelf", "home/header", "search/results"))
    found = fit(Asked(), history(wide), "home", TODAY)
    assert set(found.components) == {"home/header", "home/shelf", "home/search/results"}
    assert found.setting.rate == pytest.approx(13 * 365 / 331)  # the first started 331 days ago
    assert len(found.setting.templates) == 13
    header, shelf = (found.components.index(f"home/{name}") for name in ("header", "shelf"))
    assert Template(14, Fraction(1, 2), (shelf, header)) in found.setting.templates
    assert Template(28, Fraction(1, 5), (shelf,)) in found.setting.templates
    assert found.setting.room == Fraction(9, 10)
    assert told(found) == {
        "arrivals": ("14 a year", "fitted"),
        "length": ("14 to 28 days", "fitted"),
        "traffic": ("20% to 50%", "fitted"),
        "components": ("3, 1.1 each", "those of home, fitted"),
        "room": ("90% of a component", "the budget of home"),
    }
    assert found.told == "fitted: to the 13 A/B tests of home that started from 2025-08-04 on"


def test_what_counts_is_an_ab_test_that_started_in_the_year_before() -> None:
    others = [
        ab_test("rollout", 10, kind=Kind.ROLLOUT),
        holdback("back", 5),
        ab_test("old", 366),
        ab_test("today", 0),
        ab_test("coming", -20),
        ab_test("draft", 30, draft=True),
        ab_test("elsewhere", 30, surfaces=("search",)),
    ]
    found = fit(Asked(), history(*others), "home", TODAY)
    assert len(found.setting.templates) == 12
    assert found.setting.rate == 12  # there was something for the whole year


def test_too_little_history_gives_defaults_and_says_so() -> None:
    found = fit(Asked(), history(number=9), "home", TODAY)
    assert found.setting.templates == (Template(14, Fraction(1, 5)),)
    assert (found.setting.rate, found.setting.components) == (100, 1)
    assert told(found)["arrivals"] == ("100 a year", "default")
    assert told(found)["components"] == ("1, one each", "those of home, evenly")
    assert found.told.startswith(
        "default: 9 A/B tests of home started in the 241 days before 2026-07-01, and 10"
    )
    many = catalog([ab_test(f"e{n}", n + 1) for n in range(20)], {})
    assert fit(Asked(), many, "home", TODAY).setting.rate == 100  # 20 in as many days are no year


def test_what_is_given_is_taken() -> None:
    asked = Asked(520, 21, Fraction(1, 4), 7, Fraction(1, 2), 58)
    for tree, surface in ((history(), "home"), (history(number=1), None), (None, None)):
        found = fit(asked, tree, surface, TODAY)
        assert found.setting.rate == 520
        assert set(found.setting.templates) == {Template(21, Fraction(1, 4))}
        assert (found.setting.components, found.setting.exclusive) == (7, Fraction(1, 2))
        assert (found.setting.teams, found.setting.room) == (58, Fraction(1))
        assert not found.components
        assert told(found)["arrivals"] == ("520 a year", "given")
        assert told(found)["teams"] == ("58, 9.0 a year each", "given; a team runs one at a time")
        assert told(found)["exclusive"] == ("50% touch a component", "given; the rest meets everybody")
        assert found.told == ""


def test_some_is_given_and_the_rest_fitted() -> None:
    found = fit(Asked(rate=50, components=4), history(), None, TODAY)
    assert found.setting.rate == 50
    assert {template.components for template in found.setting.templates} == {None}
    assert {template.length for template in found.setting.templates} == {14, 28}
    assert told(found)["components"] == ("4, one each", "given")


def test_without_an_organisation() -> None:
    found = fit(Asked(), None, None, TODAY)
    assert (found.setting.rate, found.setting.components) == (100, 10)
    assert found.setting.room == Fraction(1)
    assert found.told == "default: there is no organisation here to fit to"
    assert found.decision.power == Fraction(4, 5)


def test_all_surfaces_are_as_one() -> None:
    tree = history()
    other = replace(tree.surfaces["home"], name="search", components=("results", "browse"), budget=Budget())
    both = replace(tree, surfaces={**tree.surfaces, "search": other})
    found = fit(Asked(), both, None, TODAY)
    assert found.components == ("home/shelf", "search/results", "search/browse")
    assert found.setting.room == Fraction(9, 10)
    assert found.told.startswith("fitted: to the 12 A/B tests of all 2 surfaces that started from ")
