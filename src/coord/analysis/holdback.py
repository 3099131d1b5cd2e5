"""What a holdback shows: held units against the rest. A report; there is nothing to decide."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from coord.analysis.at_start import UNKNOWN, AtStart
from coord.analysis.compared import compare
from coord.analysis.judging import judge, kind_of
from coord.analysis.missing_values import invalid_metrics, missing_check
from coord.analysis.now import Now
from coord.analysis.plan import AnalysisPlan, Asked
from coord.analysis.quality import Slices, pre_period_check, srm_check
from coord.analysis.results import Analysis, Check, MetricResult, Role, Status
from coord.analysis.unit_analysis import by_variant
from coord.analysis.yardsticks import Once
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Variant
from coord.domain.plans import binds
from coord.errors import CoordError
from coord.logs.held_back import HeldBack
from coord.logs.moments_in_time import day_at
from coord.logs.timestamps import DAY

HELD, REST = "held", "rest"
"""What its variants are called: the control, and everybody else."""


class HoldbackPlan(AnalysisPlan):
    """The plan of a holdback: held units are the control, all others the treatment, no metric decides.

    Its metrics are its own and all that the surfaces which it holds require. Whatever the organisation's
    method, a holdback has no looks.
    """

    def __init__(self, catalog: Catalog, experiment: Experiment, started: AtStart = UNKNOWN) -> None:
        """Read it off the catalogue. Raises CoordError for what cannot be analysed."""
        super().__init__(catalog, experiment, started)
        if experiment.traffic >= 1:
            raise CoordError(f"{experiment.key} holds all units, so there is nobody to compare them with.")
        known = {one.metric.name for one in self.asked}
        more = [one for one in _required(catalog, experiment) if one.metric.name not in known]
        asked = (*self.asked, *{one.metric.name: one for one in more}.values())
        self.asked = tuple(one._replace(margin=None) for one in asked)  # no loss is tolerated, or refused
        self.method = "fixed" if self.method == "group_sequential" else self.method
        held = experiment.traffic
        self.shares = (held, 1 - held)
        names = (Variant(name, None, None, name) for name in (HELD, REST))
        self.experiment = replace(self.experiment, variants=tuple(names))


def _required(catalog: Catalog, holdback: Experiment) -> Iterator[Asked]:
    """The success metrics of the surfaces that are held."""
    for name in holdback.surfaces:
        for requirement in catalog.surfaces[name].metrics.success if name in catalog.surfaces else ():
            if not binds(requirement, holdback):
                continue
            metric = catalog.metrics.get(requirement.metric)
            if metric is None:
                raise CoordError(
                    f"{name} asks for {requirement.metric}, which is not in surfaces/metrics.yaml. "
                    "Run `coord check`."
                )
            yield Asked(metric, Role.OTHER, requirement.margin, requirement.mde)


def analyse(plan: HoldbackPlan, logged: HeldBack, *, commit: str | None = None) -> Analysis:
    """Checks, and the effect on every metric of not being held."""
    now, experiment = Now(plan, logged.as_of), plan.experiment
    # a declared day gives one cohort that never changes: looking at it again is no second chance
    settled = now.ended or experiment.evaluate_from is not None
    invalid = invalid_metrics(plan, logged.metrics, ended=settled)
    known = logged.known
    late = (known.units[0] - known.early[0], known.units[1] - known.early[1])
    slices: Slices = {"known before the start": {"yes": known.early, "no": late}}
    checks = (
        _evaluation(plan, logged),
        srm_check("srm", known.units, plan, slices, ended=settled),
        pre_period_check(plan, logged.metrics, ended=settled),
        missing_check(plan, logged.metrics, ended=settled),
        _leaks(logged),
        _eligible(logged),
        _events(logged),
        _before(plan, logged),
        plan.check(),
    )
    return Analysis(
        experiment=experiment.key,
        title=experiment.title,
        kind=experiment.kind,
        as_of=logged.as_of,
        shown_as_of=logged.as_of,
        ended=now.ended,
        commit=commit,
        rows=logged.exposures.rows + logged.events.rows,
        units=by_variant(plan, known.units),
        excluded=_excluded(logged),
        unknown_variants=(),
        checks=checks,
        metrics=tuple(_results(now, logged, invalid, settled=settled)),
        decisions=(),
        plan=plan.shown(),
    )


def _results(now: Now, logged: HeldBack, invalid: dict[str, str], *, settled: bool) -> Iterator[MetricResult]:
    for asked in now.plan.asked:
        measured = logged.metrics[asked.metric.name]
        error = now.plan.error_of(Role.OTHER)
        once = settled and now.plan.method == "fixed"
        yield judge(
            asked,
            REST,
            compare(measured, 1, ratio=kind_of(asked) == "ratio"),
            Once(error) if once else now.any_time(error, measured.units or logged.known.units, 1),
            None,
            today=now.day,
            invalid=invalid.get(asked.metric.name),
        )


def _evaluation(plan: AnalysisPlan, logged: HeldBack) -> Check:
    """From when units are measured."""
    name, anchor = "evaluation", logged.anchor
    if anchor > logged.as_of:
        told = f"the evaluation begins on {anchor}, and data count until {logged.as_of}"
        return Check(name, Status.NOT_RUN, None, told)
    why = "as `evaluate_from` says" if plan.experiment.evaluate_from else "the last four weeks of the data"
    told = f"measured from {anchor} on ({why}), in the units that were known by then"
    if anchor >= plan.days.end:
        told = f"the evaluation begins on {anchor}, and the holdback ends on {plan.days.end}"
        return Check(name, Status.WARN, None, told)
    return Check(name, Status.PASS, None, told)


def _leaks(logged: HeldBack) -> Check:
    """Whether held units were kept out."""
    name, (units, rows) = "leaks", logged.known.leaks
    if not units:
        return Check(name, Status.PASS, None, "no held unit met an experiment that it is kept out of")
    share = f"{units:,} of {logged.known.units[0]:,} held units"
    told = f"{share} met experiments that they are kept out of, in {rows:,} exposures"
    return Check(name, Status.WARN, None, f"{told}, so the rest differs less than it should: `coord audit`")


def _eligible(logged: HeldBack) -> Check:
    """Whether units are of the audience."""
    name = "not_eligible"
    if logged.unchecked:
        what = ", ".join(logged.unchecked)
        told = f"the events have no column {what}, and exposures say it of the rest alone"
        return Check(name, Status.NOT_RUN, None, told)
    others = logged.known.not_eligible
    told = (
        f"{others:,} units outside the audience are left out" if others else "no unit is outside the audience"
    )
    return Check(name, Status.PASS, None, told)


def _events(logged: HeldBack) -> Check:
    """Whether the events that metrics are made of are in the files at all."""
    lacking = sorted(name for name, seen in logged.events_seen.items() if not seen)
    if not lacking:
        return Check("events", Status.PASS, None, "the events of all metrics are there")
    told = f"the events have none called {', '.join(lacking)}, so their metrics are as if nobody did that"
    return Check("events", Status.WARN, None, told)


def _before(plan: AnalysisPlan, logged: HeldBack) -> Check:
    """Whether the logs begin early enough for covariates, which are from before the holdback."""
    name = "covariates"
    lookback = max((asked.metric.covariate or 0 for asked in plan.asked), default=0)
    if not lookback or logged.first_event is None:
        return Check(name, Status.NOT_RUN, None, "no metric has a covariate")
    begin, needed = day_at(logged.first_event // DAY), plan.days.start - timedelta(days=lookback)
    if begin > needed:
        told = f"covariates look back to {needed}, and the events begin on {begin}"
        return Check(name, Status.WARN, None, f"{told}: they take off less variance than they could")
    return Check(name, Status.PASS, None, f"the events go back to {begin}")


def _excluded(logged: HeldBack) -> dict[str, int]:
    """What is not analysed, by reason: rows of exposures and (`event_`) of events that cannot be used; units.

    not_eligible counts units outside the audience, only_exposed those seen only where held units cannot be.
    """
    found = {**logged.exposures.rejects}
    found |= {f"event_{reason}": number for reason, number in logged.events.rejects.items()}
    found |= {"not_eligible": logged.known.not_eligible, "only_exposed": logged.known.only_exposed}
    return {reason: number for reason, number in found.items() if number}
