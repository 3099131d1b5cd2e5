"""Files with one row per unit, reduced to what the statistics of an experiment need.

Every row of the files is a unit that is used, or is excluded for one reason; that is checked every time.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from coord.domain.metrics import Metric
from coord.logs.duck import duck
from coord.logs.engine import Tables
from coord.logs.measured import Measured, Population, Table
from coord.logs.metric_columns import Found, find_columns, possible_columns
from coord.logs.populations import population_of, populations_by, units_by
from coord.logs.readable import UnitReadable
from coord.logs.table_units import opened
from coord.logs.unit_empty import counted_as_zero
from coord.logs.unit_files import UnitColumns
from coord.logs.unit_ids import Units, one_row_each
from coord.logs.unit_refusals import check_found, check_segments, cut
from coord.logs.unit_rows import ARM, Names, Rows, Wrong, names_of, read_rows
from coord.logs.unit_values import Measure, counting_values

if TYPE_CHECKING:
    from ibis.expr import types as ir

UNKNOWN_VARIANT, CROSSOVER, DUPLICATE = "unknown_variant", "crossover", "duplicate"

_MOST_STRANGERS = 100


def measure_units(
    files: Sequence[str],
    columns: UnitColumns,
    metrics: Sequence[Metric],
    arms: Sequence[str],
    *,
    dimensions: Sequence[str] = (),
    segment: str | None = None,
    covariates: bool = True,
    rejects_to: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
    opening: Callable[[], AbstractContextManager[Tables]] = duck,
) -> Table:
    """What tables with one row per unit say of metrics, by arm.

    arms: what the variants are called in the files, the control first.
    dimensions: columns to count units by, where the files have them; segment: one to measure all metrics by.
    covariates: whether columns from before the exposure are read.
    rejects_to: where rows that cannot be read are written; `progress` hears of more bytes.
    opening: what starts the engine.

    Raises CoordError when the files cannot be read, have none of the metrics, lack the segment or have too
    many values of it, or have two different rows of a unit in one variant.
    """
    asked = (*dimensions, *([] if segment is None else [segment]))
    possible = tuple(possible_columns(metrics, covariates=covariates))
    with opened(files, columns, possible, asked, rejects_to, opening) as (reading, engine):
        found = find_columns(metrics, reading.has, reading.lacks, covariates=covariates)
        check_found(reading, metrics, found, segment)
        values = [name for one in found.columns for name in (*one.values, *one.covariates)]
        names = names_of(values, filter(reading.has, asked))
        rows = read_rows(reading, arms, names, engine, progress)
        paths = [file.path for file in reading.files]
        found.reasons.update(_wrong_values(found, rows.wrong, paths))
        return _reduce(engine, reading, rows, names, found, metrics, arms, segment)


def _wrong_values(found: Found, wrong: Mapping[str, Wrong], paths: Sequence[str]) -> dict[str, str]:
    """By metric, which of its columns has values that are no finite numbers."""
    reasons = {}
    for one in found.columns:
        for name in (*one.values, *one.covariates):
            if name in wrong and one.metric.name not in reasons:
                reasons[one.metric.name] = _wrong(name, wrong[name], paths)
    return reasons


def _wrong(column: str, found: Wrong, paths: Sequence[str]) -> str:
    shown = cut(found.first)
    row = f" in row {found.row:,}" if found.row else ""  # rows of a database have no numbers
    where = f"{row}{' of ' if row else ' in '}{paths[found.file]}" if len(paths) > 1 else row
    if found.number == 1:
        return f"a value of {column} is not a finite number: `{shown}`{where}"
    return f"{found.number:,} values of {column} are not finite numbers, the first `{shown}`{where}"


def _reduce(
    engine: Tables,
    files: UnitReadable,
    rows: Rows,
    names: Names,
    found: Found,
    metrics: Sequence[Metric],
    arms: Sequence[str],
    segment: str | None,
) -> Table:
    measures = [
        Measure(one.metric, _named(names, one.values), _named(names, one.covariates))
        for one in found.columns
        if one.metric.name not in found.reasons
    ]
    units = _units(engine, files, rows, names, measures)
    counting = counting_values(engine, units.table, measures, (ARM, *names.dimensions.values()))
    found.notes.update(_joined(found.notes, counted_as_zero(engine, units.table, measures, arms)))
    whole = _complete(population_of(engine, counting, len(arms)), metrics, found)
    by_dimension = {
        name: units_by(engine, units.table, len(arms), key) for name, key in names.dimensions.items()
    }
    segments: dict[str | None, Population] = {}
    if segment is not None:
        check_segments(segment, len(by_dimension[segment]))
        split = populations_by(engine, counting, len(arms), names.dimensions[segment])
        segments = {value: _complete(each, metrics, found) for value, each in split.items()}
    strangers = _strangers(engine, rows.strangers)
    excluded = _excluded(engine, files, rows, units)
    _check_sum(files.rows, whole, excluded)
    crossovers = units.crossovers if files.with_ids else None
    return Table(files.rows, excluded, crossovers, strangers, whole, by_dimension, segments)


def _joined(
    notes: Mapping[str, tuple[str, ...]], more: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {name: (*notes.get(name, ()), *told) for name, told in more.items()}


def _named(names: Names, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(names.values[column] for column in columns)


def _units(
    engine: Tables, files: UnitReadable, rows: Rows, names: Names, measures: Sequence[Measure]
) -> Units:
    """One row per unit; where units have no ids every row is one."""
    if not files.with_ids:
        return Units(rows.table)
    used = dict.fromkeys(name for one in measures for name in (*one.values, *one.covariates))
    paths = [file.path for file in files.files]
    return one_row_each(engine, rows.table, (*used, *names.dimensions.values()), paths)


def _complete(population: Population, metrics: Sequence[Metric], found: Found) -> Population:
    """The population with every metric that was asked for, in their order."""
    complete = {}
    for metric in metrics:
        if metric.name in found.reasons:
            complete[metric.name] = Measured(reason=found.reasons[metric.name])
        else:
            one = population.metrics[metric.name]
            complete[metric.name] = one._replace(notes=(*found.notes.get(metric.name, ()), *one.notes))
    return population._replace(metrics=complete)


def _strangers(engine: Tables, table: "ir.Table") -> tuple[tuple[str, int], ...]:
    """The variants that no arm is logged as, with their rows, most first."""
    import ibis  # noqa: PLC0415 - only analyses need it

    counted = table.group_by("variant").aggregate(rows=table.count())
    first = counted.order_by([ibis.desc("rows"), "variant"]).limit(_MOST_STRANGERS)
    return tuple((row["variant"], row["rows"]) for row in engine.fetch(first).to_pylist())


def _excluded(engine: Tables, files: UnitReadable, rows: Rows, units: Units) -> dict[str, int]:
    """Rows that are not analysed, by reason."""
    strangers = engine.fetch(rows.strangers.aggregate(rows=rows.strangers.count())).to_pylist()[0]["rows"]
    found = {
        **files.rejects.counts,
        UNKNOWN_VARIANT: strangers,
        CROSSOVER: units.crossover_rows,
        DUPLICATE: units.duplicates,
    }
    return {reason: number for reason, number in found.items() if number}


def _check_sum(rows: int, population: Population, excluded: Mapping[str, int]) -> None:
    if sum(population.units) + sum(excluded.values()) != rows:
        raise AssertionError("a row was neither used nor excluded")
