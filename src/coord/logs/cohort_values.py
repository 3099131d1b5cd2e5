"""From what units did to what counts of it, and its moments by arm and day of entry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.domain.metrics import Cap
from coord.logs.by_day import Daily, Part
from coord.logs.engine import Engine, number
from coord.logs.exposed import CROSSED, ENTRY, FIRST_ARM
from coord.logs.moments_in_time import day_at, day_number
from coord.logs.moments_of_units import Reduced, reduce_units
from coord.logs.order_statistics import Key, pooled_quantile
from coord.logs.placed import ASSIGNED
from coord.logs.plans import Plan, sources
from coord.logs.unit_values import Counting, Measure

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr import types as ir


KEYS = (FIRST_ARM, ASSIGNED, CROSSED, ENTRY)


class ByDay(NamedTuple):
    """Metrics by name, of units by the variant they met, and by the one they are assigned."""

    exposed: dict[str, Daily]
    assigned: dict[str, Daily]


class _Counts:
    """An engine whose counts are numbers: where there is nothing to count, some engines have none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, expression: "ir.Table") -> "ir.Table":
        return self._engine.keep(expression)

    def fetch(self, expression: "ir.Table") -> "pa.Table":
        import pyarrow as pa  # noqa: PLC0415 - only analyses need it

        found = self._engine.fetch(expression)
        for place, field in enumerate(found.schema):
            if pa.types.is_integer(field.type):
                found = found.set_column(place, field.name, found.column(place).fill_null(0))
        return found


class _Columns(NamedTuple):
    """The columns of a plan: of units with a covariate, if there is one, and of those without."""

    full: Measure
    bare: Measure | None


def by_day(engine: Engine, units: "ir.Table", plans: Sequence[Plan], as_of: date, arms: int) -> ByDay:
    """Moments of all plans, of the units whose window is closed on a day. Raises CoordError."""
    table, columns = counting_table(engine, units, plans, as_of)
    measures = [one for two in columns for one in two if one is not None]
    origins = _origins(engine, table, measures)
    reduced = reduce_units(
        _Counts(engine), Counting(table, tuple(measures), origins, ((),) * len(measures)), KEYS
    )
    exposed, assigned = {}, {}
    for plan, two in zip(plans, columns, strict=True):
        groups = _groups(reduced, measures, two)
        daily = _Making(plan, two, arms)
        binary = reduced.events[measures.index(two.full)] is not None and (
            two.bare is None or reduced.events[measures.index(two.bare)] is not None
        )
        met = ((int(key[3]), int(key[0]), part) for key, part in groups if not key[2])
        exposed[plan.metric.name] = daily.made(met, binary=binary)
        given = ((int(key[3]), int(key[1]), part) for key, part in groups if key[1] >= 0)
        assigned[plan.metric.name] = daily.made(given, binary=binary)
    return ByDay(exposed, assigned)


def counting_table(
    engine: Engine, units: "ir.Table", plans: Sequence[Plan], as_of: date
) -> "tuple[ir.Table, list[_Columns]]":
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


def _columns(place: int, plan: Plan) -> _Columns:
    values = tuple(f"x{place}_{i}" for i in range(len(plan.values)))
    others = tuple(f"c{place}_{i}" for i in range(len(plan.covariates)))
    alone = plan.covariates and plan.metric.missing == "drop"
    bare = tuple(f"b{place}_{i}" for i in range(len(plan.values))) if alone else ()
    return _Columns(Measure(plan.metric, values, others), Measure(plan.metric, bare) if bare else None)


def _present(units: "ir.Table", plan: Plan, two: _Columns, day: int) -> "dict[str, ir.Value]":
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


def _apart(table: "ir.Table", two: _Columns) -> "dict[str, ir.Value]":
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


def _caps(plan: Plan, two: _Columns) -> Iterable[tuple[str, Cap]]:
    """Every column that has a cap."""
    for columns in (two.full.values, two.full.covariates):
        for name, source in zip(columns, sources(plan.metric), strict=False):
            if source.cap is not None:
                yield name, source.cap


def _origins(engine: Engine, table: "ir.Table", measures: Sequence[Measure]) -> tuple[tuple[float, ...], ...]:
    """Numbers near the columns: their means over all units."""
    names = [name for one in measures for name in (*one.values, *one.covariates)]
    if not names:
        return ()
    row = engine.fetch(table.aggregate(**{name: table[name].mean() for name in names})).to_pylist()[0]
    return tuple(tuple(row[name] or 0.0 for name in (*one.values, *one.covariates)) for one in measures)


def _groups(reduced: Reduced, measures: Sequence[Measure], two: _Columns) -> "list[tuple[Key, Part]]":
    place = measures.index(two.full)
    full, ones = reduced.moments[place], reduced.events[place]
    bare = None if two.bare is None else reduced.moments[measures.index(two.bare)]
    more = None if two.bare is None else reduced.events[measures.index(two.bare)]
    return [
        (
            key,
            Part(
                units,
                (full or {})[key],
                bare[key] if bare else None,
                (ones[key] if ones else 0) + (more[key] if more else 0),
            ),
        )
        for key, units in reduced.units.items()
    ]


class _Making:
    """The days of a plan."""

    def __init__(self, plan: Plan, two: _Columns, arms: int) -> None:
        self._plan, self._arms, self._values = plan, arms, len(two.full.values)
        self._size = self._values + len(two.full.covariates)

    def made(self, groups: "Iterable[tuple[int, int, Part]]", *, binary: bool) -> Daily:
        """Of parts with their days of entry and arms."""
        found: dict[int, dict[int, list[Part]]] = defaultdict(lambda: defaultdict(list))
        for entry, arm, part in groups:
            found[entry][arm].append(part)
        parts = {
            day_at(entry): tuple(self._merged(by_arm.get(arm, ())) for arm in range(self._arms))
            for entry, by_arm in sorted(found.items())
        }
        upto = 0 if self._plan.metric.open else self._plan.upto
        return Daily(self._plan.metric, self._arms, self._size, self._values, upto, binary, parts)

    def _merged(self, parts: Sequence[Part]) -> Part:
        from coord.stats.moments import merge_all  # noqa: PLC0415 - only analyses need it

        return Part(
            sum(part.units for part in parts),
            merge_all((part.full for part in parts), self._size),
            merge_all((part.bare for part in parts if part.bare), self._values),
            sum(part.ones for part in parts),
        )
