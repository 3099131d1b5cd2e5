"""Rare events: by enumeration of all counts, what the normal approximation does with them."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from coord.stats.rare import too_rare
from coord.stats.reasons import Missing


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ([(1000, 10), (1000, 10)], None),
        ([(1000, 10), (1000, 9)], Missing.RARE),
        ([(1000, 990), (1000, 991)], Missing.RARE),
        ([(3000, 10), (1000, 10)], None),
        ([(3001, 10), (1000, 49)], Missing.RARE_UNEVEN),
        ([(3001, 50), (1000, 50)], None),
        ([(1000, 50), (3001, 2952)], Missing.RARE_UNEVEN),
        ([(5, 5)], Missing.RARE),
        ([], None),
    ],
)
def test_where_the_line_is(arms: Sequence[tuple[int, float]], expected: Missing | None) -> None:
    assert too_rare(arms) is expected


def one_sided_error(control: int, treatment: int, events: float, *, screened: bool) -> float:
    """The larger of both sides' chances to be called different at two-sided 5%, of equal shares."""
    p = events / min(control, treatment)
    counts = [np.arange(int(n * p + 10 * np.sqrt(n * p)) + 20) for n in (control, treatment)]
    chance = np.multiply.outer(
        *(stats.binom.pmf(c, n, p) for c, n in zip(counts, (control, treatment), strict=True))
    )
    shares = [c / n for c, n in zip(counts, (control, treatment), strict=True)]
    spread = np.add.outer(*(m * (1 - m) / (n - 1) for m, n in zip(shares, (control, treatment), strict=True)))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.subtract.outer(*shares) / np.sqrt(spread)
    told = np.ones_like(z, dtype=bool)
    if screened:
        for i, j in np.ndindex(told.shape):
            told[i, j] = too_rare([(control, i), (treatment, j)]) is None
    return float(max(chance[told & (z > 1.96)].sum(), chance[told & (z < -1.96)].sum()))


@pytest.mark.parametrize("events", [4, 12, 20, 40])
def test_even_arms_err_as_they_should(events: float) -> None:
    assert one_sided_error(2000, 2000, events, screened=True) < 0.027


def test_uneven_arms_err_more_without_the_line() -> None:
    """9:1 and 10 events in the small arm: .056 for .025, and at most .036 behind the line."""
    assert one_sided_error(9000, 1000, 10, screened=False) > 0.05
    assert one_sided_error(9000, 1000, 10, screened=True) < 0.001
    assert 0.03 < one_sided_error(9000, 1000, 75, screened=True) < 0.036
