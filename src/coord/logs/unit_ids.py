"""One row per unit: what of a table whose units have ids is a unit, and which rows repeat one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from coord.errors import CoordError
from coord.logs.engine import Engine
from coord.logs.unit_rows import ARM, PLACE, UNIT, place_of

if TYPE_CHECKING:
    from ibis.expr import types as ir


class Units(NamedTuple):
    """The units of a table: their rows, one each, and how many others there are.

    crossovers: units seen in several variants; crossover_rows: all their rows.
    duplicates: further rows of a unit that are equal to its first.
    """

    table: "ir.Table"
    crossovers: int = 0
    crossover_rows: int = 0
    duplicates: int = 0


def one_row_each(engine: Engine, rows: "ir.Table", columns: Sequence[str], files: Sequence[str]) -> Units:
    """The units of rows, whatever their order. `columns` are those that are used, of `files`.

    Raises CoordError when two rows of a unit in one variant differ in one of them.
    """
    rows = rows.select(UNIT, ARM, PLACE, *columns)
    met = rows.group_by(UNIT).aggregate(rows=rows.count(), first=rows[ARM].min(), last=rows[ARM].max())
    repeated = engine.keep(met.filter(met.rows > 1))
    across = repeated.first != repeated.last
    counts = engine.fetch(
        repeated.aggregate(
            units=repeated.count(),
            rows=repeated.rows.sum(),
            crossovers=repeated.count(where=across),
            crossover_rows=repeated.rows.sum(where=across),
        )
    ).to_pylist()[0]
    if not counts["units"]:
        return Units(rows.drop(UNIT, PLACE))
    again = rows.semi_join(repeated.filter(~across), UNIT)
    same = engine.keep(again.drop(PLACE).distinct())
    _check(engine, again, same, files)
    crossovers, crossover_rows = counts["crossovers"], int(counts["crossover_rows"] or 0)
    units = rows.anti_join(repeated, UNIT).drop(PLACE).union(same).drop(UNIT)
    several = counts["units"] - crossovers
    duplicates = int(counts["rows"]) - crossover_rows - several
    return Units(engine.keep(units), crossovers, crossover_rows, duplicates)


def _check(engine: Engine, again: "ir.Table", same: "ir.Table", files: Sequence[str]) -> None:
    """Raises CoordError for the first unit, by id, whose rows in one variant differ."""
    kinds = same.group_by(UNIT).aggregate(kinds=same.count())
    first = engine.fetch(kinds.filter(kinds.kinds > 1).order_by(UNIT).limit(1)).to_pylist()
    if not first:
        return
    unit = first[0][UNIT]
    of_unit = again.filter(again[UNIT] == unit)
    values = [name for name in of_unit.columns if name not in {UNIT, ARM, PLACE}]
    places = of_unit.group_by(values).aggregate(place=of_unit[PLACE].min(), rows=of_unit.count())
    found = engine.fetch(places.order_by(PLACE)).to_pylist()
    (file, row), (other, other_row) = place_of(found[0][PLACE]), place_of(found[1][PLACE])
    where = f" (rows {row:,} and {other_row:,})" if row else ""  # rows of a database have no numbers
    if file != other:
        where = f" (row {row:,}, and row {other_row:,} of {files[other]})" if row else f" ({files[other]})"
    number = sum(one["rows"] for one in found)
    raise CoordError(
        f"{files[file]} is no table of one row per unit: unit {unit} has {number:,} rows with different "
        f"values{where}. Aggregate it to one row per unit, or give the logs with --exposures and --events."
    )
