"""The same expressions on Spark: what they find is what DuckDB finds."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from coord.domain.metrics import Source
from coord.domain.model import EventColumns, ExposureColumns
from coord.logs import exposed, windows
from coord.logs.cohorts import TwoCohorts, cohorts
from coord.logs.columns import event_layout, exposure_layout
from coord.logs.engine import Engine
from coord.logs.event_stream import UNIT, EventStream
from coord.logs.exposure_stream import ExposureStream
from coord.logs.measured import Measured
from coord.logs.moments_in_time import micros
from coord.logs.plans import Plans, plans_for
from coord.logs.reader import Reading
from coord.logs.streams import streams
from coord.stats.quantiles import Quantile
from engine_logs.worlds import METRICS, World, files, metric, world

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("default")]

QUANTILES = (
    metric("median", Source("buy", None, "value"), quantile=Fraction(1, 2), missing="drop"),
    metric("p80_of_sums", Source("buy", "sum", "value"), quantile=Fraction(4, 5), missing="drop"),
)


class Spark:
    """An engine on Spark."""

    def __init__(self, session: Any) -> None:
        self.backend = ibis.pyspark.connect(session)

    def fetch(self, expression: Any) -> pa.Table:
        found: pa.Table = self.backend.to_pyarrow(expression)
        return found

    def keep(self, expression: Any) -> Any:
        return expression.cache()


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    builder = sql.SparkSession.builder.master("local[2]").appName("coord").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield Spark(session)
    session.stop()


def _tables(folder: Path, one: World, seed: int) -> tuple[Path, Path, Plans, tuple[str, ...]]:
    """The rows as the engine gets them, in files that every engine reads."""
    named = files(folder, one, seed)
    metrics = (*METRICS, *QUANTILES)
    layout = exposure_layout(ExposureColumns(), "user_id", ("country",))
    met = ExposureStream(Reading(named.exposures, layout), one.spec)
    exposures, events = folder / "all_exposures.parquet", folder / "all_events.parquet"
    parquet.write_table(pa.Table.from_batches(met.batches(lambda _: None), met.schema), exposures)
    reading = Reading(named.events, event_layout(EventColumns(), "user_id", ("page", "value")))
    until = micros(one.spec.days.end)
    plans = plans_for(metrics, lambda _: None, 1, until)
    stream = EventStream(reading, plans.asked, 0, until, until)
    parquet.write_table(pa.Table.from_batches(stream.batches(lambda _: None), stream.schema), events)
    return exposures, events, plans, met.dimensions


def _found(
    engine: Engine, exposures: Any, events: Any, plans: Plans, one: World, dims: tuple[str, ...]
) -> TwoCohorts:
    judged = exposed.judged(exposures, one.spec, dims)
    units = exposed.units_of(judged, dims)
    units = engine.keep(units.mutate(**{windows.KEY: units[UNIT]}))
    of_events = tuple(plan.events for plan in plans.metrics if plan.events)
    rows = engine.keep(windows.matched(events, units, (*plans.aggregates.values(), *of_events)))
    values = engine.keep(windows.unit_values(units, rows, plans.aggregates))
    days = [one.spec.days.start + timedelta(days=6), one.spec.days.end]
    return cohorts(engine, values, rows, plans, days, one.spec)


def _close(a: float | None, b: float | None) -> None:
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        assert np.isclose(a, b, rtol=1e-9, atol=1e-9)


def _same(a: Measured, b: Measured) -> None:
    assert (a.units, a.events, a.covariate, a.reason, a.notes) == (
        b.units,
        b.events,
        b.covariate,
        b.reason,
        b.notes,
    )
    for x, y in zip(a.moments, b.moments, strict=True):
        assert x.n == y.n
        assert np.allclose(x.mean, y.mean, rtol=1e-9, atol=1e-9)
        assert np.allclose(x.products, y.products, rtol=1e-9, atol=1e-6)
    for p, q in zip(a.quantiles, b.quantiles, strict=True):
        assert isinstance(p, Quantile)
        assert isinstance(q, Quantile)
        assert (p.value, p.tied) == (q.value, q.tied)
        _close(p.share_error, q.share_error)


@pytest.mark.parametrize("seed", [8])
def test_spark_finds_the_same(spark: Spark, tmp_path: Path, seed: int) -> None:
    one = world(seed)
    exposures, events, plans, dims = _tables(tmp_path, one, seed)
    theirs = _found(
        spark, spark.backend.read_parquet(exposures), spark.backend.read_parquet(events), plans, one, dims
    )
    with streams() as duck:
        tables = []
        for path in (exposures, events):
            table = parquet.read_table(path)
            tables.append(duck.keep_stream(table.schema, table.to_batches(), lambda rows: rows))
        ours = _found(duck, tables[0], tables[1], plans, one, dims)
    assert ours.assigned is not None
    assert theirs.assigned is not None
    look = one.spec.days.start + timedelta(days=6)
    assert any(any(ours.exposed.metrics[m.name].at(one.spec.days.end).units) for m in METRICS)
    for a, b in ((ours.exposed, theirs.exposed), (ours.assigned, theirs.assigned)):
        assert a.units == b.units
        for name in a.metrics:
            days = [one.spec.days.end] if name == "clicks" else [look, one.spec.days.end]
            for day in days:
                _same(a.metrics[name].at(day), b.metrics[name].at(day))
                if name in a.monitoring:
                    _same(a.monitoring[name].at(day), b.monitoring[name].at(day))
