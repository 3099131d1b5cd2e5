"""Units with their values, as cohorts: by the variant they met, and by the one they are assigned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.by_day import AtLooks, Series, Unmeasured
from coord.logs.cohort_values import by_day
from coord.logs.counted import counting_table
from coord.logs.engine import Engine
from coord.logs.event_quantiles import GROUP, VALUE, quantiles_of_events
from coord.logs.event_stream import number_column
from coord.logs.exposed import CROSSED, ENTRY, FIRST, FIRST_ARM
from coord.logs.logged import Cohorts, LogSpec
from coord.logs.measured import Measured
from coord.logs.moments_in_time import day_at, day_number
from coord.logs.order_statistics import quantiles_by
from coord.logs.placed import ASSIGNED
from coord.logs.plans import Plan, Plans
from coord.logs.timestamps import DAY
from coord.logs.windows import KEY, in_window

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.stats.quantiles import Quantile

Both = tuple[dict[str, Series], dict[str, Series]]
"""By the variant that was met, and by the assigned one."""


class TwoCohorts(NamedTuple):
    """Units by the variant they met; and by the one they are assigned, crossovers included, where known."""

    exposed: Cohorts
    assigned: Cohorts | None


def cohorts(
    engine: Engine, units: "ir.Table", rows: "ir.Table", plans: Plans, days: Sequence[date], spec: LogSpec
) -> TwoCohorts:
    """The cohorts of units (`windows.unit_values`) and their events (`windows.matched`).

    days: when metrics are to be known whose days do not merge; the last is the day as of which all are.
    """
    arms = len(spec.arms)
    own = _series(engine, units, rows, plans.metrics, days, arms)
    early = _series(engine, units, rows, plans.monitoring, days, arms)
    for some in (*own, *early):
        some |= {name: Unmeasured(why) for name, why in plans.reasons.items()}
    met, given = _by_day(engine, units, arms)
    exposed, assigned = (Cohorts(*one) for one in zip((met, given), own, early, strict=True))
    return TwoCohorts(exposed, assigned if spec.placement else None)


def _series(
    engine: Engine,
    units: "ir.Table",
    rows: "ir.Table",
    plans: Sequence[Plan],
    days: Sequence[date],
    arms: int,
) -> Both:
    merging = [plan for plan in plans if plan.merges]
    exposed: dict[str, Series] = {}
    assigned: dict[str, Series] = {}
    if merging:
        found = by_day(engine, units, merging, days[-1], arms)
        exposed, assigned = {**found.exposed}, {**found.assigned}
    for plan in plans:
        if not plan.merges:
            name = plan.metric.name
            exposed[name], assigned[name] = _at_looks(engine, units, rows, plan, days, arms)
    return exposed, assigned


def _at_looks(
    engine: Engine, units: "ir.Table", rows: "ir.Table", plan: Plan, days: Sequence[date], arms: int
) -> tuple[AtLooks, AtLooks]:
    exposed, assigned = {}, {}
    for day in days[-1:] if plan.metric.open else days:
        if plan.metric.quantile is None:
            found = by_day(engine, units, [plan], day, arms)
            name = plan.metric.name
            exposed[day], assigned[day] = found.exposed[name].at(day), found.assigned[name].at(day)
        else:
            there = units.filter(~units[CROSSED])
            exposed[day] = _quantiles(engine, there, FIRST_ARM, rows, plan, day, arms)
            there = units.filter(units[ASSIGNED] >= 0)
            assigned[day] = _quantiles(engine, there, ASSIGNED, rows, plan, day, arms)
    return AtLooks(exposed), AtLooks(assigned)


def _quantiles(
    engine: Engine, units: "ir.Table", by: str, rows: "ir.Table", plan: Plan, day: date, arms: int
) -> Measured:
    """A quantile of the units whose window is closed on a day, over units or over their events."""
    from coord.stats.quantiles import Quantile  # noqa: PLC0415 - only analyses need it
    from coord.stats.reasons import Missing  # noqa: PLC0415

    upto = 0 if plan.metric.open else plan.upto
    closed = units.filter(units[ENTRY] + upto <= day_number(day))
    counted = engine.fetch(closed.group_by(by).aggregate(units=closed.count())).to_pylist()
    numbers = {int(row[by]): int(row["units"]) for row in counted}
    found: dict[int, Quantile]
    if plan.events is None:
        table, columns = counting_table(engine, closed, [plan], day)
        q = plan.metric.quantile
        grouped = quantiles_by(engine, table, columns[0].full.values[0], q, (by,)) if q else {}
        found = {int(key[0]): one for key, one in grouped.items()}
    else:
        found = _of_events(engine, closed, by, rows, plan)
    none = Quantile(None, Missing.NO_UNITS, 0.0, None)
    return Measured(
        units=tuple(numbers.get(arm, 0) for arm in range(arms)),
        quantiles=tuple(found.get(arm, none) for arm in range(arms)),
    )


def _of_events(
    engine: Engine, units: "ir.Table", by: str, rows: "ir.Table", plan: Plan
) -> "dict[int, Quantile]":
    if plan.events is None or plan.metric.quantile is None:
        return {}
    value = number_column(plan.events.value or "")
    there = rows.filter(in_window(rows, plan.events) & rows[value].notnull())
    groups = units.select(key_of_unit=units[KEY], **{GROUP: units[by]})
    joined = there.join(groups, there[KEY] == groups.key_of_unit)
    values = joined.select(joined[GROUP], joined[KEY], **{VALUE: joined[value]})
    return quantiles_of_events(engine, values, KEY, plan.metric.quantile)


def _by_day(
    engine: Engine, units: "ir.Table", arms: int
) -> tuple[Mapping[date, tuple[int, ...]], Mapping[date, tuple[int, ...]]]:
    """Units by the day of their first exposure, and by arm: the one they met, and the assigned one."""
    dated = units.mutate(day=units[FIRST] // DAY)
    grouped = dated.group_by([FIRST_ARM, ASSIGNED, CROSSED, "day"]).aggregate(units=dated.count())
    met: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
    given: dict[int, list[int]] = defaultdict(lambda: [0] * arms)
    for row in engine.fetch(grouped).to_pylist():
        day = int(row["day"])
        if not row[CROSSED]:
            met[day][int(row[FIRST_ARM])] += int(row["units"])
        if row[ASSIGNED] >= 0:
            given[day][int(row[ASSIGNED])] += int(row["units"])
    one, two = ({day_at(day): tuple(some[day]) for day in sorted(some)} for some in (met, given))
    return one, two
