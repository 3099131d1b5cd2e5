"""Moments: an algebra that loses nothing, whatever the order, the parts, the offset."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.stats.moments import (
    Moments,
    combine,
    covariance,
    mean_difference,
    merge,
    merge_all,
    nothing,
    of_columns,
    of_sums,
    variance,
)

ROWS = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), max_size=30)


def of_rows(rows: list[tuple[int, int]], offset: float = 0) -> Moments:
    return of_columns([x + offset for x, _ in rows], [y + offset for _, y in rows])


def same(a: Moments, b: Moments) -> bool:
    """Equal but for rounding: means to 1e-12 of the spread of values, products to 1e-10."""
    means = np.add(a.mean, a.fine), np.add(b.mean, b.fine)
    return (
        a.n == b.n
        and np.allclose(*means, rtol=1e-14, atol=1e-9)
        and np.allclose(a.products, b.products, rtol=1e-10, atol=1e-6)
    )


@given(ROWS)
def test_moments_are_those_of_exact_arithmetic(rows: list[tuple[int, int]]) -> None:
    found = of_rows(rows)
    n = len(rows)

    assert found.n == n
    for i in range(2):
        mean = Fraction(sum(row[i] for row in rows), max(n, 1))
        assert found.mean[i] == pytest.approx(float(mean), abs=1e-12)
        for j in range(2):
            other = Fraction(sum(row[j] for row in rows), max(n, 1))
            exact = sum((row[i] - mean) * (row[j] - other) for row in rows)
            assert found.products[i][j] == pytest.approx(float(exact), rel=1e-12, abs=1e-7)


@given(ROWS, ROWS, ROWS)
def test_merging_is_associative_and_commutative(
    a: list[tuple[int, int]], b: list[tuple[int, int]], c: list[tuple[int, int]]
) -> None:
    x, y, z = of_rows(a), of_rows(b), of_rows(c)

    assert same(merge(merge(x, y), z), merge(x, merge(y, z)))
    assert same(merge(x, y), merge(y, x))
    assert merge(x, nothing(2)) == merge(nothing(2), x) == x


def test_values_that_are_all_alike_have_that_mean_and_no_spread() -> None:
    """Whatever near number the sums are taken from: 0 is 0, and not what rounding leaves of it."""
    for near in (0.3, 1 / 3, 748.4561, 1e9 / 7):
        for n in (1, 7, 999, 40_001):
            sums = float(np.sum(np.full(n, 0.0 - near)))
            squares = float(np.sum(np.full(n, near * near)))
            found = of_sums(n, [near], [sums], [[squares]])
            assert (found.mean, found.fine, found.products) == ((0.0,), (0.0,), ((0.0,),))


@given(ROWS, st.integers(1, 7))
def test_parts_make_the_whole(rows: list[tuple[int, int]], parts: int) -> None:
    assert same(merge_all((of_rows(rows[k::parts]) for k in range(parts)), 2), of_rows(rows))


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows: list[tuple[int, int]], random: "np.random.Generator") -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    assert same(of_rows(shuffled), of_rows(rows))


@given(ROWS.filter(lambda rows: len(rows) > 1), ROWS.filter(bool))
def test_an_offset_loses_nothing(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    """Whole numbers and 1e12 are exact, so what is left must be as well."""
    near, far = (of_rows(a), of_rows(b)), (of_rows(a, 1e12), of_rows(b, 1e12))

    assert np.allclose(far[0].products, near[0].products, rtol=1e-12, atol=1e-6)
    for column in range(2):
        assert mean_difference(*far, column) == pytest.approx(mean_difference(*near, column), abs=1e-9)
    merged = merge(*far)
    assert np.allclose(merged.products, merge(*near).products, rtol=1e-9, atol=1e-6)
    assert mean_difference(merged, far[0]) == pytest.approx(mean_difference(merge(*near), near[0]), abs=1e-9)


def test_a_variance_far_from_zero() -> None:
    """100,000 values near 1.7e12 whose deviations, rounded to what a float holds there, have variance 100."""
    deviations = np.tile([-10.0, 10.0], 50_000)
    found = of_columns(1.7e12 + deviations)

    assert variance(found) == pytest.approx(100, rel=2e-5)  # n - 1
    assert variance(found) * (found.n - 1) / found.n == pytest.approx(100, rel=1e-13)
    assert variance(merge_all((of_columns(1.7e12 + part) for part in np.split(deviations, 10)), 1)) == (
        pytest.approx(variance(found), rel=1e-12)
    )


@given(ROWS, st.integers(-2000, 2000))
def test_sums_around_any_origin_give_the_same(rows: list[tuple[int, int]], origin: int) -> None:
    off = [[row[i] - origin for row in rows] for i in range(2)]
    sums = [float(sum(column)) for column in off]
    products = [[float(sum(x * y for x, y in zip(a, b, strict=True))) for b in off] for a in off]

    assert same(of_sums(len(rows), [origin, origin], sums, products), of_rows(rows))


@given(ROWS, st.tuples(st.integers(-5, 5), st.integers(-5, 5)))
def test_a_combination_is_that_of_its_columns(rows: list[tuple[int, int]], weights: tuple[int, int]) -> None:
    made = [float(weights[0] * x + weights[1] * y) for x, y in rows]

    assert same(combine(of_rows(rows), weights, (1,)), of_columns(made, [float(x) for x, _ in rows]))


def test_what_only_rounding_varies_is_constant() -> None:
    numerator = np.random.default_rng(1).uniform(size=1000)
    proportional = of_columns(numerator, numerator / 0.3)

    assert variance(of_columns([0.1] * 1000)) == 0
    assert variance(merge(of_columns([0.1] * 999), of_columns([0.1] * 7))) == 0
    assert variance(of_columns([1e15, 1e15 + 0.125])) == 0  # four of the last bits
    assert variance(of_columns([1e15, 1e15 + 4])) == 8
    assert variance(combine(proportional, (1, -0.3))) == 0
    assert combine(proportional, (1, -0.3), (1, 0)).products[0][1] == 0
    assert variance(combine(proportional, (1, -0.3001))) > 0


def test_covariances_are_sample_covariances() -> None:
    draw = np.random.default_rng(2)
    table = draw.normal(size=(2, 500)) @ np.diag(draw.uniform(size=500))
    found = of_columns(*table)

    assert covariance(found, 0, 1) == pytest.approx(float(np.cov(table)[0, 1]), rel=1e-12)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        of_columns([1.0, value])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"length|shape"):
        of_columns([1.0, 2.0], [1.0])


def test_what_is_too_large_to_square_does_not_look_constant() -> None:
    found = of_sums(2, [0.0], [1e200], [[float("inf")]])

    assert not found.products[0][0] <= 0
