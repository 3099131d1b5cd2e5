"""How errors are divided, and false discovery rates against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coord.stats.levels import Errors, errors, false_discovery, pre_period_error


def test_errors_are_two_sided_and_guardrails_are_divided_over_comparisons_only() -> None:
    assert errors(0.05, 1, 1, 3) == Errors(0.05, 0.05, 0.0125, 0.05)
    assert errors(0.05, 4, 2, 3) == pytest.approx(Errors(0.00625, 0.0125, 0.0025, 0.05))


def test_without_metrics_there_is_nothing_to_divide() -> None:
    assert errors(0.05, 1, 0, 2) == Errors(None, 0.05, 0.025, 0.05)
    assert errors(0.05, 2, 0, 0) == Errors(None, 0.025, None, 0.05)


def test_checks_before_exposure_share_their_own_error() -> None:
    assert pre_period_error(0.001, 2, 5) == pytest.approx(0.0001)


def test_benjamini_hochberg() -> None:
    assert false_discovery((0.01, 0.04, 0.03, 0.005)) == pytest.approx((0.02, 0.04, 0.04, 0.02))
    assert false_discovery(()) == ()
    assert false_discovery((0.9, 1.0)) == (1.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_false_discovery_as_scipy(p_values: list[float]) -> None:
    assert false_discovery(p_values) == pytest.approx(stats.false_discovery_control(p_values).tolist())
