"""The analysis of exposures and events."""

from datetime import date

from coord.analysis.course import Course
from coord.analysis.log_checks import days_of, fitting, spreads
from coord.analysis.log_rows import check_rows, row_checks
from coord.analysis.looking import AtDay, Looks
from coord.analysis.missing_values import invalid_metrics, missing_check
from coord.analysis.plan import AnalysisPlan
from coord.analysis.quality import crossover_check, pre_period_check
from coord.analysis.results import Analysis, AsAssigned
from coord.analysis.segments import analysed, segment_results
from coord.analysis.unit_analysis import by_variant
from coord.analysis.watching import Watch
from coord.logs.logged import Logged

_NO_UNITS = "the logs have no units"


def analyse(
    plan: AnalysisPlan,
    logged: Logged,
    *,
    placed: bool,
    commit: str | None = None,
    dimension: str | None = None,
) -> Analysis:
    """Checks, effects, looks and decisions.

    placed: whether the ledger says where the hash puts units. dimension: what the segments are of, which show
    all that is logged, on any day.

    Raises CoordError when no row of the exposures, or of the events, is of use.
    """
    check_rows(plan, logged)
    course = Course(plan, logged.exposed, logged.as_of)
    watch = Watch(course)
    now, looks = AtDay(course, watch, course.upto), Looks(course, watch)
    latest = course.population(course.upto)
    population = course.population(course.shown_day(course.upto))
    checks = (
        *spreads(plan, logged, ended=course.ended),
        crossover_check(logged.crossovers, _NO_UNITS),
        pre_period_check(plan, latest.metrics, ended=course.ended),
        missing_check(plan, latest.metrics, ended=course.ended),
        *fitting(plan, logged, placed=placed),
        *row_checks(logged, latest),
        plan.check(),
    )
    invalid = invalid_metrics(plan, latest.metrics, ended=course.ended)
    metrics = tuple(now.results(invalid))
    experiment, units = plan.experiment, analysed(population)
    shown = course.shown_day(course.upto)
    return Analysis(
        experiment=experiment.key,
        title=experiment.title,
        kind=experiment.kind,
        as_of=course.upto,
        shown_as_of=shown,
        ended=course.ended,
        commit=commit,
        rows=logged.exposures.rows,
        units=by_variant(plan, units),
        excluded=_excluded(logged, sum(analysed(latest)), sum(units)),
        unknown_variants=logged.unknown_variants,
        checks=checks,
        metrics=metrics,
        decisions=tuple(looks.decided(now, metrics, checks)),
        plan=plan.shown(),
        looks=looks.found if plan.method != "always_valid" else (),
        daily=tuple(days_of(plan, logged, watch.since)),
        segments=tuple(segment_results(now, dimension, logged.segments, latest, invalid)),
        as_assigned=_as_assigned(plan, logged, course.upto),
    )


def _excluded(logged: Logged, known: int, analysed: int) -> dict[str, int]:
    """What is not analysed, by reason: rows of exposures and of events, and units.

    crossover, window_open and after_look count units: those seen in several variants, those whose shortest
    window is not closed, and those that came after the look that is shown. The rest counts rows of exposures,
    `repeat` those of units that had one already; what begins with `event_`, rows of events. Together with the
    units that are analysed the rows of exposures are all that the files have.

    known, analysed: units of the metric that has most, now and at the look that is shown.
    """
    found = {"repeat": 0, "crossover": 0, **logged.excluded}
    found["repeat"] += found["crossover"] - logged.crossovers
    found["crossover"] = logged.crossovers
    found |= {"window_open": logged.units - known, "after_look": known - analysed}
    if sum(found.values()) + analysed != logged.exposures.rows:
        raise AssertionError(f"{found} and {analysed} are not the {logged.exposures.rows} exposures")
    found |= {f"event_{reason}": n for reason, n in logged.events.rejects.items()}
    return {reason: n for reason, n in found.items() if n}


def _as_assigned(plan: AnalysisPlan, logged: Logged, upto: date) -> AsAssigned | None:
    """By the variant of the hash, where units met others: what they met may depend on what they did."""
    if not (logged.crossovers or logged.misplaced) or logged.assigned is None:
        return None
    course = Course(plan, logged.assigned, upto)
    population = course.population(course.shown_day(upto))
    found = AtDay(course, Watch(course), course.upto).results({})
    return AsAssigned(by_variant(plan, analysed(population)), tuple(found))
