"""What counts of what units did: in closed windows, with zeros for none and no more than the caps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.metrics import Cap
from coord.logs.engine import Engine, number
from coord.logs.exposed import CROSSED, ENTRY, FIRST_ARM
from coord.logs.moments_in_time import day_number
from coord.logs.order_statistics import pooled_quantile
from coord.logs.placed import ASSIGNED
from coord.logs.plans import Plan, sources
from coord.logs.unit_values import Measure

if TYPE_CHECKING:
    from ibis.expr import types as ir

KEYS = (FIRST_ARM, ASSIGNED, CROSSED, ENTRY)


class PlanColumns(NamedTuple):
    """The columns of a plan: of units with a covariate, if there is one, and of those without."""

    full: Measure
    bare: Measure | None


def counting_table(
    engine: Engine, units: "ir.Table", plans: Sequence[Plan], as_of: date
) -> "tuple[ir.Table, list[PlanColumns]]":
    """Units with what counts, null where a unit does not count, and the columns of every plan."""
    columns = [_columns(place, plan) for place, plan in enumerate(plans)]
    present: dict[str, ir.Value] = {}
    for plan, two in zip(plans, columns, strict=True):
        present |= _present(units, plan, two, day_number(as_of))
    table = units.select(*KEYS, **present)
    capped: dict[str, ir.Value] = {}
    for plan, two in zip(plans, columns, strict=True):
        for name, cap in _caps(plan, two):
            most = cap.value
            if cap.quantile is not None:
                most = pooled_quantile(engine, table.filter(~table[CROSSED]), name, cap.quantile)
            if most is not None:
                capped[name] = (table[name] > number(most)).ifelse(number(most), table[name])
    table = table.mutate(**capped) if capped else table
    apart: dict[str, ir.Value] = {}
    for two in columns:
        apart |= _apart(table, two)
    return (table.mutate(**apart) if apart else table), columns


def _columns(place: int, plan: Plan) -> PlanColumns:
    values = tuple(f"x{place}_{i}" for i in range(len(plan.values)))
    others = tuple(f"c{place}_{i}" for i in range(len(plan.covariates)))
    alone = plan.covariates and plan.metric.missing == "drop"
    bare = tuple(f"b{place}_{i}" for i in range(len(plan.values))) if alone else ()
    return PlanColumns(Measure(plan.metric, values, others), Measure(plan.metric, bare) if bare else None)


def _present(units: "ir.Table", plan: Plan, two: PlanColumns, day: int) -> "dict[str, ir.Value]":
    """What counts: the values of units whose window is closed, with zeros for none where they count."""
    values = [units[name] for name in plan.values]
    others = [units[name] for name in plan.covariates]
    there = units[ENTRY] + (0 if plan.metric.open else plan.upto) <= day
    if plan.metric.missing == "zero":
        values, others = ([one.fill_null(0.0) for one in each] for each in (values, others))
    else:
        there = _all([there, *(one.notnull() for one in values)])
    covered = _all([there, *(one.notnull() for one in others)]) if two.bare else there
    found = {name: _where(there, one) for name, one in zip(two.full.values, values, strict=True)}
    return found | {name: _where(covered, one) for name, one in zip(two.full.covariates, others, strict=True)}


def _apart(table: "ir.Table", two: PlanColumns) -> "dict[str, ir.Value]":
    """The values of units with a covariate, and of those without, where some have none."""
    if two.bare is None:
        return {}
    covered = table[two.full.covariates[0]].notnull()
    found: dict[str, ir.Value] = {}
    for name, alone in zip(two.full.values, two.bare.values, strict=True):
        found |= {name: _where(covered, table[name]), alone: _where(~covered, table[name])}
    return found


def _where(condition: "ir.BooleanValue", value: "ir.Value") -> "ir.Value":
    import ibis  # noqa: PLC0415 - only analyses need it

    return condition.ifelse(value, ibis.null("float64"))


def _all(conditions: "Sequence[ir.BooleanValue]") -> "ir.BooleanValue":
    found = conditions[0]
    for one in conditions[1:]:
        found &= one
    return found


def _caps(plan: Plan, two: PlanColumns) -> Iterable[tuple[str, Cap]]:
    """Every column that has a cap."""
    for columns in (two.full.values, two.full.covariates):
        for name, source in zip(columns, sources(plan.metric), strict=False):
            if source.cap is not None:
                yield name, source.cap
