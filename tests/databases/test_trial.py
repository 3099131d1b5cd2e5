"""A database is tried before anything is computed by it: each way to differ is seen, and told."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import compute

from coord.errors import CoordError
from coord.logs import database_postgres
from coord.logs.database_postgres import Postgres
from coord.logs.database_trial import _DIFFERENCES, check_alike
from databases.cluster import Cluster

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgres: Cluster) -> Iterator[Postgres]:
    import psycopg  # noqa: PLC0415 - tests are collected without it

    found = Postgres(psycopg.connect(postgres.url()), str)
    yield found
    found.close()


def test_postgres_is_alike(engine: Postgres) -> None:
    check_alike(engine)


def _changed(column: str, change: Any) -> Any:
    def append(self: Postgres, table: Any, rows: pa.Table) -> None:
        place = rows.schema.names.index(column)
        appended(self, table, rows.set_column(place, column, change(rows[column])))

    appended = Postgres.append
    return append


NO_NAN = _changed("value", lambda x: compute.if_else(compute.is_finite(x), x, pa.scalar(None, pa.float64())))
SINGLE = _changed("value", lambda x: x.cast(pa.float32()).cast(pa.float64()))
FOLDED = _changed("text", compute.utf8_lower)
TRIMMED = _changed("text", compute.utf8_rtrim_whitespace)
EMPTY = _changed("text", lambda x: compute.if_else(compute.equal(x, ""), pa.scalar(None, pa.string()), x))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("append", NO_NAN, ("rows", "not_finite")),
        ("append", SINGLE, ("rows", "number")),
        ("append", FOLDED, ("rows", "kinds", "least")),
        ("append", TRIMMED, ("rows", "kinds")),
        ("append", EMPTY, ("rows",)),
        ("whole", lambda self, value: value * 2, ("moment", "zoned")),
    ],
)
def test_what_is_computed_otherwise_is_told(
    engine: Postgres, monkeypatch: pytest.MonkeyPatch, name: str, value: Any, told: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Postgres, name, value)

    with pytest.raises(CoordError, match=r"^Results on postgres would be others than on DuckDB") as error:
        check_alike(engine)

    for what in told:
        assert _DIFFERENCES[what] in str(error.value)


def test_an_order_of_words_is_no_order_of_bytes(engine: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_postgres, "_BYTES", ' COLLATE "en-x-icu"')

    with pytest.raises(CoordError, match=_DIFFERENCES["least"]):
        check_alike(engine)


def test_moments_in_another_zone(engine: Postgres) -> None:
    engine._driver.execute("SET TIME ZONE 'America/New_York'")

    with pytest.raises(CoordError, match=_DIFFERENCES["bounds"]):
        check_alike(engine)
