"""What the tests of databases need: a PostgreSQL, and the driver."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from databases.cluster import Cluster, cluster, programs


def _without(what: str) -> None:
    """Skip, or fail where COORD_REQUIRE asks for PostgreSQL."""
    reason = f"there is no {what}: `apt-get install postgresql`, and `pip install 'coord[postgres]'`"
    if "postgres" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of our own, for all tests of one process."""
    if find_spec("psycopg") is None:
        _without("driver psycopg")
    found = programs()
    if found is None:
        _without("PostgreSQL")
    assert found is not None
    with cluster(found) as running:
        yield running
