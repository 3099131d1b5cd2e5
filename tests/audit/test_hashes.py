"""Sets and samples of units: the same in whatever order and portions they come."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coord.analysis import audit_hashes
from coord.analysis.audit_hashes import Buckets, HashSet, Sample, Sampled, distinct, in_both

hashes = st.lists(st.one_of(st.integers(0, 20), st.integers(2**64 - 20, 2**64 - 1)), max_size=60)


def _portions(values: list[int], seed: int) -> list[list[int]]:
    chance, portions = random.Random(seed), []
    while values:
        size = chance.randrange(1, len(values) + 1)
        portions.append(values[:size])
        values = values[size:]
    return portions


@given(hashes, hashes, st.integers(0, 9), st.sampled_from([0, 3, 1 << 20]))
def test_sets(one: list[int], other: list[int], seed: int, many: int) -> None:
    kept, audit_hashes._MANY = audit_hashes._MANY, many
    found = HashSet()
    for portion in _portions(one, seed):
        found.add(np.array(portion, np.uint64))
    audit_hashes._MANY = kept
    assert found.hashes().tolist() == sorted({*one})
    assert len(found) == len({*one})
    assert in_both(found.hashes(), distinct(np.array(other, np.uint64))) == len({*one} & {*other})


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 2)), max_size=40),
    st.integers(0, 9),
)
def test_samples_do_not_depend_on_order_or_portions(rows: list[tuple[int, int, int]], seed: int) -> None:
    """Of each of the units with the smallest hashes the earliest row, and of those the least."""
    first = [min(row for row in rows if row[0] == unit) for unit in sorted({row[0] for row in rows})[:5]]
    expected = [Sampled(f"u{unit}", (), arm) for unit, _, arm in first]
    for order in (rows, rows[::-1], sorted(rows), sorted(rows, reverse=True)):
        sample, buckets = Sample(5), Buckets(5)
        places = _portions(list(range(len(order))), seed)
        for portion in places:
            units = np.array([order[place][0] for place in portion], np.uint64)
            moments = np.array([order[place][1] for place in portion])
            buckets.add(units, units.astype(np.int64) * 7)
            for place in sample.choose(units, moments).tolist():
                unit, moment, arm = order[portion[place]]
                sample.keep(unit, moment, Sampled(f"u{unit}", (), arm))
        assert sample.rows == expected
        assert buckets.buckets.tolist() == [7 * unit for unit, _, _ in first]
