"""A table of units and logs are asked the same questions, under the same names."""

from analysis.plans import END, START, a_mean, plan_for
from analysis.tables import measured, table
from coord.analysis import log_analysis, unit_analysis
from coord.analysis.results import Status
from coord.logs.by_day import Unmeasured
from coord.logs.logged import Cohorts, Logged, Read

PLAN = plan_for([a_mean("m")])
NOTHING = Read(0, {}, ())
COHORTS = Cohorts({START: (5, 5)}, {"m": Unmeasured("nobody knows")}, {})
LOGGED = Logged(
    exposures=Read(10, {}, ()),
    events=Read(1, {}, ()),
    excluded={},
    unknown_variants=(),
    other_experiments=(),
    as_of=END,
    asked=END,
    first_event=None,
    last_event=None,
    events_seen={},
    events_by_day={},
    other_events=frozenset(),
    duplicates=(0, 0),
    units=10,
    crossovers=0,
    misplaced=0,
    first_variants=(5, 5),
    unchecked=(),
    slices={},
    exposed=COHORTS,
    assigned=None,
    segments={},
)


def test_the_names_of_the_checks_and_their_order() -> None:
    of_units = unit_analysis.analyse(PLAN, table({"m": measured([[[1.0] * 20], [[2.0] * 20]])}), END).checks
    of_logs = log_analysis.analyse(PLAN, LOGGED, placed=True).checks

    assert [one.name for one in of_units] == [one.name for one in of_logs]


def test_what_needs_logs_is_not_run_on_a_table() -> None:
    found = unit_analysis.analyse(PLAN, table({"m": measured([[[1.0] * 20], [[2.0] * 20]])}), END).checks
    idle = [one for one in found if one.detail == "a table of units does not tell; logs do"]

    assert {one.status for one in idle} == {Status.NOT_RUN}
    assert [one.name for one in idle] == [
        *("dates", "before_ramp", "not_allocated", "not_eligible", "held_back"),
        *("wrong_variant", "traffic", "events", "covariates"),
    ]
