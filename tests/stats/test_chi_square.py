"""Chi-square against published tables, closed forms and another implementation's figures."""

from fractions import Fraction
from math import erfc, exp, inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.stats.chi_square import fit, survival


@pytest.mark.parametrize(
    ("df", "critical", "level"),
    [  # upper critical values, NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4
        (1, 3.841, 0.05),
        (1, 10.828, 0.001),
        (2, 5.991, 0.05),
        (3, 7.815, 0.05),
        (4, 13.277, 0.01),
        (5, 11.070, 0.05),
        (10, 18.307, 0.05),
        (10, 29.588, 0.001),
        (30, 43.773, 0.05),
        (100, 124.342, 0.05),
        (100, 149.449, 0.001),
    ],
)
def test_published_critical_values(df: int, critical: float, level: float) -> None:
    assert survival(critical, df) == pytest.approx(level, rel=2e-3)


@pytest.mark.parametrize(
    ("counts", "shares", "p_value"),
    [  # analysis of sample ratio mismatch on record
        ((821588, 815482), (1, 1), 1.8217928726e-06),
        ((9100, 900), (9, 1), 0.00085812066639),
        ((5000, 3050, 1950), (5, 3, 2), 0.35286608145885),
        ((9463, 7681), (1, 1), 3.5e-42),
    ],
)
def test_published_fits(counts: tuple[int, ...], shares: tuple[int, ...], p_value: float) -> None:
    found = fit(counts, [Fraction(share, sum(shares)) for share in shares])
    assert found.df == len(counts) - 1
    assert found.p_value == pytest.approx(p_value, rel=2e-2 if p_value < 1e-40 else 1e-10)


@given(st.floats(0, 600))
def test_closed_forms(x: float) -> None:
    assert survival(x, 1) == pytest.approx(erfc(sqrt(x / 2)), rel=1e-12)
    assert survival(x, 2) == pytest.approx(exp(-x / 2), rel=1e-12)
    assert survival(x, 4) == pytest.approx(exp(-x / 2) * (1 + x / 2), rel=1e-9)
    assert survival(x, 6) == pytest.approx(exp(-x / 2) * (1 + x / 2 + x * x / 8), rel=1e-9)


@given(st.floats(0.001, 2000), st.integers(1, 400))
def test_it_falls_with_the_statistic_and_rises_with_df(x: float, df: int) -> None:
    assert 0 <= survival(x * 1.01, df) <= survival(x, df) * (1 + 1e-12) <= 1 + 1e-12
    assert survival(x, df) <= survival(x, df + 1) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("df", "x", "expected"),
    [  # scipy.special.chdtrc, scipy 1.17
        (1, 0.1, 0.7518296340458492),
        (3, 1.5, 0.6822703303362125),
        (7, 30.0, 9.495972508134177e-05),
        (20, 9.5, 0.9763593051790359),
        (99, 152.0, 0.0004937451897383467),
        (1000, 1100.0, 0.014614408126295192),
        (10_000, 10_300.0, 0.017638117447345406),
    ],
)
def test_another_implementation(df: int, x: float, expected: float) -> None:
    assert survival(x, df) == pytest.approx(expected, rel=1e-8)


def test_edges() -> None:
    assert survival(0, 3) == survival(-1, 3) == 1
    assert survival(inf, 3) == 0
    with pytest.raises(ValueError, match="at least 1 degree"):
        survival(1, 0)


def test_cells_that_expect_little_or_nothing() -> None:
    half = Fraction(1, 2)
    assert fit((3, 5), (half, half)).p_value is None
    assert fit((0, 50), (Fraction(0), Fraction(1))).p_value is None
    assert fit((1, 50), (Fraction(0), Fraction(1))) == (inf, 1, 0.0)
    assert fit((0, 25, 25), (Fraction(0), half, half)) == (0.0, 1, 1.0)
    assert fit((0, 0), (half, half)).p_value is None
