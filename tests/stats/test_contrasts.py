"""Interactions: against least squares with HC2 errors, and Wald's test by its invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.stats.contrasts import Contrast, detectable, interaction, log_interaction
from coord.stats.estimates import Estimate, mean
from coord.stats.moments import of_columns
from coord.stats.reasons import Missing
from coord.stats.student import upper
from stats.arms import given as an_estimate


def cell(m: float, v: float, n: int = 100) -> Estimate:
    return Estimate(n, m, 0.0, v, None)


def test_two_by_two_as_least_squares_with_hc2() -> None:
    """(X'X)^-1 X' diag(e^2 / (1 - h)) X (X'X)^-1 by numpy."""
    draw = np.random.default_rng(1)
    a, b = draw.integers(0, 2, size=(2, 400))
    y = draw.gamma(2, size=400) * (1 + 0.3 * a + 0.2 * a * b)
    x = np.column_stack([np.ones(400), a, b, a * b])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    meat = (x.T * ((y - x @ beta) ** 2 / (1 - leverage))) @ x
    se = np.sqrt((inverse @ meat @ inverse)[3, 3])
    cells = [[an_estimate(mean(of_columns(y[(a == i) & (b == j)]))) for j in (0, 1)] for i in (0, 1)]
    found = interaction(cells)

    assert found.estimate == pytest.approx(float(beta[3]), rel=1e-9)
    assert found.se == pytest.approx(float(se), rel=1e-9)
    assert found.p_value == pytest.approx(2 * upper(abs(float(beta[3] / se))), rel=1e-8)


def test_a_larger_table_by_wald() -> None:
    """Against the residuals of a weighted additive fit: the same statistic by another way."""
    means = np.array([[1.0, 1.4, 2.0], [1.1, 1.7, 2.9]])
    variances = np.array([[0.02, 0.03, 0.05], [0.01, 0.06, 0.04]])
    design = np.array([[1, i, j == 1, j == 2] for i in range(2) for j in range(3)], dtype=float)
    weight = np.diag(1 / variances.ravel())
    fit = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ means.ravel())
    off = means.ravel() - design @ fit
    statistic = float(off @ weight @ off)
    found = interaction(
        [[cell(*each) for each in zip(*row, strict=True)] for row in zip(means, variances, strict=True)]
    )

    assert (found.estimate, found.se, found.reason) == (None, None, None)
    assert found.p_value == pytest.approx(np.exp(-statistic / 2), rel=1e-10)  # chi-squared with 2 df


@given(st.permutations(range(3)), st.permutations(range(3)))
def test_which_variant_is_the_control_does_not_matter_to_wald(rows: list[int], columns: list[int]) -> None:
    draw = np.random.default_rng(2)
    cells = [[cell(float(draw.normal()), float(draw.uniform(0.1, 1))) for _ in range(3)] for _ in range(3)]
    found = interaction([[cells[i][j] for j in columns] for i in rows])

    assert found.p_value == pytest.approx(interaction(cells).p_value, rel=1e-9)


def test_effects_that_add_do_not_interact_nor_those_that_multiply_on_the_logarithm() -> None:
    adding = [[cell(10, 0.1), cell(12, 0.1)], [cell(15, 0.1), cell(17, 0.1)]]
    multiplying = [[cell(10, 0.1), cell(12, 0.1)], [cell(20, 0.1), cell(24, 0.1)]]

    assert interaction(adding).estimate == 0
    assert interaction(adding).p_value == 1
    assert interaction(multiplying).estimate == 2
    assert log_interaction(multiplying).estimate == pytest.approx(0, abs=1e-15)
    assert log_interaction(multiplying).se == pytest.approx(
        np.sqrt(0.1 / 100 + 0.1 / 144 + 0.1 / 400 + 0.1 / 576)
    )


def test_an_offset_costs_nothing() -> None:
    draw = np.random.default_rng(3)
    columns = [[np.round(draw.normal(size=50) * 100) for _ in range(2)] for _ in range(2)]
    near, far = (
        interaction([[an_estimate(mean(of_columns(each + offset))) for each in row] for row in columns])
        for offset in (0, 1e12)
    )

    assert far.estimate == pytest.approx(near.estimate, rel=1e-10)
    assert far.p_value == pytest.approx(near.p_value, rel=1e-9)


def test_what_cannot_be_computed_says_why() -> None:
    flat = [[cell(1, 0.1), cell(1, 0.1)], [cell(1, 0.1), cell(1, 0.0)]]
    huge = [[cell(1e308, 1), cell(-1e308, 1)], [cell(-1e308, 1), cell(1e308, 1)]]
    below = [[cell(1, 0.1), cell(-1, 0.1)], [cell(1, 0.1), cell(1, 0.1)]]
    larger = [[*row, cell(-1e308, 1)] for row in huge]

    assert interaction(flat) == Contrast(None, None, None, Missing.NO_VARIATION)
    assert interaction(huge).reason is interaction(larger).reason is Missing.NOT_FINITE
    assert log_interaction(below).reason is Missing.NOT_ALL_POSITIVE


def test_the_detectable_interaction_is_four_times_as_hard() -> None:
    """Half the units in each of two arms of each variant: twice the standard error of a main effect."""
    assert detectable(1, 0.05, 0.8) == pytest.approx(1.959964 + 0.841621, abs=1e-6)
