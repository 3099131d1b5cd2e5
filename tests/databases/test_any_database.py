"""What is done with a database that coord knows nothing more of than Ibis does, on one that there is.

Only what PostgreSQL and Ibis do not agree on is taken from the engine for PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from coord.domain.model import ExposureColumns
from coord.errors import CoordError
from coord.logs.columns import exposure_layout
from coord.logs.database import Database
from coord.logs.database_address import AtDatabase
from coord.logs.database_postgres import Postgres
from coord.logs.database_trial import check_alike
from coord.logs.measure_logs import measure_logs
from coord.logs.table_reading import ExposureTables
from coord.logs.table_source import Source
from databases.cluster import Cluster
from databases.tables import logs_of
from engine_logs.alike import QUANTILES, compare
from engine_logs.worlds import METRICS, world

pytestmark = pytest.mark.postgres


class _Any(Database):
    """Makes its tables, fills them and reads them as Ibis does."""

    def __init__(self, connection: Any) -> None:
        import ibis  # noqa: PLC0415 - tests are collected without it

        super().__init__(ibis.postgres.from_connection(connection), "any", str)
        self._driver = connection

    fetch, whole, shaped, _sql = Postgres.fetch, Postgres.whole, Postgres.shaped, Postgres._sql


@contextmanager
def _opened(postgres: Cluster) -> Iterator[_Any]:
    import psycopg  # noqa: PLC0415

    engine = _Any(psycopg.connect(postgres.url(), autocommit=True))
    try:
        check_alike(engine)
        yield engine
    finally:
        engine.close()


def test_a_random_world(postgres: Cluster) -> None:
    """Sorted by bytes, as this cluster sorts where nothing else is said."""
    one, metrics = world(21), (*METRICS, *QUANTILES)
    named, looks = logs_of(postgres, one), [world(21).spec.days.start.replace(day=7)]
    for table, column in (("exposures", "country"), ("exposures", "user_id"), ("events", "event")):
        postgres.run(f'ALTER TABLE {table} ALTER {column} TYPE text COLLATE "default"')
    postgres.run('DROP VIEW raw."Events"', 'ALTER TABLE raw.kept ALTER event TYPE text COLLATE "default"')
    named = named._replace(events=["events", "raw.kept"])

    ours = measure_logs(one.spec, named, metrics, looks=looks, opening=lambda: _opened(postgres))
    theirs = measure_logs(one.spec, named, metrics, looks=looks, opening=AtDatabase(postgres.url()))

    assert compare(one, ours, theirs) > 100
    assert postgres.left() == []


def test_a_table_that_changes_while_it_is_read(postgres: Cluster) -> None:
    """Without a transaction that keeps it as it was, what was counted and what was read must still agree."""

    postgres.load(
        "changing",
        "timestamp timestamp, user_id text, experiment text, variant text",
        [("2026-03-02", f"u{i}", "home/demo", "control") for i in range(3)],
    )
    with _opened(postgres) as engine:
        layout = exposure_layout(ExposureColumns(), "user_id")
        reading = ExposureTables(engine, ["changing"], layout, "home/demo")
        counted = reading._count

        def then_written(number: int, source: Source) -> int:
            found = counted(number, source)
            postgres.run("INSERT INTO changing SELECT * FROM changing LIMIT 1")
            return found

        reading._count = then_written  # type: ignore[method-assign]
        with pytest.raises(CoordError, match="changing was changed while it was read: it had 3 rows of use"):
            list(reading.batches())
