"""Checks of logs: the ledger, the dates, and whether units came in as they should."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from analysis.daily import DAY, logged
from analysis.plans import END, START, a_mean, plan_for
from coord.analysis.log_checks import days_of, fitting, spreads
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Check, Status
from coord.domain.model import Step
from coord.logs.logged import Cohorts

MICROS = 86_400_000_000
GAIN = a_mean("gain")


def cohorts_of(units: Mapping[date, tuple[int, ...]]) -> Cohorts:
    return Cohorts(units, {}, {})


EVERY_DAY = {START + DAY * k: (50, 52) for k in range(28)}


def checks(
    units: Mapping[date, tuple[int, ...]] = EVERY_DAY,
    plan: AnalysisPlan | None = None,
    *,
    as_of: date = END,
    placed: bool = True,
    **more: Any,
) -> dict[str, Check]:
    found = logged(cohorts_of(units), as_of, **more)
    plan = plan or plan_for([GAIN])
    every = (*fitting(plan, found, placed=placed), *spreads(plan, found, ended=as_of >= END))
    return {one.name: one for one in every}


def test_logs_that_fit() -> None:
    found = checks()

    assert {name: one.status for name, one in found.items()} == {
        "dates": Status.PASS,
        "before_ramp": Status.PASS,
        "not_allocated": Status.PASS,
        "not_eligible": Status.PASS,
        "held_back": Status.PASS,
        "wrong_variant": Status.PASS,
        "traffic": Status.PASS,
        "events": Status.PASS,
        "covariates": Status.NOT_RUN,
        "srm": Status.PASS,
    }
    assert found["traffic"].detail == "units came in on every day"


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("outside_dates", "dates"),
        ("before_ramp", "before_ramp"),
        ("not_allocated", "not_allocated"),
        ("not_eligible", "not_eligible"),
        ("held_back", "held_back"),
    ],
)
def test_exposures_that_do_not_fit_are_told(reason: str, name: str) -> None:
    one = checks(excluded={reason: 7})[name]

    assert one.status is Status.WARN
    assert one.detail.startswith("7 of 2,856 exposures are ")


def test_without_a_ledger_nothing_is_said_of_buckets() -> None:
    found = checks(placed=False)
    silent = {name for name, one in found.items() if one.status is Status.NOT_RUN}

    assert silent == {"before_ramp", "not_allocated", "held_back", "wrong_variant", "covariates"}


def test_an_audience_of_which_the_exposures_lack_a_column() -> None:
    """Rows that another column shows to be outside the audience are told all the same."""
    unknown, some = (
        checks(unchecked=("country",)),
        checks(unchecked=("country",), excluded={"not_eligible": 3}),
    )

    assert unknown["not_eligible"] == Check(
        "not_eligible", Status.NOT_RUN, None, "the exposures have no column country"
    )
    assert some["not_eligible"].status is Status.WARN


def test_days_on_which_nobody_came() -> None:
    gaps = {day: units for day, units in EVERY_DAY.items() if day.day not in (10, 11)}
    told = checks(gaps)["traffic"]
    assert told.status is Status.WARN
    assert told.detail.startswith("nobody came in on 2026-03-10, 2026-03-11: ")

    many = {day: units for day, units in EVERY_DAY.items() if day.day % 3 == 0}
    assert "and 14 more" in checks(many)["traffic"].detail


def test_where_few_come_in_a_day_without_any_is_chance() -> None:
    few = {day: (1, 2) for day in EVERY_DAY if day.day != 10}
    told = checks(few)["traffic"]

    assert (told.status, told.detail) == (Status.PASS, "too few units come in to tell gaps from chance")


def test_days_to_come_are_no_gaps() -> None:
    so_far = {day: units for day, units in EVERY_DAY.items() if day < START + 5 * DAY}

    assert checks(so_far, as_of=START + 5 * DAY)["traffic"].status is Status.PASS


def test_a_step_of_traffic_that_was_not_made() -> None:
    ramp = START + 3 * DAY
    steps = (Step(START, Fraction(1, 100)), Step(ramp, Fraction(1, 5)))
    plan = plan_for([GAIN])
    plan.experiment = replace(plan.experiment, steps=steps)
    made = {day: (50, 52) if day < ramp else (500, 520) for day in EVERY_DAY}

    assert checks(made, plan)["traffic"].status is Status.PASS
    told = checks(EVERY_DAY, plan)["traffic"]
    assert told.status is Status.WARN
    assert "traffic was raised on 2026-03-05, and 102 units came in on that day after 102" in told.detail
    early = {day: units for day, units in EVERY_DAY.items() if day < ramp}
    assert checks(early, plan, as_of=ramp)["traffic"].status is Status.PASS


def test_units_that_met_another_variant_than_the_hash_gives_them() -> None:
    found = checks(misplaced=40)["wrong_variant"]
    assert found.status is Status.WARN
    assert found.detail.startswith("40 of 2,856 units met another variant than the hash gives them")
    assert checks(misplaced=0, placed=False)["wrong_variant"].status is Status.NOT_RUN


def every_day(first: int = -7, *, number: int = 30, without: tuple[int, ...] = ()) -> dict[date, int]:
    return {START + DAY * k: number for k in range(first, 28) if k not in without}


@pytest.mark.parametrize(
    ("plays", "told"),
    [
        (every_day(), None),
        (every_day(without=(-7, -6)), None),
        (
            every_day(without=(3,)),
            "there is no play on 2026-03-05, and many on other days: files may be missing",
        ),
        (every_day(without=(26, 27)), "there is no play on 2026-03-28, 2026-03-29, and"),
        (
            every_day(without=tuple(range(4, 12))),
            "2026-03-06, 2026-03-07, 2026-03-08, 2026-03-09, 2026-03-10 and 3",
        ),
        (every_day(number=20, without=(3,)), None),
        (every_day(number=2000, without=tuple(range(0, 27, 2)) + tuple(range(-7, 28, 3))), None),
        ({}, None),
    ],
)
def test_days_without_an_event_that_there_is_on_others(plays: dict[date, int], told: str | None) -> None:
    found = checks(events_by_day={"play": plays, "open": every_day()})["events"]
    assert found.status is (Status.PASS if told is None else Status.WARN)
    assert (told or "") in found.detail


def test_a_name_that_is_nearly_there() -> None:
    seen, others = {"order": 0, "play": 3, "zap": 0}, frozenset({"Order", "view"})
    told = checks(events_seen=seen, other_events=others)["events"].detail
    assert told.startswith("the events have none called order (did you mean Order?), zap, so their metrics")


def test_events_that_are_nowhere() -> None:
    told = checks(events_seen={"play": 3, "stop": 0, "buy": 0})["events"]

    assert told.status is Status.WARN
    assert told.detail.startswith("the events have none called buy, stop")


@pytest.mark.parametrize(("early", "status"), [(14, Status.PASS), (13, Status.WARN)])
def test_logs_that_begin_too_late_for_covariates(early: int, status: Status) -> None:
    plan = plan_for([GAIN._replace(covariate=14), a_mean("other")._replace(covariate=7)])
    first = (START - DAY * early - date(1970, 1, 1)).days * MICROS + 5

    assert checks(plan=plan, first_event=first)["covariates"].status is status


def test_arms_of_the_wrong_size() -> None:
    """In all first exposures, in what is left of them, and on the day that shows it most."""
    uneven = {**EVERY_DAY, START + 9 * DAY: (50, 900)}
    found = checks(uneven, crossovers=40, first_variants=(1420, 2344))

    assert [found[name].status for name in ("srm", "srm_without_crossovers")] == [Status.FAIL] * 2
    assert "most where day is 2026-03-11" in found["srm"].detail
    assert "srm_without_crossovers" not in checks(uneven)
    fixed = checks(EVERY_DAY, crossovers=40, first_variants=(1420, 2344))
    assert fixed["srm_without_crossovers"].status is Status.PASS


def test_every_day_so_far() -> None:
    units = {START: (30, 20), START + 2 * DAY: (5, 400)}
    harms = {("gain", 1): START + 2 * DAY}
    days = list(days_of(plan_for([GAIN]), logged(cohorts_of(units), START + 3 * DAY), harms))

    assert [(one.day, dict(one.units)) for one in days] == [
        (START, {"a": 30, "b": 20}),
        (START + DAY, {"a": 0, "b": 0}),
        (START + 2 * DAY, {"a": 5, "b": 400}),
    ]
    assert [one.harmed for one in days] == [(), (("gain", "b"),), (("gain", "b"),)]
    assert days[0].srm == days[1].srm
    assert days[2].srm is not None
    assert days[0].srm is not None
    assert days[2].srm < 0.001 < days[0].srm
