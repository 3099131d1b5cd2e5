"""From what units did to what counts of it, and its moments by arm and day of entry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.by_day import Daily, Part
from coord.logs.counted import KEYS, PlanColumns, counting_table
from coord.logs.engine import Engine
from coord.logs.moments_in_time import day_at
from coord.logs.moments_of_units import Reduced, reduce_units
from coord.logs.plans import Plan
from coord.logs.unit_values import Counting, Measure

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from coord.logs.order_statistics import Key


class ByDay(NamedTuple):
    """Metrics by name, of units by the variant they met, and by the one they are assigned."""

    exposed: dict[str, Daily]
    assigned: dict[str, Daily]


def by_day(engine: Engine, units: "ir.Table", plans: Sequence[Plan], as_of: date, arms: int) -> ByDay:
    """Moments of all plans, of the units whose window is closed on a day. Raises CoordError."""
    table, columns = counting_table(engine, units, plans, as_of)
    measures = [one for two in columns for one in two if one is not None]
    origins = _origins(engine, table, measures)
    reduced = reduce_units(engine, Counting(table, tuple(measures), origins, ((),) * len(measures)), KEYS)
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


def _origins(engine: Engine, table: "ir.Table", measures: Sequence[Measure]) -> tuple[tuple[float, ...], ...]:
    """Numbers near the columns: their means over all units."""
    names = [name for one in measures for name in (*one.values, *one.covariates)]
    if not names:
        return ()
    row = engine.fetch(table.aggregate(**{name: table[name].mean() for name in names})).to_pylist()[0]
    return tuple(tuple(row[name] or 0.0 for name in (*one.values, *one.covariates)) for one in measures)


def _groups(reduced: Reduced, measures: Sequence[Measure], two: PlanColumns) -> "list[tuple[Key, Part]]":
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

    def __init__(self, plan: Plan, two: PlanColumns, arms: int) -> None:
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
