"""The files that the sums of `reference` were made of. They are not in this repository."""

import csv
import os
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest

from coord.stats.moments import of_columns, variance
from stats.reference import ARTEA, ARTEA_COLUMNS, HILLSTROM, HILLSTROM_COLUMNS, USERS, USERS_COLUMNS, RawSums

pytestmark = pytest.mark.cases

REPOSITORY = Path(__file__).parents[2]


def rows_of(name: str) -> list[dict[str, str]]:
    folder = Path(os.environ.get("COORD_CASES") or REPOSITORY.parent / "shared" / "cases")
    path = folder / name
    reason = f"{path} is missing: name the folder of real cases in COORD_CASES"
    if not path.is_file() and "cases" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not path.is_file():
        pytest.skip(reason)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sums_of(
    rows: list[dict[str, str]], by: tuple[str, ...], columns: tuple[str, ...], per: Mapping[str, int]
) -> dict[tuple[str, ...], RawSums]:
    """Exact sums by the values of some columns, in the smallest units of the file."""
    values: defaultdict[tuple[str, ...], list[list[int]]] = defaultdict(list)
    for row in rows:
        exact = [Decimal(row[column]) * per.get(column, 1) for column in columns]
        assert all(value == int(value) for value in exact), row
        values[tuple(row[name] for name in by)].append([int(value) for value in exact])
    found = {}
    for key, table in values.items():
        pairs = combinations_with_replacement(list(zip(*table, strict=True)), 2)
        products = tuple(sum(x * y for x, y in zip(a, b, strict=True)) for a, b in pairs)
        found[key] = RawSums(len(table), tuple(map(sum, zip(*table, strict=True))), products)
    return found


def test_users() -> None:
    rows = rows_of("reference/users_ab.csv")

    assert len(rows) == 2000
    assert sums_of(rows, ("variant", "b"), USERS_COLUMNS, {}) == USERS


def test_hillstrom() -> None:
    rows = rows_of("hillstrom.csv")
    found = sums_of(rows, ("segment",), HILLSTROM_COLUMNS, {"spend": 100, "history": 100})

    assert len(rows) == 64_000
    assert {arm: sums for (arm,), sums in found.items()} == HILLSTROM


def test_artea() -> None:
    found = sums_of(
        rows_of("artea-a_b-experiment-recoded.csv"), ("test_coupon",), ARTEA_COLUMNS, {"revenue_after": 1000}
    )

    assert {arm: sums for (arm,), sums in found.items()} == ARTEA


def test_columns_give_what_sums_give() -> None:
    rows = rows_of("reference/users_ab.csv")
    spent = np.array([float(row["rev"]) for row in rows if row["variant"] == "control"])
    found = of_columns(spent)
    raw = USERS["control", "b0"] + USERS["control", "b1"]

    assert found.n == raw.n
    assert found.mean[0] == pytest.approx(raw.sums[0] / raw.n, rel=1e-14)
    assert variance(found) == pytest.approx(float(spent.var(ddof=1)), rel=1e-13)
