"""What the hash says of units: the same as `assign`, day by day."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from allocation.small import catalog, day, experiment
from coord.allocation.columns import column
from coord.allocation.hashing import slot
from coord.domain.buckets import from_numbers
from coord.domain.model import Entry, Kind, Ledger, Variant
from coord.logs.moments_in_time import micros
from coord.logs.placed import ASSIGNED, HELD_FROM, kept_from, placed, placement_of

UNITS = [f"u{i}" for i in range(500)]


def _ledger(key: str, *entries: range, digest: str | None = "d") -> Ledger:
    made = tuple(Entry(from_numbers(entry), {}, digest) for entry in entries)
    return Ledger(f"home/{key}", "", "user", made)


def test_buckets_are_held_from_the_step_that_adds_them() -> None:
    one = experiment("one", steps={0: 10, 3: 30})
    back = experiment("back", kind=Kind.HOLDBACK, start=2, days=5, steps=5)
    ledgers = {
        "home/one": _ledger("one", range(10), range(10, 30)),
        "home/back": _ledger("back", range(40, 45)),
    }
    found = placement_of(catalog([one, back], ledgers), one)
    assert found is not None
    assert [keeper.key for keeper in found.keepers] == ["home/back"]
    columns = placed(found, column(UNITS))
    assert set(columns[ASSIGNED].to_pylist()) == {-1}  # it has no variants
    for unit, held, kept in zip(
        UNITS, columns[HELD_FROM].to_pylist(), columns[kept_from(0)].to_pylist(), strict=True
    ):
        bucket = slot(f"salt|{unit}", 100)
        first = one.days.start if one.days else day(1)
        expected = (
            micros(first) if bucket < 10 else micros(first + timedelta(days=3)) if bucket < 30 else None
        )
        assert held == expected
        assert kept == (micros(day(2)) if 40 <= bucket < 45 else None)


@pytest.mark.parametrize("ledgers", [{}, {"home/one": _ledger("one", range(10), digest=None)}])
def test_nothing_is_known_without_a_ledger_of_this_hash(ledgers: dict[str, Ledger]) -> None:
    one = experiment("one")
    assert placement_of(catalog([one], ledgers), one) is None


def test_assigned_variants_are_those_of_the_slots() -> None:
    one = replace(experiment("one"), variants=(Variant("a", 1, None, "x"), Variant("b", 3, None, "y")))
    found = placement_of(catalog([one], {"home/one": _ledger("one", range(20))}), one)
    assert found is not None
    given = placed(found, column(UNITS))[ASSIGNED]
    assert given == pa.array([int(slot(f"home/one|{unit}", 10_000) >= 2500) for unit in UNITS], pa.int16())
