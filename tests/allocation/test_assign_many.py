"""Assigning a column of units gives what assigning each of them gives, reason by reason."""

from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from coord.allocation.assign import assign
from coord.allocation.assign_many import REASONS, Assignments, assign_many, buckets_of, usable
from coord.allocation.columns import column
from coord.domain.buckets import from_range
from coord.domain.catalog import Catalog
from coord.domain.model import Variant
from simulate.organisations import DAY, catalog, experiment, holdback

UNITS = [f"unit-{n}" for n in range(600)] + ["007", "1e5", "ключ,42", "漢字", "u" * 100]
COUNTRIES = ["SE", "US", "NO", None, ""]
PLATFORMS = ["ios", "android", None]


def organisation() -> Catalog:
    """Every reason there is: a late holdback, an audience, a ramp, a draft, nothing drawn."""
    audience = {"country": frozenset({"SE", "US"}), "platform": frozenset({"ios"})}
    arms = (Variant("a", 5, None), Variant("b", 3, None), Variant("c", 2, None))
    made = [
        experiment("narrow", 60, audience=audience, variants=arms),
        experiment("ramp", {date(2026, 3, 2): 30, date(2026, 3, 16): 70}),
        experiment("bare", 10),
        experiment("draft", 10, draft=True),
        experiment("feature", 80, variants=()),
        holdback("back", 20),
        holdback("swedish", 10, audience={"country": frozenset({"SE"})}),
    ]
    held = {
        "home/narrow": from_range(0, 6000),
        "home/ramp": from_range(3000, 6000),
        "home/feature": from_range(2000, 10_000),
        "home/back": from_range(1000, 3000),
        "home/swedish": from_range(5000, 6000),
    }
    return catalog(made, held)


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("day", [DAY, date(2026, 3, 20), date(2027, 1, 1)])
def test_many_are_assigned_as_each_is(day: date, coded: bool) -> None:
    tree, ids = organisation(), column(UNITS)
    pairs = list(product(COUNTRIES, PLATFORMS))
    rows = [pairs[number % len(pairs)] for number in range(len(UNITS))]
    arrays = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(("country", "platform"))
    }
    contexts = {name: array.dictionary_encode() if coded else array for name, array in arrays.items()}
    seen = set()
    for one in tree.experiments.values():
        found = assign_many(tree, one, ids, day, contexts)
        known = assign_many(tree, one, ids, day, contexts, buckets_of(tree.spaces[one.space], ids))
        assert all(np.array_equal(a, b) for a, b in zip(_parts(found), _parts(known), strict=True))
        for number, unit in enumerate(UNITS):
            values = zip(("country", "platform"), rows[number], strict=True)
            answer = assign(
                tree, one, unit, day, {name: value for name, value in values if value is not None}
            )
            place = found.variants[number]
            variant = one.ranges[place][0] if place >= 0 else None
            reason = REASONS[found.reasons[number]]
            assert (found.buckets[number], variant, reason) == (answer.bucket, answer.variant, answer.reason)
            seen.add(reason)
    assert len(seen) == (5 if day < date(2026, 3, 30) else 1)


def _parts(found: Assignments) -> list[NDArray[Any]]:
    return [getattr(found, name) for name in ("buckets", "reasons", "variants")]


def test_what_is_not_known_of_units_is_in_no_audience() -> None:
    tree, ids = organisation(), column(UNITS)
    narrow, feature = (tree.experiments[f"home/{name}"] for name in ("narrow", "feature"))
    assert {REASONS[one] for one in assign_many(tree, narrow, ids, DAY).reasons} == {"not_eligible"}
    assert "assigned" in {REASONS[one] for one in assign_many(tree, feature, ids, DAY).reasons}


def test_what_can_be_a_unit() -> None:
    texts = ["", "a", "u" * 100, "u" * 101, "é" * 50, "é" * 51]
    assert usable(column(texts)).tolist() == [False, True, True, False, True, False]


def test_no_units() -> None:
    tree = organisation()
    found = assign_many(tree, tree.experiments["home/ramp"], column([]), DAY, {})
    assert [len(part) for part in _parts(found)] == [0, 0, 0]
