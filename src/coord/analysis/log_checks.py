"""Checks that need logs: whether rows fit the dates and the ledger, and whether units came in as planned."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from coord.analysis.plan import AnalysisPlan
from coord.analysis.quality import Slices, spread, srm_check
from coord.analysis.results import Check, DayResult, Status
from coord.domain.spelling import nearest
from coord.logs.logged import Logged

_DAY = timedelta(days=1)
_SHOWN = 5

_BUSY = 20
"""Units a day, on average, from which on a day without any is no chance."""

_BEHIND = 2
"""Days that an export may be behind while an experiment runs."""

_FITTING = {
    "dates": ("outside_dates", "outside [start, end)"),
    "before_ramp": ("before_ramp", "of units whose bucket was to be held only later"),
    "not_allocated": ("not_allocated", "of units whose bucket the experiment never holds"),
    "not_eligible": ("not_eligible", "of units outside the audience"),
    "held_back": ("held_back", "of units that a holdback keeps out"),
}
"""Checks of exposures: the reason that rows have, and what it means."""

_BY_HASH = {"before_ramp", "not_allocated", "held_back"}


def spreads(plan: AnalysisPlan, logged: Logged, *, ended: bool) -> Iterator[Check]:
    """Whether arms have their shares: of first exposures, and of what is left without crossovers."""
    by_day = {f"{day}": units for day, units in logged.exposed.units.items()}
    slices: Slices = {
        name: dict(values.items()) for name, values in (*logged.slices.items(), ("day", by_day))
    }
    yield srm_check("srm", logged.first_variants, plan, slices, ended=ended)
    if logged.crossovers:
        left = tuple(sum(units) for units in zip(*logged.exposed.units.values(), strict=True))
        if left:
            yield srm_check("srm_without_crossovers", left, plan, slices, ended=ended)


def fitting(plan: AnalysisPlan, logged: Logged, *, placed: bool) -> Iterator[Check]:
    """Whether exposures fit the dates, the audience and the ledger; `placed`: whether the hash is known."""
    for name, (reason, meaning) in _FITTING.items():
        rows = logged.excluded.get(reason, 0)
        if name in _BY_HASH and not placed:
            yield Check(name, Status.NOT_RUN, None, "there is no ledger of this hash")
        elif name == "not_eligible" and logged.unchecked and not rows:
            what = ", ".join(logged.unchecked)
            yield Check(name, Status.NOT_RUN, None, f"the exposures have no column {what}")
        elif rows:
            told = f"{rows:,} of {logged.exposures.rows:,} exposures are {meaning}, and are left out"
            yield Check(name, Status.WARN, None, f"{told}; `coord audit` says why")
        else:
            yield Check(name, Status.PASS, None, f"no exposure is {meaning}")
    yield _misplaced(logged, placed=placed)
    yield _traffic(plan, logged)
    yield _events(plan, logged)
    yield _before(plan, logged)


def _misplaced(logged: Logged, *, placed: bool) -> Check:
    """Whether units met the variant that the hash gives them."""
    name = "wrong_variant"
    if not placed:
        return Check(name, Status.NOT_RUN, None, "there is no ledger of this hash")
    if not logged.misplaced:
        return Check(name, Status.PASS, None, "every unit met the variant that the hash gives it")
    told = (
        f"{logged.misplaced:,} of {logged.units:,} units met another variant than the hash gives them: were "
        "names of variants mixed up, or is there another assignment? `coord audit` says which rows"
    )
    return Check(name, Status.WARN, None, told)


def _traffic(plan: AnalysisPlan, logged: Logged) -> Check:
    """Whether units came in on every day: a gap is a logging failure, or a switch that was off."""
    name, days = "traffic", plan.days
    last = min(logged.as_of, days.end)
    expected = [days.start + _DAY * k for k in range((last - days.start).days)]
    empty = [day for day in expected if not sum(logged.exposed.units.get(day, ()))]
    if empty and sum(map(sum, logged.exposed.units.values())) >= _BUSY * len(expected):
        told = f"nobody came in on {_listed(empty)}"
        return Check(name, Status.WARN, None, f"{told}: was it on, and was it logged?")
    told = "units came in on every day" if not empty else "too few units come in to tell gaps from chance"
    return _steps(plan, logged) or Check(name, Status.PASS, None, told)


def _steps(plan: AnalysisPlan, logged: Logged) -> Check | None:
    """Whether each step of traffic brought more units a day than the one before it."""
    for later in plan.experiment.steps[1:]:
        before, after = (logged.exposed.units.get(day, ()) for day in (later.day - _DAY, later.day))
        if sum(before) and later.day < min(logged.as_of, plan.days.end) and sum(after) <= sum(before):
            told = (
                f"traffic was raised on {later.day}, and {sum(after):,} units came in on that day after "
                f"{sum(before):,} on the day before"
            )
            return Check("traffic", Status.WARN, None, f"{told}: was the step made?")
    return None


def _events(plan: AnalysisPlan, logged: Logged) -> Check:
    """Whether the events that metrics are made of are in the files, and up to the day that was asked for."""
    lacking = sorted(name for name, seen in logged.events_seen.items() if not seen)
    wrong = [_lacking(lacking, logged)] if lacking else []
    wrong += _gaps(logged)
    early = (logged.asked - logged.as_of).days
    if early > (0 if logged.asked == plan.days.end else _BEHIND):
        last = "are none" if logged.last_event is None else f"end at {_minute(logged.last_event)}"
        wrong.append(f"the events {last}, so all is as of {logged.as_of} and not of {logged.asked}")
    if wrong:
        return Check("events", Status.WARN, None, "; ".join(wrong))
    return Check("events", Status.PASS, None, "the events of all metrics are there")


def _lacking(names: list[str], logged: Logged) -> str:
    near = {name: nearest(name, logged.other_events) for name in names}
    shown = ", ".join(f"{name} (did you mean {near[name]}?)" if near[name] else name for name in names)
    return f"the events have none called {shown}, so their metrics are as if nobody did that"


def _gaps(logged: Logged) -> Iterator[str]:
    """Events that are not there on some days, though they are many on others: files are missing."""
    found: dict[tuple[date, ...], list[str]] = {}
    for name, days in sorted(logged.events_by_day.items()):
        first = min(days, default=logged.as_of)
        expected = [first + _DAY * k for k in range((logged.as_of - first).days)]
        empty = tuple(day for day in expected if day not in days)
        some = 0 < 2 * len(empty) <= len(expected)  # what is seldom there may be so by its nature
        if some and sum(days.values()) >= _BUSY * len(expected):
            found.setdefault(empty, []).append(name)
    for empty, names in found.items():
        none = f"there is no {' and no '.join(names)} on {_listed(empty)}"
        yield f"{none}, and many on other days: files may be missing"


def _listed(days: Sequence[date]) -> str:
    more = f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else ""
    return f"{', '.join(map(str, days[:_SHOWN]))}{more}"


def _minute(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment // 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def _before(plan: AnalysisPlan, logged: Logged) -> Check:
    """Whether the logs begin early enough for covariates."""
    name = "covariates"
    lookback = max((asked.metric.covariate or 0 for asked in plan.asked), default=0)
    if not lookback or logged.first_event is None:
        return Check(name, Status.NOT_RUN, None, "no metric has a covariate")
    begin = date(1970, 1, 1) + timedelta(days=logged.first_event // 86_400_000_000)
    needed = plan.days.start - timedelta(days=lookback)
    if begin > needed:
        told = f"covariates look back to {needed}, and the events begin on {begin}"
        return Check(name, Status.WARN, None, f"{told}: they take off less variance than they could")
    return Check(name, Status.PASS, None, f"the events go back to {begin}")


def days_of(plan: AnalysisPlan, logged: Logged, harms: Mapping[tuple[str, int], date]) -> Iterator[DayResult]:
    """Every day so far: who came in, how the arms stand by its end, and what harm is known."""
    names = [variant.name for variant in plan.experiment.variants]
    so_far = [0] * len(names)
    day = plan.days.start
    while day < min(logged.as_of, plan.days.end):
        units = logged.exposed.units.get(day, (0,) * len(names))
        so_far = [a + b for a, b in zip(so_far, units, strict=True)]
        known = tuple((metric, names[arm]) for (metric, arm), since in harms.items() if since <= day + _DAY)
        yield DayResult(
            day=day,
            units=dict(zip(names, units, strict=True)),
            srm=spread(so_far, plan.shares, ended=False).p_value,
            harmed=known,
        )
        day += _DAY
