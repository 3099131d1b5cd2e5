"""Sets and samples of units: the same in whatever order and portions they come."""

import random
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coord.analysis import audit_hashes
from coord.analysis.audit_hashes import Buckets, HashSet, Sample, Sampled, distinct, in_both
from coord.analysis.audit_names import Names

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


@given(
    st.lists(st.tuples(st.sampled_from([None, *"abcdefgh"]), st.integers(1, 3)), max_size=40),
    st.integers(1, 9),
)
def test_names_are_bounded_and_counted_in_full(rows: list[tuple[str | None, int]], most: int) -> None:
    expected: Counter[str | None] = Counter()
    for name, number in rows:
        expected[name] += number
    for order in (rows, rows[::-1], sorted(rows, key=str)):
        names = Names(most)
        for name, number in order:
            names.add(name, number)
            assert len(names.counts) <= 2 * most + 1
        ranked = names.ranked()
        assert dict(ranked).items() <= expected.items()
        assert [number for _, number in ranked] == sorted((number for _, number in ranked), reverse=True)
        if len(expected) <= most:
            assert dict(ranked) == expected
        else:
            first = sorted(name for name in expected if name is not None)[:most]
            assert {name for name, _ in ranked if name is not None} == {*first}
        assert names.bounded is (len({*expected} - {None}) > most)


@given(st.lists(st.tuples(st.text("abc", max_size=4), st.integers(1, 3)), max_size=40), st.integers(0, 20))
def test_long_names_are_bounded_too(rows: list[tuple[str, int]], length: int) -> None:
    """Kept is as much of the sorted names as has so many characters, in whatever order they come."""
    expected: Counter[str] = Counter()
    for name, number in rows:
        expected[name] += number
    kept: dict[str, int] = {}
    for name in sorted(expected):
        if sum(map(len, kept)) + len(name) > length:
            break
        kept[name] = expected[name]
    for order in (rows, rows[::-1], sorted(rows)):
        names = Names(100, length)
        for name, number in order:
            names.add(name, number)
            assert sum(len(name or "") for name in names.counts) <= 2 * length + 4
        assert dict(names.ranked()) == kept
        assert names.bounded is (len(kept) < len(expected))
