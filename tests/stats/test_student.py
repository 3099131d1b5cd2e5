"""Student's t and the normal, against scipy.stats, far into the tails."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coord.stats import student

DF = st.one_of(st.floats(1, 1e7), st.just(inf))
ERRORS = st.floats(1e-12, 0.6)


@given(ERRORS, DF)
def test_a_tail_and_its_critical_value(error: float, df: float) -> None:
    assert student.two_sided(student.critical(error, df), df) == pytest.approx(error, rel=1e-9)
    assert student.upper(student.upper_critical(error, df), df) == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("df", [1, 3.7, 30, 1925.91, 1e6, inf])
@pytest.mark.parametrize("z", [0.0, 0.3, 1.96, 5.0, 12.0, 30.0, -2.5])
def test_tails_keep_their_digits(z: float, df: float) -> None:
    expected = stats.norm.sf(z) if df == inf else stats.t.sf(z, df)

    assert student.upper(z, df) == pytest.approx(float(expected), rel=1e-9)
    assert student.two_sided(z, df) == pytest.approx(
        min(1.0, 2 * float(min(expected, 1 - expected))), rel=1e-9
    )


def test_many_degrees_of_freedom_are_the_normal() -> None:
    assert student.critical(0.05) == pytest.approx(1.959963984540054, rel=1e-15)
    assert student.critical(0.05, 1e9) == pytest.approx(student.critical(0.05), rel=1e-8)
    assert student.critical(0.05, 10) == pytest.approx(2.228138851986275, rel=1e-9)  # mpmath, 40 digits
